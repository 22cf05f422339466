"""Every definition that stands in the lab again in plain Python, on random tables."""

import statistics
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import scoring
from cxmap.config import load_config
from cxmap.definitions import Kpi, collect
from cxmap.measures import Result, finish
from cxmap.pipeline import bound_kpis

Row = dict[str, Any]
Verdict = object
"""A number that counts, OUT, or a reason."""

Counted = Callable[..., Result]

SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
OUT = object()

LAB: dict[str, Kpi] = {
    name: kpi for name, kpi in collect("kpis").items() if kpi.shown == "lab"
}


def both(*parts: bool | None) -> bool | None:
    """Tell whether all hold; null where one is not known and none is false."""
    if False in parts:
        return False
    return None if None in parts else True


def at_most(count: int | None, most: int) -> bool | None:
    return None if count is None else count <= most


def gone(row: Row) -> bool:
    return row["disposition"] in ("merged", "spam") or row["status"] in (
        "merged",
        "deleted",
    )


def done(row: Row) -> bool:
    return bool(row["inbound"]) and row["status"] in ("solved", "closed")


def told(value: float | None) -> Verdict:
    return "not_known" if value is None else value


def of_done(judge: Callable[[Row], Verdict]) -> Callable[[Row], Verdict]:
    def judged(row: Row) -> Verdict:
        if not done(row):
            return OUT
        return "merged_or_spam" if gone(row) else judge(row)

    return judged


def one_reply(row: Row) -> Verdict:
    if row["agent_messages"] == 0:
        return "zero_touch"
    return told(at_most(row["agent_messages"], 1))


def intercom(row: Row) -> Verdict:
    if row["agents"] == 0:
        return "nobody_in_it"
    return told(both(at_most(row["reopens"], 0), at_most(row["agents"], 1)))


def servicenow(row: Row) -> Verdict:
    return told(
        both(
            at_most(row["reopens"], 0),
            at_most(row["agent_messages"], 1),
            at_most(row["customer_messages"], 1),
        )
    )


def written(row: Row) -> bool:
    return row["channel_group"] in ("written", "messaging", "social")


def zammad(row: Row) -> Verdict:
    if not done(row) or not written(row):
        return OUT
    if gone(row):
        return "merged_or_spam"
    ends = [row[name] for name in ("resolved_at", "closed_at") if row[name]]
    if not ends:
        return "not_known"
    return min(ends) - row["started_at"] <= timedelta(minutes=15)


def survey(row: Row) -> Verdict:
    if row["survey_type"] != "fcr" or row["score"] is None:
        return OUT
    low, high = row["scale_min"], row["scale_max"]
    if None in (low, high) or low >= high:
        return "not_known"
    bad = row["high_is_good"] is False
    return row["score"] <= low if bad else row["score"] >= high


def first_answer(row: Row) -> Verdict:
    if not row["inbound"] or not written(row):
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return "merged_or_spam"
    took = row["first_response_seconds"]
    if took is None and row["first_response_at"] is not None:
        took = int((row["first_response_at"] - row["started_at"]).total_seconds())
    if took is not None:
        return took
    served = row["served"] if row["served"] is not None else row["resolved"] or None
    return {None: "served_unknown", True: "time_unknown"}.get(served, "no_answer_yet")


def rated(judge: Callable[[float, float, float], Verdict]) -> Callable[[Row], Verdict]:
    def judged(row: Row) -> Verdict:
        if row["survey_type"] != "csat" or row["score"] is None:
            return OUT
        low, high, score = row["scale_min"], row["scale_max"], row["score"]
        if None in (low, high) or low >= high:
            return "not_known"
        return judge(low, high, low + high - score if turned(row) else score)

    return judged


def turned(row: Row) -> bool:
    return row["high_is_good"] is False


def good_or_bad(low: float, high: float, score: float) -> Verdict:
    middle = (low + high) / 2
    return "neither_good_nor_bad" if score == middle else score > middle


def part_of_maximum(low: float, high: float, score: float) -> Verdict:
    return "not_known" if high <= 0 else round(10_000 * score / high) / 100


def reopened(row: Row) -> Verdict:
    dated = row["resolved_at"] is not None or row["closed_at"] is not None
    again = (row["reopens"] or 0) > 0
    if not row["inbound"] or not (dated or done(row) or again):
        return OUT
    if gone(row):
        return "merged_or_spam"
    return told(None if row["reopens"] is None else again)


ORACLES: dict[str, Callable[[Row], Verdict]] = {
    "fcr_zendesk_one_touch": of_done(
        lambda row: told(at_most(row["agent_messages"], 1))
    ),
    "fcr_dbt_one_reply": of_done(one_reply),
    "fcr_intercom": of_done(intercom),
    "fcr_servicenow": of_done(servicenow),
    "fcr_zammad": zammad,
    "fcr_survey": survey,
    "frt_answered_median": first_answer,
    "frt_answered_mean": first_answer,
    "csat_good_or_bad": rated(good_or_bad),
    "csat_percent_of_maximum": rated(part_of_maximum),
    "reopen_rate_counted": reopened,
}


