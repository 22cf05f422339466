"""Amazon Connect beside its contact records: contact events and Contact Lens."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import islice, permutations
from typing import Any

import pytest

BEGUN = {
    "contactId": "c1",
    "channel": "VOICE",
    "initiationMethod": "INBOUND",
    "initiationTimestamp": "2025-03-03T09:00:00.000Z",
    "eventType": "INITIATED",
}
QUEUED = {
    **BEGUN,
    "eventType": "QUEUED",
    "queueInfo": {"enqueueTimestamp": "2025-03-03T09:00:30.000Z"},
}
ANSWERED = {
    **QUEUED,
    "eventType": "CONNECTED_TO_AGENT",
    "agentInfo": {"connectedToAgentTimestamp": "2025-03-03T09:01:10.000Z"},
}
LEFT = {
    **ANSWERED,
    "eventType": "DISCONNECTED",
    "disconnectTimestamp": "2025-03-03T09:05:00.000Z",
}
RECORD = {
    "ContactId": "c1",
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2025-03-03T09:00:00Z",
    "DisconnectTimestamp": "2025-03-03T09:05:00Z",
    "LastUpdateTimestamp": "2025-03-03T09:10:00Z",
    "Queue": {"EnqueueTimestamp": "2025-03-03T09:00:30Z", "Duration": 40},
    "Agent": {
        "ConnectedToAgentTimestamp": "2025-03-03T09:01:10Z",
        "AgentInteractionDuration": 230,
    },
}
CHAT = {
    **RECORD,
    "Channel": "CHAT",
    "InitiationMethod": "API",
    "Attributes": {"intent": "billing"},
}
SAMPLES = ("contact_lens_chat_1.json", "contact_lens_chat_2.json")


def turn(number: int, at: str | None, role: str, kind: str = "MESSAGE") -> Any:
    told = {"Id": str(number), "ParticipantRole": role, "Type": kind, "Content": "Hm"}
    return told if at is None else {**told, "AbsoluteTime": f"2025-03-03T{at}.500Z"}


def analysis(*turns: Any, **more: Any) -> dict[str, Any]:
    return {
        "Channel": "CHAT",
        "CustomerMetadata": {"ContactId": "c1"},
        "Categories": {"MatchedCategories": ["refund", "tone"]},
        "LanguageCode": "en-US",
        "Transcript": list(turns),
        **more,
    }


@pytest.fixture
def given(map_text: Any) -> Callable[..., Any]:
    """Map objects as the part that is named."""

    def of(part: str, *objects: Any, **told: Any) -> Any:
        text = "".join(json.dumps(each) + "\n" for each in objects)
        return map_text(text, "amazon_connect", part=part, **told)

    return of


def test_events_in_any_order_are_one_contact(given: Any) -> None:
    for order in islice(permutations((BEGUN, QUEUED, ANSWERED, LEFT)), 0, None, 6):
        [contact] = given("contact_events", *order).folded.contacts.rows(named=True)

        assert (contact["channel"], contact["direction"]) == ("voice", "inbound")
        assert (contact["queue_seconds"], contact["disposition"]) == (40, "handled")
        assert f"{contact['ended_at']:%H:%M:%S}" == "09:05:00"
        # A hand-over makes a record of its own: events alone do not count them.
        assert contact["transfers"] is None


def test_events_tell_what_happened_when(given: Any) -> None:
    events = given("contact_events", LEFT, ANSWERED, QUEUED, BEGUN).folded.events

    told = events.sort("at").select("event_type", "actor_type").rows()
    assert told == [("queued", "queue"), ("answered", "human"), ("ended", None)]


def test_an_event_that_comes_twice_happened_once(given: Any) -> None:
    file = given("contact_events", QUEUED, QUEUED, ANSWERED)

    assert file.extracted.accounting.duplicates == 1
    assert file.folded.events.height == 2


def test_events_and_the_record_of_a_contact_are_not_added_up(
    given: Any, together: Any
) -> None:
    events = given("contact_events", BEGUN, QUEUED, ANSWERED, LEFT)
    records = given("contact_records", RECORD)
    alone = records.folded.contacts
    figures = (
        "queue_seconds",
        "talk_seconds",
        "transfers",
        "disposition",
        "started_at",
    )
    for order in ((events, records), (records, events)):
        both = together(*order).contacts

        assert both.select(figures).rows() == alone.select(figures).rows()
        assert both["transfers"].to_list() == [0]


def test_a_caller_still_in_the_queue_has_abandoned_nothing(given: Any) -> None:
    waiting = given("contact_events", BEGUN, QUEUED)
    left = {**QUEUED, "eventType": "DISCONNECTED"}
    left["disconnectTimestamp"] = "2025-03-03T09:02:00.000Z"
    gone = given("contact_events", BEGUN, QUEUED, left)

    assert waiting.contacts("disposition", "served") == [("unknown", None)]
    assert gone.contacts("disposition", "served") == [("abandoned", False)]


def test_an_envelope_is_opened_and_other_letters_are_left(given: Any) -> None:
    letter = {"detail-type": "Amazon Connect Contact Event", "detail": LEFT}
    other = {"detail-type": "EC2 Instance State-change Notification", "detail": {}}
    file = given("contact_events", letter, other)

    assert file.contacts("source_contact_id", "served") == [("c1", True)]
    assert (file.extracted.accounting.filtered, file.rejects()) == (1, [])


@pytest.mark.parametrize("method", ["DISCONNECT", "MONITOR"])
def test_events_of_post_call_flows_are_no_demand(given: Any, method: str) -> None:
    file = given("contact_events", {**LEFT, "initiationMethod": method})

    assert (file.contacts("channel"), file.extracted.accounting.filtered) == ([], 1)


def test_events_of_a_transferred_leg_belong_to_its_beginning(given: Any) -> None:
    leg = {
        **LEFT,
        "contactId": "c2",
        "initialContactId": "c1",
        "previousContactId": "c1",
        "initiationMethod": "TRANSFER",
        "initiationTimestamp": "2025-03-03T09:04:00.000Z",
    }

    assert given("contact_events", LEFT, leg).contacts("source_contact_id") == [("c1",)]


def test_an_event_of_no_contact_is_rejected(given: Any) -> None:
    file = given("contact_events", {**LEFT, "contactId": None}, LEFT)

    assert [reject[2:] for reject in file.rejects()] == [("missing_key", True)]


def test_the_sample_event_is_an_answered_call(map_file: Any, shared: Any) -> None:
    path = shared("vendor/amazon_connect/contact_event_1.json")
    told = json.loads(path.read_text())
    file = map_file(path, "amazon_connect", part="contact_events")
    [contact] = file.folded.contacts.rows(named=True)

    assert contact["source_contact_id"] == told["contactId"]
    answered = told["agentInfo"]["connectedToAgentTimestamp"]
    assert f"{contact['answered_at']:%Y-%m-%dT%H:%M:%S}.000Z" == answered


@pytest.mark.parametrize("name", SAMPLES)
def test_the_turns_of_a_sampled_chat_are_its_messages(
    map_file: Any, shared: Any, name: str
) -> None:
    path = shared(f"vendor/amazon_connect/{name}")
    turns = json.loads(path.read_text())["Transcript"]
    file = map_file(path, "amazon_connect", part="contact_lens")
    said = Counter(t["ParticipantRole"] for t in turns if t["Type"] == "MESSAGE")
    events = Counter(file.extracted.tables["event_records"]["actor_type"])

    assert events == {
        "customer": said["CUSTOMER"],
        "human": said["AGENT"],
        "system": said["SYSTEM"],
    }
    assert file.rejects() == []
    # An analysis does not say when its contact began: the record does.
    assert file.folded.left_out["reason"].to_list() == ["no_start"]


def test_the_raw_and_the_redacted_file_tell_each_turn_once(
    map_file: Any, given: Any, shared: Any, together: Any
) -> None:
    paths = [shared(f"vendor/amazon_connect/{name}") for name in SAMPLES]
    told = [json.loads(path.read_text()) for path in paths]
    turns = {
        turn["Id"]
        for each in told
        for turn in each["Transcript"]
        if turn["Type"] == "MESSAGE"
    }
    files = [map_file(path, "amazon_connect", part="contact_lens") for path in paths]
    [contact] = {each["CustomerMetadata"]["ContactId"] for each in told}
    record = given("contact_records", {**CHAT, "ContactId": contact})
    kept = [file.extracted.tables["event_records"].height for file in files]
    events = together(record, *files).events

    assert events.filter(event_type="message_sent").height == len(turns) < sum(kept)


def test_a_chat_and_its_analysis_are_one_contact(given: Any, together: Any) -> None:
    turns = (
        turn(1, "09:00:10", "SYSTEM"),
        turn(2, "09:00:20", "CUSTOMER"),
        turn(3, "09:01:20", "AGENT"),
        turn(4, "09:02:00", "CUSTOMER"),
        turn(5, "09:04:59", "CUSTOMER", "EVENT"),
    )
    lens, record = (
        given("contact_lens", analysis(*turns)),
        given("contact_records", CHAT),
    )
    for order in ((lens, record), (record, lens)):
        [contact] = together(*order).contacts.rows(named=True)

        assert (contact["customer_messages"], contact["agent_messages"]) == (2, 1)
        assert contact["first_response_seconds"] == 80
        assert (contact["topic_raw"], contact["language"]) == ("refund", "en-US")
        assert (contact["talk_seconds"], contact["transfers"]) == (230, 0)


@pytest.mark.parametrize("score", [-5, -0.5, 0, 3.1, 5])
@pytest.mark.parametrize("of_a_chat", [False, True])
def test_how_the_customer_sounded_lies_between_minus_one_and_one(
    given: Any, together: Any, score: float, of_a_chat: bool
) -> None:
    by_role = {"CUSTOMER": {"WithAgent": score, "WithoutAgent": 4}, "AGENT": {}}
    chat = {"DetailsByInteraction": {"DetailsByParticipantRole": by_role}}
    overall = chat if of_a_chat else {"AGENT": 1, "CUSTOMER": score}
    told = {"ConversationCharacteristics": {"Sentiment": {"OverallSentiment": overall}}}
    lens = given("contact_lens", analysis(**told))
    contacts = together(given("contact_records", CHAT), lens).contacts

    assert contacts["sentiment"].to_list() == [pytest.approx(score / 5)]


def test_no_analysis_and_no_score_say_nothing_of_how_the_customer_sounded(
    given: Any, together: Any
) -> None:
    record = given("contact_records", CHAT)
    for file in (given("contact_lens", analysis()), record):
        assert together(record, file).contacts["sentiment"].to_list() == [None]


def test_a_score_that_is_no_number_is_a_reject(given: Any) -> None:
    overall = {"OverallSentiment": {"CUSTOMER": "MIXED"}}
    told = {"ConversationCharacteristics": {"Sentiment": overall}}
    file = given("contact_lens", analysis(**told))

    assert [reason for _, _, reason, _ in file.rejects()] == ["bad_number"]


def test_a_reason_of_the_contacts_own_wins_over_a_category(
    given: Any, together: Any
) -> None:
    told = {"settings": {"topic": "Attributes.intent"}}
    lens = given("contact_lens", analysis(), **told)
    record = given("contact_records", CHAT, **told)

    for order in ((lens, record), (record, lens)):
        assert together(*order).contacts["topic_raw"].to_list() == ["billing"]


def test_the_turns_of_a_call_have_no_time_and_no_place(given: Any) -> None:
    turns = (turn(1, None, "CUSTOMER"), turn(2, None, "AGENT"))
    file = given("contact_lens", analysis(*turns, Channel="VOICE"))

    assert file.extracted.tables["event_records"].is_empty()
    assert (file.extracted.accounting.kept, file.rejects()) == (1, [])


def test_no_text_of_a_chat_is_kept(given: Any) -> None:
    file = given("contact_lens", analysis(turn(1, "09:00:20", "CUSTOMER")))

    assert "Hm" not in str([table.rows() for table in file.extracted.tables.values()])


def test_an_analysis_without_its_contact_is_rejected(given: Any) -> None:
    file = given("contact_lens", analysis(CustomerMetadata={}))

    assert [reject[1:] for reject in file.rejects()] == [
        ("CustomerMetadata.ContactId", "missing_key", True)
    ]
