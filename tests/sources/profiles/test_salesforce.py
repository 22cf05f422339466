"""Salesforce Service: three dialects of cases, and what happened inside and beside."""

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

Row = dict[str, str]

CASE, OTHER = "5001t00000AbCdEAAV", "5001t00000AbCdFAAV"
PERSON = "0031t00000XyZabAAB"
AGENT, SECOND = "0051t000001AAAAAA2", "0051t000001BBBBBA2"
QUEUE = "00G1t000000QQQQEA4"
ISO = "%Y-%m-%dT%H:%M:%S.000Z"


def written(*rows: Row, delimiter: str = ",") -> str:
    file = io.StringIO()
    options: dict[str, Any] = {"delimiter": delimiter, "quoting": csv.QUOTE_ALL}
    writer = csv.DictWriter(file, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def snaked(row: Row) -> Row:
    """The row as a warehouse names and writes it."""
    name = re.compile(r"(?<=[a-z])(?=[A-Z])")
    stamp = re.compile(r"^(\S{10})T(\S{8})\.000Z$")
    return {
        name.sub("_", column).lower(): stamp.sub(r"\1 \2", value)
        for column, value in row.items()
    }


def case(**told: str) -> Row:
    return {
        "Id": CASE,
        "CaseNumber": "00001026",
        "ContactId": PERSON,
        "AccountId": "0011t00000AccouAAA",
        "SuppliedEmail": "",
        "SuppliedPhone": "",
        "ContactEmail": "ana@example.org",
        "ContactPhone": "",
        "Origin": "Email",
        "Status": "Closed",
        "IsClosed": "true",
        "IsDeleted": "false",
        "Reason": "Billing",
        "Priority": "High",
        "OwnerId": AGENT,
        "ParentId": "",
        "MasterRecordId": "",
        "Subject": "PRIVATE WORDS",
        "Description": "PRIVATE\nWORDS",
        "CreatedDate": "2025-03-03T10:00:00.000Z",
        "ClosedDate": "2025-03-05T10:00:00.000Z",
        "LastModifiedDate": "2025-03-05T10:00:00.000Z",
        "SystemModstamp": "2025-03-05T10:00:00.000Z",
        **told,
    }


def cases(map_text: Any, *rows: Row, **told: Any) -> Any:
    return map_text(written(*rows), "salesforce", part="cases", **told)


ORIGINS = {"Email": "email", "Phone": "voice", "Web": "web_form", "Chat": "chat"}


@pytest.mark.parametrize("dialect", [dict, snaked])
def test_cases_count_up_to_what_their_rows_say(map_text: Any, dialect: Any) -> None:
    chance = Random(11)  # noqa: S311
    rows, spent = [], []
    for number in range(60):
        opened = datetime(2025, 3, 1) + timedelta(seconds=chance.randrange(5_000_000))
        took = timedelta(seconds=chance.randrange(900_000))
        closed = chance.random() < 0.7
        spent += [took.total_seconds()] if closed else []
        rows.append(
            case(
                Id=f"5001t00000{number:05}AAV",
                Origin=chance.choice(list(ORIGINS)),
                IsClosed=str(closed).lower(),
                Status="Closed" if closed else "In Review",
                ContactId=f"0031t00000{chance.randrange(20):05}AAB",
                CreatedDate=opened.strftime(ISO),
                ClosedDate=(opened + took).strftime(ISO) if closed else "",
            )
        )
    file = cases(map_text, *map(dialect, rows))
    contacts = file.folded.contacts

    assert contacts.height == len(rows)
    assert contacts["resolution_seconds"].sum() == sum(spent)
    assert Counter(contacts["channel"]) == Counter(ORIGINS[r["Origin"]] for r in rows)
    assert Counter(contacts["status"]) == {
        "closed": len(spent),
        "open": len(rows) - len(spent),
    }
    held = file.extracted.tables["identifier_records"]
    assert held.filter(kind="source_customer_id")["pseudonym"].n_unique() == len(
        {r["ContactId"] for r in rows}
    )
    assert file.rejects() == []
    assert not any(
        "PRIVATE" in str(table.rows()) for table in file.extracted.tables.values()
    )


def test_long_and_short_ids_are_one(map_text: Any, together: Any) -> None:
    later = {"SystemModstamp": "2025-03-06T10:00:00.000Z", "Origin": "Web"}
    short = cases(map_text, case(Id=CASE[:15], ContactId=PERSON[:15], **later))
    long = cases(map_text, case())

    assert together(long, short).contacts["channel"].to_list() == ["web_form"]
    assert long.identifiers("pseudonym") == short.identifiers("pseudonym")


def test_ids_that_differ_in_case_only_are_two(map_text: Any) -> None:
    file = cases(map_text, case(), case(Id=CASE[:15].swapcase() + "AAA"))
    assert file.folded.contacts.height == 2


@pytest.mark.parametrize(
    ("owner", "agent", "queue"), [(AGENT, True, False), (QUEUE, False, True)]
)
def test_an_owner_is_a_person_or_a_queue(
    map_text: Any, owner: str, agent: bool, queue: bool
) -> None:
    [(held_by, waits_in)] = cases(map_text, case(OwnerId=owner)).contacts(
        "agent_id", "queue"
    )
    assert (held_by is not None, waits_in is not None) == (agent, queue)


def test_what_was_typed_into_a_form_counts_until_the_case_has_its_contact(
    map_text: Any, pseudonym: Any
) -> None:
    typed = {"SuppliedEmail": "typed@example.org", "SuppliedPhone": "+442079460000"}
    known = cases(map_text, case(**typed))
    unknown = cases(map_text, case(ContactId="", ContactEmail="", **typed))

    assert pseudonym("email", "typed@example.org") not in [
        p for (p,) in known.identifiers("pseudonym")
    ]
    assert unknown.identifiers("kind", "pseudonym") == sorted(
        [
            ("account_id", pseudonym("account_id", "0011t00000Accou")),
            ("email", pseudonym("email", "typed@example.org")),
            ("phone", pseudonym("phone", "+442079460000")),
        ]
    )


def test_a_case_merged_into_another_names_it(map_text: Any) -> None:
    gone = case(MasterRecordId=OTHER, IsDeleted="true")
    file = cases(map_text, gone)
    told = file.extracted.tables["reference_records"]

    assert told.select("kind", "to_id").rows() == [("merged_into", OTHER[:15])]
    assert file.contacts("status", "disposition") == [("merged", "merged")]


def test_a_deleted_case_is_none(map_text: Any) -> None:
    folded = cases(map_text, case(IsDeleted="true")).folded
    assert folded.left_out["reason"].to_list() == ["deleted"]


@pytest.mark.parametrize(
    ("changed", "reason", "whole_row"),
    [
        ({"Id": ""}, "missing_key", True),
        ({"CreatedDate": "yesterday"}, "bad_time", True),
        ({"ClosedDate": "2125-03-05T10:00:00.000Z"}, "implausible_time", False),
    ],
)
def test_what_cannot_be_used_is_rejected(
    map_text: Any, changed: Row, reason: str, whole_row: bool
) -> None:
    file = cases(map_text, case(**changed))

    assert [(r[2], r[3]) for r in file.rejects()] == [(reason, whole_row)]


def report(**told: str) -> Row:
    return {
        "Case Owner": "Ann",
        "Case Number": "00001026",
        "Contact Name": "PRIVATE NAME",
        "Subject": "PRIVATE WORDS",
        "Status": "Working",
        "Priority": "High",
        "Case Origin": "Phone",
        "Date/Time Opened": "3/5/2025 9:05 AM",
        "Date/Time Closed": "",
        "Case Owner Alias": "ann",
        "Email Message Date": "",
        **{n.replace("_", " "): v for n, v in told.items()},
    }


FOOTER = (
    '\n\n"Cases this month"\n"Copyright (c) 2000-2025 salesforce.com, inc. All rights '
    'reserved."\n"Confidential Information - Do Not Distribute"\n'
    '"Generated By:  Ann Agent  5/3/2025 10:00"\n"Acme"\n'
)
TOTALS = '\n"Grand Totals (2 records)"\n"Cases this month"\n"Copyright (c) 2025"\n'


@pytest.mark.parametrize("footer", ["", FOOTER, TOTALS])
@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-16", "\t"), ("cp1252", ",")]
)
def test_a_report_ends_before_its_footer_in_every_encoding(
    map_file: Any, tmp_path: Any, footer: str, encoding: str, delimiter: str
) -> None:
    rows = [report(Case_Owner="Jörg"), report(Case_Number="00001027")]
    path = tmp_path / "report.csv"
    path.write_bytes((written(*rows, delimiter=delimiter) + footer).encode(encoding))
    file = map_file(path, "salesforce", part="report")

    assert file.contacts("source_contact_id") == [("00001026",), ("00001027",)]
    assert file.rejects() == []
    assert file.extracted.accounting.kept == 2


