"""What every KPI and every friction promises."""

import inspect
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

import cxmap
from cxmap import names, scoring, tables
from cxmap.baselines import beside, count, needed, settle
from cxmap.definitions import (
    PERIOD_COLUMNS,
    Definition,
    Friction,
    Kpi,
    collect,
    collect_baselines,
)
from cxmap.errors import ConfigError
from cxmap.flagging import because, flag
from cxmap.views.dictionary import source_of
from cxmap.views.explanation import REASONS

KPIS: dict[str, Kpi] = collect("kpis")
FRICTIONS: dict[str, Friction] = collect("frictions")
EVERY: list[Definition] = [*KPIS.values(), *FRICTIONS.values()]
MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


NEEDS = needed(EVERY, collect_baselines())
NOTHING = settle(
    [count({one.over: tables.empty(one.over) for one in NEEDS.values()}, NEEDS)],
    NEEDS,
)
"""Every baseline, of nobody."""


def of_each(several: list[Definition]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("defined", several, ids=lambda one: one.name)


each = of_each(EVERY)
each_kpi = of_each(list(KPIS.values()))
each_friction = of_each(list(FRICTIONS.values()))


def columns_read(defined: Definition) -> set[str]:
    bound = defined.bind({})
    if isinstance(defined, Kpi):
        return set(bound.columns)
    return set(bound.meta.root_names())


@each
def test_it_reads_only_columns_its_table_has(defined: Definition) -> None:
    told = {f"baseline_{name}" for name in defined.needs}
    held = {*tables.schema(defined.over), *PERIOD_COLUMNS, *told}

    assert columns_read(defined) <= held


@each
def test_it_names_each_column_by_itself(defined: Definition) -> None:
    """What `pl.col("a", "b")` reads cannot be told from the expression."""
    bound = defined.bind({})
    parts = [bound] if isinstance(defined, Friction) else vars(bound).values()

    assert "cs." not in " ".join(map(str, parts))


@each
def test_it_needs_only_columns_its_table_has(defined: Definition) -> None:
    needed = {column for one in defined.inputs for column in one.split("|")}

    assert needed <= set(tables.schema(defined.over))


@each
def test_it_has_a_manual_page(defined: Definition) -> None:
    sentence, *why = defined.doc.split("\n\n")

    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert why


@each
def test_its_manual_page_says_whence_it_comes(defined: Definition) -> None:
    """From whom it is taken, or that it is cxmap's own."""
    assert source_of(defined).endswith(".")


@each
def test_its_manual_page_names_every_option(defined: Definition) -> None:
    for option in defined.options:
        assert f"`{option}`" in defined.doc


@each
def test_it_has_a_file_of_its_own(defined: Definition) -> None:
    room = "kpis" if isinstance(defined, Kpi) else "frictions"
    source = Path(cxmap.__file__).parent / room / f"{defined.name}.py"

    assert inspect.getsourcefile(defined.build) == str(source)


@each
def test_every_option_has_a_name_a_type_and_a_default(defined: Definition) -> None:
    for option in defined.options.values():
        assert option.kind is inspect.Parameter.KEYWORD_ONLY
        words = get_args(option.annotation)
        kind = str if words else option.annotation

        assert isinstance(option.default, kind)
        assert kind in (timedelta, int, float, str, bool)
        assert not words or option.default in words


@each
def test_it_refuses_an_option_it_does_not_have(defined: Definition) -> None:
    with pytest.raises(ConfigError, match=rf"^{defined.name}: no option colour; "):
        defined.bind({"colour": "blue"})


@each
def test_its_options_change_what_it_counts(defined: Definition) -> None:
    usual = defined.bind({})
    for name, option in defined.options.items():
        chosen = _measured_by(defined, name)
        for other in _others(option):
            assert repr(defined.bind({**chosen, name: other})) != repr(
                defined.bind(chosen) if chosen else usual
            )


def _others(option: inspect.Parameter) -> list[object]:
    """Values of an option that are not its default."""
    words = get_args(option.annotation)
    if words:
        return [word for word in words if word != option.default]
    more = {timedelta: timedelta(1), str: "claims"}.get(option.annotation, 1)
    return [option.default + more]


def _measured_by(defined: Definition, option: str) -> dict[str, object]:
    """The variant in which an option counts, where it does not in the usual one."""
    return {
        ("service_level", "short_abandon"): {"variant": "without_short"},
        ("bot_resolution_rate", "judged_after"): {"variant": "zendesk"},
    }.get((defined.name, option), {})


@each_kpi
def test_of_an_empty_table_it_is_nothing(defined: Kpi) -> None:
    bound = {defined.name: (defined, defined.bind({}))}
    parts = scoring.partials(
        {}, bound, periods={"current": MARCH}, by=("channel",), baselines=NOTHING
    )

    [score] = scoring.scores(parts, bound, targets={defined.name: 1.0}, missing={})

    assert (score.value, score.n, score.status, score.by) == (None, 0, "–", {})


@each_kpi
def test_of_a_row_that_says_nothing_it_is_nothing(defined: Kpi) -> None:
    silent = tables.empty(defined.over).clear(1)
    silent = silent.with_columns(pl.lit(MARCH[0]).cast(tables.WHEN).alias(defined.at))
    bound = {defined.name: (defined, defined.bind({}))}

    parts = scoring.partials(
        {defined.over: silent},
        bound,
        periods={"current": MARCH},
        baselines=NOTHING,
    )

    assert parts.sums["n"].to_list() == [0]


@each_kpi
def test_it_fits_the_words_of_the_scorecard(defined: Kpi) -> None:
    assert defined.over in ("journeys", "steps", "contacts", "surveys", "demand")
    assert defined.shown in ("card", "all", "lab")
    assert tables.schema(defined.over)[defined.at] == tables.WHEN
    assert defined.section in (
        "resolution",
        "speed",
        "routing",
        "perception",
        "coverage",
    )


@each_friction
def test_a_step_that_says_nothing_is_no_friction(defined: Friction) -> None:
    silent = beside(tables.empty("steps").clear(1), defined.needs, NOTHING)
    points = flag(silent, {defined.name: (defined, defined.bind({}))})

    assert points.height == (defined.name == "unidentified_contact")


@each_friction
def test_its_sentence_can_be_filled(defined: Friction) -> None:
    told = tables.empty("steps").clear(1).select(because(defined)).to_series()

    assert "{" not in told[0]


@each_kpi
def test_why_it_leaves_out_a_row_can_be_said_in_words(defined: Kpi) -> None:
    assert set(defined.bind({}).excluded) <= set(REASONS)


@each_friction
def test_it_bears_a_name_of_the_catalogue(defined: Friction) -> None:
    assert defined.name in names.FRICTION_CODES
    assert defined.severity in ("low", "medium", "high")
    assert defined.over == "steps"


def test_only_a_ratio_of_times_counts_a_time() -> None:
    timed = [name for name, kpi in KPIS.items() if kpi.bind({}).timed]

    assert timed == ["after_contact_work_ratio"]


def test_a_dimension_can_cut_every_table() -> None:
    bound = {name: (one, one.bind({})) for name, one in KPIS.items()}

    for dimension in names.DIMENSIONS:
        parts = scoring.partials(
            {},
            bound,
            periods={"current": MARCH},
            by=(dimension,),
            baselines=NOTHING,
        )
        assert parts.sums.height == len(bound)


def test_a_room_is_read_by_name() -> None:
    assert list(KPIS) == sorted(KPIS)
    assert all(one.name == name for name, one in (KPIS | FRICTIONS).items())


def test_a_file_without_a_definition_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cxmap.kpis as room

    (tmp_path / "empty_rate.py").write_text('"""Nothing."""\n')
    monkeypatch.setattr(room, "__path__", [str(tmp_path)])

    with pytest.raises(ConfigError, match=r"cxmap\.kpis\.empty_rate: holds no"):
        collect("kpis")
