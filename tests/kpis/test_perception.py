"""What do customers say?"""

from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest

from cxmap import scoring, tables
from cxmap.baselines import count, needed, settle
from cxmap.definitions import collect, collect_baselines
from cxmap.measures import Result, finish

Counted = Callable[..., Result]


def test_satisfied_is_the_top_two_boxes_of_any_usual_scale(counted: Counted) -> None:
    """
    survey_type score scale_min scale_max high_is_good
    csat        4     1         5         yes
    csat        3.9   1         5         yes
    csat        6     1         7         –
    csat        5     1         7         –
    csat        9     0         10        yes
    csat        8     0         10        yes
    csat        1     0         1         yes
    csat        0     0         1         yes
    csat        2     1         3         yes
    csat        75    0         100       yes
    csat        74    0         100       yes
    csat        2     1         5         no
    csat        3     1         5         no
    """
    satisfied = counted("csat")

    assert (satisfied.numerator, satisfied.n) == (6, 13)


def test_no_answer_is_no_dissatisfaction(counted: Counted) -> None:
    """
    survey_type score scale_min scale_max
    csat        –     1         5
    csat        5     –         –
    csat        5     5         5
    nps         9     0         10
    """
    satisfied = counted("csat")

    assert satisfied.value is None
    assert satisfied.excluded == {"not_known": 2}


def test_promoters_less_detractors_are_points(counted: Counted) -> None:
    """
    survey_type score scale_min scale_max
    nps         10    0         10
    nps         9     0         10
    nps         8     0         10
    nps         7     0         10
    nps         6     0         10
    nps         5     1         5
    nps         9     –         –
    csat        10    0         10
    """
    points = counted("nps")

    assert (points.value, points.n) == (20, 5)
    assert points.excluded == {"other_scale": 2}


def test_effort_is_told_as_ease_from_one_to_seven(counted: Counted) -> None:
    """
    survey_type score scale_min scale_max high_is_good
    ces         7     1         7         yes
    ces         5     1         5         no
    ces         3     1         5         no
    ces         –     1         7         yes
    ces         3     –         –         yes
    ces         3     3         3         yes
    """
    ease = counted("ces")

    assert ease.value == pytest.approx((7 + 1 + 4) / 3)
    assert (ease.n, dict(ease.excluded)) == (3, {"not_known": 2})


def test_a_share_of_contacts_says_whom_the_figures_speak_for(counted: Counted) -> None:
    """
    customer_id inbound topic
    ana         yes     billing
    –           yes     –
    –           no      billing
    """
    identified = counted("identified_share")
    comparable = counted("comparable_topic_share")

    assert (identified.numerator, identified.n) == (1, 2)
    assert (comparable.numerator, comparable.n) == (1, 2)


def test_nobody_can_follow_up_unseen(drawn: Callable[[str], pl.DataFrame]) -> None:
    """
    survey_type score scale_min scale_max responded_at followed_up_after_seconds
    nps         3     0         10        03-02_09:00  –
    nps         9     0         10        03-02_09:00  –
    """
    kpi = collect("kpis")["detractor_followup_rate"]
    needs = needed([kpi], collect_baselines())
    bound = {kpi.name: (kpi, kpi.bind({}))}
    calls = {"direction": ["outbound", "inbound"], "inbound": [False, True]}
    held = tables.conform(pl.DataFrame(calls), "contacts")
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    horizon = pl.lit(datetime(2026, 6, 1, tzinfo=UTC)).dt.cast_time_unit("us")
    answers = drawn("surveys").with_columns(horizon_at=horizon)

    def told(contacts: pl.DataFrame) -> tuple[float | None, int, dict[str, int]]:
        parts = scoring.partials(
            {"surveys": answers},
            bound,
            periods={"current": year},
            baselines=settle([count({"contacts": contacts}, needs)], needs),
        )
        [whole] = finish(parts, bound)
        return whole.value, whole.n, dict(whole.excluded)

    assert told(held) == (0, 1, {})
    assert told(held.filter("inbound")) == (None, 0, {"outbound_not_held": 1})