@pytest.mark.parametrize(
    ("opened", "read"),
    [
        ("3/5/2025 9:05 AM", datetime(2025, 3, 5, 9, 5)),
        ("12/31/2024 11:59 PM", datetime(2024, 12, 31, 23, 59)),
        ("05/03/2025 09:05", datetime(2025, 3, 5, 9, 5)),
        ("05.03.2025 09:05", datetime(2025, 3, 5, 9, 5)),
        ("5-3-2025 9:05", datetime(2025, 3, 5, 9, 5)),
        ("2025-03-05 09:05", datetime(2025, 3, 5, 9, 5)),
    ],
)
def test_a_report_is_dated_by_its_readers_locale(
    map_text: Any, opened: str, read: datetime
) -> None:
    row = report() | {"Date/Time Opened": opened}
    file = map_text(written(row), "salesforce", part="report")

    assert file.contacts("started_at", "time_precision") == [
        (read.replace(tzinfo=UTC), "minute")
    ]


def test_an_order_of_day_and_month_of_its_own_is_set(map_text: Any) -> None:
    row = report() | {"Date/Time Opened": "5/03/2025 9:05 AM"}
    told = {"dates": ["%d/%m/%Y %I:%M %p"], "tz": "Australia/Sydney"}
    file = map_text(written(row), "salesforce", part="report", settings=told)

    assert file.contacts("started_at") == [(datetime(2025, 3, 4, 22, 5, tzinfo=UTC),)]


