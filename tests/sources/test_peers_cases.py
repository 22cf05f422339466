"""Cases that other tools count wrongly, read from an export and counted right."""

from typing import Any

import pytest

from cxmap.sources.fold import Folded

Row = dict[str, Any]
HEADER = "contact_id,at,event_type,actor_type,public,channel,from_value,to_value"
MINUTE, DAY = 60, 86_400


def case(number: str, *events: str) -> str:
    """Events drawn as `02 09:00 message_sent customer`: day and time in March 2025."""
    rows = []
    for event in events:
        day, clock, kind, *who = event.split()
        actor = who[0] if who else ""
        public = "" if kind != "note_added" else "false"
        rows.append(
            f"{number},2025-03-{day}T{clock}:00Z,{kind},{actor},{public},email,,"
        )
    return "\n".join(rows)


OTHERS = case("others", "01 09:00 message_sent customer", "01 09:05 message_sent human")
"""Shows that the export tells the messages of both sides."""


@pytest.fixture
def fold_cases(map_text: Any) -> Any:
    def of(*cases: str) -> dict[str, Row]:
        text = "\n".join([HEADER, OTHERS, *cases])
        folded: Folded = map_text(text + "\n", "generic_events").folded
        return {row["source_contact_id"]: row for row in folded.contacts.to_dicts()}

    return of


def test_a_case_nobody_replied_to_is_counted(fold_cases: Any) -> None:
    row = fold_cases(case("7", "02 09:00 message_sent customer"))["7"]

    assert (row["replies"], row["unreplied_runs"]) == (0, 1)
    assert row["disposition"] == "unanswered"


def test_a_solve_without_a_reply_is_no_touch_rather_than_many(fold_cases: Any) -> None:
    rows = fold_cases(
        case("0", "02 09:00 message_sent customer", "02 10:00 solved"),
        case(
            "1",
            "02 09:00 message_sent customer",
            "02 09:30 message_sent human",
            "02 10:00 solved",
        ),
        case(
            "2",
            "02 09:00 message_sent customer",
            "02 09:30 message_sent human",
            "02 09:40 message_sent customer",
            "02 09:50 message_sent human",
            "02 10:00 solved",
        ),
    )

    assert [rows[number]["replies"] for number in "012"] == [0, 1, 2]


def test_internal_comments_are_no_replies_however_many(fold_cases: Any) -> None:
    row = fold_cases(
        case(
            "7",
            "02 09:00 message_sent customer",
            "02 09:10 note_added human",
            "02 09:20 note_added human",
            "02 09:30 message_sent human",
        )
    )["7"]

    assert (row["replies"], row["agent_messages"]) == (1, 1)
    assert row["first_response_seconds"] == 30 * MINUTE


def test_an_agents_messages_in_a_row_are_one_reply(fold_cases: Any) -> None:
    row = fold_cases(
        case(
            "7",
            "02 09:00 message_sent customer",
            "02 09:10 message_sent human",
            "02 09:11 message_sent human",
            "02 09:12 message_sent human",
        )
    )["7"]

    assert (row["replies"], row["agent_messages"]) == (1, 3)


def test_the_first_comment_of_an_agents_ticket_is_no_reply(fold_cases: Any) -> None:
    row = fold_cases(
        case("7", "02 09:00 message_sent human", "02 09:45 message_sent human")
    )["7"]

    assert (row["replies"], row["first_response_seconds"]) == (1, 45 * MINUTE)


def test_a_thank_you_is_no_reopen_and_no_second_touch(fold_cases: Any) -> None:
    row = fold_cases(
        case(
            "7",
            "02 09:00 message_sent customer",
            "02 09:30 message_sent human",
            "02 09:30 solved",
            "02 11:00 message_sent customer",
            "02 12:00 solved",
        )
    )["7"]

    assert (row["replies"], row["reopens"]) == (1, 0)
    assert row["first_resolution_seconds"] == 30 * MINUTE


def test_events_of_one_second_stand_in_one_order_however_they_come(
    fold_cases: Any,
) -> None:
    drawn = (
        "02 09:00 message_sent customer",
        "02 09:30 message_sent customer",
        "02 09:30 message_sent human",
        "02 09:30 solved",
    )
    rows = fold_cases(case("7", *drawn), case("8", *reversed(drawn)))
    either = [
        {name: value for name, value in rows[number].items() if "_id" not in name}
        for number in "78"
    ]

    assert either[0] == either[1]


BOT_SOLVES = (
    "02 09:00 message_sent customer",
    "02 09:01 message_sent bot",
    "02 09:02 solved bot",
)


def test_who_comes_back_after_a_bot_waits_from_then_on(fold_cases: Any) -> None:
    row = fold_cases(
        case(
            "7",
            *BOT_SOLVES,
            "07 09:00 message_sent customer",
            "07 09:10 message_sent human",
        )
    )["7"]

    assert row["first_response_seconds"] == 10 * MINUTE
    assert row["asked_again_at"].day == 7
    assert row["first_resolution_seconds"] == 2 * MINUTE


def test_who_nobody_answered_before_the_solve_has_waited_from_the_start(
    fold_cases: Any,
) -> None:
    rows = fold_cases(
        case(
            "silent",
            "02 09:00 message_sent customer",
            "02 09:02 solved human",
            "07 09:00 message_sent customer",
            "07 09:10 message_sent human",
        ),
        case(
            "unsolved",
            *BOT_SOLVES[:2],
            "07 09:00 message_sent customer",
            "07 09:10 message_sent human",
        ),
    )

    for row in (rows["silent"], rows["unsolved"]):
        assert row["first_response_seconds"] == 5 * DAY + 10 * MINUTE
        assert row["asked_again_at"] is None


def test_messages_count_in_the_contact_they_were_written_in(fold_cases: Any) -> None:
    mixed = case(
        "7",
        "02 09:00 message_sent customer",
        "02 10:00 message_sent customer",
        "02 10:05 message_sent human",
        "02 11:00 message_sent customer",
        "02 11:30 message_sent human",
    )
    lines = mixed.splitlines()
    for place in (1, 2):
        lines[place] = lines[place].replace("email", "chat")
    rows = fold_cases("\n".join(lines))

    assert rows["7"]["customer_messages"] == 2
    assert (rows["7"]["replies"], rows["7#2"]["replies"]) == (1, 1)
    assert (rows["7"]["unreplied_runs"], rows["7#2"]["unreplied_runs"]) == (0, 0)
