"""Twilio: legs become calls, messages threads and segments conversations."""

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest

CALL = {
    "sid": "CA1",
    "parent_call_sid": None,
    "from": "+12025550143",
    "to": "+18005550199",
    "direction": "inbound",
    "status": "completed",
    "answered_by": None,
    "duration": "300",
    "date_created": "Mon, 03 Mar 2025 09:00:00 +0000",
    "date_updated": "Mon, 03 Mar 2025 09:05:00 +0000",
    "start_time": "Mon, 03 Mar 2025 09:00:00 +0000",
    "end_time": "Mon, 03 Mar 2025 09:05:00 +0000",
}
LEG = {
    **CALL,
    "sid": "CA2",
    "parent_call_sid": "CA1",
    "direction": "outbound-dial",
    "to": "client:ana",
    "duration": "240",
    "start_time": "Mon, 03 Mar 2025 09:01:00 +0000",
}
MESSAGE = {
    "sid": "SM1",
    "from": "+12025550143",
    "to": "+18005550199",
    "direction": "inbound",
    "status": "received",
    "num_segments": "1",
    "messaging_service_sid": None,
    "date_created": "Mon, 03 Mar 2025 09:00:00 +0000",
    "date_sent": "Mon, 03 Mar 2025 09:00:00 +0000",
    "date_updated": "Mon, 03 Mar 2025 09:00:00 +0000",
}


def sent(sid: str, at: str, **more: Any) -> dict[str, Any]:
    written = f"{at}:00 +0000"
    return {**MESSAGE, "sid": sid, "date_sent": written, **more}


def answer(sid: str, at: str, **more: Any) -> dict[str, Any]:
    ours = {"from": "+18005550199", "to": "+12025550143", "direction": "outbound-api"}
    return sent(sid, at, **ours, status="delivered", **more)


@pytest.fixture
def calls(map_text: Any) -> Callable[..., Any]:
    return lambda *objects: map_text(
        json.dumps({"calls": list(objects), "page": 0}), "twilio", part="calls"
    )


@pytest.fixture
def messages(map_text: Any) -> Callable[..., Any]:
    return lambda *objects, **told: map_text(
        json.dumps({"messages": list(objects)}), "twilio", part="messages", **told
    )


@pytest.mark.parametrize(
    "name", ["twilio_call_data.csv", "twilio_call_data_snowflake.csv"]
)
def test_the_table_of_calls_holds_one_that_never_was(
    map_file: Any, shared: Any, name: str
) -> None:
    path = shared(f"vendor/twilio/{name}")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    file = map_file(path, "twilio", part="call_table")
    contacts = file.folded.contacts

    assert len(rows) == file.extracted.accounting.records == 9
    # The thirtieth of February.
    [wrong] = [n for n, row in enumerate(rows, 2) if "-02-30" in row["start_time"]]
    assert file.rejects() == [(wrong, "start_time", "bad_time", True)]
    good = [row for row in rows if "-02-30" not in row["start_time"]]
    assert set(contacts["source_contact_id"]) == {row["id"] for row in good}
    assert contacts["duration_seconds"].sum() == sum(int(r["duration"]) for r in good)
    assert contacts.filter(disposition="abandoned").height == sum(
        row["status"] == "canceled" for row in good
    )
    # They were answered by an application: by whom, nobody says.
    assert contacts.filter(served=True).is_empty()


def test_a_table_that_dropped_the_plus_names_the_same_people(
    map_file: Any, shared: Any, pseudonym: Any
) -> None:
    for name, part in (
        ("twilio_call_data.csv", "call_table"),
        ("twilio_message_data.csv", "message_table"),
    ):
        file = map_file(shared(f"vendor/twilio/{name}"), "twilio", part=part)

        assert set(file.identifiers("kind", "pseudonym")) == {
            ("phone", pseudonym("phone", "+15555555555"))
        }


@pytest.mark.parametrize(
    "name", ["twilio_message_data.csv", "twilio_message_data_snowflake.csv"]
)
def test_the_table_of_messages_is_one_thread(
    map_file: Any, shared: Any, name: str
) -> None:
    path = shared(f"vendor/twilio/{name}")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    file = map_file(path, "twilio", part="message_table")

    assert file.extracted.tables["event_records"].height == len(rows) == 10
    assert file.contacts("channel", "direction", "agent_messages") == [
        ("sms", "outbound", 10)
    ]
    assert file.rejects() == []


