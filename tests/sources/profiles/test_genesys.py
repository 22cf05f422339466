"""Genesys Cloud: participants, sessions and segments folded into conversations."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

SAMPLE = "vendor/genesys_cloud/conversation_details_query_response.json"


def segment(kind: str, began: str, ended: str | None, **more: Any) -> dict[str, Any]:
    day = "2025-03-03T"
    times = {"segmentStart": f"{day}{began}.000Z"}
    if ended is not None:
        times["segmentEnd"] = f"{day}{ended}.000Z"

    return {"segmentType": kind, **times, **more}


def participant(
    purpose: str, *segments: dict[str, Any], user: str | None = None, **session: Any
) -> dict[str, Any]:
    told = {
        "sessionId": f"{purpose}-{user}-{segments[0]['segmentStart']}",
        "mediaType": "voice",
        "direction": "inbound",
        **session,
        "segments": list(segments),
    }
    return {"purpose": purpose, "userId": user, "sessions": [told]}


def conversation(*participants: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "conversationId": "c1",
        "conversationStart": "2025-03-03T09:00:00.000Z",
        "conversationEnd": "2025-03-03T09:10:00.000Z",
        "originatingDirection": "inbound",
        "participants": list(participants),
        **more,
    }


CALLER = participant(
    "customer",
    segment("interact", "09:00:00", "09:10:00", disconnectType="client"),
    ani="tel:+12025550143",
    dnis="tel:+18005550199",
)
QUEUE = participant(
    "acd", segment("interact", "09:00:10", "09:01:00", disconnectType="transfer")
)
ANA = participant(
    "agent",
    segment("alert", "09:00:50", "09:01:00"),
    segment("interact", "09:01:00", "09:05:00", disconnectType="transfer"),
    segment(
        "wrapup", "09:05:00", "09:06:00", disconnectType="transfer", wrapUpCode="w"
    ),
    user="ana",
)
BOB = participant(
    "agent",
    segment("interact", "09:05:00", "09:08:00"),
    segment("hold", "09:08:00", "09:09:00"),
    segment("interact", "09:09:00", "09:10:00", disconnectType="peer"),
    segment("wrapup", "09:09:50", "09:12:00", wrapUpCode="ININ-WRAP-UP-TIMEOUT"),
    user="bob",
)


@pytest.fixture
def details(map_text: Any) -> Callable[..., Any]:
    return lambda *objects, **told: map_text(
        json.dumps({"conversations": list(objects)}), "genesys_cloud", **told
    )


def spans(raw: list[dict[str, Any]], purpose: str, kind: str) -> list[float]:
    """The lengths of segments, in seconds with fractions, straight from the file."""
    return [
        (
            datetime.fromisoformat(one["segmentEnd"])
            - datetime.fromisoformat(one["segmentStart"])
        ).total_seconds()
        for each in raw
        for person in each["participants"]
        if person["purpose"] == purpose
        for session in person["sessions"]
        for one in session["segments"]
        if one["segmentType"] == kind
    ]


def test_the_sample_brings_25_contacts_of_131_segments(
    map_file: Any, shared: Any
) -> None:
    path = shared(SAMPLE)
    file = map_file(path, "genesys_cloud")
    raw = json.loads(path.read_text())["conversations"]
    kept = file.extracted.tables["contact_records"]
    contacts = file.folded.contacts

    assert kept.filter(part="segments").height == 131
    assert contacts.height == len(raw) == 25
    assert set(contacts["source_contact_id"]) == {c["conversationId"] for c in raw}
    assert Counter(contacts["channel"]) == {"callback": 19, "chat": 4, "voice": 2}
    assert file.rejects() == []
    assert file.extracted.unmapped == {}
    assert file.folded.left_out.is_empty()


def test_seconds_are_those_of_the_segments(map_file: Any, shared: Any) -> None:
    path = shared(SAMPLE)
    raw = json.loads(path.read_text())["conversations"]
    called = [each for each in raw if "PREVIEW-SKIPPED" not in json.dumps(each)]
    contacts = map_file(path, "genesys_cloud").folded.contacts
    exact = {
        "queue_seconds": (320.655, spans(raw, "acd", "interact")),
        "talk_seconds": (4_114.334, spans(called, "agent", "interact")),
        "wrap_up_seconds": (3_152.0, spans(called, "agent", "wrapup")),
    }

    for column, (total, lengths) in exact.items():
        assert sum(lengths) == pytest.approx(total)
        # Both ends of a segment are kept to the second.
        assert abs(contacts[column].sum() - total) < len(lengths) ** 0.5


def test_the_way_from_the_queue_to_an_agent_is_no_transfer(
    map_file: Any, shared: Any
) -> None:
    path = shared(SAMPLE)
    contacts = map_file(path, "genesys_cloud").folded.contacts

    assert path.read_text().count('"disconnectType": "transfer"') == 21
    assert contacts["transfers"].sum() == 0


def test_a_skipped_preview_called_nobody(map_file: Any, shared: Any) -> None:
    contacts = map_file(shared(SAMPLE), "genesys_cloud").folded.contacts
    previews = contacts.filter(channel="callback")

    assert set(previews.select("direction", "initiation", "disposition").rows()) == {
        ("outbound", "campaign", "failed")
    }
    assert set(previews.select("served", "connected", "answered_at").rows()) == {
        (False, False, None)
    }
    # Hours over a preview are no talk: nobody was called.
    assert previews["talk_seconds"].null_count() == previews.height
    assert previews["hold_seconds"].null_count() == previews.height


def test_a_campaigns_preview_promised_nobody_a_call(map_file: Any, shared: Any) -> None:
    contacts = map_file(shared(SAMPLE), "genesys_cloud").folded.contacts

    assert "callbackScheduledTime" in shared(SAMPLE).read_text()
    assert set(contacts["callback_due_at"]) == {None}


@pytest.mark.parametrize(
    ("session", "due"),
    [
        ({}, datetime(2025, 3, 3, 11, tzinfo=UTC)),
        ({"outboundCampaignId": "k1"}, None),
        ({"mediaType": "voice"}, None),
        ({"callbackScheduledTime": None}, None),
    ],
)
def test_a_call_back_a_caller_asked_for_was_promised(
    details: Any, session: dict[str, Any], due: datetime | None
) -> None:
    given = {
        "mediaType": "callback",
        "callbackScheduledTime": "2025-03-03T11:00:00.000Z",
        "callbackNumbers": ["+12025550143"],
        **session,
    }
    asked = participant("customer", segment("interact", "09:01:00", None), **given)
    queued = participant("acd", segment("interact", "09:01:00", None), **given)

    file = details(conversation(CALLER, QUEUE, asked, queued, conversationEnd=None))

    assert file.contacts("callback_due_at") == [(due,)]


def test_the_code_that_every_organisation_begins_with_is_no_reason(
    map_file: Any, shared: Any
) -> None:
    contacts = map_file(shared(SAMPLE), "genesys_cloud").folded.contacts

    assert set(contacts["topic_raw"].drop_nulls()) == {
        "1ccb1c09-9495-4034-b377-b809f58d17da"
    }


def test_only_the_customers_own_numbers_are_identifiers(
    map_file: Any, shared: Any, pseudonym: Any
) -> None:
    path = shared(SAMPLE)
    file = map_file(path, "genesys_cloud")
    numbers = {
        number
        for each in json.loads(path.read_text())["conversations"]
        for person in each["participants"]
        if person["purpose"] in ("customer", "external")
        for session in person["sessions"]
        for number in session.get("callbackNumbers", [])
    }

    assert set(file.identifiers("kind", "pseudonym")) == {
        ("phone", pseudonym("phone", number)) for number in numbers
    }


def test_a_call_handed_over_is_one_contact_with_one_transfer(details: Any) -> None:
    file = details(conversation(CALLER, QUEUE, ANA, BOB))
    [contact] = file.folded.contacts.rows(named=True)

    assert (contact["channel"], contact["direction"]) == ("voice", "inbound")
    assert (contact["queue_seconds"], contact["talk_seconds"]) == (50, 480)
    assert (contact["hold_seconds"], contact["wrap_up_seconds"]) == (60, 190)
    assert contact["transfers"] == 1
    assert (contact["disposition"], contact["served"]) == ("handled", True)
    assert f"{contact['answered_at']:%H:%M:%S}" == "09:01:00"
    # The wrap-up goes on when the caller has long gone.
    assert f"{contact['ended_at']:%H:%M:%S}" == "09:10:00"
    # A code of the system's own is no reason.
    assert contact["topic_raw"] == "w"


def test_events_say_what_happened_in_order(details: Any) -> None:
    events = details(conversation(CALLER, QUEUE, ANA, BOB)).folded.events.sort("at")

    told = events.group_by("event_type").len().rows()
    assert dict(told) == {
        "queued": 1,
        "rang": 1,
        "answered": 3,
        "held": 1,
        "transferred": 1,
    }
    assert events["actor_id"].drop_nulls().n_unique() == 2


def test_the_order_of_participants_does_not_matter(details: Any) -> None:
    one = details(conversation(CALLER, QUEUE, ANA, BOB)).folded
    other = details(conversation(BOB, ANA, CALLER, QUEUE)).folded

    assert one.contacts.equals(other.contacts)


def test_a_newer_export_of_an_open_conversation_replaces_the_older(
    details: Any, together: Any
) -> None:
    talking = participant("agent", segment("interact", "09:01:00", None), user="ana")
    done = participant("agent", segment("interact", "09:01:00", "09:04:00"), user="ana")
    before = details(conversation(CALLER, QUEUE, talking, conversationEnd=None))
    after = details(conversation(CALLER, QUEUE, done))
    [contact] = before.folded.contacts.rows(named=True)

    assert (contact["status"], contact["ended_at"]) == ("open", None)
    for files in ((before, after), (after, before)):
        [contact] = together(*files).contacts.rows(named=True)
        assert (contact["status"], contact["talk_seconds"]) == (None, 180)


def test_a_caller_who_leaves_the_queue_has_abandoned(details: Any) -> None:
    gone = participant(
        "acd", segment("interact", "09:00:10", "09:01:00", disconnectType="peer")
    )
    file = details(conversation(CALLER, gone))

    assert file.contacts("disposition", "served", "queue_seconds", "answered_at") == [
        ("abandoned", False, 50, None)
    ]
    assert file.folded.events["event_type"].to_list() == ["queued", "abandoned"]


def test_a_caller_still_in_the_queue_has_abandoned_nothing(details: Any) -> None:
    waiting = participant("acd", segment("interact", "09:00:10", None))
    file = details(conversation(CALLER, waiting, conversationEnd=None))

    assert file.contacts("disposition", "status", "served") == [
        ("unknown", "open", None)
    ]


def test_a_call_that_ends_in_the_menu_was_not_abandoned(details: Any) -> None:
    menu = participant("ivr", segment("ivr", "09:00:00", "09:00:40"))
    file = details(conversation(CALLER, menu))

    assert file.contacts("disposition", "served", "ivr_seconds") == [
        ("self_served", None, 40)
    ]


def test_a_voicemail_is_no_answer(details: Any) -> None:
    box = participant("voicemail", segment("voicemail", "09:01:00", "09:02:00"))
    file = details(conversation(CALLER, QUEUE, box))

    assert file.contacts("disposition", "served") == [("voicemail", False)]


def test_a_call_to_a_person_without_a_queue_is_answered(details: Any) -> None:
    direct = participant(
        "user", segment("interact", "09:00:20", "09:03:00"), user="eve"
    )
    file = details(conversation(CALLER, direct))

    assert file.contacts("disposition", "served", "queue_seconds") == [
        ("handled", True, None)
    ]


def test_of_an_outbound_call_the_dialled_number_is_the_customer(
    details: Any, pseudonym: Any
) -> None:
    called = participant(
        "external",
        segment("dialing", "09:00:00", "09:00:20", disconnectType="endpoint"),
        direction="outbound",
        ani="tel:+18005550199",
        dnis="tel:+12025550143",
    )
    file = details(conversation(called, originatingDirection="outbound"))

    assert file.contacts("direction", "initiation", "disposition", "connected") == [
        ("outbound", "agent", "unanswered", False)
    ]
    assert file.identifiers("kind", "pseudonym") == [
        ("phone", pseudonym("phone", "+12025550143"))
    ]


@pytest.mark.parametrize("ani", ["sip:ipadphone@172.18.182.10", "anonymous", None])
def test_a_caller_without_a_number_is_nobody(details: Any, ani: str | None) -> None:
    file = details(
        conversation(
            participant("customer", segment("interact", "09:00:00", None), ani=ani)
        )
    )

    assert file.identifiers("kind") == []


@pytest.mark.parametrize(
    ("media", "service", "channel"),
    [
        ("message", "whatsapp", "messaging"),
        ("message", "sms", "sms"),
        ("message", "facebook", "social_private"),
        ("message", None, "messaging"),
        ("email", None, "email"),
        ("chat", None, "chat"),
    ],
)
def test_messages_are_told_by_their_service(
    details: Any, media: str, service: str | None, channel: str
) -> None:
    customer = participant(
        "customer",
        segment("interact", "09:00:00", "09:10:00"),
        mediaType=media,
        messageType=service,
    )

    assert details(conversation(customer)).contacts("channel") == [(channel,)]


def test_a_service_nobody_knows_is_counted(details: Any) -> None:
    customer = participant(
        "customer",
        segment("interact", "09:00:00", "09:10:00"),
        mediaType="message",
        messageType="pigeon",
    )
    file = details(conversation(customer))

    assert file.contacts("channel") == [("unknown",)]
    assert file.extracted.unmapped == {"channel": 1}


def test_the_sender_of_an_email_is_the_customer(details: Any, pseudonym: Any) -> None:
    writer = participant(
        "customer",
        segment("interact", "09:00:00", "09:10:00"),
        mediaType="email",
        addressFrom="Ana@Example.org",
        addressTo="care@example.com",
    )
    answer = participant(
        "agent",
        segment("interact", "09:02:00", "09:10:00"),
        user="x",
        mediaType="email",
    )
    file = details(conversation(writer, answer))

    assert file.identifiers("kind", "pseudonym") == [
        ("email", pseudonym("email", "ana@example.org"))
    ]
    assert f"{file.contacts('last_touch_at')[0][0]:%H:%M}" == "09:10"


def test_the_screen_shared_in_a_call_is_no_channel_of_its_own(details: Any) -> None:
    shown = participant(
        "agent", segment("sharing", "09:00:00", "09:03:00"), mediaType="screenshare"
    )

    assert details(conversation(shown, CALLER)).contacts("channel") == [("voice",)]


def test_a_promoter_score_is_of_ten_and_about_its_conversation(details: Any) -> None:
    answers = [
        {
            "surveyId": "s1",
            "surveyPromoterScore": 9,
            "surveyCompletedDate": "2025-03-04T08:00:00.000Z",
        },
        {"surveyId": "s2", "surveyStatus": "Sent"},
    ]
    surveys = details(conversation(CALLER, surveys=answers)).folded.surveys

    assert surveys.select(
        "survey_type", "score", "scale_min", "scale_max", "about_source", "about_id"
    ).rows() == [("nps", 9.0, 0.0, 10.0, "src", "c1")]


def test_conversations_come_one_a_line_too(map_text: Any) -> None:
    text = json.dumps(conversation(CALLER, QUEUE, ANA)) + "\n"

    assert map_text(text * 2, "genesys_cloud").contacts("talk_seconds") == [(240,)]


def test_a_conversation_without_its_id_is_rejected_with_its_segments(
    details: Any,
) -> None:
    file = details(
        conversation(CALLER, QUEUE, conversationId=None), conversation(CALLER)
    )

    assert [reject[1:] for reject in file.rejects()] == [
        ("conversationId", "missing_key", True)
    ]
    assert file.contacts("source_contact_id", "queue_seconds") == [("c1", None)]


def test_a_segment_that_runs_backwards_is_told_and_not_summed(details: Any) -> None:
    wrong = participant("acd", segment("interact", "09:02:00", "09:01:00"))
    file = details(conversation(CALLER, wrong))

    assert {reject[2] for reject in file.rejects()} == {"negative_duration"}
    assert file.contacts("queue_seconds") == [(None,)]
