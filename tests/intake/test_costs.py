"""What missing columns cost: told where a definition would count, and only there."""

import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.config import Config, load_config
from cxmap.definitions import collect
from cxmap.importreport import ImportReport
from cxmap.intake.costs import costs

Report = Callable[..., ImportReport]
Row = Mapping[str, object]
DEFAULTS = load_config(None)
HEAD = "source_contact_id,channel,started_at,disposition,external_id"
CALL = "1,voice,2026-03-01T10:00:00Z,handled,LF-1"
MAIL = "1,email,2026-03-01T10:00:00Z,handled,LF-1"


def lacking(report: ImportReport) -> dict[str, tuple[str, ...]]:
    (source,) = report.sources
    return {lack.name: lack.needs for lack in source.lacking}


def test_calls_without_a_queue_time_cost_what_is_said_of_waiting(
    report_on: Report,
) -> None:
    said = lacking(report_on({"calls.csv": f"{HEAD}\n{CALL}\n"}))

    assert said["speed_of_answer"] == ("queue_seconds",)
    assert said["long_wait"] == ("queue_seconds",)
    assert said["transfer_rate"] == ("transfers",)


def test_calls_cost_nothing_that_only_writing_has(report_on: Report) -> None:
    said = lacking(report_on({"calls.csv": f"{HEAD}\n{CALL}\n"}))

    assert {"first_response_time", "slow_first_response", "reopen"}.isdisjoint(said)


def test_mails_without_a_first_answer_cost_the_time_to_it(report_on: Report) -> None:
    said = lacking(report_on({"mails.csv": f"{HEAD}\n{MAIL}\n"}))

    assert said["first_response_time"] == ("first_response_seconds|first_response_at",)
    assert "slow_first_response" in said
    assert {"speed_of_answer", "long_wait", "abandonment_rate"}.isdisjoint(said)


@pytest.mark.parametrize("column", ["first_response_seconds", "first_response_at"])
def test_one_of_two_columns_will_do(report_on: Report, column: str) -> None:
    value = {"first_response_seconds": "60"}.get(column, "2026-03-01T10:01:00Z")
    text = f"{HEAD},{column}\n{MAIL},{value}\n"

    assert "first_response_time" not in lacking(report_on({"mails.csv": text}))


def test_one_filled_cell_is_enough(report_on: Report) -> None:
    rows = [f"{CALL},", CALL.replace("1,", "2,", 1) + ",3"]
    text = "\n".join([f"{HEAD},transfers", *rows]) + "\n"

    assert "transfer_rate" not in lacking(report_on({"calls.csv": text}))


def test_what_is_switched_off_costs_nothing(report_on: Report) -> None:
    config = "kpis: {speed_of_answer: off}\nfrictions: {long_wait: off}\n"
    said = lacking(report_on({"calls.csv": f"{HEAD}\n{CALL}\n"}, config))

    assert {"speed_of_answer", "long_wait"}.isdisjoint(said)
    assert "transfer" in said


def test_without_identifiers_customer_figures_need_the_customer(
    report_on: Report,
) -> None:
    said = lacking(report_on({"calls.csv": f"{HEAD}\n{CALL.replace('LF-1', '')}\n"}))

    assert said["first_contact_resolution"] == ("customer_id",)
    assert said["repeat_contact"] == ("customer_id",)
    assert said["ladder_best"] == ("customer_id",)  # what follows from it is not named


def test_without_any_survey_the_scores_are_wanting_everywhere(
    report_on: Report,
) -> None:
    calls = f"{HEAD}\n{CALL}\n"
    survey = (
        "survey_id,survey_type,score,scale_min,scale_max,responded_at,contact_id\n"
        "a,csat,5,1,5,2026-03-02T10:00:00Z,1\n"
    )
    without = report_on({"calls.csv": calls}).lacking
    given = report_on({"calls.csv": calls, "answers.csv": survey}).lacking

    assert {(one.name, one.needs) for one in without} >= {("csat", ("score",))}
    assert given == ()


def empty_tables() -> dict[str, pl.DataFrame]:
    return {name: tables.empty(name) for name in tables.DERIVED_TABLES}


def test_of_nothing_nothing_is_lacking_by_source() -> None:
    assert costs(empty_tables(), DEFAULTS).by_source == {}


def test_every_input_is_a_column_of_contacts_of_links_or_of_its_table() -> None:
    seen = set(tables.CONTACTS) | set(tables.LINKS)
    for room in ("kpis", "frictions"):
        for name, definition in collect(room).items():
            known = (
                seen if definition.over == "steps" else tables.TABLES[definition.over]
            )
            inputs = {one for word in definition.inputs for one in word.split("|")}
            assert inputs <= set(known), name


