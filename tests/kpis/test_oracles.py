"""Every KPI again in plain Python, row by row, on random tables."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import names, scoring, tables
from cxmap.baselines import count, needed, settle
from cxmap.definitions import Kpi, Measure, collect, collect_baselines

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


def began_open(row: Row) -> bool:
    ended = earliest(row, "resolved_at", "closed_at")
    running = row["status"] in ("new", "open", "pending", "on_hold")
    return row["started_at"] < SINCE and (running or ended is None or ended >= SINCE)


def net_flow(row: Row) -> Verdict:
    verdict = backlog(row)
    if verdict[0] != "counted":
        return verdict
    gone_undated = (
        row["status"] in ("solved", "closed")
        and row["resolved_at"] is None
        and row["closed_at"] is None
    )
    return counted(verdict[1] - (began_open(row) and not gone_undated))


def backlog_age_p90(row: Row) -> Verdict:
    verdict = backlog(row)
    if verdict[0] != "counted":
        told = verdict[0] != "merged_or_spam" or ended_or_told(row)
        return verdict if verdict[0] == "merged_or_spam" and told else OUT
    if not verdict[1]:
        return OUT
    return counted(int((UNTIL - row["started_at"]).total_seconds()))


def ended_or_told(row: Row) -> bool:
    """Tell whether a case that is no contact any more would have stood open."""
    running = row["status"] in ("new", "open", "pending", "on_hold")
    ended = earliest(row, "resolved_at", "closed_at")
    return running or (ended is not None and ended >= UNTIL)


def back_again(row: Row) -> bool:
    return bool(row["repeated"] or row["reopened"])


def not_silent_yet(row: Row) -> bool:
    touch, horizon = row["last_touch_at"], row["horizon_at"]
    if None in (touch, horizon):
        return True
    return bool(touch + span(row, "repeat_window_seconds") > horizon)


def resolution_rate(row: Row) -> Verdict:  # noqa: PLR0911
    if not row["inbound"]:
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    if row["resolved"] is not None:
        return counted(row["resolved"], confirmed=row["resolved"])
    if row["served"] is None:
        return left_out("served_unknown")
    if not row["served"]:
        return counted(False)
    if row["channel_group"] == "digital_self" and row["agent_id"] is None:
        return left_out("contained_unknown")
    if row["customer_id"] is None:
        return left_out("unidentified")
    return PENDING if not_silent_yet(row) else counted(not back_again(row))


def durable_resolution_rate(row: Row) -> Verdict:
    if not (row["inbound"] and row["resolved_by_export"]):
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    if row["customer_id"] is None:
        return left_out("unidentified")
    if not_silent_yet(row):
        return PENDING
    return counted(not back_again(row) and row["resolved"] is not False)


def failure_demand_rate(row: Row) -> Verdict:
    verdict = repeat_contact_rate(row)
    if verdict[0] != "counted":
        return verdict
    retried, chased = row["return_of"] == "retry", (row["chasers"] or 0) > 0
    return counted(bool(verdict[1] or retried or chased or row["reopened"]))


def contacts_per_resolution(row: Row) -> Verdict:
    if row["customer_id"] is None:
        return left_out("unidentified")
    if row["outcome"] in ("unknown", "contained_unknown"):
        return left_out("outcome_unknown")
    if row["closed"] is False:
        return PENDING
    if occasions(row) is None or row["outcome"] is None:
        return left_out("not_known")
    solved = int(row["outcome"] in ("resolved", "presumed"))
    return ("counted", (occasions(row), solved), False, True)


def contacts_per_order(row: Row) -> Verdict:
    return ("counted", (row["contacts"] or 0, row["orders"] or 0), False, True)


def attempt(row: Row, *, unserved: bool) -> Verdict:  # noqa: PLR0911
    if not row["inbound"]:
        return OUT
    if row["customer_id"] is None:
        return left_out("unidentified")
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    there = served(row)
    if there is None:
        return left_out("served_unknown")
    if there:
        live = row["channel_group"] in ("voice", "chat", "digital_self", "in_person")
        if live:
            return counted(not unserved)
        if row["waited_seconds"] is None:
            return left_out("time_unknown")
        return counted((row["waited_seconds"] <= 86_400) != unserved)
    later = row["served_after_seconds"]
    if later is not None and later <= 86_400:
        return counted(not unserved)
    touch, horizon = row["last_touch_at"] or row["started_at"], row["horizon_at"]
    if horizon is None or touch + DAY > horizon:
        return PENDING
    return counted(unserved)


def related(one: str, other: str) -> bool:
    mine, theirs = one.split("/"), other.split("/")
    shared = min(len(mine), len(theirs))
    return mine[:shared] == theirs[:shared]


def next_issue_rate(rows: list[Row]) -> Callable[[Row], Verdict]:
    def resolved(row: Row) -> bool:
        return row["outcome"] in ("resolved", "presumed") and row["contacts_after"] == 0

    pairs = [
        (row["topic"], row["next_journey_topic"])
        for row in rows
        if resolved(row)
        and None not in (row["customer_id"], row["topic"], row["next_journey_topic"])
        and row["next_journey_after_seconds"] is not None
        and row["next_journey_after_seconds"] <= 7 * 86_400
    ]
    both, first = Counter(pairs), Counter(one for one, _ in pairs)
    second = Counter(other for _, other in pairs)

    def judge(row: Row) -> Verdict:
        going_on = row["outcome"] == "open" and row["contacts_after"] == 0
        if not resolved(row) and not going_on:
            return OUT
        if row["customer_id"] is None:
            return left_out("unidentified")
        if row["topic"] is None:
            return left_out("topic_unknown")
        ended, horizon = row["journey_ended_at"], row["horizon_at"]
        if going_on or None in (ended, horizon) or ended + 7 * DAY > horizon:
            return PENDING
        pair, after = (
            (row["topic"], row["next_journey_topic"]),
            row["next_journey_after_seconds"],
        )
        if None in (*pair, after) or after > 7 * 86_400 or related(*pair):
            return counted(False)
        seen = both[pair]
        lift = seen * len(pairs) / (first[pair[0]] * second[pair[1]]) if seen else 0
        return counted(seen >= 1 and lift >= 0.5)

    return judge


TEXT = ("written", "messaging", "social", "chat")
OURS = ("new", "open", "on_hold")


def next_response_time(row: Row) -> Verdict:
    wait, more = row["next_response_seconds"], row["messages_after_answer"] or 0
    if not row["inbound"] or row["channel_group"] not in TEXT:
        return OUT
    if wait is None and more == 0:
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    return left_out("unreplied") if wait is None else counted(wait)


def waited_in(column: str, states: tuple[str, ...]) -> Callable[[Row], Verdict]:
    def judge(row: Row) -> Verdict:
        told, status = row[column], row["status"]
        if not row["inbound"] or told is None:
            return OUT
        if gone(row):
            return left_out("merged_or_spam")
        done = status in ("solved", "closed") or row["resolved_at"] is not None
        if done and status not in (*OURS, "pending"):
            return counted(told)
        running = between(row, "status_since_at", "source_horizon_at")
        still = max(0, running) if status in states and running is not None else 0
        return counted(told + still, ended=False)

    return judge


def survey_response_rate(rows: list[Row]) -> Callable[[Row], Verdict]:
    def judge(row: Row) -> Verdict:
        alike = [
            one["score"] is not None
            for one in rows
            if (one["source"], one["survey_type"])
            == (row["source"], row["survey_type"])
        ]
        if all(alike):
            return left_out("answers_only")
        return counted(row["score"] is not None)

    return judge


def first_resolution_time(row: Row) -> Verdict:
    took, status = row["first_resolution_seconds"], row["status"]
    dated = ("resolved_at", "closed_at", "resolution_seconds")
    solved = any(row[name] is not None for name in dated)
    if not row["inbound"] or (took is None and status is None and not solved):
        return OUT
    if gone(row):
        return left_out("merged_or_spam")
    if took is not None:
        return counted(took)
    if solved or status in ("solved", "closed") or (row["reopens"] or 0) > 0:
        return left_out("time_unknown")
    if status not in (*OURS, "pending"):
        return left_out("status_unknown")
    age = between(row, "started_at", "source_horizon_at")
    return counted(None if age is None else max(0, age), ended=False)


def silent_abandonment_rate(row: Row) -> Verdict:
    later, group = row["messages_after_answer"], row["channel_group"]
    if not row["inbound"] or group not in ("chat", "messaging") or later is None:
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    answer, horizon = row["first_response_at"], row["source_horizon_at"]
    if group == "messaging" and (None in (answer, horizon) or answer + DAY > horizon):
        return PENDING
    return counted(later == 0)


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


def csat_mean(row: Row) -> Verdict:
    what, value, *rest = ces({**row, "survey_type": "ces"})
    if row["survey_type"] != "csat" or what == "out":
        return OUT
    low, high, score = row["scale_min"], row["scale_max"], row["score"]
    if what != "counted" or value is None:
        return (what, value, *rest)  # type: ignore[return-value]
    part = (score - low) / (high - low)
    return counted(
        round(100 + 400 * (1 - part if row["high_is_good"] is False else part))
    )


def detractor_followup_rate(row: Row) -> Verdict:
    if not (answered(row, "nps") and row["score"] <= 6):
        return OUT
    if row["customer_id"] is None:
        return left_out("unidentified")
    if (row["scale_min"], row["scale_max"]) != (0, 10):
        return left_out("other_scale")
    if row["responded_at"] is None:
        return left_out("time_unknown")
    if row["horizon_at"] is None or row["responded_at"] + 7 * DAY > row["horizon_at"]:
        return PENDING
    after = row["followed_up_after_seconds"]
    return counted(after is not None and after <= 7 * 86_400)


def channel_response_gap(row: Row) -> Verdict:
    expected = {"chat": 60, "messaging": 900, "social": 14_400, "written": 28_800}
    group = row["channel_group"]
    if not row["inbound"] or group not in expected:
        return OUT
    told = dict(row)
    if group == "chat" and told["first_response_at"] is None:
        told["first_response_at"] = told["answered_at"]
    verdict = first_response_time({**told, "channel_group": "written"})
    if verdict[0] == "counted":
        if group == "chat" and not verdict[3]:
            return left_out("not_known")
        return ("counted", 1000 * verdict[1] // expected[group], False, verdict[3])
    return verdict


def inbound_with(column: str) -> Callable[[Row], Verdict]:
    return lambda row: counted(row[column] is not None) if row["inbound"] else OUT


def worked_on(row: Row) -> bool:
    live = row["channel_group"] in ("voice", "chat") and row["channel"] != "voicemail"
    return bool(row["inbound"] and live and served(row))


def handled_for(row: Row) -> int | None:
    talk, work = row["talk_seconds"], row["wrap_up_seconds"]
    if talk is None or work is None:
        return None
    return int(talk + work + (row["hold_seconds"] or 0))


def after_contact_work_ratio(row: Row) -> Verdict:
    if not worked_on(row):
        return OUT
    took = handled_for(row)
    if took is None:
        return left_out("not_known")
    return ("counted", (row["wrap_up_seconds"], took), False, True)


def acw_exceeds_talk_rate(row: Row) -> Verdict:
    if not worked_on(row):
        return OUT
    known = handled_for(row) is not None
    return counted(row["wrap_up_seconds"] > row["talk_seconds"] if known else None)


def hold_rate(row: Row) -> Verdict:
    if not worked_on(row) or row["channel_group"] != "voice":
        return OUT
    held = row["hold_seconds"]
    return counted(None if held is None else held > 0)


def counts_once(row: Row, value: Any) -> Verdict:
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    return counted(value)


def stations_per_contact(row: Row) -> Verdict:
    if not (row["inbound"] and served(row)):
        return OUT
    return counts_once(row, row["stations"])


def escalation_rate(row: Row) -> Verdict:
    raised = row["escalations"]
    value = None if raised is None else raised > 0
    return counts_once(row, value) if row["inbound"] else OUT


def by_bot(row: Row) -> bool:
    told = row["handed_off"] is not None or row["disposition"] == "bot_handled"
    return told or row["channel"] == "bot"


def taken_over(row: Row) -> bool | None:
    if row["handed_off"] is not None:
        return bool(row["handed_off"])
    if row["disposition"] == "handled" or row["next_continuity"] == "transfer":
        return True
    return None if row["disposition"] in (None, "unknown") else False


def containment_rate(row: Row) -> Verdict:
    over = taken_over(row)
    return counts_once(row, None if over is None else not over) if by_bot(row) else OUT


def beyond(row: Row, since: datetime, days: int) -> bool:
    return row["horizon_at"] is None or since + days * DAY > row["horizon_at"]


def true_containment_rate(row: Row) -> Verdict:
    if not by_bot(row):
        return OUT
    if row["disposition"] in ("merged", "spam") or row["customer_id"] is None:
        return of_nobody(row)
    if beyond(row, row["last_touch_at"] or row["started_at"], 1):
        return PENDING
    again = row["again_after_seconds"]
    return counted(not taken_over(row) and (again is None or again > 86_400))


def of_nobody(row: Row) -> Verdict:
    merged = row["disposition"] in ("merged", "spam")
    return left_out("merged_or_spam" if merged else "unidentified")


def self_service_escape_rate(row: Row) -> Verdict:
    if row["channel_group"] != "digital_self":
        return OUT
    if row["disposition"] in ("merged", "spam") or row["customer_id"] is None:
        return of_nobody(row)
    if beyond(row, row["last_touch_at"] or row["started_at"], 1):
        return PENDING
    limit = 24 if row["next_rule"] in ("reference", "same_topic") else 2
    gap, group = row["next_gap_seconds"], row["next_channel_group"]
    soon = gap is not None and gap <= limit * 3600
    return counted(soon and group not in (None, "digital_self"))


def bot_resolution_rate(row: Row) -> Verdict:
    over, resolved = taken_over(row), row["resolved"]
    if not by_bot(row):
        return OUT
    bad = resolved is False or row["reopened"] is True or over is True
    value = False if bad else None if over is None else True
    return (
        counts_once(row, value)
        if value is None or row["disposition"] in ("merged", "spam")
        else counted(value, confirmed=resolved is True)
    )


def was_offered(row: Row) -> bool:
    end = row["disposition"]
    ends = ("handled", *LEFT, "unanswered", "missed", "overflowed")
    queued = row["queue_seconds"] is not None or row["queued_at"] is not None
    live = row["channel_group"] in ("voice", "chat") and row["channel"] != "voicemail"
    return row["inbound"] and live and end != "voicemail" and (queued or end in ends)


LEFT = ("abandoned", "short_abandoned")


def short_abandonment_rate(row: Row) -> Verdict:
    if not was_offered(row):
        return OUT
    end, wait = row["disposition"], row["queue_seconds"]
    if end in (None, "unknown"):
        return left_out("not_known")
    return counted(end == LEFT[1] or (end == LEFT[0] and wait in range(6)))


def service_level(row: Row) -> Verdict:
    if not was_offered(row):
        return OUT
    wait = row["queue_seconds"]
    if served(row):
        return counted(None if wait is None else wait <= 20)
    return counted(None if row["disposition"] in (None, "unknown") else False)


def unanswered_rate(row: Row) -> Verdict:  # noqa: PLR0911
    group, end = row["channel_group"], row["disposition"]
    written = group in ("written", "messaging", "social")
    if not (written or was_offered(row)):
        return OUT
    if end in ("merged", "spam"):
        return left_out("merged_or_spam")
    if served(row) is None:
        return left_out("served_unknown")
    if served(row) or end in LEFT:
        return counted(False)
    if not written:
        return counted(end in ("unanswered", "missed", "overflowed"))
    waited, days = row["waited_seconds"], row["waited_business_days"]
    if group == "written":
        return counted(True) if days is not None and days >= 3 else PENDING
    return counted(True) if waited is not None and waited > 86_400 else PENDING


def social_within_24h(row: Row) -> Verdict:
    if not row["inbound"] or row["channel_group"] != "social":
        return OUT
    if row["disposition"] in ("merged", "spam"):
        return left_out("merged_or_spam")
    took = row["first_response_seconds"]
    if took is None:
        took = between(row, "started_at", "first_response_at")
    if took is not None:
        return counted(took <= 86_400)
    if served(row) is not False:
        return left_out("time_unknown" if served(row) else "served_unknown")
    over = earliest(row, "resolved_at", "closed_at", "ended_at")
    held = row["source_horizon_at"]
    waits = held is None or row["started_at"] + DAY > held
    return PENDING if over is None and waits else counted(False)


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
    "backlog_age_p90": backlog_age_p90,
    "net_flow": net_flow,
    "resolution_rate": resolution_rate,
    "durable_resolution_rate": durable_resolution_rate,
    "repeat_customer_rate": repeat_contact_rate,
    "failure_demand_rate": failure_demand_rate,
    "contacts_per_resolution": contacts_per_resolution,
    "contacts_per_order": contacts_per_order,
    "systems_per_journey": lambda row: of_closed(row, row["systems"]),
    "friction_journey_rate": lambda row: of_closed(
        row, None if row["frictions"] is None else row["frictions"] > 0
    ),
    "reachability": lambda row: attempt(row, unserved=False),
    "unserved_customers": lambda row: attempt(row, unserved=True),
    "handle_time": lambda row: counted(handled_for(row)) if worked_on(row) else OUT,
    "after_contact_work_ratio": after_contact_work_ratio,
    "acw_exceeds_talk_rate": acw_exceeds_talk_rate,
    "hold_rate": hold_rate,
    "stations_per_contact": stations_per_contact,
    "escalation_rate": escalation_rate,
    "containment_rate": containment_rate,
    "true_containment_rate": true_containment_rate,
    "self_service_escape_rate": self_service_escape_rate,
    "bot_resolution_rate": bot_resolution_rate,
    "short_abandonment_rate": short_abandonment_rate,
    "service_level": service_level,
    "unanswered_rate": unanswered_rate,
    "social_within_24h": social_within_24h,
    "csat_mean": csat_mean,
    "detractor_followup_rate": detractor_followup_rate,
    "channel_response_gap": channel_response_gap,
    "next_response_time": next_response_time,
    "requester_wait_time": waited_in("requester_wait_seconds", OURS),
    "agent_wait_time": waited_in("agent_wait_seconds", ("pending",)),
    "first_resolution_time": first_resolution_time,
    "silent_abandonment_rate": silent_abandonment_rate,
    "csat": csat,
    "nps": nps,
    "ces": ces,
    "identified_share": inbound_with("customer_id"),
    "comparable_topic_share": inbound_with("topic"),
}


OF_ALL: dict[str, Callable[[list[Row]], Callable[[Row], Verdict]]] = {
    "next_issue_rate": next_issue_rate,
    "survey_response_rate": survey_response_rate,
}
"""Those that judge a row by all that is held."""

OPTIONS: dict[str, dict[str, Any]] = {"next_issue_rate": {"at_least": 1, "percent": 50}}
"""Options under which sixty random rows say something."""


OUR_CALL = tables.conform(
    pl.DataFrame({"direction": ["outbound"], "inbound": [False]}), "contacts"
)
"""One contact of our own accord, so that following up can be seen at all."""


def once(pairs: list[tuple[int, int]], how: str | None) -> tuple[int, int]:
    x, n = sum(x for x, _ in pairs), sum(n for _, n in pairs)
    if how is None:
        return x, n
    return int(x == n if how == "all" else x > 0), 1


def counted_by_hand(frame: pl.DataFrame, kpi: Kpi, measure: Measure) -> dict[str, Any]:
    """Return what the whole of a KPI's partials must hold."""
    reasons: Counter[str] = Counter()
    spread: Counter[tuple[str | None, int, bool]] = Counter()
    customers: dict[object, list[tuple[int, int]]] = defaultdict(list)
    confirmed: Counter[object] = Counter()
    pending: Counter[object] = Counter()
    rows = frame.to_dicts()
    judge = OF_ALL[kpi.name](rows) if kpi.name in OF_ALL else ORACLES[kpi.name]
    for place, row in enumerate(rows):
        at, who = row[kpi.at], row["customer_id"] or place
        if at >= UNTIL or (at < SINCE and kpi.membership == "starts"):
            continue
        what, value, proven, ended = judge(row)
        if what == "counted":
            if measure.form in ("survival", "quantile", "gap"):
                group = row["channel_group"] if measure.form == "gap" else None
                spread[group, value, ended] += 1
            x = int(ended) if measure.form in ("survival", "gap") else value
            customers[who].append(x if isinstance(x, tuple) else (x, 1))
            confirmed[who] += proven
        elif what == "pending":
            pending[who] += 1
        elif what != "out":
            reasons[what] += 1
    told = {who: once(pairs, measure.once) for who, pairs in customers.items()}
    pairs = list(told.values())
    if measure.once:
        pending = Counter(dict.fromkeys(pending.keys() - told.keys(), 1))
    sums = {
        "x": sum(x for x, _ in pairs),
        "n": sum(n for _, n in pairs),
        "xx": sum(x * x for x, _ in pairs),
        "xn": sum(x * n for x, n in pairs),
        "nn": sum(n * n for _, n in pairs),
        "customers": sum(n > 0 for _, n in pairs),
        "confirmed": confirmed.total(),
        "pending": pending.total(),
    }
    return {"sums": sums, "reasons": reasons, "values": +spread}


