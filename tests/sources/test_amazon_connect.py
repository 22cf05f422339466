"""Amazon Connect's contact records: legs are one contact, redeliveries are one leg."""

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

ROOT = {
    "ContactId": "root",
    "InitialContactId": None,
    "PreviousContactId": None,
    "InitiationMethod": "INBOUND",
    "Channel": "VOICE",
    "InitiationTimestamp": "2025-03-01T09:00:00Z",
    "DisconnectTimestamp": "2025-03-01T09:10:00Z",
    "LastUpdateTimestamp": "2025-03-01T09:11:00Z",
    "CustomerEndpoint": {"Address": "+12346018567", "Type": "TELEPHONE_NUMBER"},
    "Queue": {
        "Name": "Billing",
        "EnqueueTimestamp": "2025-03-01T09:01:00Z",
        "Duration": 60,
    },
    "Agent": {
        "Username": "ana",
        "ConnectedToAgentTimestamp": "2025-03-01T09:02:00Z",
        "AgentInteractionDuration": 400,
    },
}
LEG = {
    **ROOT,
    "ContactId": "leg",
    "InitialContactId": "root",
    "PreviousContactId": "root",
    "InitiationMethod": "TRANSFER",
    "InitiationTimestamp": "2025-03-01T09:10:00Z",
    "DisconnectTimestamp": "2025-03-01T09:20:00Z",
    "Queue": {
        "Name": "Tier 2",
        "EnqueueTimestamp": "2025-03-01T09:10:00Z",
        "Duration": 30,
    },
    "Agent": {
        "Username": "bob",
        "ConnectedToAgentTimestamp": "2025-03-01T09:11:00Z",
        "AgentInteractionDuration": 500,
    },
}
FIGURES = ("source_contact_id", "disposition", "served", "transfers", "queue_seconds")


@pytest.fixture
def records(map_text: Any) -> Callable[..., Any]:
    # Firehose writes objects end to end, without a line between them.
    return lambda *objects: map_text(
        "".join(json.dumps(each) for each in objects), "amazon_connect", region="US"
    )


def test_three_deliveries_of_a_record_are_one_contact(
    map_file: Any, shared: Any
) -> None:
    path = shared("vendor/amazon_connect/ctr_redelivered.ndjson")
    file = map_file(path, "amazon_connect")
    delivered = [json.loads(line) for line in path.read_text().splitlines()]
    last = max(delivered, key=lambda record: record["LastUpdateTimestamp"])
    [contact] = file.folded.contacts.rows(named=True)

    assert file.extracted.accounting.kept == 3
    assert contact["source_contact_id"] == last["ContactId"]
    assert contact["queue_seconds"] == last["Queue"]["Duration"]
    assert contact["talk_seconds"] == last["Agent"]["AgentInteractionDuration"]
    assert contact["hold_seconds"] == last["Agent"]["CustomerHoldDuration"]
    assert contact["wrap_up_seconds"] == last["Agent"]["AfterContactWorkDuration"]
    assert f"{contact['ended_at']:%Y-%m-%dT%H:%M:%SZ}" == last["DisconnectTimestamp"]
    # It was handed over to a number outside: a transfer, though no second leg.
    assert contact["transfers"] == 1
    assert file.rejects() == []


def test_transferred_legs_are_one_contact_in_any_order(
    records: Any, together: Any
) -> None:
    files = [records(ROOT), records(LEG), records({**LEG, "ContactId": "leg"})]
    for order in permutations(files):
        [contact] = together(*order).contacts.rows(named=True)

        assert contact["source_contact_id"] == "root"
        assert (contact["queue_seconds"], contact["talk_seconds"]) == (90, 900)
        assert contact["transfers"] == 1
        assert contact["queue"] == "Tier 2"
        assert f"{contact['started_at']:%H:%M}" == "09:00"
        assert f"{contact['ended_at']:%H:%M}" == "09:20"


def test_a_transfer_between_queues_before_anybody_answered_is_none(
    records: Any,
) -> None:
    file = records(
        {**ROOT, "Agent": None}, {**LEG, "InitiationMethod": "QUEUE_TRANSFER"}
    )

    assert file.contacts(*FIGURES) == [("root", "handled", True, 0, 90)]


def test_queued_and_never_connected_is_abandoned(records: Any) -> None:
    assert records({**ROOT, "Agent": None}).contacts(*FIGURES) == [
        ("root", "abandoned", False, 0, 60)
    ]


def test_a_leg_abandoned_after_a_person_answered_is_no_abandonment(
    records: Any,
) -> None:
    file = records(ROOT, {**LEG, "Agent": None})

    assert file.contacts(*FIGURES) == [("root", "handled", True, 0, 90)]


def test_a_call_that_ended_in_the_menu_is_not_called_served(records: Any) -> None:
    file = records({**ROOT, "Agent": None, "Queue": None})

    assert file.contacts("disposition", "served") == [("self_served", None)]


@pytest.mark.parametrize("method", ["DISCONNECT", "MONITOR"])
def test_post_call_flows_and_listeners_are_no_demand(records: Any, method: str) -> None:
    file = records({**ROOT, "InitiationMethod": method})

    assert (file.contacts("contact_id"), file.extracted.accounting.filtered) == ([], 1)


def test_a_call_back_is_a_contact_of_its_own_that_says_whose(records: Any) -> None:
    back = {**LEG, "ContactId": "back", "InitiationMethod": "CALLBACK"}
    file = records({**ROOT, "Agent": None}, back)

    assert file.contacts("source_contact_id", "direction", "connected") == [
        ("back", "outbound", True),
        ("root", "inbound", None),
    ]
    assert file.folded.references.select(
        "source_contact_id", "kind", "to_id"
    ).rows() == [("back", "callback_of", "root")]


@pytest.mark.parametrize(
    ("method", "channel", "direction"),
    [
        ("API", "VOICE", "outbound"),
        ("API", "CHAT", "inbound"),
        ("OUTBOUND", "VOICE", "outbound"),
        ("INBOUND", "VOICE", "inbound"),
        ("API", "TASK", "internal"),
    ],
)
def test_who_began_it_depends_on_method_and_channel(
    records: Any, method: str, channel: str, direction: str
) -> None:
    file = records({**ROOT, "InitiationMethod": method, "Channel": channel})

    assert file.contacts("direction") == [(direction,)]


def test_an_outbound_call_nobody_took_is_not_connected(records: Any) -> None:
    file = records({**ROOT, "InitiationMethod": "OUTBOUND", "Agent": None})

    assert file.contacts("disposition", "served", "connected") == [
        ("unanswered", False, False)
    ]


def test_a_record_without_its_id_is_rejected_and_its_neighbour_is_not(
    records: Any,
) -> None:
    file = records({**ROOT, "ContactId": None}, ROOT)

    assert [reject[1:] for reject in file.rejects()] == [
        ("ContactId", "missing_key", True)
    ]
    assert file.contacts("source_contact_id") == [("root",)]
