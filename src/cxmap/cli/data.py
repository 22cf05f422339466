"""`cxmap export` and `cxmap sources`: tables out, and what can be read in."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmap.cli.common import Form, Outputs
from cxmap.cli.output import FORMS, Look, deliver, files
from cxmap.cli.words import Words
from cxmap.errors import ExportError, UsageError
from cxmap.names import EXPORTABLE
from cxmap.text import safe

if TYPE_CHECKING:
    import polars as pl

    from cxmap.sources.profile import Profile

TO_MAP: tuple[str, ...] = (
    "map a word: copy the profile with `cxmap sources show NAME -f yaml`, extend its "
    "`map:`, and name the copy as the source's profile",
)
"""What to do about the words that nothing maps."""

EXPORT_FORMS = ("auto", "csv", "jsonl", "json", "parquet")

sources = typer.Typer(
    no_args_is_help=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The exports cxmap can read; detect what a file is.",
)


def export(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPORTABLE)}.")],
    form: Annotated[
        str, typer.Option("-f", "--format", help="csv, jsonl, json or parquet.")
    ] = "auto",
    output: Outputs = None,
) -> None:
    """Write one table: parquet, csv, jsonl or json."""
    from cxmap.views.listing import render_table

    words: Words = ctx.obj
    if table not in EXPORTABLE:
        raise UsageError(f"{table}: no such table; one of {', '.join(EXPORTABLE)}")
    if form == "auto" and not files(output):
        form = "csv"
    rows = words.table(table)
    deliver(
        lambda f, look: _parquet(rows) if f == "parquet" else render_table(rows, f),
        form=form,
        outputs=output or [],
        color=words.color,
        forms=EXPORT_FORMS,
    )
    for path in files(output):
        words.say(f"wrote {path}: {rows.height:,} rows")


def _parquet(rows: "pl.DataFrame") -> bytes:
    target = io.BytesIO()
    rows.write_parquet(target, compression="zstd")
    return target.getvalue()


@sources.callback()
def list_sources(ctx: typer.Context) -> None:
    """List the profiles that come with cxmap, and with plug-ins."""
    if ctx.invoked_subcommand is not None:
        return
    import polars as pl

    from cxmap.plugins import SOURCES, plug_ins
    from cxmap.sources.profile import parts, profile_origin, shipped_profiles
    from cxmap.views.listing import render_table

    rows = pl.DataFrame(
        [
            {
                "profile": name,
                "title": profile.title,
                "system": profile.system,
                "parts": ", ".join(parts(profile)),
                "from": profile_origin(name),
            }
            for name, profile in shipped_profiles().items()
        ]
    )
    rows = rows if plug_ins(SOURCES) else rows.drop("from")
    deliver(
        lambda f, look: render_table(rows, f, **look._asdict()),
        form="auto",
        outputs=[],
    )


@sources.command("detect")
def detect_source(
    ctx: typer.Context,
    file: Annotated[list[Path], typer.Argument(help="Exports to look at.")],
    form: Form = "auto",
    output: Outputs = None,
) -> None:
    """Say what each file is: its profile, how it is written, how many rows it has."""
    import polars as pl

    from cxmap.desk.detecting import files_in, look_at

    words: Words = ctx.obj
    rows = pl.DataFrame(
        [look_at(path) for path in files_in(file)], infer_schema_length=None
    )
    deliver(
        lambda f, look: _looked_at(rows, f, look),
        form=form,
        outputs=output or [],
        color=words.color,
    )
    bad = rows.filter(pl.col("format").is_null())["file"].to_list()
    if bad:
        raise ExportError(f"cannot be read: {', '.join(map(safe, bad))}")


def _looked_at(rows: "pl.DataFrame", form: str, look: Look) -> str:
    """Return what was seen: of one file as facts, of several the columns that fit."""
    from cxmap.views.listing import render_facts, render_table

    if form != "table":
        return render_table(rows, form, shares=["confidence"], **look._asdict())
    if rows.height == 1:
        facts = rows.row(0, named=True)
        known = {name: fact for name, fact in facts.items() if fact is not None}
        if rows["confidence"][0] is not None:
            known["confidence"] = f"{rows['confidence'][0]:.0%}"
        return render_facts(known, form, **look._asdict())
    nearest = [
        f"{file}: {others}"
        for file, others in rows.select("file", "others").drop_nulls().iter_rows()
    ]
    brief = rows.select(
        "file", "profile", "part", "confidence", "format", "rows", "why"
    )

    return render_table(
        brief, form, shares=["confidence"], notes=nearest, **look._asdict()
    )


@sources.command("show")
def show_source(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A profile, or a source of the config.")],
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="List its words that nothing maps.")
    ] = False,
    form: Annotated[
        str, typer.Option("-f", "--format", help="Also yaml: the profile to copy.")
    ] = "auto",
    output: Outputs = None,
) -> None:
    """Show a profile: what it reads, in which units and zones, and its words."""
    from cxmap.desk.describing import describe, unmapped_words
    from cxmap.intake.choosing import sources_of
    from cxmap.sources.profile import load_profile
    from cxmap.views.listing import render_table

    words: Words = ctx.obj
    if unmapped:
        snapshot = words.opened().snapshot()
        if name not in {load.source for load in snapshot.loads}:
            raise UsageError(f"{name}: no source of the store; `cxmap store info`")
        records = snapshot.collect(snapshot.records("vocabulary_records"))
        rows, heading, notes = unmapped_words(records, name), "", TO_MAP
    else:
        declared = sources_of(words.config)
        profile = declared[name].resolved if name in declared else load_profile(name)
        page = describe(profile)
        rows, heading, notes = page.rows, page.heading, page.notes
    deliver(
        lambda f, look: (
            _written(profile)
            if f == "yaml" and not unmapped
            else render_table(rows, f, heading=heading, notes=notes, **look._asdict())
        ),
        form=form,
        outputs=output or [],
        color=words.color,
        forms=(*FORMS, "yaml"),
    )


def _written(profile: "Profile") -> str:
    import yaml

    shown = profile.model_dump(by_alias=True, exclude_unset=True, mode="json")
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=88)


@sources.command("schema")
def source_schema() -> None:
    """Print the JSON Schema of profiles, for editors."""
    import json

    from cxmap.cli.output import to_stdout
    from cxmap.sources.profile import profile_schema

    to_stdout(json.dumps(profile_schema(), indent=2))