def test_a_report_closes_what_has_a_closing_date(map_text: Any) -> None:
    closed = report() | {
        "Date/Time Closed": "3/6/2025 9:05 AM",
        "Status": "Done so far",
    }
    file = map_text(written(closed), "salesforce", part="report")

    assert file.contacts("status", "resolution_seconds") == [("closed", 86400)]


def test_a_report_on_messages_repeats_the_case_and_counts_it_once(
    map_text: Any,
) -> None:
    rows = [report(Email_Message_Date=f"3/{day}/2025 9:05 AM") for day in (6, 7, 8)]
    file = map_text(written(*rows), "salesforce", part="report")

    assert file.folded.contacts.height == 1
    assert file.extracted.accounting.duplicates == 2


def test_nobody_is_known_by_name_alone(map_text: Any, pseudonym: Any) -> None:
    bare = map_text(written(report()), "salesforce", part="report")
    mailed = report() | {"Web Email": "ana@example.org"}
    told = {"settings": {"email": "Web Email"}}

    assert bare.identifiers("kind") == []
    file = map_text(written(mailed), "salesforce", part="report", **told)
    assert file.identifiers("kind", "pseudonym") == [
        ("email", pseudonym("email", "ana@example.org"))
    ]


def mail(number: int, at: str, *, incoming: bool, **told: str) -> Row:
    return {
        "Id": f"02s1t00000{number:05}AAA",
        "ParentId": CASE,
        "Incoming": str(incoming).lower(),
        "MessageDate": at,
        "FromAddress": "somebody@example.org",
        "Status": "3",
        "CreatedById": AGENT,
        "TextBody": "PRIVATE WORDS",
        **told,
    }


