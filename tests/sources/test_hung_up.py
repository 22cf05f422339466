"""Who hung up, how many hands: vendors' exports against a second, plain reading."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from cxmap.sources.profile import load_profile, parts

GENESYS = "vendor/genesys_cloud/conversation_details_query_response.json"
CONNECT = "vendor/amazon_connect/ctr_redelivered.ndjson"
QUEUE_LOG = "vendor/asterisk/queue_log"

CALL = {
    "ContactId": "root",
    "InitialContactId": None,
    "InitiationMethod": "INBOUND",
    "Channel": "VOICE",
    "InitiationTimestamp": "2025-03-01T09:00:00Z",
    "DisconnectTimestamp": "2025-03-01T09:10:00Z",
    "LastUpdateTimestamp": "2025-03-01T09:11:00Z",
    "CustomerEndpoint": {"Address": "+12346018567", "Type": "TELEPHONE_NUMBER"},
    "DisconnectReason": "CUSTOMER_DISCONNECT",
    "Queue": {
        "Name": "Billing",
        "EnqueueTimestamp": "2025-03-01T09:01:00Z",
        "Duration": 60,
    },
    "Agent": {
        "Username": "ana",
        "ConnectedToAgentTimestamp": "2025-03-01T09:02:00Z",
        "AgentInteractionDuration": 400,
        "AfterContactWorkDuration": 20,
    },
}


def leg(number: int, agent: str, **more: Any) -> dict[str, Any]:
    begins = f"2025-03-01T09:{number}0:00Z"
    reached = {**CALL["Agent"], "Username": agent, "ConnectedToAgentTimestamp": begins}
    told = {
        "ContactId": f"leg{number}",
        "InitialContactId": "root",
        "PreviousContactId": "root",
        "InitiationMethod": "TRANSFER",
        "InitiationTimestamp": begins,
        "Agent": reached,
        "Queue": None,
    }
    return {**CALL, **told, **more}


@pytest.fixture
def records(map_text: Any) -> Callable[..., Any]:
    return lambda *objects: map_text(
        "".join(json.dumps(each) for each in objects), "amazon_connect", region="US"
    )


def test_legs_delivered_twice_are_one_contact_of_as_many_stations(
    records: Any,
) -> None:
    first = {**CALL, "DisconnectReason": "AGENT_DISCONNECT"}
    older = leg(2, "bob", DisconnectReason="OTHER")
    newer = leg(
        2,
        "bob",
        DisconnectReason="TELECOM_PROBLEM",
        LastUpdateTimestamp="2025-03-02T00:00:00Z",
    )
    again = leg(3, "ana")

    for given in ([first, older, newer, again], [again, newer, first, older]):
        [contact] = records(*given).folded.contacts.rows(named=True)

        assert (contact["transfers"], contact["stations"]) == (2, 3)
        assert (contact["talk_seconds"], contact["wrap_up_seconds"]) == (1200, 60)
        assert contact["ended_by"] == "customer"
    [cut_off] = records(first, newer, older).contacts("stations", "ended_by")
    assert cut_off == (2, "line")


@pytest.mark.parametrize("method", ["DISCONNECT", "MONITOR"])
def test_a_survey_after_the_call_is_no_contact_no_station_no_end(
    records: Any, method: str
) -> None:
    flow = leg(
        1, "ana", InitiationMethod=method, DisconnectReason="CONTACT_FLOW_DISCONNECT"
    )

    file = records(CALL, flow)

    assert file.contacts("source_contact_id", "transfers", "stations", "ended_by") == [
        ("root", 0, 1, "customer")
    ]


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("CUSTOMER_DISCONNECT", "customer"),
        ("AGENT_DISCONNECT", "agent"),
        ("CONTACT_FLOW_DISCONNECT", "system"),
        ("TELECOM_PROBLEM", "line"),
        ("THIRD_PARTY_DISCONNECT", None),
        ("OTHER", None),
        ("OUTBOUND_PREVIEW_DISCARDED", None),
        (None, None),
    ],
)
def test_the_reason_of_a_record_says_who_hung_up(
    records: Any, reason: str | None, by: str | None
) -> None:
    file = records({**CALL, "DisconnectReason": reason})

    assert file.contacts("ended_by") == [(by,)]
    assert file.rejects() == []


def test_a_real_record_is_read_as_a_plain_reading_reads_it(
    map_file: Any, shared: Any
) -> None:
    path = shared(CONNECT)
    last = max(
        (json.loads(line) for line in path.read_text().splitlines()),
        key=lambda record: record["LastUpdateTimestamp"],
    )
    agent = last["Agent"]
    spent = ("AgentInteractionDuration", "CustomerHoldDuration")
    took = sum(agent[name] for name in (*spent, "AfterContactWorkDuration"))
    outside = last["TransferredToEndpoint"]["Type"] == "TELEPHONE_NUMBER"

    [contact] = map_file(path, "amazon_connect").folded.contacts.rows(named=True)

    told = ("talk_seconds", "hold_seconds", "wrap_up_seconds")
    assert sum(contact[name] for name in told) == took
    assert contact["stations"] == 1 + outside
    assert contact["ended_by"] == last["DisconnectReason"].split("_")[0].lower()


def test_a_queue_log_says_who_hung_up_and_who_had_the_call(
    map_text: Any, shared: Any
) -> None:
    text = shared(QUEUE_LOG).read_text()
    word = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "customer"}
    word |= {"ABANDON": "customer", "EXITWITHTIMEOUT": "system", "EXITEMPTY": "system"}
    ends: dict[str, str] = {}
    connected: Counter[str] = Counter()
    handed: Counter[str] = Counter()
    calls = set()
    for line in text.splitlines():
        _, number, _, _, event, *_ = line.split("|")
        if number in ("NONE", "MANAGER"):
            continue
        calls.add(number)
        connected[number] += event == "CONNECT"
        handed[number] += event.endswith("TRANSFER")
        if event in word:
            ends[number] = word[event]

    file = map_text(text, "asterisk_queue_log", region="US")
    found = file.contacts("source_contact_id", "ended_by", "stations")

    keyed = ("EXITWITHKEY", "customer")
    left = {line.split("|")[1] for line in text.splitlines() if keyed[0] in line}
    ends |= dict.fromkeys(left, keyed[1])
    assert found == [
        (number, ends.get(number), connected[number] + handed[number] or None)
        for number in sorted(calls)
    ]


def ended_by(conversation: dict[str, Any]) -> str | None:
    """The last word of whoever took part, seen from their own end."""
    words: list[tuple[str, str]] = []
    people = ("agent", "user")
    own = {"customer": "customer", "agent": "agent", "user": "agent"}
    other = {"customer": "agent", "agent": "customer", "user": "customer"}
    for one in conversation["participants"]:
        purpose = one["purpose"]
        for session in one["sessions"]:
            ours = purpose != "user" or session.get("direction") == "inbound"
            if purpose not in own or not ours:
                continue
            for piece in session["segments"]:
                why = piece.get("disconnectType")
                if piece["segmentType"] not in ("interact", "hold") or why is None:
                    continue
                side = {"client": own, "endpoint": own, "peer": other}.get(why)
                by = "system" if why == "system" else side and side[purpose]
                words.append((piece["segmentStart"], by or ""))
    if not any(one["purpose"] in people for one in conversation["participants"]):
        return None
    return max(words)[1] or None if words else None


def test_conversations_are_ended_by_whom_their_segments_say(
    map_file: Any, shared: Any, together: Any
) -> None:
    path = shared(GENESYS)
    conversations = json.loads(path.read_text())["conversations"]
    people: dict[str, list[str]] = defaultdict(list)
    for each in conversations:
        answered = [
            (piece["segmentStart"], one["userId"])
            for one in each["participants"]
            if one["purpose"] == "agent"
            for session in one["sessions"]
            for piece in session["segments"]
            if piece["segmentType"] == "interact" and one.get("userId")
        ]
        people[each["conversationId"]] = [user for _, user in sorted(answered)]

    names = parts(load_profile("genesys_cloud"))
    files = [map_file(path, "genesys_cloud", part=name) for name in names]
    contacts = together(*files).contacts.to_dicts()

    assert len(contacts) == len(conversations) == 25
    assert {one["source_contact_id"]: one["ended_by"] for one in contacts} == {
        each["conversationId"]: ended_by(each) for each in conversations
    }
    for one in contacts:
        met = people[one["source_contact_id"]]
        changes = sum(before != after for before, after in pairwise(met))
        assert one["stations"] == max(changes + 1, one["transfers"] + 1)
        assert one["transfers"] == 0


def test_merged_spam_and_deleted_tickets_are_nobodys_hands(map_text: Any) -> None:
    file = map_text(
        "contact_id,started_at,channel,status,disposition,stations,escalations\n"
        "A,2025-03-01T09:00:00Z,email,open,,2,1\n"
        "B,2025-03-01T09:00:00Z,email,deleted,,5,1\n"
        "C,2025-03-01T09:00:00Z,email,closed,spam,5,1\n"
        "D,2025-03-01T09:00:00Z,email,merged,,5,1\n",
        "generic_contacts",
    )

    # The merged one stays, as merged: definitions leave it out and say so.
    assert file.contacts("source_contact_id", "disposition", "stations") == [
        ("A", "unknown", 2),
        ("D", "merged", 5),
    ]
    assert sorted(file.folded.left_out["reason"]) == ["deleted", "spam"]
