"""Which KPIs a change of coverage touches, and which can still be compared."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from cxmap import tables
from cxmap.comparable import coverage_changes, told
from cxmap.definitions import collect
from cxmap.measures import Bound
from cxmap.periods import Period

APRIL, MAY = (
    Period(
        datetime(2026, month, 1, tzinfo=UTC),
        datetime(2026, month + 1, 1, tzinfo=UTC),
        "",
    )
    for month in (4, 5)
)
KPIS = collect("kpis")
FOLLOWING = {
    *(name for name, kpi in KPIS.items() if kpi.over == "journeys"),
    "next_contact_avoidance",
    "repeat_contact_rate",
    "restart_rate",
}
"""What needs silence from everywhere, and to know who is who."""

OF_CALLS = {"abandonment_rate", "speed_of_answer"}
OF_LETTERS = {
    "first_response_time",
    "first_response_time_business",
    "out_of_hours_reply_share",
    "resolution_time",
    "reopen_rate",
    "backlog",
}
OF_BOTH = {"identified_share", "comparable_topic_share", "transfer_rate"}
OF_ANSWERS = {"csat", "nps", "ces"}

ALL: Bound = {
    name: (KPIS[name], KPIS[name].bind({}))
    for name in sorted(FOLLOWING | OF_CALLS | OF_LETTERS | OF_BOTH | OF_ANSWERS)
}
"""Some of every kind."""


def contact(source: str, month: int, **facts: Any) -> dict[str, Any]:
    return {
        "source": source,
        "started_at": datetime(2026, month, 10, tzinfo=UTC),
        "customer_id": "ana",
        "inbound": True,
        "served": True,
        **facts,
    }


def call(source: str, month: int, **facts: Any) -> dict[str, Any]:
    spoken = {"channel": "voice", "channel_group": "voice", "queue_seconds": 10}
    return contact(source, month, disposition="handled", **spoken, **facts)


def letter(source: str, month: int, **facts: Any) -> dict[str, Any]:
    solved = datetime(2026, month, 11, tzinfo=UTC)
    written = {"channel": "email", "channel_group": "written", "resolved_at": solved}
    return contact(source, month, status="solved", **written, **facts)


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return tables.conform(
        pl.DataFrame(rows, infer_schema_length=None, schema_overrides=WHENS), name
    )


WHENS = dict.fromkeys(("started_at", "at", "resolved_at"), tables.WHEN)


def held(**since: int) -> pl.DataFrame:
    """Sources, each held from the first of a month of 2026 to the end of June."""
    return pl.DataFrame(
        {
            "source": [*since],
            "since_at": [
                datetime(2026, month, 1, tzinfo=UTC) for month in since.values()
            ],
            "until_at": [datetime(2026, 7, 1, tzinfo=UTC)] * len(since),
            "complete": [False] * len(since),
        },
        schema_overrides={"since_at": tables.WHEN, "until_at": tables.WHEN},
    )


def touched(
    contacts: list[dict[str, Any]],
    sources: pl.DataFrame,
    surveys: list[dict[str, Any]] | None = None,
) -> set[str]:
    named = {"contacts": table("contacts", contacts)}
    if surveys is not None:
        named["surveys"] = table("surveys", surveys)

    return {*coverage_changes(named, sources, ALL, MAY, APRIL)}


def test_new_letters_touch_no_kpi_of_calls() -> None:
    rows = [call("desk", 4), call("desk", 5), letter("mail", 5)]

    assert touched(rows, held(desk=1, mail=5)) == FOLLOWING | OF_LETTERS | OF_BOTH


def test_new_calls_touch_no_kpi_of_letters() -> None:
    rows = [letter("mail", 4), letter("mail", 5), call("desk", 5)]

    assert touched(rows, held(desk=5, mail=1)) == FOLLOWING | OF_CALLS | OF_BOTH


def test_where_the_same_is_held_nothing_is_touched() -> None:
    rows = [call("desk", 4), call("desk", 5), letter("mail", 5)]

    assert touched(rows, held(desk=1, mail=1)) == set()


def test_a_source_without_a_row_in_either_period_feeds_only_the_stock() -> None:
    rows = [call("desk", 4), call("desk", 5), letter("mail", 3), call("line", 6)]
    whole = touched(rows, held(desk=1, mail=5, line=5))

    assert whole == FOLLOWING | {"backlog"}


@pytest.mark.parametrize("whose", ["source", "contact_source"])
def test_answers_are_fed_by_their_own_source_and_by_that_of_their_contact(
    whose: str,
) -> None:
    rows = [call("desk", 4), call("desk", 5)]
    at = datetime(2026, 5, 10, tzinfo=UTC)
    usual = {"source": "polls", "contact_source": "desk", "at": at, "score": 5.0}
    answer = {**usual, "survey_type": "csat", whose: "new"}

    assert touched(rows, held(desk=1, polls=1, new=5), [answer]) == {"csat"}


def test_who_is_known_touches_only_what_follows_customers() -> None:
    rows = [call("desk", 4, customer_id=None), call("desk", 5), letter("mail", 5)]

    assert touched(rows, held(desk=1, mail=1)) == FOLLOWING


def test_without_an_earlier_period_nothing_is_touched() -> None:
    rows = {"contacts": table("contacts", [call("desk", 5)])}

    assert coverage_changes(rows, held(desk=5), ALL, MAY, None) == {}


def test_a_reason_names_only_the_sources_that_touch_and_says_how_many() -> None:
    rows = [call("desk", 5), letter("mail", 5)]
    named = {"contacts": table("contacts", rows)}
    two = {name: ALL[name] for name in ("abandonment_rate", "first_response_time")}
    changes = coverage_changes(named, held(desk=5, mail=5), two, MAY, APRIL)

    assert [*told(changes, two)] == [
        ("coverage changed: desk not held in both", ("abandonment_rate",)),
        ("coverage changed: mail not held in both", ("first_response_time",)),
    ]
    assert [*told({"a": "why", "b": "why"}, ["b", "a"])] == [("why", ())]
    assert [*told({}, ["a"])] == []
