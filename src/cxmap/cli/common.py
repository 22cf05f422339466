"""The options that several commands take, spelled and checked once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cxmap.errors import UsageError

Form = Annotated[
    str,
    typer.Option("-f", "--format", help="auto, table, json, jsonl, md or csv."),
]

Outputs = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", help="Write here; the suffix names the form."),
]

Since = Annotated[
    str | None,
    typer.Option(
        help="2026-05, 2026-W18, 2026-Q2, 2026, 28d, last-month: that period; "
        "2026-05-01: from that day to the end of the data."
    ),
]

WhichUnit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        help="person or account: whose journeys are told (else the config's).",
    ),
]

Until = Annotated[str | None, typer.Option(help="Last day, inclusive.")]


MANY = 20
"""More names than this are listed only where none is near."""


def one_of(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Refuse the first word `given` to an option that is not `known`."""
    strange = [word for word in given if word not in known]
    if strange:
        from cxmap.text import nearest

        near = nearest(strange[0], known)
        hint = f"did you mean {near}?" if near else ""
        every = f"write one of {', '.join(known)}"
        told = hint if near and len(known) > MANY else f"{hint} {every}".strip()
        raise UsageError(f"{option} {strange[0]}: {told}")


def split(given: Sequence[str] | None) -> list[str]:
    """Return the words of a repeated option, which may also be parted by commas."""
    return [word.strip() for one in given or [] for word in one.split(",")]