def test_the_legs_of_a_table_are_folded_as_the_apis(map_text: Any) -> None:
    header = (
        "id,parent_call_id,from,to,direction,status,answered_by,forwarded_from,"
        "queue_time,duration,start_time,end_time,created_at,updated_at\n"
    )
    times = "2025-03-03 09:0{}:00.000000 UTC"
    rows = [
        f"{number},{parent},12025550143,{to},{way},completed,,,0,{length},"
        f"{times.format(began)},{times.format(5)},{times.format(0)},{times.format(5)}\n"
        for number, parent, to, way, length, began in (
            ("CA1", "", "18005550199", "inbound", 300, 0),
            ("CA2", "CA1", "client:ana", "outbound-dial", 120, 1),
            ("CA3", "CA1", "client:bob", "outbound-dial", 120, 3),
        )
    ]
    file = map_text(header + "".join(rows), "twilio", part="call_table")

    assert file.contacts("talk_seconds", "transfers", "disposition", "served") == [
        (240, 1, "handled", True)
    ]


def test_an_answered_leg_is_part_of_its_call(calls: Any, together: Any) -> None:
    for files in ((CALL, LEG), (LEG, CALL)):
        folded = together(*(calls(each) for each in files))
        [contact] = folded.contacts.rows(named=True)

        assert contact["source_contact_id"] == "CA1"
        assert f"{contact['answered_at']:%H:%M}" == "09:01"
        assert (contact["talk_seconds"], contact["duration_seconds"]) == (240, 300)
        assert (contact["disposition"], contact["served"]) == ("handled", True)
        assert (contact["transfers"], contact["agent_id"] is None) == (0, False)


def test_the_caller_is_the_customer_and_neither_our_line_nor_the_leg(
    calls: Any, pseudonym: Any
) -> None:
    file = calls(CALL, {**LEG, "to": "+14155550100"})

    assert file.identifiers("kind", "pseudonym") == [
        ("phone", pseudonym("phone", "+12025550143"))
    ]


def test_of_an_outbound_call_the_called_is_the_customer(
    calls: Any, pseudonym: Any
) -> None:
    ours = {"from": "+18005550199", "to": "+12025550143", "direction": "outbound-api"}
    file = calls({**CALL, **ours})

    assert file.contacts("direction", "disposition", "connected", "talk_seconds") == [
        ("outbound", "handled", True, 300)
    ]
    assert file.identifiers("pseudonym") == [(pseudonym("phone", "+12025550143"),)]


@pytest.mark.parametrize("caller", ["client:ana", "anonymous", "+266696687", None])
def test_a_caller_without_a_number_joins_nobody(calls: Any, caller: str | None) -> None:
    file = calls({**CALL, "from": caller})

    assert [flag for (flag,) in file.identifiers("flag") if flag is None] == []


def test_a_second_answered_leg_is_a_transfer(calls: Any) -> None:
    second = {
        **LEG,
        "sid": "CA3",
        "to": "client:bob",
        "start_time": "Mon, 03 Mar 2025 09:03:00 +0000",
        "duration": "60",
    }
    file = calls(CALL, LEG, second)

    assert file.contacts("transfers") == [(1,)]


def test_a_leg_that_rang_in_vain_is_neither_answer_nor_transfer(calls: Any) -> None:
    vain = {**LEG, "sid": "CA3", "status": "canceled", "duration": "0"}
    file = calls(CALL, LEG, vain)

    assert file.contacts("transfers", "disposition") == [(0, "handled")]


@pytest.mark.parametrize(
    ("leg", "disposition"), [("no-answer", "unanswered"), ("failed", "failed")]
)
def test_a_call_whose_leg_nobody_took_is_unserved(
    calls: Any, leg: str, disposition: str
) -> None:
    file = calls(CALL, {**LEG, "status": leg, "duration": "0"})

    assert file.contacts("disposition", "served", "answered_at") == [
        (disposition, False, None)
    ]


def test_a_call_without_legs_may_have_been_served(calls: Any) -> None:
    assert calls(CALL).contacts("disposition", "served", "transfers") == [
        ("unknown", None, None)
    ]


@pytest.mark.parametrize(
    ("told", "disposition"),
    [
        ({"status": "no-answer"}, "unanswered"),
        ({"status": "busy"}, "unanswered"),
        ({"status": "failed"}, "failed"),
        ({"status": "completed", "answered_by": "machine_start"}, "voicemail"),
    ],
)
def test_an_outbound_call_that_reached_nobody_is_not_connected(
    calls: Any, told: dict[str, str], disposition: str
) -> None:
    file = calls({**CALL, "direction": "outbound-api", **told})

    assert file.contacts("disposition", "connected") == [(disposition, False)]


