"""`cxmap kpi`: one number by period and segment, or under every definition of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs, Since, Until, one_of, split
from cxmap.cli.output import Look, show
from cxmap.cli.words import Words
from cxmap.errors import UsageError
from cxmap.names import DIMENSIONS

if TYPE_CHECKING:
    from cxmap.desk.lab import Lab

Share = Annotated[
    bool, typer.Option("--share", help="Hide small cells, in every form.")
]


def kpi(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A KPI, or a family of them such as fcr or csat.")
    ],
    lab: Annotated[
        bool,
        typer.Option("--lab", help="The same data under every definition of it."),
    ] = False,
    contacts: Annotated[
        bool,
        typer.Option(
            "--contacts",
            help="With --lab: list where definitions differ; with --bias the journeys.",
        ),
    ] = False,
    bias: Annotated[
        bool,
        typer.Option("--bias", help="Of csat, nps or ces: who answers, who does not."),
    ] = False,
    periods: Annotated[
        str | None,
        typer.Option(
            help="How many and how long: 13m, 26w, 30d, 4q; with --since their "
            "length alone: day, week, month, quarter."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="channel, channel_group, topic, segment, source, team or month."
        ),
    ] = None,
    share: Share = False,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Show one KPI by period and segment, or under every definition of it."""
    words: Words = ctx.obj
    if bias:
        if lab or by or periods:
            raise UsageError(
                "--bias: looks at one period as a whole; no --lab, --by or --periods"
            )
        _who_answers(words, name, since, until, contacts, share, form, output)
        return
    if lab:
        if by or periods:
            raise UsageError("--lab: tries one period as a whole; no --by or --periods")
        told = _tried(words, name, since, until)
        _deliver_lab(words, told, contacts, share, form, output)
        return
    if contacts:
        raise UsageError(
            f"--contacts: lists where definitions differ, so it needs --lab; "
            f"`cxmap explain {name} --contacts` lists those behind the number"
        )
    _by_period(words, name, periods, since, until, by, share, form, output)


def _by_period(
    words: Words,
    name: str,
    periods: str | None,
    since: str | None,
    until: str | None,
    by: list[str] | None,
    share: bool,
    form: str,
    output: Outputs,
) -> None:
    from cxmap.desk.calendar import read_grid
    from cxmap.desk.families import kpi_named
    from cxmap.desk.trend import Asked, by_period
    from cxmap.views.trend import render_trend

    dimensions = tuple(dict.fromkeys(split(by)))
    one_of("--by", dimensions, DIMENSIONS)
    asked = Asked(since, until, read_grid(periods), dimensions)
    told = by_period(
        words.tables,
        words.config,
        kpi_named(name),
        asked,
        now=words.now,
        zone=words.zone,
    )
    show(
        words,
        lambda f, look: render_trend(
            told,
            f,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        ),
        form=form,
        outputs=output,
    )


def _tried(words: Words, name: str, since: str | None, until: str | None) -> "Lab":
    from cxmap.desk.families import family_named
    from cxmap.desk.lab import try_all

    return try_all(
        words.tables,
        words.config,
        family_named(name),
        since=since,
        until=until,
        now=words.now,
        zone=words.zone,
    )


def _deliver_lab(
    words: Words, told: "Lab", contacts: bool, share: bool, form: str, output: Outputs
) -> None:
    from cxmap.views.lab import render_lab
    from cxmap.views.listing import render_table

    def drawn(form: str, look: Look) -> str:
        if contacts:
            return render_table(
                told.rows, form, zone=words.zone, spare=SPARED, **look._asdict()
            )
        return render_lab(
            told,
            form,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        )

    show(words, drawn, form=form, outputs=output)


def _who_answers(
    words: Words,
    name: str,
    since: str | None,
    until: str | None,
    contacts: bool,
    share: bool,
    form: str,
    output: Outputs,
) -> None:
    from cxmap.desk.bias import survey_bias
    from cxmap.desk.families import kpi_named
    from cxmap.views.bias import render_bias
    from cxmap.views.listing import render_table

    told = survey_bias(
        words.tables,
        words.config,
        kpi_named(name),
        since=since,
        until=until,
        now=words.now,
        zone=words.zone,
    )

    def drawn(form: str, look: Look) -> str:
        if contacts:
            return render_table(told.rows, form, zone=words.zone, **look._asdict())
        return render_bias(
            told,
            form,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        )

    show(words, drawn, form=form, outputs=output)


SPARED = ("here_why", "there_why", "journey_id", "value_there", "value_here")
"""Columns that a narrow terminal is shown without, the first of it first."""
