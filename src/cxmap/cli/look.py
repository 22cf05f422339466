"""`cxmap journeys`, `journey`, `explain` and `topics`: the contacts behind a number."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs, Since, Until, WhichUnit, one_of
from cxmap.cli.output import Look, deliver, show
from cxmap.cli.words import Words
from cxmap.errors import UsageError
from cxmap.names import CHANNELS, DIMENSIONS, LADDER, OUTCOMES

if TYPE_CHECKING:
    import polars as pl

    from cxmap.desk.cells import Asked
    from cxmap.desk.explaining import Explanation

SPARED = (
    "ladder",
    "severity",
    "confirmed",
    "customer_id",
    "duration_seconds",
    "outcome",
    "topic",
    "because",
    "value",
)
"""Columns that a narrow terminal is shown without, the first of it first."""


def journeys(
    ctx: typer.Context,
    friction: Annotated[
        str | None, typer.Option(help="With a point of this friction.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="With a contact on this channel.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option(help="On this topic or one below it.")
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Of this customer.")] = None,
    outcome: Annotated[str | None, typer.Option(help="With this outcome.")] = None,
    ladder: Annotated[str | None, typer.Option(help="On this rung.")] = None,
    min_contacts: Annotated[int, typer.Option(min=1, help="At least so many.")] = 1,
    min_score: Annotated[
        float | None, typer.Option(help="With at least this friction score.")
    ] = None,
    sort: Annotated[
        str, typer.Option(help="contacts, or score: what comes first.")
    ] = "contacts",
    since: Since = None,
    until: Until = None,
    unit: WhichUnit = None,
    limit: Annotated[int, typer.Option(help="At most so many; 0: all.")] = 50,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """List journeys, the longest or those of most friction first."""
    from cxmap.desk.looking import Wanted, list_journeys

    words: Words = ctx.obj.telling(unit)
    _known("--channel", channel, CHANNELS)
    _known("--ladder", ladder, LADDER)
    _known("--outcome", outcome, (*OUTCOMES,))
    _known("--sort", sort, ("contacts", "score"))
    found = list_journeys(
        words.tables,
        Wanted(
            friction=friction,
            channel=channel,
            topic=topic,
            customer=customer,
            outcome=outcome,
            ladder=ladder,
            min_contacts=min_contacts,
            period=words.period(since, until),
            min_score=min_score,
            heaviest_first=sort == "score",
        ),
        weights=words.config.frictions.weights,
    )
    shown = found.head(limit) if limit > 0 else found
    if shown.height < found.height:
        words.say(f"{shown.height:,} of {found.height:,} journeys; --limit 0 shows all")
    if found.is_empty():
        words.say("no journey matches")
    _show(words, shown, form, output, spare=SPARED)


def journey(
    ctx: typer.Context,
    journey_id: Annotated[
        str, typer.Argument(help="As `cxmap journeys` lists it, or how it begins.")
    ],
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Show one journey: its contacts, hops and frictions."""
    from cxmap.desk.looking import one_journey
    from cxmap.views.listing import render_table
    from cxmap.views.timeline import render_timeline

    words: Words = ctx.obj
    told = one_journey(words.tables, words.aliases, journey_id, urls=words.config.urls)
    if told is None:
        raise UsageError(f"{journey_id}: no such journey; `cxmap journeys` lists them")
    steps, heading, notes = told.rows, told.heading, told.notes

    def drawn(form: str, look: Look) -> str:
        if form == "table":
            return render_timeline(
                steps, heading=heading, notes=notes, zone=words.zone, **look._asdict()
            )
        return render_table(
            steps, form, heading=heading, notes=notes, zone=words.zone, ascii=look.ascii
        )

    show(
        words,
        drawn,
        form=form,
        outputs=output,
    )


