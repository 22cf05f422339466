"""`cxmap init` and `cxmap demo`: the first hour."""

from pathlib import Path
from typing import Annotated

import typer

from cxmap.cli.output import to_file, to_stdout
from cxmap.cli.words import KEY, STORE, Words
from cxmap.errors import UsageError

CONFIG = "cxmap.yaml"
MADE_BY_DEMO = "truth"


def init(
    ctx: typer.Context,
    export: Annotated[
        list[str] | None, typer.Argument(help="Exports to look at; none: ask nothing.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a cxmap.yaml that is there.")
    ] = False,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Print the config instead.")
    ] = False,
    starter: Annotated[
        str | None,
        typer.Option(
            help="Begin with the config of an industry: bank, ecommerce, municipal, "
            "saas or telecom."
        ),
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            help="history: print targets to paste, the medians of the last 13 whole "
            "weeks that the store holds."
        ),
    ] = None,
) -> None:
    """Look at exports and propose a cxmap.yaml."""
    from cxmap.desk.proposing import propose

    words: Words = ctx.obj
    target = words.config_path or Path(CONFIG)
    if starter is not None or targets is not None:
        _one_way(export, starter, targets, force=force)
    if targets is not None:
        _from_history(words, targets)
        return
    if starter is not None:
        _begin_with(words, starter, target, stdout=stdout)
        return
    if target.exists() and not force and not stdout:
        raise UsageError(f"{target}: is there already; --force replaces it")
    proposal = propose(export or [], folder=target.parent)
    drafted = {target.parent / name: text for name, text in proposal.profiles.items()}
    if stdout:
        to_stdout(proposal.text)
    else:
        _free([path for path in drafted if path.exists()], force=force)
        for path, text in {**drafted, target: proposal.text}.items():
            to_file(text, path)
            words.say(f"wrote {path}")
    for line in proposal.findings:
        words.say(line)
    words.say("Next: cxmap ingest --dry-run")


def _one_way(
    export: list[str] | None, starter: str | None, targets: str | None, *, force: bool
) -> None:
    """Refuse what does not go together."""
    if starter is not None and targets is not None:
        raise UsageError("--starter, --targets: one at a time")
    option = "--starter" if starter is not None else "--targets"
    if export:
        raise UsageError(f"{option}: looks at no exports; leave them out")
    if force:
        raise UsageError(f"{option}: replaces nothing; leave out --force")


def _begin_with(words: Words, name: str, target: Path, *, stdout: bool) -> None:
    from cxmap.desk.starting import starter

    text = starter(name)
    if stdout:
        to_stdout(text)
        return
    if target.exists():
        raise UsageError(f"{target}: is there already; --stdout prints the starter")
    to_file(text, target)
    words.say(f"wrote {target}")
    words.say("Next: cxmap init EXPORT… --stdout, and paste its sources:")


def _from_history(words: Words, named: str) -> None:
    from cxmap.cli.common import one_of
    from cxmap.desk.aiming import aims, aims_yaml

    one_of("--targets", [named], ("history",))
    found = aims(words.tables, words.config, now=words.now, zone=words.zone)
    to_stdout(aims_yaml(found))


def _free(there: list[Path], *, force: bool) -> None:
    if there and not force:
        raise UsageError(f"{there[0]}: is there already; --force replaces it")


def demo(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path(
        "cxmap-demo"
    ),
    people: Annotated[int, typer.Option(min=50, max=20_000)] = 800,
    seed: Annotated[int, typer.Option()] = 7,
) -> None:
    """Make up a company's exports, ingest and report them."""
    from cxmap.cli.everyday import report
    from cxmap.cli.first import run_ingest
    from cxmap.demo.world import write_world
    from cxmap.intake.choosing import choose
    from cxmap.intake.loading import Intake
    from cxmap.keys import DEMO_SECRET, Key

    words: Words = ctx.obj
    if folder.exists() and any(folder.iterdir()) and not _ours(folder):
        raise UsageError(f"{folder}: not empty; name a folder that is not there yet")
    words.say(f"Writing the exports of a made-up company to {folder} …")
    write_world(folder, people=people, seed=seed)
    if not (folder / KEY).exists():
        Key.create(folder / KEY, secret=DEMO_SECRET)

    inside = Words(
        config_path=folder / CONFIG,
        store_path=words.store_path or folder / STORE,
        now_text=words.now_text,
        tz=words.tz,
        quiet=words.quiet,
        verbose=words.verbose,
        color=words.color,
        started=words.started,
    )
    chosen, unmatched = choose(inside.config, [])
    words.say("Ingesting them …")
    run_ingest(inside, Intake(tuple(chosen), tuple(unmatched)))
    ctx.obj = inside
    report(ctx)
    words.say(
        f"Next: cd {folder} && cxmap journeys --friction channel_switch, "
        "cxmap explain first_contact_resolution"
    )


def _ours(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and (folder / MADE_BY_DEMO).is_dir()
