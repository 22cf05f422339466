"""`cxmap friction` and `cxmap calibrate`: where it rubs, what that costs and weighs."""

from typing import Annotated

import typer

from cxmap.cli.common import Form, Outputs, Since, Until, WhichUnit, one_of, split
from cxmap.cli.output import show
from cxmap.cli.words import Words
from cxmap.errors import UsageError
from cxmap.names import DIMENSIONS


def friction(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="One friction in detail; none: all of them.")
    ] = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="channel, channel_group, topic, segment, source, team or month."
        ),
    ] = None,
    unit: WhichUnit = None,
    share: Annotated[
        bool, typer.Option("--share", help="Hide small cells, in every form.")
    ] = False,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Print the friction ledger, or one friction in detail."""
    from cxmap.accounting import friction_ledger
    from cxmap.views.ledger import render_ledger

    words: Words = ctx.obj.telling(unit)
    if name is not None:
        if by:
            raise UsageError("--by: one friction is shown by channel, topic and month")
        _one(words, name, since, until, share=share, form=form, output=output)
        return
    dimensions = tuple(dict.fromkeys(split(by)))
    one_of("--by", dimensions, DIMENSIONS)
    told = friction_ledger(
        words.tables,
        words.config,
        since=since,
        until=until,
        by=dimensions,
        now=words.now,
        zone=words.zone,
    )
    show(
        words,
        lambda f, look: render_ledger(
            told,
            f,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        ),
        form=form,
        outputs=output,
    )


def _one(
    words: Words,
    name: str,
    since: str | None,
    until: str | None,
    *,
    share: bool,
    form: str,
    output: Outputs,
) -> None:
    from cxmap.desk.frictions import known_friction, one_friction
    from cxmap.views.friction import render_friction

    known_friction(name, words.config)
    told = one_friction(
        words.tables,
        words.config,
        name,
        since=since,
        until=until,
        now=words.now,
        zone=words.zone,
    )
    show(
        words,
        lambda f, look: render_friction(
            told,
            f,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        ),
        form=form,
        outputs=output,
        forms=("auto", "table", "json", "md"),
    )


def calibrate(
    ctx: typer.Context,
    on: Annotated[
        str | None,
        typer.Option(
            help="csat, ces or repeat: what the score is to foretell (else the survey "
            "of most answers; repeat where none has enough)."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    unit: WhichUnit = None,
    form: Annotated[
        str,
        typer.Option(
            "-f", "--format", help="auto, table, json, md, or yaml: to paste."
        ),
    ] = "auto",
    output: Outputs = None,
) -> None:
    """Fit the weights of the friction score to your own customers' answers."""
    from cxmap.desk.calibrating import calibrate as fitted
    from cxmap.desk.labelling import LABELS
    from cxmap.views.calibration import render_calibration

    words: Words = ctx.obj.telling(unit)
    if on is not None:
        one_of("--on", [on], tuple(LABELS))
    told = fitted(
        words.tables,
        words.config,
        on=on,  # type: ignore[arg-type]
        period=words.period(since, until),
    )
    show(
        words,
        lambda f, look: render_calibration(told, f, now=words.now, **look._asdict()),
        form=form,
        outputs=output,
        forms=("auto", "table", "json", "md", "yaml"),
    )
