"""Events alone: the contacts follow from what happened in them."""

from datetime import UTC, datetime
from typing import Any

HEADER = "contact_id,at,event_type,actor_type,actor_id,channel,public,email\n"


def test_a_call_is_told_by_its_events(map_text: Any) -> None:
    file = map_text(
        HEADER + "c1,2025-03-01T09:00:00Z,queued,queue,,voice,,a@x.org\n"
        "c1,2025-03-01T09:00:40Z,answered,agent,ana,voice,,\n"
        "c1,2025-03-01T09:03:00Z,transferred,agent,bob,voice,,\n"
        "c1,2025-03-01T09:06:00Z,ended,customer,,voice,,\n"
        "c2,2025-03-01T10:00:00Z,queued,queue,,voice,,\n"
        "c2,2025-03-01T10:02:00Z,abandoned,customer,,voice,,\n",
        "generic_events",
        part="events",
    )

    assert file.contacts(
        "source_contact_id", "queue_seconds", "transfers", "disposition", "served"
    ) == [("c1", 40, 1, "handled", True), ("c2", None, None, "abandoned", False)]
    assert file.folded.contacts["last_touch_at"].to_list()[0] == datetime(
        2025, 3, 1, 9, 6, tzinfo=UTC
    )


def test_messages_on_two_channels_are_two_contacts(map_text: Any) -> None:
    file = map_text(
        HEADER + "k1,2025-03-01T09:00:00Z,message_sent,customer,,email,true,a@x.org\n"
        "k1,2025-03-01T09:30:00Z,message_sent,agent,ana,email,true,\n"
        "k1,2025-03-02T09:00:00Z,message_sent,customer,,whatsapp,true,\n"
        "k1,2025-03-02T09:05:00Z,message_sent,agent,ana,messaging,true,\n"
        "k1,2025-03-02T10:00:00Z,solved,agent,ana,email,,\n",
        "generic_events",
        part="events",
    )

    assert file.contacts("source_contact_id", "first_response_seconds") == [
        ("k1", 1_800),
        ("k1#2", 300),
    ]


def test_a_word_of_ones_own_is_counted(map_text: Any) -> None:
    file = map_text(
        HEADER + "c1,2025-03-01T09:00:00Z,teleported,,,voice,,\n",
        "generic_events",
        part="events",
    )

    assert file.extracted.unmapped == {"event_type": 1}
    assert file.folded.events.is_empty()


def test_an_event_without_time_or_contact_is_rejected(map_text: Any) -> None:
    file = map_text(
        HEADER + ",2025-03-01T09:00:00Z,queued,,,voice,,\nc1,,queued,,,voice,,\n",
        "generic_events",
        part="events",
    )

    assert [(row, whole) for row, _, _, whole in file.rejects()] == [
        (2, True),
        (3, True),
    ]


def test_priorities_and_deadlines_are_told_by_what_they_became(map_text: Any) -> None:
    told = [
        ("09:00", "message_sent", "customer", ""),
        ("09:01", "priority_changed", "system", "low"),
        ("09:02", "promised", "system", "2025-03-01T10:00:00Z"),
        ("09:30", "priority_changed", "human", "urgent"),
        ("09:40", "priority_changed", "human", "normal"),
        ("09:58", "status_changed", "human", "pending"),
    ]
    text = "contact_id,at,event_type,actor_type,channel,to_value\n" + "".join(
        f"c1,2025-03-01T{at}:00Z,{kind},{who},email,{value}\n"
        for at, kind, who, value in told
    )
    file = map_text(text, "generic_events", part="events")

    assert file.contacts("escalations", "pending_before_due_seconds") == [(1, 120)]
