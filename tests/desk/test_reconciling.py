"""A vendor's figures against ours: every case is accounted for, and told why."""

import csv
import io
import json
import statistics
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.config import load_config
from cxmap.desk.cases import OURS, cases
from cxmap.desk.disagreeing import DIFFERING, ONE_SIDED
from cxmap.desk.reconciling import Metric, Reconciliation, reconcile
from cxmap.desk.vendors import KEY, read_figures, recognised, vendor_files
from cxmap.errors import ExportError, UsageError
from cxmap.options import Hours, NamedSchedule, Schedule, every
from cxmap.sources.profile import shipped_names
from cxmap.tables import conform, empty
from cxmap.views.forms import FORMS
from cxmap.views.reconciliation import (
    WHY,
    reconciliation_schema,
    render_reconciliation,
)

VENDOR = Path(__file__).parents[3] / "shared" / "data" / "vendor"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""

CONFIG = load_config(None)

MINUTE, HOUR = 60, 3600


def contact(number: str, **given: Any) -> dict[str, Any]:
    answered = given.pop("first_response", None)
    solved = given.pop("resolution", None)
    facts = {
        "contact_id": f"zendesk_tickets:{number}",
        "source": "zendesk_tickets",
        "source_contact_id": number,
        "journey_id": f"j{number}",
        "started_at": START,
        "updated_at": START + timedelta(days=30),
        "source_horizon_at": NOW,
        "first_response_at": after(answered),
        "resolved_at": after(solved),
    }
    return {**facts, **given}


def after(seconds: int | None) -> datetime | None:
    return None if seconds is None else START + timedelta(seconds=seconds)


def held(*contacts: dict[str, Any], events: Any = ()) -> dict[str, pl.DataFrame]:
    rows = pl.DataFrame(list(contacts), infer_schema_length=None)
    wrote = [
        {
            "contact_id": f"zendesk_tickets:{number}",
            "at": after(seconds),
            "event_type": "message_sent",
            "actor_type": who,
            "public": True,
        }
        for number, seconds, who in events
    ]
    told = conform(pl.DataFrame(wrote), "events") if wrote else empty("events")
    return {"contacts": conform(rows, "contacts"), "events": told}


def theirs(number: str, **given: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "reply_time_in_minutes": {"calendar": None, "business": None},
        "full_resolution_time_in_minutes": {"calendar": None, "business": None},
    }
    reply = {"calendar": given.pop("reply", None), "business": given.pop("open", None)}
    facts["reply_time_in_minutes"] = reply
    facts["full_resolution_time_in_minutes"]["calendar"] = given.pop("solved", None)
    return {
        "ticket_id": int(number),
        "updated_at": "2026-03-20T00:00:00Z",
        **facts,
        **given,
    }


Compare = Callable[..., Reconciliation]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    def compared(
        tables: dict[str, pl.DataFrame], *rows: dict[str, Any], tolerance: int = MINUTE
    ) -> Reconciliation:
        path = tmp_path / "metrics.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return reconcile(
            tables,
            CONFIG,
            path,
            source=None,
            tolerance=timedelta(seconds=tolerance),
            now=NOW,
        )

    return compared


def metric(told: Reconciliation, name: str) -> Metric:
    return next(one for one in told.metrics if one.metric == name)


def reasons(told: Reconciliation, name: str) -> dict[str, int]:
    return dict(metric(told, name).reasons)


def test_what_agrees_is_exact_or_within_the_tolerance(compare: Compare) -> None:
    tables = held(
        contact("1", first_response=600),
        contact("2", first_response=630),
        contact("3", first_response=660),
        contact("4", first_response=661),
    )
    rows = [theirs(number, reply=10) for number in "1234"]

    told = metric(compare(tables, *rows), "first_reply")

    assert (told.exact, told.within, told.differs) == (1, 2, 1)
    assert (told.compared, told.share) == (4, 0.75)
    assert told.median_difference == -60