MAILS = [
    mail(1, "2025-03-03T10:00:05.000Z", incoming=True),
    mail(2, "2025-03-03T11:00:00.000Z", incoming=False),
    mail(3, "2025-03-04T10:00:00.000Z", incoming=True),
    mail(4, "2025-03-04T12:00:00.000Z", incoming=False),
    mail(5, "2025-03-04T12:30:00.000Z", incoming=False, Status="5"),
    mail(6, "2025-03-04T12:30:00.000Z", incoming=False, ParentId="0061t00000OppoaAAA"),
]


@pytest.mark.parametrize("dialect", [dict, snaked])
def test_mails_are_what_was_said_in_a_case(
    map_text: Any, together: Any, dialect: Any
) -> None:
    mails = map_text(written(*map(dialect, MAILS)), "salesforce", part="emails")
    folded = together(mails, cases(map_text, case()))

    assert folded.contacts.select(
        "customer_messages", "agent_messages", "first_response_seconds", "status"
    ).rows() == [(2, 2, 3600, "closed")]
    assert mails.extracted.accounting.filtered == 2
    assert mails.identifiers("kind") == []
    assert not any(
        "PRIVATE" in str(table.rows()) for table in mails.extracted.tables.values()
    )


def test_a_form_answered_by_mail_is_two_words_where_messages_are_read(
    map_text: Any, together: Any
) -> None:
    told = {"settings": {"messages": "yes"}}
    answer = written(mail(2, "2025-03-03T11:00:00.000Z", incoming=False))
    mails = map_text(answer, "salesforce", part="emails", **told)
    folded = together(mails, cases(map_text, case(Origin="Web"), **told))

    assert folded.contacts.select(
        "channel", "first_response_seconds", "customer_messages"
    ).rows() == [("web_form", 3600, 1)]


def test_a_case_without_mails_is_not_called_unanswered(map_text: Any) -> None:
    waiting = case(Origin="Web", IsClosed="false", Status="New", ClosedDate="")
    assert cases(map_text, waiting).contacts("disposition") == [("unknown",)]


def change(field: str, old: str, new: str, at: str) -> Row:
    return {
        "Id": f"0171t{digits_of(field, old, new, at)}",
        "CaseId": CASE,
        "Field": field,
        "OldValue": old,
        "NewValue": new,
        "CreatedDate": f"2025-03-03T{at}:00.000Z",
        "CreatedById": AGENT,
    }


def digits_of(*words: str) -> str:
    """Ten digits that differ from one change to the next."""
    return "".join(f"{sum(map(ord, word)) % 100:02}" for word in words).ljust(10, "0")


CHANGES = [
    change("Status", "New", "Working", "10:01"),
    change("Status", "Working", "Closed - Resolved", "11:00"),
    change("Status", "Closed - Resolved", "Working", "12:00"),
    change("Status", "Working", "Closed", "13:00"),
    change("Owner", QUEUE, AGENT, "10:02"),
    change("Owner", "Desk queue", "Ann Agent", "10:02"),
    change("Owner", AGENT, SECOND, "10:30"),
    change("Owner", "Ann Agent", "Bob Agent", "10:30"),
    change("Priority", "Low", "High", "10:40"),
]


@pytest.mark.parametrize("dialect", [dict, snaked])
def test_history_tells_ends_reopenings_and_hand_overs(
    map_text: Any, together: Any, dialect: Any
) -> None:
    changes = written(*map(dialect, CHANGES))
    history = map_text(changes, "salesforce", part="case_history")
    folded = together(history, cases(map_text, case()))

    assert Counter(history.extracted.tables["event_records"]["event_type"]) == {
        "status_changed": 1,
        "closed": 2,
        "reopened": 1,
        "assigned": 1,
        "transferred": 1,
        "priority_changed": 1,
    }
    assert history.extracted.accounting.filtered == 2
    counts = ("reopens", "transfers", "escalations")
    assert folded.contacts.select(counts).rows() == [(1, 1, 1)]
    assert "Agent" not in str(history.extracted.tables["event_records"].rows())