def test_a_call_still_ringing_is_open(calls: Any) -> None:
    ringing = {**CALL, "status": "ringing", "start_time": None, "end_time": None}

    assert calls(ringing).contacts("status", "disposition", "served") == [
        ("open", "unknown", None)
    ]


def test_of_two_states_of_a_call_the_later_counts(calls: Any, together: Any) -> None:
    before = {
        **CALL,
        "status": "in-progress",
        "duration": None,
        "date_updated": "Mon, 03 Mar 2025 09:00:30 +0000",
    }
    for files in ((CALL, before), (before, CALL)):
        [contact] = together(*(calls(each) for each in files)).contacts.rows(named=True)

        assert (contact["status"], contact["duration_seconds"]) == (None, 300)


def test_a_leg_without_its_call_still_says_when(calls: Any) -> None:
    assert calls(LEG).contacts("source_contact_id", "served") == [("CA1", True)]


def test_an_answer_to_a_message_is_in_its_thread(messages: Any) -> None:
    file = messages(
        sent("SM1", "Mon, 03 Mar 2025 09:00"), answer("SM2", "Mon, 03 Mar 2025 09:20")
    )
    [contact] = file.folded.contacts.rows(named=True)

    assert (contact["channel"], contact["direction"]) == ("sms", "inbound")
    assert (contact["customer_messages"], contact["agent_messages"]) == (1, 1)
    assert contact["first_response_seconds"] == 20 * 60


def test_a_day_of_silence_ends_a_thread_and_less_does_not(messages: Any) -> None:
    first = sent("SM1", "Mon, 03 Mar 2025 09:00")
    within = sent("SM2", "Tue, 04 Mar 2025 09:00")
    beyond = sent("SM3", "Wed, 05 Mar 2025 09:01")
    file = messages(first, within, beyond)

    assert sorted(file.contacts("customer_messages")) == [(1,), (2,)]
    assert len({case for (case,) in file.contacts("case_id")}) == 1


def test_two_of_our_numbers_are_two_threads(messages: Any) -> None:
    other = sent("SM2", "Mon, 03 Mar 2025 09:01", to="+18005550100")

    assert (
        len(messages(sent("SM1", "Mon, 03 Mar 2025 09:00"), other).contacts("channel"))
        == 2
    )


def test_no_number_of_a_customer_is_in_the_clear(messages: Any) -> None:
    file = messages(
        sent("SM1", "Mon, 03 Mar 2025 09:00"), answer("SM2", "Mon, 03 Mar 2025 09:20")
    )

    for table in (*file.extracted.tables.values(), file.folded.contacts):
        assert "2025550143" not in str(table.rows())


@pytest.mark.parametrize(
    ("prefix", "channel", "kind"),
    [
        ("", "sms", "phone"),
        ("whatsapp:", "messaging", "phone"),
        ("messenger:", "social_private", "social_handle"),
    ],
)
def test_the_prefix_of_an_address_is_its_channel(
    messages: Any, pseudonym: Any, prefix: str, channel: str, kind: str
) -> None:
    address = "2025550143" if prefix == "messenger:" else "+12025550143"
    ends = {"from": f"{prefix}{address}", "to": f"{prefix}+18005550199"}
    file = messages(sent("SM1", "Mon, 03 Mar 2025 09:00", **ends))

    assert file.contacts("channel") == [(channel,)]
    assert file.identifiers("kind", "pseudonym") == [(kind, pseudonym(kind, address))]


@pytest.mark.parametrize("state", ["failed", "undelivered", "canceled", "scheduled"])
def test_a_message_that_reached_nobody_is_filtered(messages: Any, state: str) -> None:
    file = messages({**MESSAGE, "direction": "outbound-api", "status": state})

    assert (file.contacts("channel"), file.extracted.accounting.filtered) == ([], 1)


def test_an_automatic_reply_is_no_persons_answer(messages: Any) -> None:
    reply = answer("SM2", "Mon, 03 Mar 2025 09:00") | {"direction": "outbound-reply"}
    file = messages(sent("SM1", "Mon, 03 Mar 2025 08:59"), reply)

    assert file.contacts("agent_messages", "first_response_at") == [(0, None)]