def test_a_coarser_unit_is_told_where_nothing_else_is_tolerated(
    compare: Compare,
) -> None:
    tables = held(contact("1", first_response=659), contact("2", first_response=660))
    rows = [theirs("1", reply=10), theirs("2", reply=10)]

    told = compare(tables, *rows, tolerance=0)

    assert reasons(told, "first_reply") == {"rounding": 1, "unexplained": 1}


def test_business_time_in_a_calendar_column_is_found_out(compare: Compare) -> None:
    """Answered on Tuesday at ten: 25 hours by the clock, nine while we were open."""
    tables = held(contact("1", first_response=25 * HOUR))

    told = compare(tables, theirs("1", reply=9 * 60))

    assert reasons(told, "first_reply") == {"business_time": 1}


def test_calendar_time_in_a_business_column_is_found_out(compare: Compare) -> None:
    tables = held(contact("1", first_response=25 * HOUR))

    told = compare(tables, theirs("1", reply=25 * 60, open=25 * 60))

    assert metric(told, "first_reply").exact == 1
    assert reasons(told, "first_reply_business") == {"calendar_time": 1}


def test_other_hours_are_told_where_the_time_itself_agrees(compare: Compare) -> None:
    tables = held(contact("1", first_response=25 * HOUR))

    told = compare(tables, theirs("1", reply=25 * 60, open=11 * 60))
    alone = compare(tables, theirs("1", reply=40 * 60, open=11 * 60))

    assert reasons(told, "first_reply_business") == {"other_hours": 1}
    assert reasons(alone, "first_reply_business") == {"unexplained": 1}


def test_business_time_of_ours_runs_in_the_hours_of_the_case() -> None:
    """From Monday at nine: 25 hours until the answer, 49 until it was solved."""
    times = {"first_response": 25 * HOUR, "resolution": 49 * HOUR}
    tables = held(
        contact("1", **times),
        contact("2", **times, schedules="always"),
        contact("3", **times, schedules="always 2026-03-03T09:00:00Z usual"),
    )
    always = NamedSchedule("always", Schedule(week=every(range(7), 0, 24 * HOUR)))
    hours = Hours(schedules=(always,))

    told = cases(tables, ["zendesk_tickets"], hours).sort("key")
    usual = cases(tables, ["zendesk_tickets"], Hours())

    assert told["first_response_business"].to_list() == [
        9 * HOUR,
        25 * HOUR,
        25 * HOUR,
    ]
    assert told["resolution_business"].to_list() == [17 * HOUR, 49 * HOUR, 33 * HOUR]
    assert usual["first_response_business"].to_list() == [9 * HOUR] * 3
    assert told.columns == usual.columns


def test_a_machine_that_answered_first_is_found_out(compare: Compare) -> None:
    """They count the automatic answer after two minutes, we the person's."""
    tables = held(
        contact("1", first_response=3 * HOUR, agent_messages=1),
        contact("2", first_response=3 * HOUR, agent_messages=1),
        events=[("1", 120, "system"), ("1", 150, "bot"), ("2", 120, "customer")],
    )
    rows = [theirs("1", reply=2, replies=3), theirs("2", reply=2, replies=3)]

    told = compare(tables, *rows)

    assert reasons(told, "first_reply") == {"bot_or_auto_reply": 1, "unexplained": 1}
    assert reasons(told, "replies") == {"bot_or_auto_reply": 1, "unexplained": 1}


def test_a_case_they_changed_after_our_version_may_differ(compare: Compare) -> None:
    early = START + timedelta(days=1)
    tables = held(
        contact("1", resolution=HOUR, updated_at=early),
        contact("2", resolution=HOUR),
        contact("3", updated_at=early),
    )
    rows = [theirs(number, solved=600) for number in "123"]

    told = compare(tables, *rows)

    assert reasons(told, "full_resolution") == {
        "changed_after_our_data": 1,
        "unexplained": 1,
        "updated_later": 1,
    }