@pytest.mark.parametrize("dialect", [dict, snaked])
def test_history_tells_whose_priority_was_raised(
    map_text: Any, together: Any, dialect: Any
) -> None:
    told = [
        change("Priority", "", "Low", "09:00"),
        change("Priority", "Low", "High", "10:00"),
        change("Priority", "High", "Medium", "11:00"),
        change("Priority", "Bronze", "High", "13:00"),
        change("Severity", "Low", "High", "14:00"),
    ]
    history = map_text(written(*map(dialect, told)), "salesforce", part="case_history")
    folded = together(history, cases(map_text, case()))

    kinds = ["priority_changed", "escalated", *["priority_changed"] * 2]
    assert folded.events.sort("at")["event_type"].to_list() == kinds
    assert folded.contacts["escalations"].to_list() == [1]


def chat(**told: str) -> Row:
    return {
        "Id": "5701t00000ChatAAAA",
        "ChatKey": "k-1",
        "CaseId": CASE,
        "ContactId": PERSON,
        "Status": "Completed",
        "RequestTime": "2025-03-03T10:00:00.000Z",
        "StartTime": "2025-03-03T10:00:40.000Z",
        "EndTime": "2025-03-03T10:10:00.000Z",
        "WaitTime": "40",
        "ChatDuration": "560",
        "Abandoned": "0",
        "OperatorMessageCount": "7",
        "VisitorMessageCount": "5",
        "OwnerId": AGENT,
        "LiveChatButtonId": "5731t00000ButtAAAA",
        "Body": "<p>PRIVATE WORDS</p>",
        **told,
    }


def chats(map_text: Any, *rows: Row) -> Any:
    return map_text(written(*rows), "salesforce", part="chats")


TOLD = ("disposition", "served", "queue_seconds", "talk_seconds")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ("handled", True, 40, 560)),
        (
            {"Status": "Missed", "StartTime": "", "WaitTime": "60", "Abandoned": "45"},
            ("abandoned", False, 45, None),
        ),
        (
            {"Status": "Missed", "StartTime": "", "WaitTime": "60"},
            ("unanswered", False, 60, None),
        ),
        ({"Status": "Dropped"}, ("handled", True, 40, 560)),
        (
            {"Status": "Dropped", "StartTime": "", "ChatDuration": ""},
            ("failed", False, 40, None),
        ),
        ({"Status": "Odd"}, ("unknown", True, 40, 560)),
    ],
)
def test_abandoned_is_seconds_and_no_flag(
    map_text: Any, changed: Row, told: tuple[Any, ...]
) -> None:
    assert chats(map_text, chat(**changed)).contacts(*TOLD) == [told]


def test_a_chat_stands_for_the_case_it_opened(map_text: Any, together: Any) -> None:
    folded = together(
        chats(map_text, chat()), cases(map_text, case(Origin="Chat"))
    ).contacts

    assert folded.select("source_contact_id", "case_id", "status").rows() == [
        ("5701t00000ChatA", f"src:{CASE[:15]}", "closed")
    ]


def test_a_chat_about_a_mail_is_a_second_contact_of_the_case(
    map_text: Any, together: Any
) -> None:
    folded = together(chats(map_text, chat()), cases(map_text, case())).contacts
    assert folded["channel"].to_list() == ["email", "chat"]


def test_events_of_a_chat_tell_its_transfers(map_text: Any, together: Any) -> None:
    kinds = ["ChatRequest", "Enqueue", "Accept", "Transfer", "Accept", "EndVisitor"]
    events = [
        {
            "Id": f"5711t00000{place:05}AAA",
            "LiveChatTranscriptId": "5701t00000ChatAAAA",
            "Type": kind,
            "Time": f"2025-03-03T10:0{place}:00.000Z",
            "AgentId": AGENT,
            "Detail": "PRIVATE WORDS",
        }
        for place, kind in enumerate(kinds)
    ]
    told = map_text(written(*events), "salesforce", part="chat_events")

    assert told.extracted.accounting.filtered == 1
    folded = together(told, chats(map_text, chat()))
    assert folded.contacts["transfers"].to_list() == [1]


