"""`cxmap config` and `cxmap store`: what is set, and what is held."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs
from cxmap.cli.output import deliver, to_stdout
from cxmap.cli.words import Words
from cxmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxmap.store import Finding

config = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show, check or describe cxmap.yaml.",
)
store = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look after the store."
)


@config.command("show")
def config_show(ctx: typer.Context) -> None:
    """Print every setting in force, defaults included."""
    from cxmap.config import show

    words: Words = ctx.obj
    to_stdout(show(words.config))


@config.command("check")
def config_check(ctx: typer.Context) -> None:
    """Report every mistake in cxmap.yaml at once, or say that there is none."""
    from cxmap.intake.choosing import sources_of, unmatched

    words: Words = ctx.obj
    sources_of(words.config)
    for pattern in unmatched(words.config):
        words.warn(f"{pattern}: no file matches")
    words.say(f"{words.config.origin or 'defaults'}: no mistakes found")


@config.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of cxmap.yaml, for editors."""
    from cxmap.config import config_schema as schema

    to_stdout(json.dumps(schema(), indent=2))


@store.command("info")
def store_info(ctx: typer.Context, form: Form = "auto", output: Outputs = None) -> None:
    """Print what the store holds: loads, rows, dates, size, key id."""
    from cxmap.views.listing import render_facts

    words: Words = ctx.obj
    facts = words.opened().info()
    deliver(
        lambda f, look: render_facts(facts, f, zone=words.zone, **look._asdict()),
        form=form,
        outputs=output or [],
        color=words.color,
    )


@store.command("check")
def store_check(
    ctx: typer.Context,
    read_data: Annotated[
        bool, typer.Option("--read-data", help="Compare every byte with its digest.")
    ] = False,
) -> None:
    """Prove that the store is whole; exit 5 and say what is damaged otherwise."""
    from cxmap.store import Store

    words: Words = ctx.obj
    folder = words.store_folder
    # A store that cannot be opened is the one to be checked.
    held = Store(folder) if Store.exists(folder) else words.opened()
    found = held.check(read_data=read_data)
    if found:
        raise StoreError("\n".join(_lines(found)))

    words.say(f"{words.store_folder}: whole")


def _lines(found: "Sequence[Finding]") -> list[str]:
    """Return `file: problem` lines; what is open to others is one line and a count."""
    opened = [one for one in found if one.problem.startswith("open to others")]
    lines = [f"{one.file}: {one.problem}" for one in found if one not in opened]
    if opened:
        more = f" ({len(opened)} files and folders)" if len(opened) > 1 else ""
        lines.append(f"{opened[0].file}: {opened[0].problem}{more}")

    return lines