def test_a_reopened_case_has_two_resolutions(compare: Compare) -> None:
    tables = held(contact("1", resolution=HOUR, first_response=HOUR, reopens=1))

    told = compare(tables, theirs("1", solved=600, reply=600))

    assert reasons(told, "full_resolution") == {"reopened": 1}
    assert reasons(told, "first_reply") == {"unexplained": 1}


def test_a_case_cut_into_several_contacts_adds_up(compare: Compare) -> None:
    """Two contacts of one case: counts add up, times run from the first start."""
    second = contact(
        "1", agent_messages=2, reopens=0, started_at=START + timedelta(days=9)
    )
    second |= {"source_contact_id": "1#2", "contact_id": "zendesk_tickets:1#2"}
    second |= {"resolved_at": after(10 * 24 * HOUR)}
    first = contact("1", first_response=HOUR, agent_messages=1, reopens=1)

    told = compare(
        held(second, first),
        theirs("1", replies=3, reopens=2, reply=60, solved=10 * 24 * 60),
    )

    assert told.matched == 1
    assert metric(told, "replies").exact == 1
    assert metric(told, "first_reply").exact == 1
    assert metric(told, "full_resolution").exact == 1
    assert reasons(told, "reopens") == {"several_contacts": 1}


def test_what_only_one_side_tells_is_told_apart(compare: Compare) -> None:
    tables = held(contact("1"), contact("2", first_response=HOUR), contact("4"))
    rows = [theirs("1", reply=5), theirs("2"), theirs("3", reply=5), theirs("4")]

    told = compare(tables, *rows)
    replied = metric(told, "first_reply")

    assert (replied.only_theirs, replied.only_ours, replied.neither) == (2, 1, 1)
    assert dict(replied.reasons) == {
        "not_in_our_store": 1,
        "not_told_by_our_exports": 1,
        "not_told_by_the_vendor": 1,
    }
    assert (told.cases, told.matched) == (4, 3)
    assert replied.share is None


def test_the_ids_of_what_does_not_agree_are_listed(compare: Compare) -> None:
    tables = held(contact("1", first_response=HOUR), contact("2", first_response=HOUR))

    told = compare(tables, theirs("1", reply=5), theirs("2", reply=60))

    [row] = told.rows.filter(pl.col("metric") == "first_reply").to_dicts()
    assert row == {
        "metric": "first_reply",
        "case": "1",
        "contact_id": "zendesk_tickets:1",
        "journey_id": "j1",
        "theirs": 300,
        "ours": 3600,
        "kind": "differs",
        "why": "unexplained",
    }


def test_of_several_versions_the_last_one_counts(compare: Compare) -> None:
    tables = held(contact("1", first_response=HOUR))
    late = theirs("1", reply=60, updated_at="2026-03-21T00:00:00Z")

    for rows in ([late, theirs("1", reply=5)], [theirs("1", reply=5), late]):
        told = compare(tables, *rows)
        assert told.cases == 1
        assert metric(told, "first_reply").exact == 1


def test_a_cell_that_is_no_figure_is_counted_and_not_compared(
    compare: Compare,
) -> None:
    tables = held(contact("1", first_response=HOUR))

    told = metric(compare(tables, theirs("1", reply="soon")), "first_reply")

    assert (told.unreadable, told.compared, told.only_ours) == (1, 0, 1)


numbers = st.one_of(st.none(), st.integers(0, 300))