def value_of(name: str, numbers: list[Any]) -> float | None:
    if not numbers:
        return None
    if name == "frt_answered_median":
        return statistics.median_low(numbers)
    return sum(numbers) / len(numbers)


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_plain_python_counts_the_same(
    random_table: Callable[[int, str, int], pl.DataFrame], name: str, seed: int
) -> None:
    kpi = LAB[name]
    frame = random_table(seed, kpi.over, 80)
    if kpi.name == "fcr_survey":
        frame = frame.with_columns(survey_type=pl.lit("fcr"))
    inside = [row for row in frame.to_dicts() if SINCE <= row[kpi.at] < UNTIL]
    verdicts = [v for v in map(ORACLES[name], inside) if v is not OUT]
    numbers = [v for v in verdicts if not isinstance(v, str)]
    bound = {name: (kpi, kpi.bind({}))}

    parts = scoring.partials(
        {kpi.over: frame}, bound, periods={"current": (SINCE, UNTIL)}
    )
    [result] = finish(parts, bound)

    assert result.n == len(numbers)
    assert result.pending == 0
    assert dict(result.excluded) == Counter(v for v in verdicts if isinstance(v, str))
    assert result.value == pytest.approx(value_of(name, numbers))


def test_every_definition_of_the_lab_has_an_oracle() -> None:
    assert set(ORACLES) == set(LAB)


def test_none_of_them_stands_on_the_scorecard() -> None:
    """What only the lab shows never has a word on the usual scorecard."""
    assert bound_kpis(load_config(None)).keys().isdisjoint(LAB)


@pytest.mark.parametrize("name", LAB)
def test_why_a_row_fails_never_moves_the_number(
    random_table: Callable[[int, str, int], pl.DataFrame], name: str
) -> None:
    """A row is told to fail only where it does not count as met."""
    kpi = LAB[name]
    measure = kpi.bind({})
    frame = random_table(7, kpi.over, 300)

    for condition in measure.failing.values():
        met = frame.filter(measure.of.fill_null(False) & condition.fill_null(False))
        assert met.is_empty()


def test_a_case_closed_without_an_answer_is_one_touch_and_no_reply(
    counted: Counted,
) -> None:
    """
    status agent_messages
    solved 0
    solved 1
    closed 2
    open   1
    solved –
    """
    one_touch = counted("fcr_zendesk_one_touch")
    one_reply = counted("fcr_dbt_one_reply")

    assert (one_touch.numerator, one_touch.n) == (2, 3)
    assert (one_reply.numerator, one_reply.n) == (1, 2)
    assert dict(one_reply.excluded) == {"zero_touch": 1, "not_known": 1}


def test_what_one_count_shows_to_fail_needs_no_other(counted: Counted) -> None:
    """
    status reopens agents customer_messages agent_messages
    solved 1       –      –                 –
    solved –       2      2                 –
    solved –       1      1                 1
    solved 0       1      1                 1
    solved 0       0      1                 1
    """
    intercom, servicenow = counted("fcr_intercom"), counted("fcr_servicenow")

    assert (intercom.numerator, intercom.n) == (1, 3)
    assert dict(intercom.excluded) == {"not_known": 1, "nobody_in_it": 1}
    assert (servicenow.numerator, servicenow.n) == (2, 4)
    assert dict(servicenow.excluded) == {"not_known": 1}


def test_a_quarter_of_an_hour_is_inclusive(counted: Counted) -> None:
    """
    status channel_group resolved_at closed_at
    closed written       03-02_09:15 03-09_09:00
    closed written       03-02_09:16 –
    closed written       –           03-02_09:15
    closed written       –           –
    closed voice         03-02_09:01 –
    """
    zammad = counted("fcr_zammad")
    longer = counted("fcr_zammad", within=timedelta(minutes=16))

    assert (zammad.numerator, zammad.n) == (2, 3)
    assert (longer.numerator, longer.n) == (3, 3)


def test_whoever_still_waits_is_left_out_and_not_forgotten(counted: Counted) -> None:
    """
    channel_group disposition first_response_seconds served
    written       handled     1h                     yes
    written       handled     3h                     yes
    written       unanswered  –                      no
    written       handled     –                      yes
    written       merged      1h                     yes
    voice         handled     1h                     yes
    """
    median, mean = counted("frt_answered_median"), counted("frt_answered_mean")

    assert (median.value, median.n) == (3600, 2)
    assert (mean.value, mean.n) == (7200, 2)
    assert dict(median.excluded) == {
        "no_answer_yet": 1,
        "time_unknown": 1,
        "merged_or_spam": 1,
    }


def test_the_middle_of_a_scale_is_neither_good_nor_bad(counted: Counted) -> None:
    """
    survey_type score scale_min scale_max high_is_good
    csat        1     0         1         yes
    csat        3     1         5         yes
    csat        4     1         5         yes
    csat        4     1         5         no
    nps         9     0         10        yes
    csat        4     –         –         yes
    """
    zendesk = counted("csat_good_or_bad")
    percent = counted("csat_percent_of_maximum")

    assert (zendesk.numerator, zendesk.n) == (2, 3)
    assert dict(zendesk.excluded) == {"neither_good_nor_bad": 1, "not_known": 1}
    assert percent.value == pytest.approx((100 + 60 + 80 + 40) / 4)


def test_a_reopening_counts_however_late_it_came(counted: Counted) -> None:
    """
    status reopens reopened_after_seconds resolved_at
    solved 1       90d                    03-02_10:00
    solved 0       –                      03-02_10:00
    solved –       –                      03-02_10:00
    open   0       –                      –
    """
    reopened = counted("reopen_rate_counted")

    assert (reopened.numerator, reopened.n, reopened.pending) == (1, 2, 0)