@pytest.mark.parametrize("name", [*ORACLES, *OF_ALL])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_plain_python_counts_the_same(
    random_table: Callable[[int, str, int], pl.DataFrame], name: str, seed: int
) -> None:
    kpi = collect("kpis")[name]
    measure: Measure = kpi.bind(OPTIONS.get(name, {}))
    frame = random_table(seed, kpi.over, 60)
    by_hand = counted_by_hand(frame, kpi, measure)
    needs = needed([kpi], collect_baselines())
    held = {"contacts": OUR_CALL, kpi.over: frame}

    parts = scoring.partials(
        {kpi.over: frame},
        {name: (kpi, measure)},
        periods={"current": (SINCE, UNTIL)},
        baselines=settle([count(held, needs)], needs),
    )

    [sums] = parts.sums.drop("kpi", "period", "cell").to_dicts()
    if measure.confirmed is None:
        by_hand["sums"]["confirmed"] = 0
    assert sums == by_hand["sums"]
    assert dict(parts.exclusions.select("reason", "rows").iter_rows()) == dict(
        by_hand["reasons"]
    )
    spread = {
        (g, v, e): n
        for g, v, e, n in parts.values.select(
            "group", "value", "ended", "rows"
        ).iter_rows()
    }
    assert spread == dict(by_hand["values"])


def test_every_kpi_has_an_oracle() -> None:
    shown = {name for name, kpi in collect("kpis").items() if kpi.shown != "lab"}

    assert {*ORACLES, *OF_ALL} == shown