def test_who_writes_through_the_api_is_a_setting(messages: Any) -> None:
    thread = (
        sent("SM1", "Mon, 03 Mar 2025 09:00"),
        answer("SM2", "Mon, 03 Mar 2025 09:20"),
    )
    file = messages(*thread, settings={"api_sender": "bot"})

    assert file.contacts("agent_messages", "disposition") == [(0, "bot_handled")]


def test_a_message_sent_by_a_service_belongs_to_its_thread(messages: Any) -> None:
    notice = answer("SM1", "Mon, 03 Mar 2025 09:00", messaging_service_sid="MG1") | {
        "from": None
    }

    assert messages(notice).contacts("direction", "channel") == [("outbound", "sms")]


def test_a_message_without_ends_is_rejected(messages: Any) -> None:
    file = messages({**MESSAGE, "from": None}, MESSAGE)

    assert [(reason, whole) for _, _, reason, whole in file.rejects()] == [
        ("missing_key", True)
    ]
    assert file.folded.contacts.height == 1


FLEX = (
    "Conversation ID,Kind,Communication Channel,Direction,Date,Time,Talk Time,"
    "Wrap Up Time,Queue Time,Handling Time,Abandoned\n"
)


@pytest.fixture
def segments(map_text: Any) -> Callable[..., Any]:
    return lambda text, **told: map_text(FLEX + text, "flex_insights", **told)


def test_a_cold_transfer_is_four_segments_and_one_transfer(segments: Any) -> None:
    file = segments(
        "C1,Queue,Call,Inbound,2025-03-03,09:00:00,,,30,,No\n"
        "C1,Conversation,Call,Inbound,2025-03-03,09:00:30,120,20,,140,No\n"
        "C1,Queue,Call,Inbound,2025-03-03,09:02:30,,,15,,No\n"
        "C1,Conversation,Call,Inbound,2025-03-03,09:02:45,60,10,,70,No\n"
    )
    [contact] = file.folded.contacts.rows(named=True)

    assert (contact["channel"], contact["direction"]) == ("voice", "inbound")
    assert (contact["queue_seconds"], contact["talk_seconds"]) == (45, 180)
    # Handling time holds the wrap-up already, and is not added to it.
    assert contact["wrap_up_seconds"] == 30
    assert (contact["transfers"], contact["disposition"]) == (1, "handled")
    assert f"{contact['started_at']:%H:%M:%S}" == "09:00:00"


def test_what_agents_do_between_conversations_is_no_contact(segments: Any) -> None:
    file = segments(
        "C1,Queue,Call,Inbound,2025-03-03,09:00:00,,,30,,Yes\n"
        ",Agent Status,,,2025-03-03,09:00:00,,,,,\n"
        "C2,Conversation in Progress,Call,Inbound,2025-03-03,09:00:00,5,,,5,\n"
    )

    assert file.contacts("source_contact_id", "disposition", "served") == [
        ("C1", "abandoned", False)
    ]
    assert file.extracted.accounting.filtered == 2


def test_an_agent_who_missed_it_is_no_end_where_another_took_it(segments: Any) -> None:
    file = segments(
        "C1,Missed Conversation,Call,Inbound,2025-03-03,09:00:10,,,,,\n"
        "C1,Conversation,Call,Inbound,2025-03-03,09:00:30,120,20,,140,No\n"
        "C2,Missed Conversation,Call,Inbound,2025-03-03,09:00:10,,,,,\n"
    )

    assert file.contacts("source_contact_id", "disposition") == [
        ("C1", "handled"),
        ("C2", "missed"),
    ]


def test_the_zone_and_the_form_of_times_are_settings(segments: Any) -> None:
    file = segments(
        "C1,Conversation,Chat,Inbound,03/04/2025,09:00:30,120,20,,140,No\n",
        settings={"tz": "Europe/Berlin", "date_format": "%m/%d/%Y %H:%M:%S"},
    )

    assert f"{file.contacts('started_at')[0][0]:%m-%d %H:%M}" == "03-04 08:00"


def test_a_duration_in_another_form_is_told_and_not_guessed(segments: Any) -> None:
    file = segments(
        "C1,Conversation,Call,Inbound,2025-03-03,09:00:30,00:02,20,,140,No\n"
    )

    assert [reject[2:] for reject in file.rejects()] == [("bad_duration", False)]
    assert file.contacts("talk_seconds") == [(None,)]
