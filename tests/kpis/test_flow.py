"""What comes in, what stays and whom nobody reached."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import scoring
from cxmap.definitions import collect
from cxmap.measures import Result, finish

Counted = Callable[..., Result]
DAY = timedelta(days=1)


def values(frame: pl.DataFrame, since: datetime, until: datetime) -> dict[str, float]:
    kpis = {name: collect("kpis")[name] for name in ("backlog", "net_flow")}
    bound = {name: (kpi, kpi.bind({})) for name, kpi in kpis.items()}
    parts = scoring.partials(
        {"contacts": frame}, bound, periods={"current": (since, until)}
    )
    return {one.kpi: one.value or 0 for one in finish(parts, bound)}


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), days=st.integers(0, 40), long=st.integers(1, 40))
def test_the_net_flow_is_what_the_backlog_grew_by(
    random_table: Callable[[int, str, int], pl.DataFrame],
    seed: int,
    days: int,
    long: int,
) -> None:
    since = datetime(2026, 1, 10, tzinfo=UTC) + days * DAY
    until = since + long * DAY
    frame = random_table(seed, "contacts", 60)

    here = values(frame, since, until)
    before = values(frame, since - DAY, since)

    assert here["net_flow"] == here["backlog"] - before["backlog"]


def test_whoever_is_always_served_within_a_day_is_reached(counted: Counted) -> None:
    """
    customer_id  channel_group  served  waited_seconds  served_after_seconds
    ana          voice          yes     –               –
    ana          written        yes     24h             –
    ben          voice          no      –               24h
    cem          voice          yes     –               –
    cem          voice          no      –               25h
    dan          written        yes     25h             –
    eva          voice          no      –               –
    fay          written        yes     –               –
    gus          voice          –       –               –
    –            voice          yes     –               –
    """
    reached, unserved = counted("reachability"), counted("unserved_customers")

    assert (reached.numerator, reached.n) == (2, 5)
    assert (unserved.value, unserved.n) == (3, 5)
    assert reached.excluded == {
        "unidentified": 1,
        "served_unknown": 1,
        "time_unknown": 1,
    }


def test_who_may_still_be_called_back_is_pending(counted: Counted) -> None:
    """
    customer_id  channel_group  served  last_touch_at  served_after_seconds
    ana          voice          no      05-31_00:00    –
    ben          voice          no      05-31_00:01    –
    cem          voice          no      05-31_00:01    3h
    """
    reached = counted("reachability")

    assert (reached.numerator, reached.n, reached.pending) == (1, 2, 1)


def test_a_backlog_is_as_old_as_nine_in_ten_of_its_cases(counted: Counted) -> None:
    """
    channel_group  status  started_at   resolved_at
    written        open    12-30_00:00  –
    written        open    12-20_00:00  –
    written        solved  12-01_00:00  12-02_00:00
    written        –       12-01_00:00  –
    voice          open    12-01_00:00  –
    """
    oldest = counted("backlog_age_p90")

    assert (oldest.value, oldest.n) == (12 * 86_400, 2)


@pytest.mark.parametrize(("topics", "value"), [("", 4), ("complaint, order/status", 6)])
def test_failure_demand_is_what_should_not_have_been_needed(
    counted: Counted, topics: str, value: int
) -> None:
    """
    repeats_contact_id  return_of          chasers  reopened  topic
    c0                  –                  –        –         bill
    –                   retry              –        –         bill
    –                   –                  1        –         bill
    –                   –                  0        yes       bill
    –                   campaign_response  0        no        bill
    –                   –                  –        –         complaint/price
    –                   –                  –        –         order/status
    –                   –                  –        –         complaints
    –                   –                  –        –         –
    """
    found = counted("failure_demand_rate", topics=topics)

    assert (found.numerator, found.n) == (value, 9)


def test_silence_after_an_answer_is_presumed_and_a_status_confirmed(
    counted: Counted,
) -> None:
    """
    resolved  served  repeated  channel_group  last_touch_at  customer_id
    yes       yes     yes       voice          03-02_10:00    ana
    –         yes     no        voice          03-02_10:00    ana
    –         yes     yes       voice          03-02_10:00    ana
    –         no      no        voice          03-02_10:00    ana
    no        yes     no        voice          03-02_10:00    ana
    –         yes     no        voice          05-26_10:00    ana
    –         yes     no        digital_self   03-02_10:00    ana
    –         –       no        voice          03-02_10:00    ana
    –         yes     no        voice          03-02_10:00    –
    yes       yes     no        voice          03-02_10:00    –
    """
    found = counted("resolution_rate")

    assert (found.numerator, found.n, found.pending) == (3, 6, 1)
    assert (found.confirmed, found.presumed) == (2, 1)
    assert found.excluded == {
        "contained_unknown": 1,
        "served_unknown": 1,
        "unidentified": 1,
    }


def test_a_resolution_lasts_unless_the_customer_comes_back_or_denies_it(
    counted: Counted,
) -> None:
    """
    resolved_by_export  resolved  repeated  reopened  last_touch_at
    yes                 yes       no        no        03-02_10:00
    yes                 yes       yes       no        03-02_10:00
    yes                 yes       –         yes       03-02_10:00
    yes                 no        no        no        03-02_10:00
    yes                 yes       no        no        05-26_10:00
    –                   yes       no        no        03-02_10:00
    no                  no        no        no        03-02_10:00
    """
    found = counted("durable_resolution_rate")

    assert (found.numerator, found.n, found.pending) == (1, 4, 1)


def test_what_was_given_up_costs_contacts_and_resolves_nothing(
    counted: Counted,
) -> None:
    """
    contacts  merged  outcome            closed
    3         1       resolved           yes
    1         –       presumed           yes
    4         0       abandoned          yes
    9         0       open               no
    2         0       contained_unknown  yes
    """
    found = counted("contacts_per_resolution")

    assert (found.numerator, found.n, found.pending) == (7, 2, 1)
    assert found.value == 3.5
