"""`cxmap ingest` and `cxmap report`: what cron runs and people read."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs, Since, Until, WhichUnit, one_of, split
from cxmap.cli.first import dry_ingest, run_ingest
from cxmap.cli.gates import WORSE, judge_gates, known_gates
from cxmap.cli.output import deliver, show, to_file
from cxmap.cli.words import Words
from cxmap.errors import ExportError, UsageError
from cxmap.names import DIMENSIONS

if TYPE_CHECKING:
    from cxmap.importreport import ImportReport
    from cxmap.intake.loading import Ingested
    from cxmap.pipeline import Request
    from cxmap.scorecard import Scorecard

Paths = Annotated[
    list[str] | None,
    typer.Argument(help="Files, patterns or folders; none: those in the config."),
]


def ingest(
    ctx: typer.Context,
    path: Paths = None,
    source: Annotated[
        str | None, typer.Option(help="Source (or profile) of all these files.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would happen; keep nothing.")
    ] = False,
    max_rejects: Annotated[
        str, typer.Option(help="Share of a file's rows that may be unusable.")
    ] = "5%",
    reject_file: Annotated[
        Path | None, typer.Option(help="Write rejected rows here, as UTF-8 text.")
    ] = None,
    wait: Annotated[
        str, typer.Option(help="How long to wait for another run, as 10m.")
    ] = "0s",
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Read exports into the store."""
    from cxmap.intake.choosing import choose
    from cxmap.intake.loading import Intake
    from cxmap.intake.taking import Limits
    from cxmap.views.importing import render_import

    words: Words = ctx.obj
    limits = Limits(most_rejects=_share(max_rejects))
    chosen, unmatched = choose(words.config, path or [], named=source)
    told = not words.quiet or bool(output)
    intake = Intake(
        tuple(chosen), tuple(unmatched), limits, _duration(wait), restate=told
    )
    done = dry_ingest(words, intake) if dry_run else run_ingest(words, intake)
    if reject_file is not None:
        _write_rejects(done, reject_file)

    if told:
        deliver(
            lambda f, look: render_import(
                done.report, f, **look._asdict(), verbose=words.verbose
            ),
            form=form,
            outputs=output or [],
            color=words.color,
            forms=("auto", "table", "json"),
        )
    _judge(done.report, words, shown=not words.quiet and not output)


def _judge(report: "ImportReport", words: Words, *, shown: bool) -> None:
    """Warn of what was left out; raise where data was refused.

    What the report `shown` on stdout says already is not said again.
    """
    bad = [one for one in report.files if one.state in ("refused", "unrecognised")]
    for one in report.files:
        if one.in_vain:
            words.warn(f"{one.file}: nothing was kept of its {one.records} rows")
    if not shown:
        for warning in (*report.notes, *_losses(report)):
            words.warn(warning)
    if len(bad) == 1 and not shown:
        raise ExportError(f"{bad[0].file}: {'; '.join(bad[0].notes)}")
    if not shown:
        for one in bad:
            words.warn(f"{one.file}: {'; '.join(one.notes)}")
    if bad:
        names = ", ".join(one.file for one in bad)
        raise ExportError(f"{len(bad)} of {len(report.files)} files refused: {names}")


def _losses(report: "ImportReport") -> Iterator[str]:
    """Yield what is missing of the files that were taken in."""
    for one in report.files:
        if one.taken_in and not one.records:
            yield f"{one.file}: no rows"
        for warning in one.warnings:
            yield f"{one.file}: {warning}"
        if one.taken_in and one.kept and one.rejected + one.cell_rejects:
            yield (
                f"{one.file}: {one.rejected} rows and {one.cell_rejects} cells of "
                f"{one.records} rows could not be used"
            )


def _write_rejects(done: "Ingested", path: Path) -> None:
    from cxmap.intake.taking import rejected_rows
    from cxmap.views.plain import csv_text

    lines = [
        [chosen.name, *rejected]
        for chosen, rejects in done.rejects
        for rejected in rejected_rows(chosen, rejects)
    ]
    text = csv_text(["file", "row", "reason", "original"], lines)
    to_file(text, path, mode=0o600)
    path.chmod(0o600)


def _share(text: str) -> float:
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        raise UsageError("--max-rejects: write a share such as 5%") from None
    share = number / 100 if text.endswith("%") else number
    if not 0 <= share <= 1:
        raise UsageError("--max-rejects: write a share between 0% and 100%")

    return share