def session(**told: str) -> Row:
    return {
        "Id": "0Mw1t00000SessiAAA",
        "MessagingEndUserId": "0PA1t00000EnduuAAA",
        "EndUserContactId": PERSON,
        "CaseId": "",
        "ChannelType": "WhatsApp",
        "Origin": "InboundInitiated",
        "AgentType": "Agent",
        "Status": "Ended",
        "StartTime": "2025-03-04T10:00:00.000Z",
        "AcceptTime": "2025-03-04T10:02:00.000Z",
        "EndTime": "2025-03-04T10:30:00.000Z",
        "OwnerId": AGENT,
        **told,
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ("messaging", "inbound", "handled", True)),
        ({"ChannelType": "Text"}, ("sms", "inbound", "handled", True)),
        ({"ChannelType": "EmbeddedMessaging"}, ("chat", "inbound", "handled", True)),
        ({"ChannelType": "Semaphore"}, ("unknown", "inbound", "handled", True)),
        ({"AcceptTime": ""}, ("messaging", "inbound", "unanswered", False)),
        (
            {"AcceptTime": "", "AgentType": "Bot"},
            ("messaging", "inbound", "bot_handled", None),
        ),
        (
            {"AcceptTime": "", "Origin": "TriggeredOutbound"},
            ("messaging", "outbound", "unknown", None),
        ),
        (
            {"AcceptTime": "", "Status": "Waiting", "EndTime": ""},
            ("messaging", "inbound", "unknown", None),
        ),
    ],
)
def test_a_session_of_its_own_is_a_contact(
    map_text: Any, changed: Row, told: tuple[Any, ...]
) -> None:
    file = map_text(written(session(**changed)), "salesforce", part="sessions")
    assert file.contacts("channel", "direction", "disposition", "served") == [told]


def test_a_session_on_a_messenger_about_a_case_is_part_of_the_case(
    map_text: Any, together: Any
) -> None:
    sessions = map_text(written(session(CaseId=CASE)), "salesforce", part="sessions")
    opened = cases(
        map_text, case(Origin="Messaging", CreatedDate="2025-03-04T10:00:00Z")
    )
    also = cases(map_text, case())

    alone = together(sessions, opened).contacts
    assert alone.select("source_contact_id", "first_response_seconds").rows() == [
        (CASE[:15], 120)
    ]
    assert together(sessions, also).contacts["channel"].to_list() == ["messaging"]


def call(**told: str) -> Row:
    return {
        "Id": "00T1t00000TaskkAAA",
        "WhoId": PERSON,
        "WhatId": CASE,
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "CallDurationInSeconds": "185",
        "CallDisposition": "PRIVATE WORDS",
        "ActivityDate": "2025-03-03",
        "CreatedDate": "2025-03-03T10:30:00.000Z",
        "IsClosed": "true",
        "OwnerId": AGENT,
        **told,
    }


def calls(map_text: Any, *rows: Row) -> Any:
    return map_text(written(*rows), "salesforce", part="calls")


@pytest.mark.parametrize("dialect", [dict, snaked])
def test_a_call_is_a_contact_of_its_case(map_text: Any, dialect: Any) -> None:
    assert calls(map_text, dialect(call())).contacts(
        "channel",
        "direction",
        "duration_seconds",
        "case_id",
        "served",
        "time_precision",
    ) == [("voice", "inbound", 185, f"src:{CASE[:15]}", True, "second")]


