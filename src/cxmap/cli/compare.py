"""`cxmap compare`: two periods, two segments, or before and after a day."""

from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs, Since, Until, WhichUnit, one_of, split
from cxmap.cli.output import Look, show
from cxmap.cli.words import Words
from cxmap.names import DIMENSIONS

if TYPE_CHECKING:
    from cxmap.desk.siding import Asked

Side = Annotated[
    str | None,
    typer.Argument(
        help="A period (2026-04, last-month, 2026-04-01..2026-04-14) or a segment "
        "(channel=chat, topic=billing,delivery)."
    ),
]

WITHOUT_NOTES = ("csv", "jsonl")
"""Forms that are rows alone: what must be known beside them goes to stderr."""


def compare(
    ctx: typer.Context,
    a: Side = None,
    b: Side = None,
    before_after: Annotated[
        str | None,
        typer.Option(
            "--before-after",
            metavar="DATE",
            help="Whole weeks before a day and from it on, as many on both sides.",
        ),
    ] = None,
    span: Annotated[
        str | None,
        typer.Option(help="How many weeks on either side, as 4w (else up to four)."),
    ] = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Split by channel (else topic), channel_group, team …"),
    ] = None,
    kpi: Annotated[list[str] | None, typer.Option(help="Only these KPIs.")] = None,
    part: Annotated[
        str | None, typer.Option(help="findings, kpis or cells alone.")
    ] = None,
    unit: WhichUnit = None,
    share: Annotated[
        bool, typer.Option("--share", help="Hide small cells, in every form.")
    ] = False,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Say what differs between two periods or segments: by mix, or by rate."""
    from cxmap.desk.comparing import compare as compared
    from cxmap.views.comparison import comparison_page
    from cxmap.views.discreet import SHARED, shareable, unhidden
    from cxmap.views.plain import json_text
    from cxmap.views.sheets import one_sheet, render_sheets

    words: Words = ctx.obj.telling(unit)
    asked = _asked(a, b, since, until, before_after, span, by, kpi)
    told = compared(words.tables, words.config, asked, now=words.now, zone=words.zone)
    least = words.config.privacy.min_cell

    def drawn(form: str, look: Look) -> str:
        shown = shareable(told) if share or form in SHARED else unhidden(told)
        page, sheets = comparison_page(
            shown, every=bool(asked.kpis), min_cell=least, ascii=look.ascii
        )
        wanted = one_sheet(sheets, part)
        if form in WITHOUT_NOTES:
            for note in told.nobody:
                words.warn(note)
        if form == "json" and part is None:
            return json_text(shown.as_json(), ascii_only=look.ascii) + "\n"
        return render_sheets(page, wanted, form, zone=words.zone, **look._asdict())

    show(words, drawn, form=form, outputs=output)


def _asked(
    a: str | None,
    b: str | None,
    since: str | None,
    until: str | None,
    before_after: str | None,
    span: str | None,
    by: list[str] | None,
    kpi: list[str] | None,
) -> "Asked":
    from cxmap.definitions import collect
    from cxmap.desk.siding import Asked

    dimensions = tuple(dict.fromkeys(split(by)))
    one_of("--by", dimensions, DIMENSIONS)
    wanted = tuple(dict.fromkeys(split(kpi)))
    if wanted:
        one_of("--kpi", wanted, tuple(collect("kpis")))

    return Asked(a, b, since, until, before_after, span, dimensions, wanted)
