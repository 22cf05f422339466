"""`cxmap customers` and `cxmap who`: who is who, and why."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs
from cxmap.cli.output import show
from cxmap.cli.words import Words
from cxmap.errors import UsageError

if TYPE_CHECKING:
    from cxmap.views.sheets import Page, Sheet

FROM_STDIN = "-"

Part = Annotated[str | None, typer.Option(help="One of the tables alone.")]


def customers(
    ctx: typer.Context,
    part: Part = None,
    limit: Annotated[
        int, typer.Option(help="At most so many rows of the long tables; 0: all.")
    ] = 10,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Audit who is who: coverage, biggest customers, bridges, shared identifiers."""
    from cxmap.customers.audit import audit
    from cxmap.views.people import LIMITED, audit_page, audit_sheets
    from cxmap.views.sheets import one_sheet

    words: Words = ctx.obj
    tables, folded = words.tables, words.folded
    found = audit(
        folded.identifiers,
        folded.identity_links,
        tables["identifiers"],
        tables["contacts"],
        rules=words.config.identity,
    )
    sheets = [
        _cut(sheet, limit, words) if sheet.name in LIMITED else sheet
        for sheet in one_sheet(audit_sheets(found), part)
    ]
    _show(words, [(audit_page(found), sheets)], form, output)


def who(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID…]",
            help="Of a customer, a journey or a contact. None, or -: identifiers from "
            "standard input, one a line, as `email a@b.test` or `phone +49…`.",
        ),
    ] = None,
    part: Part = None,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Say why a customer is one person: identifiers, where they met, bridges."""
    from cxmap.desk.people import folded_around, person
    from cxmap.intake.choosing import profiles_of
    from cxmap.views.people import person_page, person_sheets
    from cxmap.views.sheets import one_sheet

    words: Words = ctx.obj
    whose = _whose(words, ids or [FROM_STDIN])
    if len(whose) > 1 and form in ("json", "csv"):
        raise UsageError(f"-f {form}: holds one customer, not {len(whose)}; use jsonl")
    snapshot = words.opened().snapshot()
    folded = folded_around(
        snapshot,
        profiles_of(snapshot, words.config),
        words.config,
        words.tables,
        list(whose),
    )
    found = [
        person(words.tables, folded, words.config, one, asked=asked)
        for one, asked in whose.items()
    ]
    _show(
        words,
        [(person_page(one), one_sheet(person_sheets(one), part)) for one in found],
        form,
        output,
    )


def _whose(words: Words, ids: Sequence[str]) -> dict[str, str | None]:
    """Return the customers asked for, each with the id that was given, if any."""
    from cxmap.desk.people import customers_asked

    whose: dict[str, str | None] = {}
    for asked in dict.fromkeys(ids):
        if asked == FROM_STDIN:
            whose |= dict.fromkeys(_from_stdin(words), None)
        else:
            found = customers_asked(words.tables, words.aliases, asked)
            whose |= dict.fromkeys(found, asked)

    return whose


def _from_stdin(words: Words) -> tuple[str, ...]:
    """Return whose the identifiers on standard input are; they are never shown."""
    from cxmap.desk.asking import customers_holding, read_asked
    from cxmap.keys import Key

    key = Key.load(words.key_path)
    words.opened().require_key(key.key_id)
    if sys.stdin.isatty():
        words.say("identifiers, one a line, then Ctrl-D:")
    asked = read_asked(sys.stdin.buffer.read().decode("utf-8", "replace"))

    return customers_holding(asked, words.tables["identifiers"], words.config, key)


def _cut(sheet: "Sheet", limit: int, words: Words) -> "Sheet":
    """Return the first rows of a sheet, and say how many there are."""
    if limit <= 0 or sheet.rows.height <= limit:
        return sheet
    words.say(f"{sheet.name}: {limit:,} of {sheet.rows.height:,}; --limit 0 shows all")

    return replace(sheet, rows=sheet.rows.head(limit), shown=sheet.shown.head(limit))


def _show(
    words: Words,
    pages: "Sequence[tuple[Page, Sequence[Sheet]]]",
    form: str,
    output: Outputs,
) -> None:
    from cxmap.views.sheets import render_sheets

    show(
        words,
        lambda f, look: ("" if f == "jsonl" else "\n").join(
            render_sheets(page, sheets, f, zone=words.zone, **look._asdict())
            for page, sheets in pages
        ),
        form=form,
        outputs=output,
    )
