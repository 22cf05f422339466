"""Figures of past months that late records change: which, from what, and why."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.config import load_config
from cxmap.definitions import collect
from cxmap.importreport import Restatement
from cxmap.pipeline import Request, Tables, bound_kpis, derive_from, report
from cxmap.restating import restated
from cxmap.sources.fold import fold
from cxmap.tables import conform

NOT_TOLD = {
    name
    for name, kpi in collect("kpis").items()
    if kpi.membership == "stock" or kpi.needs or kpi.over in ("steps", "demand")
}
"""What is judged by more than the rows that a load brings."""

NOW = datetime(2026, 7, 20, tzinfo=UTC)
CONFIG = load_config(None)
BERLIN = ZoneInfo("Europe/Berlin")
UNIX = datetime(2026, 1, 1, tzinfo=UTC)
Rows = list[dict[str, object]]


def call(
    number: str, day: str, person: str, *, also: str | None = None
) -> dict[str, object]:
    """A call that somebody took, and by whom it was made."""
    at = datetime.fromisoformat(f"2026-{day}T10:00:00+00:00")
    return {
        "source": "calls",
        "part": "rows",
        "record_key": number,
        "content": number,
        "version_at": UNIX,
        "load_id": "load",
        "row": 1,
        "source_contact_id": number,
        "order_at": at,
        "started_at": at,
        "ended_at": at + timedelta(minutes=5),
        "answered_at": at + timedelta(seconds=30),
        "channel": "voice",
        "direction": "inbound",
        "disposition": "handled",
        "topic_raw": "bill",
        "persons": [one for one in (person, also) if one],
    }


def tables_of(calls: Rows) -> Tables:
    identifiers = [
        {
            **row,
            "owner": "contact",
            "owner_id": row["source_contact_id"],
            "kind": "external_id" if person.isupper() else "email",
            "namespace": "",
            "pseudonym": person,
            "seen_at": row["started_at"],
        }
        for row in calls
        for person in named(row)
    ]
    records = {
        "contact_records": conform(
            pl.DataFrame(calls, infer_schema_length=None), "contact_records"
        ),
        "identifier_records": conform(
            pl.DataFrame(identifiers, infer_schema_length=None), "identifier_records"
        ),
    }
    return derive_from(fold(records, {}), CONFIG, now=NOW)


def named(row: Mapping[str, object]) -> list[str]:
    persons = row["persons"]
    assert isinstance(persons, list)
    return persons


def told(before: Rows, after: Rows, zone: ZoneInfo = BERLIN) -> list[Restatement]:
    kpis = bound_kpis(CONFIG)
    tables = tables_of(before), tables_of(after)
    return list(restated(*tables, kpis, zone=zone))


HELD = [
    call("first", "04-01", "zoe"),
    *(call(f"m{day}", f"05-{day:02}", f"ana{day}") for day in range(5, 25)),
    *(call(f"j{day}", f"06-{day:02}", f"bob{day}") for day in range(1, 29)),
    call("last", "07-15", "eve"),
]


def test_a_late_call_of_may_restates_may_and_says_why() -> None:
    late = call("late", "05-12", "ana9")
    found = {one.kpi: one for one in told(HELD, [*HELD, late])}

    assert {one.period for one in found.values()} == {"2026-05"}
    first = found["first_contact_resolution"]
    assert (first.previous, first.value) == (1.0, 0.95)
    assert (first.previous_n, first.n) == (20, 20)
    assert first.because == {
        "late_repeats": 1,
        "contacts_added": 1,
        "journeys_changed": 1,
    }
    assert (first.since.astimezone(BERLIN).day, first.unit) == (1, "share")


def test_each_figure_is_what_report_says_of_the_month() -> None:
    late = [call("late", "05-12", "ana9"), call("more", "06-03", "bob2")]
    before, after = tables_of(HELD), tables_of([*HELD, *late])
    found = told(HELD, [*HELD, *late])

    assert {one.period for one in found} == {"2026-05", "2026-06"}
    for month in ("2026-05", "2026-06"):
        asked = Request(since=month, until=month, compare="none")
        cards = [
            report(tables, CONFIG, asked, now=NOW, zone=BERLIN)
            for tables in (before, after)
        ]
        old, new = ({s.kpi: s for s in card.scores} for card in cards)
        changed = {
            name
            for name, score in old.items()
            if score.n
            and not score.pending
            and not score.missing_inputs
            and name not in NOT_TOLD
            and (score.value, score.n) != (new[name].value, new[name].n)
        }
        mine = {one.kpi: one for one in found if one.period == month}
        assert changed == mine.keys()
        for name, one in mine.items():
            assert (one.previous, one.previous_n) == (old[name].value, old[name].n)
            assert (one.value, one.n) == (new[name].value, new[name].n)


def test_who_are_found_to_be_one_person_change_their_past() -> None:
    pair = [call("x", "05-06", "xi"), call("y", "05-08", "yu")]
    same = call("z", "07-01", "xi", also="yu")
    one = told([*HELD, *pair], [*HELD, *pair, {**same, "channel": "chat"}])
    repeats = next(each for each in one if each.kpi == "repeat_contact_rate")

    assert repeats.period == "2026-05"
    assert repeats.because["late_repeats"] == 1
    assert repeats.because["customers_merged"] == 1
    assert "contacts_added" not in repeats.because


def test_a_corrected_contact_is_counted_as_changed() -> None:
    first, second, *rest = HELD
    found = told(HELD, [first, {**second, "resolved": False}, *rest])

    assert found
    assert all(one.because.get("contacts_changed") == 1 for one in found)


def test_new_calls_of_today_restate_nothing() -> None:
    assert told(HELD, [*HELD, call("new", "07-16", "ana9")]) == []


def test_a_month_of_which_something_was_pending_is_not_restated() -> None:
    early = [row for row in HELD if row["record_key"] != "last"]
    late = call("late", "06-27", "bob26")
    found = told(early, [*early, late])

    assert "first_contact_resolution" not in {
        one.kpi for one in found if one.period == "2026-06"
    }


def test_a_kpi_whose_inputs_nobody_gives_is_not_restated() -> None:
    late = call("late", "05-12", "ana9")
    card = report(
        tables_of(HELD),
        CONFIG,
        Request(since="2026-05", until="2026-05", compare="none"),
        now=NOW,
        zone=BERLIN,
    )
    lacking = {score.kpi for score in card.scores if score.missing_inputs}

    assert lacking
    assert lacking.isdisjoint(one.kpi for one in told(HELD, [*HELD, late]))


def test_the_same_records_restate_nothing() -> None:
    assert told(HELD, HELD) == []


def test_a_month_longer_ago_than_thirteen_is_not_looked_at() -> None:
    def older(row: dict[str, object]) -> dict[str, object]:
        return {
            name: value.replace(year=2024)
            if isinstance(value, datetime) and name != "version_at"
            else value
            for name, value in row.items()
        }

    held = [*(older(row) for row in HELD), *HELD]
    held = [
        {**row, "record_key": f"{n}", "source_contact_id": f"{n}"}
        for n, row in enumerate(held)
    ]
    late = older(call("late", "05-12", "ana9"))

    assert told(held, [*held, late]) == []


def test_months_are_those_of_the_zone() -> None:
    kiritimati = ZoneInfo("Pacific/Kiritimati")
    night = call("late", "05-31", "ana24")
    assert [one.period for one in told(HELD, [*HELD, night])][:1] == ["2026-05"]
    periods = {one.period for one in told(HELD, [*HELD, night], kiritimati)}

    assert periods <= {"2026-05", "2026-06"}
    assert "2026-06" in periods


def test_late_repeats_are_as_many_as_the_repeats_have_grown() -> None:
    late = [call(f"l{n}", f"05-{n + 2:02}", f"ana{n}") for n in (7, 9, 11)]
    twice = [call("b", "05-26", "ana24"), call("a", "05-28", "ana24")]
    before, after = [*HELD, twice[0]], [*HELD, *twice, *late]
    grown = [
        tables_of(calls)["contacts"].drop_nulls("repeats_contact_id").height
        for calls in (before, after)
    ]
    one = told(before, after)
    repeats = next(each for each in one if each.kpi == "repeat_contact_rate")

    assert repeats.because["late_repeats"] == grown[1] - grown[0] == 4


def test_who_only_goes_by_another_name_is_nobody_merged() -> None:
    pair = [call("x", "05-06", "xi"), call("y", "05-08", "xi")]
    first, late = call("z", "03-01", "xi"), call("late", "05-12", "ana9")
    one = told([*HELD, *pair], [*HELD, *pair, first, late])

    assert one
    assert all("customers_merged" not in each.because for each in one)
    assert all("customers_parted" not in each.because for each in one)