def _duration(text: str) -> timedelta:
    from cxmap.options import read_duration

    try:
        return read_duration(text)
    except ValueError as error:
        raise UsageError(f"--wait: {error}") from None


def report(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    compare: Annotated[str, typer.Option(help="previous, year or none.")] = "previous",
    by: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(DIMENSIONS[:-1])} or {DIMENSIONS[-1]}."),
    ] = None,
    kpi: Annotated[list[str] | None, typer.Option(help="Only these KPIs.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every KPI, not the main ones alone.")
    ] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="missed: exit 1 if a target is missed; a KPI's name: if that KPI's "
            "is; worse: if a KPI, whole or in a segment, became worse two periods "
            "running, by more than noise and by enough to matter; or an expression: "
            "'abandonment_rate[channel=voice] > 8% and n >= 200', "
            "'first_response_time > 4h or not csat >= 0.8'. What may be compared: a "
            "KPI and its n, low, high, pending, change and status (csat.status = off)."
        ),
    ] = None,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Each KPI also under strict, normal and loose identity, and with "
            "half and double windows.",
        ),
    ] = False,
    freeze: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD",
            help="Keep the card of this period as published: later reports of it say "
            "what was published, what it is now, and why.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="With --freeze: replace the card kept.")
    ] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="List the cards that were frozen.")
    ] = False,
    benchmarks: Annotated[
        bool,
        typer.Option(
            "--benchmarks",
            help="Published figures beneath, with source, year and how they differ.",
        ),
    ] = False,
    unit: WhichUnit = None,
    share: Annotated[
        bool, typer.Option("--share", help="Hide small cells, in every form.")
    ] = False,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Print the KPI scorecard, what carries its changes first."""
    from cxmap.cli.freezing import (
        beside_published,
        frozen_period,
        keep_card,
        list_frozen,
    )
    from cxmap.pipeline import report as score
    from cxmap.pipeline import require_allowed
    from cxmap.views.render import render

    words: Words = ctx.obj.telling(unit)
    if frozen:
        list_frozen(words, form, output)
        return
    since = frozen_period(freeze, since, until, kpi, again=again)
    request = _request(since, until, compare, by, kpi, fail_on or [])
    require_allowed(request.by, words.config)
    if sensitivity and request.by:
        raise UsageError("--sensitivity: tries the whole only; leave out --by")
    gates = known_gates(fail_on or [], request, words)
    card = score(words.tables, words.config, request, now=words.now, zone=words.zone)
    if freeze is not None:
        keep_card(card, words, again=again)
    card = beside_published(card, words)
    if sensitivity:
        card = _tried(card, words, request)
    if benchmarks:
        card = _beside_others(card)

    show(
        words,
        lambda f, look: render(
            card,
            f,
            **look._asdict(),
            share=share,
            every=every or bool(request.kpis),
            min_cell=words.config.privacy.min_cell,
        ),
        form=form,
        outputs=output,
    )
    judge_gates(card, gates, request, words)


def _tried(card: "Scorecard", words: Words, request: "Request") -> "Scorecard":
    from cxmap.desk.sensitivity import with_sensitivity

    return with_sensitivity(
        card, words.folded, words.config, request, now=words.now, zone=words.zone
    )


def _beside_others(card: "Scorecard") -> "Scorecard":
    from dataclasses import replace

    from cxmap.benchmarks import published

    return replace(card, benchmarks=published({one.kpi for one in card.scores}))


def _request(
    since: str | None,
    until: str | None,
    compare: str,
    by: Sequence[str] | None,
    kpis: Sequence[str] | None,
    gates: Sequence[str],
) -> "Request":
    from cxmap.pipeline import Request

    one_of("--compare", [compare], ("previous", "year", "none"))
    dimensions = tuple(dict.fromkeys(split(by)))
    one_of("--by", dimensions, DIMENSIONS)
    wanted = tuple(dict.fromkeys(split(kpis)))
    if wanted:
        from cxmap.definitions import collect

        one_of("--kpi", wanted, tuple(collect("kpis")))

    return Request(
        since,
        until,
        compare,  # type: ignore[arg-type]
        dimensions,
        wanted,
        running=WORSE in gates,
    )
