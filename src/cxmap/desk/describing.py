"""A profile as a page: what it reads, how, and what it cannot tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.sources.language import Detect, Scalar, Value, value_of
from cxmap.sources.part import Part, Profile, Setting
from cxmap.sources.profile import parts
from cxmap.sources.values import written

UNITS = {
    "s": "seconds",
    "min": "minutes",
    "h": "hours",
    "ms": "milliseconds",
    "us": "microseconds",
    "hms": "h:mm:ss",
    "mmss": "mm:ss",
    "since_1970": "a moment since 1970",
}


@dataclass(frozen=True)
class Page:
    """What a profile says, for people."""

    heading: str
    rows: pl.DataFrame
    """part, column, found_in and how: one row for everything that is read."""
    notes: tuple[str, ...]


def describe(profile: Profile) -> Page:
    """Return the page of a profile: what is read, its units, zones and words."""
    rows = [
        {"part": name, "column": column, "found_in": found, "how": how}
        for name, part in parts(profile).items()
        for column, found, how in _read(part)
    ]
    schema = dict.fromkeys(("part", "column", "found_in", "how"), pl.String())

    return Page(
        heading=f"{profile.profile}: {profile.title} ({profile.system})",
        rows=pl.DataFrame(rows, schema=schema),
        notes=tuple(_notes(profile)),
    )


def manual(profiles: Mapping[str, Profile]) -> str:
    """Return the pages of all profiles as one document of Markdown."""
    return "\n".join(line for one in profiles.values() for line in _chapter(one))


def _chapter(profile: Profile) -> Iterator[str]:
    yield f"## {profile.profile}\n"
    yield f"{profile.title}.\n"
    for heading, sentences in (
        ("Cannot tell", [i if isinstance(i, str) else i.says for i in profile.limits]),
        ("Ignored", [*profile.ignored, "every column that is not listed below"]),
        ("Traps", profile.traps),
        ("Settings", list(_settings(profile))),
    ):
        if sentences:
            yield f"**{heading}**\n"
            yield from (f"- {_cell(sentence)}" for sentence in sentences)
            yield ""
    for name, part in parts(profile).items():
        yield from _section(name, part)


def _section(name: str, part: Part) -> Iterator[str]:
    read = list(_read(part))
    yield f"### {name}\n"
    if part.of is not None:
        yield f"The items of `{'`, `'.join(part.path)}` inside the rows of {part.of}.\n"
    if part.detect is not None:
        yield f"Recognised by {_cell('; '.join(_signs(part.detect)))}.\n"
    if part.where is not None:
        yield f"Left out are rows unless {_code(part.where)}.\n"
    if read:
        yield "| column | found in | how |\n|---|---|---|"
        yield from (_row(*row) for row in read)
        yield ""


def _row(column: str, found: str, how: str) -> str:
    return f"| {_code(column)} | {_code(found) if found else ''} | {_cell(how)} |"


def _code(text: str) -> str:
    """Return a text as code in a cell."""
    fence, barred = "``" if "`" in text else "`", text.replace("|", "\\|")
    return f"{fence} {barred} {fence}" if fence == "``" else f"`{barred}`"


def _cell(text: str) -> str:
    """Return a text as a cell of a table: no bar ends it, no mark changes it."""
    return "".join(f"\\{sign}" if sign in "|*<[" else sign for sign in text)


def unmapped_words(records: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return column, value and rows of a source's words that its profile does not map.

    Takes `vocabulary_records` of all loads; what two loads hold counts in both.
    """
    return (
        records.filter(pl.col("source") == source)
        .group_by("column", "value")
        .agg(pl.col("rows").sum())
        .sort("column", pl.col("rows").neg(), "value")
    )


def _settings(profile: Profile) -> Iterator[str]:
    for name, setting in profile.settings.items():
        about = setting.about if isinstance(setting, Setting) else ""
        default = setting.default if isinstance(setting, Setting) else setting
        said = f" (default {default})" if default is not None else ""
        yield f"{name}: {about}{said}"


def _notes(profile: Profile) -> Iterator[str]:
    yield from (f"setting {one}" for one in _settings(profile))
    for limit in profile.limits:
        yield f"limit: {limit if isinstance(limit, str) else limit.says}"
    for name, part in parts(profile).items():
        if part.detect is not None:
            yield f"{name} is recognised by {'; '.join(_signs(part.detect))}"
        if part.where is not None:
            yield f"{name} leaves out rows unless {part.where}"
    yield from (f"ignored: {one}" for one in profile.ignored)
    yield from (f"trap: {one}" for one in profile.traps)
    yield "every other column is ignored, and never kept"


def _signs(rules: Detect) -> Iterator[str]:
    for name, given in rules.model_dump(exclude_defaults=True).items():
        listed = ", ".join(given) if isinstance(given, list | tuple) else given
        yield f"{name.replace('_', ' ')} {listed}"


def _read(part: Part) -> Iterator[tuple[str, str, str]]:
    """Yield the column, where it is found and how it is read, of everything."""
    for column, value in part.values():
        yield column, _found(part, value), _how(value)
    for identifier in part.identifiers:
        yield identifier.kind, _found(part, identifier), _how(identifier)
    for reference in part.references:
        yield reference.kind, _found(part, reference), _how(reference)
    for link in part.identity_links:
        value = value_of(link.from_)
        yield f"{link.kind} merged away", _found(part, value), _how(value)
    if part.names is not None:
        value = value_of(part.names.name)
        yield f"name of a {part.names.kind}", _found(part, value), _how(value)
    for column, formula in part.formulas.items():
        yield column, "", f"computed: {formula}"


def _found(part: Part, value: Value) -> str:
    if value.expr is not None:
        return value.expr
    if value.const is not None:
        return f"always {written(value.const)}"
    names = (part.let.get(name, name) for name in value.origins)

    return (" + " if value.concat else " or ").join(names)


def _how(value: Value) -> str:
    return "; ".join(_ways(value))


def _ways(value: Value) -> Iterator[str]:
    if value.times:
        zone = f" in {value.tz}" if value.tz else ""
        yield f"time as {' or '.join(value.times)}{zone}"
    if value.unit is not None:
        yield f"in {UNITS.get(value.unit, value.unit)}"
    if value.regex is not None:
        yield f"what {value.regex} finds"
    if value.split is not None:
        yield f"piece {value.split.take} of {value.split.sep!r}"
    if value.map is not None:
        yield _words(value.map)
        other = "nothing" if value.unmapped is None else written(value.unmapped)
        yield "other words kept" if other == "keep" else f"other words: {other}"
    if value.default is not None:
        yield f"else {written(value.default)}"
    if value.when is not None:
        yield f"only when {value.when}"


def _words(table: Mapping[str, Scalar | None]) -> str:
    """Return a vocabulary as `meaning: word, word`, in the order of the profile."""
    meanings: dict[str, list[str]] = {}
    for word, meaning in table.items():
        key = "nothing" if meaning is None else written(meaning)
        meanings.setdefault(key, []).append(word)

    return "; ".join(f"{key}: {', '.join(found)}" for key, found in meanings.items())