def drawn(seed: int, sources: Sequence[str]) -> pl.DataFrame:
    """Contacts of which each source never fills some columns."""
    dice = random.Random(seed)  # noqa: S311
    filled = {
        "transfers": lambda: dice.randrange(3),
        "queue_seconds": lambda: dice.randrange(100),
        "first_response_seconds": lambda: dice.randrange(100),
        "served": lambda: dice.choice([True, False]),
        "resolved": lambda: dice.choice([True, False]),
        "status": lambda: dice.choice(["open", "solved"]),
    }
    rows: list[dict[str, object]] = []
    for source in sources:
        silent = {name for name in filled if dice.random() < 0.5}
        groups = dice.sample(["voice", "chat", "written", "social", "in_person"], 2)
        for number in range(dice.randrange(1, 5)):
            row: dict[str, object] = {
                "contact_id": f"{source}:{number}",
                "source": source,
                "inbound": dice.random() < 0.7,
                "channel_group": dice.choice(groups),
                "journey_id": f"{source}{number}" if dice.random() < 0.8 else None,
            }
            for name, draw in filled.items():
                said = name not in silent and dice.random() < 0.7
                row[name] = draw() if said else None
            rows.append(row)

    return tables.conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")


def served(row: Row) -> bool:
    return bool(row["served"] if row["served"] is not None else row["resolved"])


WRITTEN = ("written", "messaging", "social")
COUNTS: dict[str, tuple[str, Callable[[Row], object]]] = {
    "transfer_rate": ("transfers", lambda r: r["inbound"] and served(r)),
    "speed_of_answer": (
        "queue_seconds",
        lambda r: (
            r["inbound"] and r["channel_group"] in ("voice", "chat") and served(r)
        ),
    ),
    "first_response_time": (
        "first_response_seconds",
        lambda r: r["inbound"] and r["channel_group"] in WRITTEN,
    ),
    "resolution_time": (
        "resolution_seconds",
        lambda r: r["inbound"] and r["status"] is not None,
    ),
}
"""Of each KPI the column it wants, and the rows it would count."""


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_a_kpi_lacks_what_no_row_of_a_source_holds_that_it_would_count(
    seed: int, sources: int
) -> None:
    contacts = drawn(seed, ["bot", "calls", "desk"][:sources])
    found = costs({**empty_tables(), "contacts": contacts}, DEFAULTS).by_source
    rows = contacts.to_dicts()

    for source in {str(row["source"]) for row in rows}:
        said = {lack.name for lack in found.get(source, ())}
        ours = [row for row in rows if row["source"] == source]
        for name, (column, counts) in COUNTS.items():
            silent = all(row[column] is None for row in ours)
            assert (name in said) == (silent and any(counts(row) for row in ours)), name


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_a_friction_lacks_only_what_could_show_in_the_source(seed: int) -> None:
    contacts = drawn(seed, ["desk"])
    found = costs({**empty_tables(), "contacts": contacts}, DEFAULTS).by_source
    said = {lack.name for lack in found.get("desk", ())}
    steps = [r for r in contacts.to_dicts() if r["inbound"] and r["journey_id"]]
    calls = [r for r in steps if r["channel_group"] in ("voice", "chat")]

    for name, column, rows in (
        ("transfer", "transfers", steps),
        ("long_wait", "queue_seconds", calls),
    ):
        silent = all(row[column] is None for row in steps)
        assert (name in said) == (silent and bool(rows)), name


def test_the_sample_says_which_of_its_sources_count_no_transfers(
    tmp_path_factory: pytest.TempPathFactory, ingesting: Report
) -> None:
    folder = tmp_path_factory.mktemp("costs")
    shutil.copytree(
        Path(__file__).parents[2] / "sample_data", folder, dirs_exist_ok=True
    )
    config: Config = load_config(folder / "cxmap.yaml")
    report = ingesting(folder, config, [])
    lacks = {
        source.source: {lack.name for lack in source.lacking}
        for source in report.sources
    }

    assert report.lacking == ()
    assert {"transfer_rate", "transfer"} <= lacks["bot"] & lacks["branches"]
    assert not lacks["surveys"]
    assert lacks["connect"].isdisjoint({"transfer_rate", "transfer", "transfer_chain"})
    assert "first_response_time" not in {
        name for some in lacks.values() for name in some
    }
