"""What events tell of the inside of contacts, against a plain walk through them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.options import Hours, Schedule
from cxmap.sources.inside import with_inside
from cxmap.tables import FACTS, conform

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS = Hours(Schedule(week=(((0, 86_400),),) * 7), assumed=False)
DONE = ("solved", "closed")
OURS = ("new", "open", "on_hold")
HOUR = 3600

Line = tuple[int, str]
"""Seconds after START, and who wrote; or `solve`."""


def frames(
    *cases: Sequence[dict[str, Any]], **facts: Any
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Contacts that begin at START and their events, `s` seconds after it."""
    contacts = [
        {
            "source": "desk",
            "source_contact_id": str(number),
            "channel": "email",
            "direction": "inbound",
            "started_at": START,
            **facts,
        }
        for number, _ in enumerate(cases, 1)
    ]
    events = [
        {
            "source": "desk",
            "source_contact_id": str(number),
            "record_key": f"{place:03}",
            "content": "",
            **{name: value for name, value in event.items() if name != "s"},
            "at": START + timedelta(seconds=event["s"]),
        }
        for number, case in enumerate(cases, 1)
        for place, event in enumerate(case)
    ]
    whole = conform(pl.DataFrame(contacts), "contact_records")
    told = conform(pl.DataFrame(events, infer_schema_length=None), "event_records")

    return (
        whole.select("source", "source_contact_id", *FACTS),
        told.with_columns(taken_down=pl.lit(None, pl.Boolean)),
    )


def line(seconds: int, who: str | None, **more: Any) -> dict[str, Any]:
    if who == "solve":
        return {"s": seconds, "event_type": "solved", **more}
    return {
        "s": seconds,
        "event_type": "message_sent",
        "actor_type": who,
        "public": True,
        **more,
    }


def change(
    seconds: int, to: str, of: str | None = None, who: str | None = None
) -> dict[str, Any]:
    return {
        "s": seconds,
        "event_type": to if to in DONE else "status_changed",
        "actor_type": who,
        "from_value": of,
        "to_value": to,
    }


BOTH = (line(0, "customer"), line(60, "human"))
"""A case that shows that the export tells the messages of both sides."""

PENDED = (
    change(0, "open"),
    change(5, "pending", "open"),
    change(9, "open", "pending"),
    line(9, "human"),
)
"""A case that shows that the export tells of pending cases, and of questions."""


