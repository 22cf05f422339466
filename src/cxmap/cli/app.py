"""The list of commands, and the options that every command shares."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cxmap import __version__
from cxmap.cli import (
    compare,
    data,
    everyday,
    frictions,
    look,
    number,
    people,
    project,
    start,
    vendor,
)
from cxmap.cli.words import Words
from cxmap.errors import UsageError

EPILOG = (
    "-c, --store, --now, --tz, -q, -v and --color may also stand after the command. "
    "Exit codes: 0 done, 1 a --fail-on gate was hit, 2 usage or config, "
    "3 data refused, 4 try again, 5 disk or store, 70 bug."
)

HELP = frozenset({"-h", "--help"})
"""What is answered whatever is installed beside cxmap."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": sorted(HELP)},
    epilog=EPILOG,
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"cxmap {__version__}\n")
        raise typer.Exit


@app.callback()
def everywhere(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", help="cxmap.yaml (else the nearest upward)."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of the store (else the config's).")
    ] = None,
    now: Annotated[
        str | None, typer.Option(help="Speak as of this instant, not as of now.")
    ] = None,
    tz: Annotated[
        str | None, typer.Option(help="Zone in which days are cut, as Europe/Berlin.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Success is silent; errors are not.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Say what was decided and why.")
    ] = False,
    color: Annotated[str, typer.Option(help="auto, always or never.")] = "auto",
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which."),
    ] = False,
) -> None:
    """Turn the contact logs you already export into customer journeys and KPIs."""
    if color not in ("auto", "always", "never"):
        raise UsageError(f"--color {color}: write auto, always or never")
    line = ctx.obj or ()
    ctx.obj = Words(
        config_path=config,
        store_path=store,
        now_text=now,
        tz=tz,
        quiet=quiet,
        verbose=verbose,
        color=color,
    )
    if HELP.isdisjoint(line):
        ctx.obj.require_sound_plug_ins()


app.command()(start.init)
app.command()(start.demo)
app.command()(everyday.ingest)
app.command()(everyday.report)
app.command()(number.kpi)
app.command()(frictions.friction)
app.command()(frictions.calibrate)
app.command()(compare.compare)
app.command()(look.journeys)
app.command()(look.journey)
app.command()(look.explain)
app.command()(look.topics)
app.command()(vendor.reconcile)
app.command()(people.customers)
app.command()(people.who)
app.command()(data.export)
app.add_typer(data.sources, name="sources")
app.add_typer(project.config, name="config")
app.add_typer(project.store, name="store")
