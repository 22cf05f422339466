"""The manuals of KPIs and frictions, written from the definitions themselves."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import get_type_hints

import cxmap
from cxmap import tables
from cxmap.definitions import Definition, Friction, Kpi, collect_baselines
from cxmap.names import FRICTION_CODES
from cxmap.options import write_duration
from cxmap.views.explanation import REASONS, paragraphs
from cxmap.views.formulas import SIDES, Facts, condition, formula, judged_by
from cxmap.views.sections import SECTIONS

SOURCE = "Source: "
PACKAGES = Path(cxmap.__file__).parents[1]
SHOWN = {
    "card": "on every scorecard",
    "all": "with `cxmap report --all`, by name, and where it has a target",
    "lab": "beside the definition it is a variant of, and by name",
}
TYPES = {timedelta: "duration", int: "number", float: "number", str: "text"}


def kpi_manual(kpis: Mapping[str, Kpi]) -> str:
    """Return the manual of KPIs in Markdown: an index by section, a chapter each."""
    placed = {
        section: [one for one in kpis.values() if _section(one) == section]
        for section in SECTIONS
    }
    lines = ["| section | KPI | what it says |", "|---|---|---|"]
    for section, several in placed.items():
        lines += [f"| {section} | {_link(o)} | {_cell(o.sentence)} |" for o in several]
    for section, several in placed.items():
        if several:
            lines += ["", f"## {section.capitalize()}"]
        for one in several:
            lines += _chapter(one, _facts_of_kpi(one))

    return _page([*lines, *_columns(kpis.values())])


def friction_manual(frictions: Mapping[str, Friction]) -> str:
    """Return the manual of frictions in Markdown: an index by code, a chapter each."""
    ordered = sorted(frictions.values(), key=lambda one: (_code(one), one.name))
    lines = ["| code | friction | where it shows |", "|---|---|---|"]
    lines += [f"| {_code(o)} | {_link(o)} | {_cell(o.sentence)} |" for o in ordered]
    for one in ordered:
        lines += _chapter(one, _facts_of_friction(one))

    return _page([*lines, *_columns(frictions.values())])


def source_of(definition: Definition) -> str:
    """Return whence a definition comes, as its manual page says; empty: it does not."""
    last = paragraphs(definition.doc)[-1]

    return last.removeprefix(SOURCE) if last.startswith(SOURCE) else ""


def _chapter(definition: Definition, facts: Facts) -> Iterator[str]:
    code = FRICTION_CODES.get(definition.name, "")
    yield ""
    yield f"### {definition.name}"
    yield ""
    for paragraph in paragraphs(definition.doc):
        if not paragraph.startswith(SOURCE):
            yield from (_text(paragraph), "")
    yield "| | |"
    yield "|---|---|"
    every = [
        *([("code", code)] if code else []),
        *facts,
        ("needs", _needs(definition)),
        ("options", "; ".join(_options(definition)) or "none"),
        ("source", source_of(definition)),
        ("defined in", _place(definition)),
    ]
    yield from (f"| {name} | {_cell(text)} |" for name, text in every)


def _facts_of_kpi(kpi: Kpi) -> Facts:
    facts = formula(kpi, kpi.bind({}), REASONS)

    return [
        *facts,
        ("unit", kpi.unit),
        ("better", SIDES[kpi.better]),
        ("shown", SHOWN[kpi.shown]),
    ]


def _facts_of_friction(friction: Friction) -> Facts:
    return condition(friction, friction.bind({}))


def _needs(definition: Definition) -> str:
    """What must be held, else nothing is said: columns, and numbers over everything."""
    inputs = [f"`{'` or `'.join(one.split('|'))}`" for one in definition.inputs]
    baselines = [f"the baseline `{name}`" for name in definition.needs]

    return ", ".join([*inputs, *baselines]) or "nothing"


def _options(definition: Definition) -> Iterator[str]:
    hints = get_type_hints(definition.build)
    for name, option in definition.options.items():
        kind = TYPES.get(hints[name], hints[name].__name__)
        usual = option.default
        shown = write_duration(usual) if isinstance(usual, timedelta) else usual
        yield f"`{name}` ({kind}, {shown} by default)"


def _columns(definitions: Iterable[Definition]) -> list[str]:
    """Return the glossary: every column that any of the definitions reads."""
    overall = collect_baselines()
    told = {f"baseline_{name}": one.sentence for name, one in overall.items()}
    read = {
        (column, one.over, told.get(column) or tables.TABLES[one.over][column][1])
        for one in definitions
        for column in judged_by(one)
        if column in told or column in tables.TABLES[one.over]
    }
    rows = [f"| `{name}` | {of} | {_cell(said)} |" for name, of, said in sorted(read)]
    head = ["| column | of | holds |", "|---|---|---|"]

    return ["", "## The columns they read", "", *head, *rows]


def _place(definition: Definition) -> str:
    file = Path(inspect.getsourcefile(definition.build) or "")
    if not file.is_relative_to(PACKAGES):
        return f"`{file.name}`"
    within = f"{PACKAGES.name}/{file.relative_to(PACKAGES).as_posix()}"

    return f"[`{within}`](../{within})"


def _section(kpi: Kpi) -> str:
    return kpi.section if kpi.section in SECTIONS else SECTIONS[-1]


def _code(friction: Friction) -> str:
    return FRICTION_CODES.get(friction.name, "–")


def _link(definition: Definition) -> str:
    return f"[`{definition.name}`](#{definition.name})"


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Return a paragraph in which no sign of the definition becomes markup."""
    return "".join(f"\\{sign}" if sign in "*<[" else sign for sign in text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