def explain(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A KPI or a friction.")],
    contacts: Annotated[
        bool, typer.Option("--contacts", help="List the ids behind the number.")
    ] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Of this segment, as channel=voice; several: of all."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Cut by this, as report --by does.")
    ] = None,
    since: Since = None,
    until: Until = None,
    compare: Annotated[str, typer.Option(help="previous, year or none.")] = "previous",
    previous: Annotated[
        bool, typer.Option("--previous", help="Of the period it is compared with.")
    ] = False,
    under: Annotated[
        str | None,
        typer.Option(help="As in report --sensitivity: strict, loose, half …"),
    ] = None,
    unit: WhichUnit = None,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Say what a number means and how it was counted, down to its contacts."""
    from cxmap.pipeline import require_allowed
    from cxmap.views.explanation import render_explanation

    words: Words = ctx.obj.telling(unit)
    asked = _asked(where, by, compare, previous=previous)
    require_allowed(asked.dimensions, words.config)
    told = _explained(words, name, under, since, until, asked)
    if contacts:
        _show(words, told.rows, form, output, spare=SPARED)
        return
    show(
        words,
        lambda f, look: render_explanation(
            told, f, **look._asdict(), min_cell=words.config.privacy.min_cell
        ),
        form=form,
        outputs=output,
        forms=("auto", "table", "json", "md"),
    )


def _explained(
    words: Words,
    name: str,
    under: str | None,
    since: str | None,
    until: str | None,
    asked: "Asked",
) -> "Explanation":
    from cxmap.desk.explaining import explain_any
    from cxmap.desk.sensitivity import explained

    def told(explain: "Callable[..., Explanation]", *before: object) -> "Explanation":
        return explain(
            *before,
            words.tables,
            words.config,
            name,
            since=since,
            until=until,
            now=words.now,
            zone=words.zone,
            asked=asked,
        )

    if under is None:
        return told(explain_any)

    return told(explained, under, words.folded)


def _asked(
    where: list[str] | None, by: list[str] | None, compare: str, *, previous: bool
) -> "Asked":
    from cxmap.desk.cells import Asked, read_where

    one_of("--compare", [compare], ("previous", "year", "none"))
    cell = read_where(where or [])
    named = [word.strip() for one in by or [] for word in one.split(",")]
    one_of("--by", named, DIMENSIONS)
    further = tuple(one for one in dict.fromkeys(named) if one not in cell)

    return Asked(cell, further, compare, previous)  # type: ignore[arg-type]


def topics(
    ctx: typer.Context,
    form: Annotated[
        str, typer.Option("-f", "--format", help="Also yaml: the proposal to paste.")
    ] = "auto",
    output: Outputs = None,
) -> None:
    """List the sources' own values, the topics they mean, and propose a mapping."""
    from cxmap.desk.looking import list_topics
    from cxmap.desk.topics import propose_topics

    words: Words = ctx.obj
    contacts = words.tables["contacts"]
    mapped = {name for node in words.config.topics.values() for name in node}
    proposal = propose_topics(contacts, words.tables["links"], mapped=mapped)
    if form == "yaml":
        deliver(
            lambda f, look: proposal.text,
            form=form,
            outputs=output or [],
            forms=("auto", "yaml"),
        )
        return
    told = list_topics(contacts, proposal.values)
    notes = (*told.notes, "`cxmap topics -f yaml` prints the proposal to paste")
    _show(words, told.rows, form, output, notes=notes, spare=("because",))


def _show(
    words: Words,
    rows: "pl.DataFrame",
    form: str,
    output: Outputs,
    *,
    heading: str = "",
    notes: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> None:
    from cxmap.views.listing import render_table

    show(
        words,
        lambda f, look: render_table(
            rows,
            f,
            heading=heading,
            notes=notes,
            spare=spare,
            zone=words.zone,
            **look._asdict(),
        ),
        form=form,
        outputs=output,
    )


def _known(option: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        raise UsageError(f"{option} {given}: write one of {', '.join(known)}")
