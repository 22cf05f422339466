"""The options that several commands take, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

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

Until = Annotated[str | None, typer.Option(help="Last day, inclusive.")]
