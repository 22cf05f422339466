"""Every KPI again in plain Python, row by row, on random tables."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import names, scoring
from cxmap.definitions import Kpi, Measure, collect

Row = dict[str, Any]
Verdict = tuple[str, Any, bool, bool]
"""counted, pending, out, or a reason; the value; confirmed; ended."""

SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
OUT: Verdict = ("out", None, False, False)
PENDING: Verdict = ("pending", None, False, False)
DAY = timedelta(days=1)


def counted(value: Any, *, confirmed: bool = False, ended: bool = True) -> Verdict:
    if value is None:
        return left_out("not_known")
    return ("counted", int(value), confirmed and bool(value), ended)


def left_out(reason: str) -> Verdict:
    return (reason, None, False, False)


def span(row: Row, window: str) -> timedelta:
    return timedelta(seconds=row[window] or 0)


def between(row: Row, start: str, end: str) -> int | None:
    if row[start] is None or row[end] is None:
        return None
    return int((row[end] - row[start]).total_seconds())


def earliest(row: Row, *moments: str) -> datetime | None:
    held = [row[moment] for moment in moments if row[moment] is not None]
    return min(held, default=None)


def served(row: Row) -> bool | None:
    """Tell whether somebody answered; solved counts as served."""
    return row["served"] if row["served"] is not None else row["resolved"] or None


def first_contact_resolution(row: Row) -> Verdict:
    if row["customer_id"] is None:
        return left_out("unidentified")
    if row["trigger_id"] is None:
        reasons = {
            None: "served_unknown",
            False: "not_served",
            True: "served_otherwise",
        }
        return left_out(reasons[row["served"]])
    start, touch = row["trigger_started_at"], row["trigger_touch_at"]
    window, held = span(row, "trigger_window_seconds"), row["trigger_source_since_at"]
    if None not in (start, held) and start - window < held:
        return left_out("history_too_short")
    horizon = row["horizon_at"]
    if None in (touch, horizon) or touch + window > horizon:
        return PENDING
    failed = row["trigger_repeated"] or row["trigger_reopened"]
    return counted(
        not failed and row["trigger_resolved"] is not False,
        confirmed=row["trigger_resolved"] is True,
    )


def next_contact_avoidance(row: Row) -> Verdict:
    if not row["inbound"]:
        return OUT
    if row["customer_id"] is None or row["merged"]:
        return left_out("merged" if row["customer_id"] else "unidentified")
    if not served(row):
        return left_out("served_unknown" if served(row) is None else "not_served")
    window, held = span(row, "repeat_window_seconds"), row["source_since_at"]
    if held is not None and row["started_at"] - window < held:
        return left_out("history_too_short")
    touch, horizon = row["last_touch_at"], row["horizon_at"]
    if None in (touch, horizon) or touch + window > horizon:
        return PENDING
    failed = row["repeated"] or row["reopened"] or row["resolved"] is False
    return counted(not failed, confirmed=row["resolved"] is True)


def of_closed(row: Row, value: Any, *, confirmed: bool = False) -> Verdict:
    if row["customer_id"] is None:
        return left_out("unidentified")
    if row["closed"] is False:
        return PENDING
    return counted(value, confirmed=confirmed)


def occasions(row: Row) -> int | None:
    if row["contacts"] is None:
        return None
    return max(1, row["contacts"] - (row["merged"] or 0))


def one_contact_resolution(row: Row) -> Verdict:
    if row["outcome"] in (None, "unknown"):
        return of_closed(row, None)
    met = row["outcome"] in ("resolved", "presumed")
    if row["contacts"] is None:
        one = None if met and not row["reopened"] else False
    else:
        one = met and occasions(row) == 1 and not row["reopened"]
    return of_closed(row, one, confirmed=row["confirmed"] is True)


def on_the_ladder(step: str) -> Callable[[Row], Verdict]:
    def judge(row: Row) -> Verdict:
        if row["customer_id"] is None:
            return left_out("unidentified")
        if row["ladder"] == "open":
            return PENDING
        return counted(None if row["ladder"] is None else row["ladder"] == step)

    return judge


def repeat_contact_rate(row: Row) -> Verdict:
    if not row["inbound"]:
        return OUT
    if row["customer_id"] is None or row["merged"]:
        return left_out("merged" if row["customer_id"] else "unidentified")
    window, held = span(row, "repeat_window_seconds"), row["source_since_at"]
    if held is not None and row["started_at"] - window < held:
        return left_out("history_too_short")
    return counted(row["repeats_contact_id"] is not None)


def channel_switch_rate(row: Row) -> Verdict:
    if (row["contacts"] or 0) < 2:
        return OUT
    switches = row["switches"]
    return of_closed(row, None if switches is None else switches > 0)


def restart_rate(row: Row) -> Verdict:
    if row["continuity"] is None or row["switch"] is None:
        return OUT
    if row["continuity"] == "unknown":
        return left_out("unproven")
    return counted(row["continuity"] == "restart")


def written_inbound(row: Row) -> bool:
    return row["inbound"] and row["channel_group"] in ("written", "messaging", "social")


def first_response_time(row: Row) -> Verdict:
    if not written_inbound(row):
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    took = row["first_response_seconds"]
    if took is None:
        took = between(row, "started_at", "first_response_at")
    if took is not None:
        return counted(took)
    if served(row) is not False:
        return left_out("time_unknown" if served(row) else "served_unknown")
    over = earliest(row, "source_horizon_at", "resolved_at", "closed_at", "ended_at")
    if over is None:
        return left_out("not_known")
    waited = max(0, int((over - row["started_at"]).total_seconds()))
    return counted(waited, ended=False)


def first_response_time_business(row: Row) -> Verdict:
    if not written_inbound(row):
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    took = row["first_response_business_seconds"]
    if took is not None:
        return counted(took)
    if served(row) is not False:
        return left_out("time_unknown" if served(row) else "served_unknown")
    return counted(row["unanswered_business_seconds"], ended=False)


def out_of_hours_reply_share(row: Row) -> Verdict:
    if not (written_inbound(row) and served(row)):
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    if row["answered_in_hours"] is None:
        return left_out("time_unknown")
    return counted(not row["answered_in_hours"])


def gone(row: Row) -> bool:
    return row["disposition"] in ("merged", "spam") or row["status"] in (
        "merged",
        "deleted",
    )


def resolution_time(row: Row) -> Verdict:
    took = row["resolution_seconds"]
    for moment in ("resolved_at", "closed_at"):
        took = between(row, "started_at", moment) if took is None else took
    if not row["inbound"] or (took is None and row["status"] is None):
        return OUT
    if gone(row):
        return left_out("merged_or_spam")
    if took is None and row["status"] in ("solved", "closed"):
        return left_out("time_unknown")
    if took is None and row["status"] == "unknown":
        return left_out("status_unknown")
    running = row["status"] in ("new", "open", "pending", "on_hold")
    if took is not None and not running:
        return counted(took)
    age = between(row, "started_at", "source_horizon_at")
    return counted(None if age is None else max(0, age), ended=False)


def journey_resolution_time(row: Row) -> Verdict:
    if row["customer_id"] is None:
        return left_out("unidentified")
    took, outcome = row["resolution_seconds"], row["outcome"]
    if row["closed"]:
        if outcome in ("unresolved", "abandoned", "unanswered"):
            return left_out(outcome)
        if outcome not in ("resolved", "presumed"):
            return left_out("outcome_unknown")
        return left_out("time_unknown") if took is None else counted(took)
    lasted = between(row, "started_at", "ended_at")
    if took is not None and lasted is not None and lasted <= took:
        return counted(took)
    age = between(row, "started_at", "horizon_at")
    return counted(None if age is None else max(0, age), ended=False)


def speed_of_answer(row: Row) -> Verdict:
    queued = row["queue_seconds"] is not None
    live = row["channel_group"] in ("voice", "chat") and row["channel"] != "voicemail"
    if not (row["inbound"] and live and queued and served(row)):
        return OUT
    return counted(row["queue_seconds"])


def abandonment_rate(row: Row) -> Verdict:
    end, wait = row["disposition"], row["queue_seconds"]
    left = "abandoned", "short_abandoned"
    offered = ("handled", *left, "unanswered", "missed", "overflowed")
    queued = wait is not None or row["queued_at"] is not None
    live = row["channel_group"] in ("voice", "chat") and row["channel"] != "voicemail"
    here = row["inbound"] and live and end != "voicemail"
    if not (here and (queued or end in offered)):
        return OUT
    if end == "short_abandoned" or (end == "abandoned" and wait in range(6)):
        return left_out("short_abandoned")
    return counted(None if end in (None, "unknown") else end == "abandoned")


def transfer_rate(row: Row) -> Verdict:
    if not (row["inbound"] and served(row)):
        return OUT
    return counted(None if row["transfers"] is None else row["transfers"] > 0)


def reopen_rate(row: Row) -> Verdict:
    solved_at = row["resolved_at"] or row["closed_at"]
    done, reopens = row["status"] in ("solved", "closed"), row["reopens"]
    if not row["inbound"] or not (solved_at or done or reopens):
        return OUT
    if gone(row):
        return left_out("merged_or_spam")
    at, horizon = solved_at or row["last_touch_at"], row["source_horizon_at"]
    if None in (at, horizon) or at + 7 * DAY > horizon:
        return PENDING
    after = row["reopened_after_seconds"]
    if after is not None:
        return counted(after <= 7 * 86_400)
    return counted(None if reopens is None else reopens > 0)


def backlog(row: Row) -> Verdict:
    if not written_inbound(row):
        return OUT
    if gone(row):
        return left_out("merged_or_spam")
    if row["status"] in ("new", "open", "pending", "on_hold"):
        return counted(True)
    ended = earliest(row, "resolved_at", "closed_at")
    if ended is None:
        return counted(False if row["status"] in ("solved", "closed") else None)
    return counted(ended >= UNTIL)


def answered(row: Row, survey: str) -> bool:
    return row["survey_type"] == survey and row["score"] is not None


def csat(row: Row) -> Verdict:
    if not answered(row, "csat"):
        return OUT
    low, high, score = row["scale_min"], row["scale_max"], row["score"]
    if None in (low, high) or low >= high:
        return counted(None)
    best = low if row["high_is_good"] is False else high
    missed = abs(best - score) if low <= score <= high else score - high
    allowed = 0 if high - low < 3 else 1 if high - low <= 10 else (high - low) / 4
    return counted(missed <= allowed)


def nps(row: Row) -> Verdict:
    if not answered(row, "nps"):
        return OUT
    if (row["scale_min"], row["scale_max"]) != (0, 10):
        return left_out("other_scale")
    return counted(1 if row["score"] >= 9 else -1 if row["score"] <= 6 else 0)


def ces(row: Row) -> Verdict:
    if not answered(row, "ces"):
        return OUT
    low, high, score = row["scale_min"], row["scale_max"], row["score"]
    if None in (low, high) or low >= high:
        return counted(None)
    if row["high_is_good"] is False:
        score = low + high - score
    return counted(round(100 + 600 * (score - low) / (high - low)))


def inbound_with(column: str) -> Callable[[Row], Verdict]:
    return lambda row: counted(row[column] is not None) if row["inbound"] else OUT


ORACLES: dict[str, Callable[[Row], Verdict]] = {
    "first_contact_resolution": first_contact_resolution,
    "next_contact_avoidance": next_contact_avoidance,
    "one_contact_resolution": one_contact_resolution,
    **{
        f"ladder_{step}": on_the_ladder(step) for step in names.LADDER if step != "open"
    },
    "repeat_contact_rate": repeat_contact_rate,
    "contacts_per_journey": lambda row: of_closed(row, occasions(row)),
    "channel_switch_rate": channel_switch_rate,
    "restart_rate": restart_rate,
    "first_response_time": first_response_time,
    "first_response_time_business": first_response_time_business,
    "out_of_hours_reply_share": out_of_hours_reply_share,
    "resolution_time": resolution_time,
    "journey_resolution_time": journey_resolution_time,
    "speed_of_answer": speed_of_answer,
    "abandonment_rate": abandonment_rate,
    "transfer_rate": transfer_rate,
    "reopen_rate": reopen_rate,
    "backlog": backlog,
    "csat": csat,
    "nps": nps,
    "ces": ces,
    "identified_share": inbound_with("customer_id"),
    "comparable_topic_share": inbound_with("topic"),
}


def counted_by_hand(frame: pl.DataFrame, kpi: Kpi) -> dict[str, Any]:
    """Return what the whole of a KPI's partials must hold."""
    total: dict[str, Any] = defaultdict(int)
    reasons: Counter[str] = Counter()
    spread: Counter[tuple[int, bool]] = Counter()
    customers: dict[object, list[int]] = defaultdict(lambda: [0, 0])
    for place, row in enumerate(frame.to_dicts()):
        at = row[kpi.at]
        if at >= UNTIL or (at < SINCE and kpi.membership == "starts"):
            continue
        what, value, confirmed, ended = ORACLES[kpi.name](row)
        if what == "counted":
            timed = kpi.bind({}).form == "survival"
            x = int(ended) if timed else value
            spread[value, ended] += timed
            mine = customers[row["customer_id"] or place]
            mine[0], mine[1] = mine[0] + x, mine[1] + 1
            total["confirmed"] += confirmed
        elif what == "pending":
            total["pending"] += 1
        elif what != "out":
            reasons[what] += 1
    sums = {
        "x": sum(x for x, _ in customers.values()),
        "n": sum(n for _, n in customers.values()),
        "xx": sum(x * x for x, _ in customers.values()),
        "xn": sum(x * n for x, n in customers.values()),
        "nn": sum(n * n for _, n in customers.values()),
        "customers": len(customers),
        "confirmed": total["confirmed"],
        "pending": total["pending"],
    }
    return {"sums": sums, "reasons": reasons, "values": +spread}


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_plain_python_counts_the_same(
    random_table: Callable[[int, str, int], pl.DataFrame], name: str, seed: int
) -> None:
    kpi = collect("kpis")[name]
    measure: Measure = kpi.bind({})
    frame = random_table(seed, kpi.over, 60)
    by_hand = counted_by_hand(frame, kpi)

    parts = scoring.partials(
        {kpi.over: frame}, {name: (kpi, measure)}, periods={"current": (SINCE, UNTIL)}
    )

    [sums] = parts.sums.drop("kpi", "period", "cell").to_dicts()
    if measure.confirmed is None:
        by_hand["sums"]["confirmed"] = 0
    assert sums == by_hand["sums"]
    assert dict(parts.exclusions.select("reason", "rows").iter_rows()) == dict(
        by_hand["reasons"]
    )
    spread = {
        (v, e): n
        for v, e, n in parts.values.select("value", "ended", "rows").iter_rows()
    }
    assert spread == dict(by_hand["values"])


def test_every_kpi_has_an_oracle() -> None:
    assert set(ORACLES) == set(collect("kpis"))