@given(pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8))
def test_every_case_is_accounted_for_once(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[int | None, int | None]],
) -> None:
    """Again in plain Python: counts, medians and reasons add up to the file."""
    path = tmp_path_factory.mktemp("file") / "metrics.ndjson"
    rows = [theirs(f"{n}", reply=told) for n, (told, _) in enumerate(pairs, 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tables = held(
        *(contact(f"{n}", first_response=own) for n, (_, own) in enumerate(pairs, 1))
    )

    told = metric(
        reconcile(
            tables,
            CONFIG,
            path,
            source=None,
            tolerance=timedelta(minutes=1),
            now=NOW,
        ),
        "first_reply",
    )

    gaps = [60 * t - o for t, o in pairs if t is not None and o is not None]
    kinds = Counter((t is None, o is None) for t, o in pairs)
    assert told.exact == sum(gap == 0 for gap in gaps)
    assert told.within == sum(0 < abs(gap) <= 60 for gap in gaps)
    assert told.differs == sum(abs(gap) > 60 for gap in gaps)
    assert told.only_theirs == kinds[False, True]
    assert told.only_ours == kinds[True, False]
    assert told.neither == kinds[True, True]
    assert told.compared + told.only_theirs + told.only_ours + told.neither == (
        len(pairs)
    )
    assert sum(told.reasons.values()) == (
        told.differs + told.only_theirs + told.only_ours
    )
    assert told.median_difference == (statistics.median_low(gaps) if gaps else None)


class TestFiles:
    def test_every_column_is_one_of_ours_and_every_profile_exists(self) -> None:
        for kind in vendor_files():
            assert set(kind.profiles) <= set(shipped_names())
            for column in kind.columns.values():
                assert column.ours in OURS
                assert column.ours in cases(held(contact("1")), [], Hours()).columns

    def test_a_csv_in_any_capitals_is_recognised(self, tmp_path: Path) -> None:
        path = tmp_path / "tickets.csv"
        path.write_text(
            "Ticket id,Status,First Response Time (in hrs),Agent interactions\n"
            "7,Closed,01:30:00,2\n8,Closed,,\n"
        )
        kind = recognised(path)
        figures, unreadable = read_figures(path, kind)

        assert kind.name == "freshdesk_csv"
        assert figures[KEY].to_list() == ["7", "8"]
        assert figures["first_response"].to_list() == [5400, None]
        assert figures["agent_interactions"].to_list() == [2, None]
        assert unreadable == {"first_response": 0, "agent_interactions": 0}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "replies,reopens\n1,2\n",
                "nearest: Zendesk tickets, CSV with times in minutes, which has also "
                "Id, First",
            ),
            (
                '{"reopens": 1, "replies": 2}\n',
                "nearest: Zendesk ticket metrics, JSON, which has also ticket_id,",
            ),
            (
                '{"id": 1, "via": {}, "status": "open", "requester_id": 2, '
                '"created_at": "2026-03-02T09:00:00Z", "custom_fields": []}\n',
                "an export as zendesk_tickets reads it; nearest: Zendesk ticket "
                "metrics, JSON, which has also ticket_id,",
            ),
        ],
    )
    def test_a_file_without_its_figures_is_refused_with_the_nearest(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        path = tmp_path / "file"
        path.write_text(text)

        with pytest.raises(ExportError, match=said):
            recognised(path)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("name,city\na,b\n", "known here; known: zendesk"),
            ("Id,name\n1,a\n", "known here; known: zendesk"),
            ('{"ticket_id": 1}\n', "known here; known: zendesk"),
            ("# Read me\n\nWords.\n", "known here; known: zendesk"),
            (
                "1767261600|1.1|support|NONE|ENTERQUEUE||+15550100|1\n",
                "known here; it is an export as asterisk_queue_log reads it; known: z",
            ),
        ],
    )
    def test_where_few_columns_are_alike_no_other_vendor_is_named(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        path = tmp_path / "file"
        path.write_text(text)

        with pytest.raises(ExportError, match=said) as refused:
            recognised(path)
        assert "nearest" not in str(refused.value)

    def test_a_vendor_the_store_knows_nothing_of_is_refused(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "metrics.ndjson"
        path.write_text(json.dumps(theirs("1", reply=5)) + "\n")
        tables = held({**contact("1"), "source": "phones"})

        for source, error, said in (
            (None, ExportError, "holds no source read by zendesk_tickets"),
            ("phone", UsageError, "--source phone: did you mean phones?"),
        ):
            with pytest.raises(error, match=said):
                reconcile(
                    tables,
                    CONFIG,
                    path,
                    source=source,
                    tolerance=timedelta(),
                    now=NOW,
                )


class TestForms:
    @pytest.fixture
    def told(self, compare: Compare) -> Reconciliation:
        tables = held(contact("1", first_response=HOUR))
        return compare(tables, theirs("1", reply=5), theirs("2", reply=60))

    def test_it_is_what_its_published_schema_says(self, told: Reconciliation) -> None:
        schema = reconciliation_schema()
        printed = json.loads(render_reconciliation(told, "json"))

        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(printed, schema)
        assert set(printed) == set(schema["properties"])
        own = schema["$defs"]["metric"]["properties"]
        assert all(set(one) == set(own) for one in printed["metrics"])

    def test_every_reason_has_words(self) -> None:
        assert set(WHY) == {*DIFFERING, *ONE_SIDED}

    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_says_the_same(self, told: Reconciliation, form: str) -> None:
        text = render_reconciliation(told, form, ascii=True, min_cell=1)

        assert text.isascii()
        assert "unexplained" in text

    def test_csv_has_a_row_a_metric(self, told: Reconciliation) -> None:
        rows = list(csv.DictReader(io.StringIO(render_reconciliation(told, "csv"))))

        assert [row["metric"] for row in rows] == [m.metric for m in told.metrics]
        assert rows[0]["differs"] == "1"

    def test_small_counts_are_not_passed_on(self, told: Reconciliation) -> None:
        assert "unexplained" not in render_reconciliation(told, "md")
        assert "unexplained" in render_reconciliation(told, "table")

    def test_nothing_compared_is_no_agreement(self, compare: Compare) -> None:
        told = compare(held(contact("1")), theirs("1"))

        assert "There is nothing to compare." in render_reconciliation(told, "table")


def test_the_demo_company_agrees_with_its_helpdesk(world: Any) -> None:
    told = reconcile(
        world.tables,
        world.config,
        world.folder / "zendesk" / "ticket_metrics.ndjson",
        source=None,
        tolerance=timedelta(minutes=1),
        now=world.now,
    )

    assert told.sources == ("zendesk",)
    assert told.matched == told.cases > 50
    assert all(one.share == 1 for one in told.metrics)


SAMPLES = {
    "zendesk_json/ticket_metrics.ndjson": "zendesk_metrics",
    "_headers/zendesk_csv_export.csv": "zendesk_csv",
    "_headers/freshdesk_csv_export.csv": "freshdesk_csv",
    "_headers/freshservice_csv_export.csv": "freshservice_csv",
    "_headers/intercom_csv_export.csv": "intercom_csv",
    "servicenow/incident_data.csv": "servicenow",
    "amazon_connect/ctr_redelivered.ndjson": "amazon_connect",
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_vendors_own_samples_are_recognised(sample: str) -> None:
    path = VENDOR / sample
    if not path.exists():
        pytest.skip("the vendors' samples are not here")

    kind = recognised(path)
    figures, unreadable = read_figures(path, kind)

    assert kind.name == SAMPLES[sample]
    assert unreadable.keys() == set(figures.columns) & set(kind.columns)
    assert sum(unreadable.values()) == 0


def test_the_sample_of_zendesk_is_read_as_it_stands() -> None:
    """Ticket 160: reply 97667 minutes by the clock, 23040 in business hours."""
    path = VENDOR / "zendesk_json" / "ticket_metrics.ndjson"
    if not path.exists():
        pytest.skip("the vendors' samples are not here")

    figures, _ = read_figures(path, recognised(path))
    row = figures.filter(pl.col(KEY) == "160").to_dicts()[0]

    assert row["first_reply"] == 97_667 * 60
    assert row["first_reply_business"] == 23_040 * 60
    assert (row["reopens"], row["replies"], row["assignee_stations"]) == (1, 2, 1)
    assert row["full_resolution"] is None
    assert row["their_updated_at"] == datetime(2024, 8, 19, 16, 19, 27, tzinfo=UTC)
