"""`cxmap reconcile`: our figures against those that a vendor computed itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs
from cxmap.cli.output import Look, show
from cxmap.cli.words import Words
from cxmap.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

SPARED = ("journey_id", "kind", "contact_id")
"""Columns that a narrow terminal is shown without, the first of it first."""


def reconcile(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="An export that holds the vendor's own figures.")
    ],
    source: Annotated[
        str | None, typer.Option(help="Compare with this source (else the vendor's).")
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="How far apart two times may lie and still agree.")
    ] = "1m",
    contacts: Annotated[
        bool, typer.Option("--contacts", help="List the cases that do not agree.")
    ] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Hide small cells, in every form.")
    ] = False,
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Compare our figures with the vendor's own, case by case."""
    from cxmap.desk.reconciling import reconcile as compare
    from cxmap.views.listing import render_table
    from cxmap.views.reconciliation import render_reconciliation

    words: Words = ctx.obj
    told = compare(
        words.tables,
        words.config,
        file,
        source=source,
        tolerance=_tolerance(tolerance),
        now=words.now,
    )

    def drawn(form: str, look: Look) -> str:
        if contacts:
            return render_table(told.rows, form, spare=SPARED, **look._asdict())
        return render_reconciliation(
            told,
            form,
            **look._asdict(),
            share=share,
            min_cell=words.config.privacy.min_cell,
        )

    show(words, drawn, form=form, outputs=output)


def _tolerance(text: str) -> "timedelta":
    from cxmap.options import read_duration

    try:
        return read_duration(text)
    except ValueError as error:
        raise UsageError(f"--tolerance: {error}") from None