def test_a_day_alone_is_told_as_a_day(map_text: Any) -> None:
    file = calls(map_text, call(CreatedDate=""))
    assert file.contacts("started_at", "time_precision") == [
        (datetime(2025, 3, 3, tzinfo=UTC), "day")
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"TaskSubtype": "Task", "CallType": ""},
        {"TaskSubtype": "Email", "CallType": ""},
        {"TaskSubtype": "ListEmail", "CallType": ""},
        {"IsClosed": "false"},
    ],
)
def test_to_dos_mails_and_calls_still_to_be_made_are_none(
    map_text: Any, changed: Row
) -> None:
    file = calls(map_text, call(), call(Id="00T1t00000OtherAAA", **changed))
    assert file.folded.contacts.height == 1
    assert file.extracted.accounting.filtered == 1


@pytest.mark.parametrize(
    ("who", "kinds"),
    [(PERSON, 1), ("00Q1t00000LeaddAAA", 1), ("0011t00000AccouAAA", 0), ("", 0)],
)
def test_a_call_is_with_a_contact_or_a_lead(
    map_text: Any, who: str, kinds: int
) -> None:
    assert len(calls(map_text, call(WhoId=who)).identifiers("kind")) == kinds


def test_whether_a_call_we_made_was_answered_is_not_known(map_text: Any) -> None:
    file = calls(map_text, call(CallType="Outbound"))
    assert file.contacts("direction", "served", "connected") == [
        ("outbound", None, None)
    ]


def test_a_person_merged_away_is_the_one_it_became(
    map_text: Any, pseudonym: Any
) -> None:
    person = {
        "Id": PERSON,
        "AccountId": "",
        "LastName": "PRIVATE NAME",
        "Email": "",
        "Phone": "",
        "MobilePhone": "",
        "MailingCountry": "GB",
        "MasterRecordId": "0031t00000MasteAAA",
        "IsDeleted": "true",
        "CreatedDate": "2024-01-01T00:00:00.000Z",
        "SystemModstamp": "2025-01-01T00:00:00.000Z",
    }
    file = map_text(written(person), "salesforce", part="contacts")
    links = file.folded.identity_links

    assert links.select("pseudonym", "to_pseudonym").rows() == [
        (
            pseudonym("source_customer_id", PERSON[:15]),
            pseudonym("source_customer_id", "0031t00000Maste"),
        )
    ]


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([case()], "cases"),
        ([snaked(case())], "cases"),
        ([report()], "report"),
        (MAILS, "emails"),
        (CHANGES, "case_history"),
        ([chat()], "chats"),
        ([session()], "sessions"),
        ([call()], "calls"),
        ([snaked(call())], "calls"),
    ],
)
def test_each_object_is_told_by_its_header(
    tmp_path: Any, rows: list[Row], part: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(written(*rows), encoding="utf-8")
    found = detect(peek(path), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("salesforce", part)
    assert not ambiguous(found)


SAMPLES = {
    "vendor/_headers/salesforce_case_report.csv": "report",
    "vendor/salesforce/sf_task_data.csv": "calls",
    "vendor/salesforce/sf_contact_data.csv": "contacts",
    "vendor/salesforce/sf_contact_history_data.csv": "contacts",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_read_without_rejects(
    shared: Any, map_file: Any, name: str
) -> None:
    path = shared(name)
    found = detect(peek(path), shipped_profiles())
    with path.open(newline="", encoding="utf-8") as raw:
        rows = list(csv.DictReader(raw))
    part = SAMPLES[name]
    file = map_file(path, "salesforce", part=part)
    told = file.extracted.accounting

    assert [(found[0].profile, found[0].part)] == [("salesforce", part)]
    assert (file.rejects(), told.records) == ([], len(rows))
    todo = [r for r in rows if part == "calls" and r["task_subtype"] == "Task"]
    assert told.filtered == len(todo)
    if part == "contacts":
        mails = {r["email"] for r in rows if r["email"]}
        phones = {r["phone"] for r in rows if r["phone"]}
        held = Counter(kind for kind, _ in set(file.identifiers("kind", "pseudonym")))
        assert held["source_customer_id"] == len({r["id"] for r in rows})
        assert (held["email"], held["phone"]) == (len(mails), len(phones))
