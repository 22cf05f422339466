"""Definitions applied to tables: periods, segments, what is missing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import polars as pl
import pytest

from cxmap import scoring, tables
from cxmap.definitions import Measure, collect, kpi
from cxmap.measures import share
from cxmap.scorecard import Score

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = (datetime(2026, 2, 1, tzinfo=UTC), MARCH[0])
PERIODS = {"current": MARCH, "previous": FEBRUARY}
KPIS = collect("kpis")


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return tables.conform(pl.DataFrame(rows, infer_schema_length=None), name)


def bound(*kpis: str) -> scoring.Bound:
    return {name: (KPIS[name], KPIS[name].bind({})) for name in kpis}


def contacts(*starts: datetime, **columns: object) -> pl.DataFrame:
    usual = {"customer_id": "ana", "inbound": True, **columns}
    return table("contacts", [{"started_at": at, **usual} for at in starts])


def scored(
    held: dict[str, pl.DataFrame],
    *kpis: str,
    by: tuple[str, ...] = (),
    zone: str = "UTC",
    targets: dict[str, float] | None = None,
    missing: dict[str, tuple[str, ...]] | None = None,
    changed: tuple[str, ...] = (),
    min_cell: int = 0,
) -> list[Score]:
    chosen = bound(*kpis)
    parts = scoring.partials(held, chosen, periods=PERIODS, by=by, zone=zone)
    return scoring.scores(
        parts,
        chosen,
        targets=targets or {},
        missing=missing or {},
        coverage_changed=changed,
        min_cell=min_cell,
    )


def test_a_period_ends_before_its_end() -> None:
    held = contacts(
        MARCH[0], MARCH[1], MARCH[0] - timedelta(seconds=1), FEBRUARY[0], FEBRUARY[0]
    )

    [score] = scored({"contacts": held}, "identified_share")

    assert score.n == 1
    assert (score.previous, score.change) == (1.0, 0.0)


def test_a_stock_is_what_was_there_whenever_it_began() -> None:
    held = contacts(
        datetime(2025, 1, 1, tzinfo=UTC),
        MARCH[0],
        MARCH[1],
        channel_group="written",
        status="open",
    )

    [score] = scored({"contacts": held}, "backlog")

    assert (score.value, score.previous) == (2, 1)


def test_a_month_begins_at_midnight_in_the_zone() -> None:
    held = contacts(
        datetime(2026, 3, 31, 21, 59, tzinfo=UTC),
        datetime(2026, 3, 31, 22, 0, tzinfo=UTC),
    )

    told = scored(
        {"contacts": held}, "identified_share", by=("month",), zone="Europe/Berlin"
    )

    assert [(score.by, score.n) for score in told] == [
        ({}, 2),
        ({"month": "2026-03"}, 1),
        ({"month": "2026-04"}, 1),
    ]


def test_a_journey_is_cut_by_its_first_contact() -> None:
    held = table(
        "journeys",
        [
            {
                "customer_id": "ana",
                "started_at": MARCH[0],
                "first_channel": "email",
                "first_channel_group": "written",
                "last_channel": "voice",
                "ladder": "best",
            }
        ],
    )

    told = scored({"journeys": held}, "ladder_best", by=("channel_group", "channel"))

    assert told[1].by == {"channel": "email", "channel_group": "written"}


def test_an_answer_is_cut_by_the_contact_it_is_about() -> None:
    about = table("contacts", [{"contact_id": "c1", "channel": "voice"}])
    usual = {
        "customer_id": "ana",
        "at": MARCH[0],
        "survey_type": "csat",
        "score": 5.0,
        "scale_min": 1.0,
        "scale_max": 5.0,
        "channel": "email",
        "source": "the surveys",
    }
    answers = table(
        "surveys",
        [
            {**usual, "contact_id": "c1", "contact_source": "calls"},
            {**usual, "contact_id": None, "contact_source": None},
        ],
    )

    told = scored(
        {"contacts": about, "surveys": answers}, "csat", by=("channel", "source")
    )

    assert [score.by for score in told] == [
        {},
        {"channel": "email", "source": None},
        {"channel": "voice", "source": "calls"},
    ]


def test_what_the_exports_never_say_is_missing() -> None:
    held = {"contacts": contacts(MARCH[0], first_response_at=MARCH[0])}

    assert scoring.missing_inputs(held, KPIS["transfer_rate"]) == ("transfers",)
    assert scoring.missing_inputs(held, KPIS["first_response_time"]) == ()
    assert scoring.missing_inputs(held, KPIS["csat"]) == ("score",)
    assert scoring.missing_inputs(held, KPIS["resolution_time"]) == (
        "resolution_seconds|resolved_at|closed_at",
    )


def test_a_kpi_that_needs_something_has_no_value() -> None:
    held = {"contacts": contacts(MARCH[0], served=True, transfers=1)}

    [score] = scored(
        held,
        "transfer_rate",
        by=("channel",),
        targets={"transfer_rate": 0.1},
        missing={"transfer_rate": ("transfers",)},
    )

    assert (score.value, score.n, score.status) == (None, 0, "–")
    assert score.missing_inputs == ("transfers",)


def test_the_order_is_the_callers_and_the_whole_comes_first() -> None:
    held = {"contacts": contacts(MARCH[0], channel="voice")}

    told = scored(held, "identified_share", "comparable_topic_share", by=("channel",))

    assert [(score.kpi, bool(score.by)) for score in told] == [
        ("identified_share", False),
        ("identified_share", True),
        ("comparable_topic_share", False),
        ("comparable_topic_share", True),
    ]


def test_small_cells_are_marked_by_customers_not_rows() -> None:
    many = [MARCH[0] + timedelta(hours=hour) for hour in range(20)]
    held = {"contacts": contacts(*many)}

    assert [s.suppressed for s in scored(held, "identified_share", min_cell=2)] == [
        True
    ]
    assert [s.suppressed for s in scored(held, "identified_share", min_cell=1)] == [
        False
    ]


def test_changed_coverage_takes_the_mark_away() -> None:
    now = [MARCH[0] + timedelta(hours=hour) for hour in range(200)]
    before = [FEBRUARY[0] + timedelta(hours=hour) for hour in range(200)]
    held = pl.concat(
        [contacts(*now, customer_id=None), contacts(*before)]
    ).with_columns(
        customer_id=pl.col("customer_id") + pl.int_range(400).cast(pl.String)
    )

    [marked] = scored({"contacts": held}, "identified_share")
    [unmarked] = scored(
        {"contacts": held}, "identified_share", changed=("identified_share",)
    )

    assert (marked.change, marked.marked) == (-1, True)
    assert (unmarked.change, unmarked.marked) == (-1, False)


def test_no_period_before_is_no_change() -> None:
    chosen = bound("identified_share")
    parts = scoring.partials(
        {"contacts": contacts(MARCH[0])}, chosen, periods={"current": MARCH}
    )

    [score] = scoring.scores(parts, chosen, targets={}, missing={})

    assert (score.previous, score.change, score.marked) == (None, None, False)


@pytest.mark.parametrize(
    ("given", "variant"), [({}, "lenient"), ({"variant": "strict"}, "strict")]
)
def test_a_score_names_the_rule_set_that_was_chosen(
    given: dict[str, str], variant: str
) -> None:
    @kpi(over="contacts", unit="share", better="higher", section="speed")
    def kept(*, variant: Literal["lenient", "strict"] = "lenient") -> Measure:
        """Contacts that kept the promise."""
        return share(pl.col("served") if variant == "strict" else pl.lit(value=True))

    chosen = {"kept": (kept, kept.bind(given))}
    held = {"contacts": contacts(MARCH[0], served=False)}
    parts = scoring.partials(held, chosen, periods={"current": MARCH})

    [score] = scoring.scores(parts, chosen, targets={}, missing={})

    assert (score.variant, score.value) == (variant, variant == "lenient")


def test_a_kpi_of_one_rule_set_has_the_usual_variant() -> None:
    [score] = scored({"contacts": contacts(MARCH[0])}, "identified_share")

    assert score.variant == "default"


def test_a_score_is_plain_json() -> None:
    [score] = scored({"contacts": contacts(MARCH[0])}, "identified_share")

    assert json.loads(json.dumps(vars(score), allow_nan=False))["value"] == 1


@pytest.mark.parametrize("name", ["sums", "values", "exclusions"])
def test_parts_have_the_columns_of_their_tables(name: str) -> None:
    by_themselves = [name for name, kpi in KPIS.items() if not kpi.needs]
    parts = scoring.partials(
        {"contacts": contacts(MARCH[0])}, bound(*by_themselves), periods=PERIODS
    )

    assert getattr(parts, name).schema == tables.schema(name)


def of_segment(only: dict[str, tuple[str | None, ...]]) -> Score:
    topics = ("billing", "billing/refund", "billings", "delivery", None)
    day = datetime(2026, 3, 5, tzinfo=UTC)
    rows = [
        {"started_at": day, "inbound": True, "topic": topic, "channel": channel}
        for topic in topics
        for channel in ("voice", "chat")
    ]
    parts = scoring.partials(
        {"contacts": table("contacts", rows)},
        bound("identified_share"),
        periods=PERIODS,
        only={"current": only},
    )
    (score,) = scoring.scores(
        parts, bound("identified_share"), targets={}, missing={}, coverage_changed=()
    )
    return score


@pytest.mark.parametrize(
    ("only", "n"),
    [
        ({}, 10),
        ({"channel": ("voice",)}, 5),
        ({"channel": ("voice", "chat")}, 10),
        ({"topic": ("billing",)}, 4),
        ({"topic": ("billing/refund",)}, 2),
        ({"topic": (None,)}, 2),
        ({"topic": (None, "delivery"), "channel": ("chat",)}, 2),
        ({"channel": ("fax",)}, 0),
    ],
)
def test_a_segment_counts_alone_and_a_topic_with_those_below_it(
    only: dict[str, tuple[str | None, ...]], n: int
) -> None:
    assert of_segment(only).n == n


def test_a_period_that_is_not_named_counts_whole() -> None:
    held = {"contacts": contacts(FEBRUARY[0], FEBRUARY[0], channel="voice")}
    parts = scoring.partials(
        held,
        bound("identified_share"),
        periods=PERIODS,
        only={"current": {"channel": ("chat",)}},
    )
    counts = dict(parts.sums.select("period", "n").iter_rows())

    assert counts == {"current": 0, "previous": 2}