def told(*case: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """What is told of a case, beside others that show what its export tells."""
    contacts, events = frames(case, BOTH, PENDED, **facts)
    rows = with_inside(contacts, events, hours=ALWAYS)
    return rows.filter(source_contact_id="1").to_dicts()[0]


def walked(lines: Sequence[Line]) -> dict[str, Any]:
    """What a plain walk through a conversation tells."""
    waits: list[int] = []
    found: dict[str, Any] = {"replies": 0, "unreplied_runs": 0, "asked_again_at": None}
    run: int | None = None
    answered, after, machines = False, 0, False
    before, spoke, solved = "", None, False
    for at, who in lines:
        if who == "solve":
            solved = run is not None
            continue
        if who == "bot":
            machines = True
            continue
        if who == "customer":
            if run is not None and solved:
                found["unreplied_runs"] += 1
                if machines and not answered:
                    found["asked_again_at"] = START + timedelta(seconds=at)
                run = None
            if run is None:
                run, machines, solved = at, False, False
            after += answered
        else:
            if run is not None and answered:
                waits.append(at - run)
            found["replies"] += before != "human"
            run, answered, solved = None, True, False
        before = who
    owed = run is not None and not solved
    found["unreplied_runs"] += run is not None
    found["owed_since_at"] = START + timedelta(seconds=run or 0) if owed else None
    found["messages_after_answer"] = after if answered else None
    ordered = sorted(waits)
    middle = (len(ordered) - 1) // 2
    found["next_response_seconds"] = ordered[middle] if ordered else None
    found["longest_response_seconds"] = max(waits, default=None)
    found["longest_response_business_seconds"] = max(waits, default=None)
    ends = [at for at, who in lines if who == "solve"]
    spoken = [
        who for at, who in lines if who != "solve" and at <= max(ends, default=at)
    ]
    spoke = spoken[-1] if spoken else None
    found["customer_spoke_last"] = None if spoke is None else spoke == "customer"

    return found


LINES = st.lists(
    st.tuples(
        st.integers(61, 9 * 24 * HOUR),
        st.sampled_from(["customer", "customer", "human", "bot", "solve"]),
    ),
    max_size=14,
    unique_by=lambda one: one[0],
).map(sorted)


@settings(max_examples=60, deadline=None)
@given(conversations=st.lists(LINES, min_size=1, max_size=4))
def test_a_plain_walk_through_each_conversation_tells_the_same(
    conversations: list[list[Line]],
) -> None:
    cases = [[line(*one) for one in lines] for lines in conversations]
    contacts, events = frames(*cases, BOTH)
    shuffled = events.sample(fraction=1.0, shuffle=True, seed=7)
    rows = with_inside(contacts, shuffled, hours=ALWAYS).to_dicts()

    for lines, row in zip(conversations, rows, strict=False):
        wanted = walked(lines)
        if all(who == "solve" for _, who in lines):
            wanted = dict.fromkeys(wanted)
        assert {name: row[name] for name in wanted} == wanted


Change = tuple[int, str]


def stood(changes: Sequence[Change]) -> dict[str, Any]:
    """What a plain walk through the statuses of an open case tells."""
    state, since, quiet = "open", 0, [0]
    ours = theirs = 0
    first = None
    for at, to in changes:
        ours += (at - since) * (state in OURS)
        theirs += (at - since) * (state == "pending")
        quiet.append((at - since) * (state in OURS))
        if to in DONE and state not in DONE and first is None:
            first = at
        state, since = to, at

    return {
        "requester_wait_seconds": ours,
        "agent_wait_seconds": theirs,
        "first_resolution_seconds": first,
        "status_since_at": START + timedelta(seconds=since),
        "last_event_at": START + timedelta(seconds=since),
        "longest_silence_seconds": max(quiet) or None,
        "longest_silence_business_seconds": max(quiet) or None,
    }


CHANGES = st.lists(
    st.tuples(
        st.integers(1, 9 * 24 * HOUR),
        st.sampled_from(["new", "open", "pending", "on_hold", "solved", "closed"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[0],
).map(sorted)


@settings(max_examples=50, deadline=None)
@given(changes=CHANGES)
def test_a_plain_walk_through_the_statuses_tells_the_same(
    changes: list[Change],
) -> None:
    states = ["open", *(to for _, to in changes)]
    case = [change(at, to, of) for (at, to), of in zip(changes, states, strict=False)]
    row = told(*case, status=states[-1])
    wanted = stood(changes)

    assert {name: row[name] for name in wanted} == wanted


def test_several_messages_of_an_agent_in_a_row_are_one_reply() -> None:
    row = told(
        line(0, "customer"),
        line(60, "human"),
        line(90, "human"),
        line(95, "bot"),
        line(99, "human"),
        line(200, "customer"),
        line(260, "human"),
    )

    assert (row["replies"], row["messages_after_answer"]) == (2, 1)
    assert row["next_response_seconds"] == 60


def test_the_median_of_an_even_number_of_waits_is_the_lower_one() -> None:
    row = told(
        *BOTH,
        line(100, "customer"),
        line(110, "human"),
        line(200, "customer"),
        line(250, "human"),
    )

    assert (row["next_response_seconds"], row["longest_response_seconds"]) == (10, 50)


def test_who_writes_several_times_waits_from_the_first_message() -> None:
    row = told(*BOTH, line(100, "customer"), line(150, "customer"), line(190, "human"))

    assert row["next_response_seconds"] == 90


def test_notes_and_automatic_messages_answer_nobody() -> None:
    note = {**line(150, "human"), "event_type": "note_added", "public": False}
    hidden = line(160, "human", public=False)
    row = told(*BOTH, line(100, "customer"), note, hidden, line(170, "system"))

    assert (row["replies"], row["unreplied_runs"]) == (1, 1)
    assert row["owed_since_at"] == START + timedelta(seconds=100)
    assert row["customer_spoke_last"] is True


def test_what_an_agent_takes_down_at_the_start_is_no_reply() -> None:
    row = told(line(0, "human"), line(500, "human"))

    assert (row["replies"], row["unreplied_runs"]) == (1, 0)
    assert told(line(61, "human"))["replies"] == 1
    assert told(line(60, "human"))["replies"] == 0
    assert told(line(60, "human"), channel="chat")["replies"] == 1
    assert told(line(0, "human"), direction="outbound")["replies"] == 1


def test_of_equal_times_the_record_decides_and_a_message_stands_before_a_solve() -> (
    None
):
    answer_first = told(
        *BOTH, line(100, "customer"), line(100, "human"), line(100, "solve")
    )
    assert (answer_first["unreplied_runs"], answer_first["owed_since_at"]) == (0, None)
    asked_after = told(*BOTH, line(100, "human"), line(100, "customer"))
    assert asked_after["unreplied_runs"] == 1
    solved = told(*BOTH, line(100, "solve"), line(100, "customer"))
    assert (solved["owed_since_at"], solved["customer_spoke_last"]) == (None, True)


def test_a_message_of_nobody_knows_whom_may_be_an_answer() -> None:
    row = told(*BOTH, line(100, None))

    assert row["replies"] is None
    assert row["customer_spoke_last"] is None
    assert row["last_event_at"] == START + timedelta(seconds=100)


def test_an_answer_the_messages_do_not_show_makes_them_tell_nothing() -> None:
    case = [line(0, "customer")]

    assert told(*case)["unreplied_runs"] == 1
    assert told(*case, agent_messages=0)["unreplied_runs"] == 1
    assert told(*case, agent_messages=1)["unreplied_runs"] is None
    assert told(*case, first_response_at=START)["unreplied_runs"] is None


def test_a_source_that_shows_one_side_only_tells_of_no_silence() -> None:
    for who in ("customer", "human"):
        contacts, events = frames([line(100, who)], [line(200, who)])
        rows = with_inside(contacts, events, hours=ALWAYS)
        assert rows["unreplied_runs"].to_list() == [None, None]
        assert rows["messages_after_answer"].to_list() == [None, None]


def test_what_the_export_says_itself_wins() -> None:
    own = {
        "next_response_seconds": 1,
        "replies": 9,
        "unreplied_runs": 9,
        "customer_spoke_last": True,
        "requester_wait_seconds": 9,
        "first_resolution_seconds": 9,
        "pending_toggles": 9,
        "pending_before_due_seconds": 9,
    }
    row = told(*BOTH, change(0, "open"), change(100, "solved", "open"), **own)

    assert {name: row[name] for name in own} == own


def test_a_contact_without_events_is_left_as_it_is() -> None:
    row = told()
    untold = {
        name: row[name]
        for name in FACTS
        if name not in ("channel", "direction", "started_at")
    }

    assert set(untold.values()) == {None}


def test_the_first_solve_of_a_case_never_reopened_is_the_last() -> None:
    solved = START + timedelta(hours=2)
    early = START - timedelta(hours=2)

    assert told(reopens=0, resolved_at=solved)["first_resolution_seconds"] == 2 * HOUR
    assert told(reopens=0, closed_at=solved)["first_resolution_seconds"] == 2 * HOUR
    assert told(reopens=0, resolution_seconds=5)["first_resolution_seconds"] == 5
    assert told(reopens=1, resolved_at=solved)["first_resolution_seconds"] is None
    assert told(resolved_at=solved)["first_resolution_seconds"] is None
    assert told(reopens=0, resolved_at=early)["first_resolution_seconds"] is None


def test_waits_are_told_only_where_all_statuses_are() -> None:
    def wait(*case: dict[str, Any], **facts: Any) -> Any:
        return told(*case, **facts)["requester_wait_seconds"]

    whole = (change(10, "pending", "open"), change(30, "solved", "pending"))
    assert wait(*whole) == 10
    assert wait(*whole, status="closed") == 10
    assert wait(*whole, status="open") is None
    assert wait(change(10, "pending"), change(30, "solved")) == 10
    assert wait(change(10, "pending", "open"), change(30, "solved", "open")) is None
    assert wait(change(10, "pending", "open"), change(30, "puzzled", "pending")) is None
    assert wait(change(30, "solved"), direction="outbound") is None
    assert wait(change(0, "open"), change(30, "solved"), direction="outbound") == 30
    assert wait(line(30, "human")) is None


def test_a_source_that_tells_of_no_pending_case_may_not_know_them() -> None:
    contacts, events = frames([change(0, "open"), change(30, "closed", "open")])
    [row] = with_inside(contacts, events, hours=ALWAYS).to_dicts()

    assert (row["requester_wait_seconds"], row["agent_wait_seconds"]) == (None, None)
    assert row["first_resolution_seconds"] == 30
    assert row["longest_silence_seconds"] == 30


def test_a_silence_is_broken_by_whatever_somebody_does() -> None:
    opened, late = change(0, "open"), change(900, "solved", "open")
    note = {**line(400, "human"), "event_type": "note_added"}
    breach = {"s": 600, "event_type": "sla_breached"}

    assert told(opened, late)["longest_silence_seconds"] == 900
    assert told(opened, note, late)["longest_silence_seconds"] == 500
    assert told(opened, breach, late)["longest_silence_seconds"] == 900
    waiting = change(10, "pending", "open")
    for_them = told(opened, waiting, change(900, "solved", "pending"))
    assert for_them["longest_silence_seconds"] == 10


def test_who_closed_it_last_is_told_only_where_the_export_says_so() -> None:
    def closed(*who: str | None) -> Any:
        case = [
            one
            for place, by in enumerate(who)
            for one in (
                change(100 * place, "open"),
                change(100 * place + 9, "solved", "open", by),
            )
        ]
        return told(*case)["auto_closed"]

    assert closed("system") is True
    assert closed("bot") is True
    assert closed("human") is False
    assert closed("system", "human") is False
    assert closed(None) is None
    assert told(change(0, "open"), change(9, "pending", "open"))["auto_closed"] is None


def test_waiting_without_a_question_is_counted() -> None:
    def toggles(*case: dict[str, Any]) -> Any:
        return told(change(0, "open"), *case)["pending_toggles"]

    pend, back = change(500, "pending", "open"), change(900, "open", "pending")
    assert toggles(pend) == 1
    assert toggles(pend, back, change(950, "pending", "open")) == 2
    assert toggles(line(100, "human"), pend) == 0
    assert toggles(line(100, "bot"), pend) == 0
    assert toggles(line(100, "customer"), pend) == 1
    assert toggles(line(100, "human", public=False), pend) == 1
    assert toggles(line(560, "human"), pend) == 0
    assert toggles(line(561, "human"), pend) == 1
    assert toggles(line(100, "human"), pend, back, change(950, "pending", "open")) == 1
    assert toggles(change(500, "on_hold", "open")) == 0
    assert told(line(5, "customer"))["pending_toggles"] is None


def due(seconds: int, at: int | str) -> dict[str, Any]:
    """A promise told after `seconds`: by when, as seconds after START or as a text."""
    by = at if isinstance(at, str) else f"{START + timedelta(seconds=at):%FT%TZ}"
    return {"s": seconds, "event_type": "promised", "to_value": by}


def test_how_soon_before_a_deadline_a_clock_was_stopped_is_told() -> None:
    def left(*case: dict[str, Any]) -> Any:
        row = told(change(0, "open"), *case)
        return row["pending_before_due_seconds"]

    pend, back = change(500, "pending", "open"), change(600, "open", "pending")
    promise = due(10, 700)
    assert left(promise, pend) == 200
    assert left(due(10, 500), pend) == 0
    assert left(due(10, 499), pend) is None
    assert left(pend) is None
    # what was promised last before it is in force, and nothing of the same moment
    assert left(promise, due(499, 900), pend) == 400
    assert left(promise, due(500, 900), pend) == 200
    assert left(due(500, 900), pend) is None
    assert left(due(10, "soon"), promise, due(20, "later"), pend) == 200
    assert left(due(10, "2026-03-02T10:10:00+01:00"), pend) == 100
    # the nearest of several, and only where nobody was asked
    assert left(promise, pend, back, change(650, "pending", "open")) == 50
    assert left(promise, line(400, "human"), pend) is None
    assert left(promise, pend, line(560, "human")) is None
    assert left(promise, pend, line(561, "human")) == 200
    assert left(promise, line(400, "customer"), pend) == 200
    assert left(promise, change(500, "on_hold", "open")) is None
    assert left(promise, pend, change(550, "pending", "pending")) == 200


DEADLINES = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.sampled_from(["pending", "open", "solved", "ask", "due", "due"]),
        st.integers(-20, 90),
    ),
    max_size=14,
    unique_by=lambda one: one[0],
).map(sorted)


@settings(max_examples=80, deadline=None)
@given(cases=st.lists(DEADLINES, min_size=1, max_size=3))
def test_a_plain_walk_from_promise_to_promise_tells_the_same(
    cases: list[list[tuple[int, str, int]]],
) -> None:
    minutes, wanted = 60, []
    events: list[list[dict[str, Any]]] = []
    for lines in cases:
        case, state, promised = [change(0, "open")], "open", None
        asked, lefts = False, []
        asks = [at for at, what, _ in lines if what == "ask"]
        for at, what, further in lines:
            if what == "due":
                promised = at + further
                case.append(due(at * minutes, promised * minutes))
            elif what == "ask":
                asked = True
                case.append(line(at * minutes, "human"))
            else:
                soon = asked or at + 1 in asks
                if what == "pending" != state and promised is not None and not soon:
                    lefts.append(minutes * (promised - at))
                case.append(change(at * minutes, what, state))
                state, asked = what, False
        wanted.append(min((left for left in lefts if left >= 0), default=None))
        events.append(case)
    contacts, told_events = frames(*events)
    shuffled = told_events.sample(fraction=1.0, shuffle=True, seed=3)
    rows = with_inside(contacts, shuffled, hours=ALWAYS)

    assert rows["pending_before_due_seconds"].to_list() == wanted


def test_questions_nobody_shows_may_have_been_asked() -> None:
    contacts, events = frames([change(0, "open"), change(30, "pending", "open")])
    [row] = with_inside(contacts, events, hours=ALWAYS).to_dicts()

    assert row["pending_toggles"] is None


def test_business_time_runs_in_the_opening_hours() -> None:
    office = Hours()
    day = 24 * HOUR
    case = [
        line(0, "customer"),
        line(60, "human"),
        line(8 * HOUR, "customer"),
        line(day + HOUR, "human"),
        line(day + 2 * HOUR, "customer"),
        line(day + 7 * HOUR, "human"),
    ]
    contacts, events = frames(case)
    [row] = with_inside(contacts, events, hours=office).to_dicts()

    assert row["longest_response_seconds"] == 17 * HOUR
    assert row["longest_response_business_seconds"] == 5 * HOUR
