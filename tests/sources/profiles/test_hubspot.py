"""HubSpot: stages that only a table explains, milliseconds, merges, associations."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

Row = dict[str, str]

STAGES = {
    "s1": ("New", "OPEN", "new"),
    "s2": ("Waiting on contact", "OPEN", "pending"),
    "s3": ("Waiting on us", "OPEN", "open"),
    "s4": ("Closed", "CLOSED", "closed"),
    "s5": ("Handed to the moon", "OPEN", "open"),
    "s6": ("Given up", "CLOSED", "closed"),
}
SYNCED = "2025-04-01 00:00:00"
NAIVE = "%Y-%m-%d %H:%M:%S"


def written(*rows: Row) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def ticket(**told: str) -> Row:
    return {
        "_fivetran_synced": SYNCED,
        "id": "700",
        "is_deleted": "FALSE",
        "property_closed_date": "2025-03-05 10:00:00",
        "property_createdate": "2025-03-03 10:00:00",
        "property_first_agent_reply_date": "2025-03-03 10:30:00",
        "property_time_to_first_agent_reply": "",
        "property_hs_pipeline": "0",
        "property_hs_pipeline_stage": "s4",
        "property_source_type": "EMAIL",
        "property_hs_ticket_category": "BILLING;REFUND",
        "property_hs_ticket_priority": "HIGH",
        "property_hubspot_owner_id": "42",
        "property_subject": "PRIVATE WORDS",
        **told,
    }


def tickets(map_text: Any, *rows: Row, **told: Any) -> Any:
    return map_text(written(*rows), "hubspot", part="tickets", **told)


@pytest.fixture
def stages(map_text: Any) -> Any:
    rows = [
        {
            "stage_id": key,
            "is_closed": str(state == "CLOSED").upper(),
            "label": label,
            "pipeline_id": "0",
            "ticket_state": state,
            "updated_at": SYNCED,
            "_fivetran_synced": SYNCED,
        }
        for key, (label, state, _) in STAGES.items()
    ]
    return map_text(written(*rows), "hubspot", part="ticket_stages")


@pytest.mark.parametrize("seed", range(3))
def test_tickets_count_up_to_what_their_rows_say(
    map_text: Any, together: Any, stages: Any, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311
    rows, spent = [], 0.0
    for number in range(50):
        opened = datetime(2025, 3, 1) + timedelta(seconds=chance.randrange(900_000))
        took = timedelta(seconds=chance.randrange(900_000))
        stage = chance.choice(list(STAGES))
        spent += took.total_seconds() if STAGES[stage][2] == "closed" else 0
        rows.append(
            ticket(
                id=str(number),
                property_createdate=opened.strftime(NAIVE),
                property_closed_date=(opened + took).strftime(NAIVE),
                property_first_agent_reply_date="",
                property_hs_pipeline_stage=stage,
            )
        )
    file = tickets(map_text, *rows)
    contacts = together(file, stages).contacts

    assert Counter(contacts["status"]) == Counter(
        STAGES[r["property_hs_pipeline_stage"]][2] for r in rows
    )
    assert contacts["resolution_seconds"].sum() == spent
    assert file.rejects() == []
    assert file.extracted.unmapped == {}


@pytest.mark.parametrize(("closed", "status"), [("", "open"), (SYNCED, "closed")])
def test_without_its_stages_a_ticket_is_closed_by_its_date(
    map_text: Any, closed: str, status: str
) -> None:
    file = tickets(map_text, ticket(property_closed_date=closed))
    assert file.contacts("status") == [(status,)]


def test_a_ticket_opened_again_is_not_solved_by_the_date_it_kept(
    map_text: Any, together: Any, stages: Any
) -> None:
    file = tickets(map_text, ticket(property_hs_pipeline_stage="s5"))
    found = together(file, stages).contacts

    assert found.select("status", "resolved_at", "resolved", "closed_at").rows() == [
        ("open", None, None, None)
    ]


def test_an_end_before_the_beginning_is_no_duration(
    map_text: Any, together: Any, stages: Any
) -> None:
    file = tickets(map_text, ticket(property_closed_date="2025-03-01 10:00:00"))
    found = together(file, stages).contacts

    assert [(r[2], r[3]) for r in file.rejects()] == [("negative_duration", False)]
    assert found.select("status", "resolved_at", "resolution_seconds").rows() == [
        ("closed", None, None)
    ]


@pytest.mark.parametrize(
    ("took", "seconds"), [("5400000", 5400), ("", 1800), ("999", 0), ("-1", 1800)]
)
def test_durations_are_milliseconds_and_mostly_missing(
    map_text: Any, took: str, seconds: int
) -> None:
    file = tickets(map_text, ticket(property_time_to_first_agent_reply=took))
    assert file.contacts("first_response_seconds") == [(seconds,)]


def test_office_hours_are_a_figure_of_their_own(map_text: Any) -> None:
    name = "property_hs_time_to_first_response_in_operating_hours"
    file = tickets(map_text, ticket(**{name: "600000"}))

    assert file.contacts(
        "first_response_seconds", "first_response_business_seconds"
    ) == [(1800, 600)]


def test_of_several_categories_the_first_is_the_topic(map_text: Any) -> None:
    file = tickets(map_text, ticket())
    other = ticket(property_cause="Late")

    assert file.contacts("topic_raw", "priority") == [("BILLING", "HIGH")]
    told = tickets(map_text, other, settings={"topic": "cause"})
    assert told.contacts("topic_raw") == [("Late",)]


def test_properties_without_their_prefix_say_the_same(map_text: Any) -> None:
    plain = {n.removeprefix("property_"): v for n, v in ticket().items()}
    files = [tickets(map_text, row) for row in (ticket(), plain)]

    assert files[0].folded.contacts.equals(files[1].folded.contacts)


def test_the_first_interface_wrote_milliseconds(map_text: Any) -> None:
    opened = int(datetime(2025, 3, 3, 10, tzinfo=UTC).timestamp() * 1000)
    file = tickets(map_text, ticket(property_createdate=str(opened)))

    assert file.contacts("started_at") == [(datetime(2025, 3, 3, 10, tzinfo=UTC),)]


@pytest.mark.parametrize(
    ("changed", "reason", "whole_row"),
    [
        ({"id": ""}, "missing_key", True),
        ({"property_createdate": "soon"}, "bad_time", True),
        ({"property_first_agent_reply_date": "1/2/3"}, "bad_time", False),
    ],
)
def test_what_cannot_be_used_is_rejected(
    map_text: Any, changed: Row, reason: str, whole_row: bool
) -> None:
    file = tickets(map_text, ticket(**changed))
    assert [(r[2], r[3]) for r in file.rejects()] == [(reason, whole_row)]


def test_a_deleted_ticket_is_none(map_text: Any) -> None:
    folded = tickets(map_text, ticket(is_deleted="TRUE")).folded
    assert folded.left_out["reason"].to_list() == ["deleted"]


def test_two_people_with_one_ticket_stay_two(
    map_text: Any, together: Any, pseudonym: Any
) -> None:
    pairs = [("700", "1", SYNCED), ("700", "2", "2025-04-02 00:00:00")]
    rows = [
        {"_fivetran_synced": at, "ticket_id": case, "contact_id": who, "category": "x"}
        for case, who, at in pairs
    ]
    told = map_text(written(*rows), "hubspot", part="ticket_contacts")
    folded = together(told, tickets(map_text, ticket()))

    assert folded.identifiers["pseudonym"].to_list() == [
        pseudonym("source_customer_id", "2")
    ]
    assert folded.contacts.height == 1


def test_owners_and_ends_in_the_history_are_hand_overs_and_solves(
    map_text: Any, together: Any
) -> None:
    changes = [
        ("hubspot_owner_id", "42", "10:00"),
        ("hubspot_owner_id", "43", "11:00"),
        ("hubspot_owner_id", "44", "12:00"),
        ("closed_date", "x", "13:00"),
        ("closed_date", "", "14:00"),
        ("hs_pipeline_stage", "s1", "10:00"),
        ("subject", "PRIVATE WORDS", "10:00"),
    ]
    rows = [
        {
            "_fivetran_synced": SYNCED,
            "ticket_id": "700",
            "name": name,
            "source": "x",
            "timestamp_instant": f"2025-03-03 {at}:00",
            "value": value,
        }
        for name, value, at in changes
    ]
    file = map_text(written(*rows), "hubspot", part="ticket_history")
    folded = together(file, tickets(map_text, ticket()))

    assert folded.contacts["transfers"].to_list() == [2]
    assert file.extracted.accounting.filtered == 3
    told = str([table.rows() for table in file.extracted.tables.values()])
    assert "PRIVATE" not in told
    assert "'43'" not in told


def test_the_history_tells_whose_priority_was_raised(
    map_text: Any, together: Any
) -> None:
    def raised(*words: str) -> Any:
        rows = [
            {
                "_fivetran_synced": SYNCED,
                "ticket_id": "700",
                "name": "hs_ticket_priority",
                "source": "x",
                "timestamp_instant": f"2025-03-03 {hour}:00:00",
                "value": word,
            }
            for hour, word in enumerate(words, start=10)
        ]
        file = map_text(written(*rows), "hubspot", part="ticket_history")
        folded = together(file, tickets(map_text, ticket()))
        return folded.contacts["escalations"].to_list()

    assert raised("LOW", "MEDIUM", "HIGH", "LOW", "URGENT") == [3]
    assert raised("LOW", "", "HIGH") == [1]
    assert raised("HIGH", "LOW") == [None]
    assert raised("HIGH") == [None]


CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"


def call(**told: str) -> Row:
    return {
        "engagement_id": "900",
        "_fivetran_deleted": "false",
        "_fivetran_synced": SYNCED,
        "property_hs_createdate": "2025-03-03 10:05:00.526000",
        "property_hs_timestamp": "2025-03-03 10:00:00.778000",
        "property_hs_call_direction": "INBOUND",
        "property_hs_call_duration": "61999",
        "property_hs_call_disposition": "",
        "property_hs_call_status": "COMPLETED",
        "property_hs_call_from_number": "+447700900123",
        "property_hs_call_to_number": "+442079460000",
        "property_hs_call_body": "PRIVATE WORDS",
        "type": "CALL",
        **told,
    }


def calls(map_text: Any, *rows: Row) -> Any:
    return map_text(written(*rows), "hubspot", part="engagements")


@pytest.mark.parametrize(
    ("way", "outcome", "state", "told"),
    [
        ("INBOUND", "", "COMPLETED", ("inbound", "handled", True)),
        ("INBOUND", "", "MISSED", ("inbound", "missed", False)),
        ("OUTBOUND", "", "COMPLETED", ("outbound", "unknown", None)),
        ("OUTBOUND", CONNECTED, "COMPLETED", ("outbound", "handled", True)),
        ("OUTBOUND", VOICEMAIL, "COMPLETED", ("outbound", "voicemail", False)),
        ("OUTBOUND", "", "BUSY", ("outbound", "unanswered", False)),
        ("OUTBOUND", "own-outcome", "COMPLETED", ("outbound", "unknown", None)),
        ("", "", "", ("unknown", "unknown", None)),
    ],
)
def test_how_a_call_ended(
    map_text: Any, way: str, outcome: str, state: str, told: tuple[Any, ...]
) -> None:
    row = call(
        property_hs_call_direction=way,
        property_hs_call_disposition=outcome,
        property_hs_call_status=state,
    )
    assert calls(map_text, row).contacts("direction", "disposition", "served") == [told]


@pytest.mark.parametrize(
    ("way", "number"),
    [("INBOUND", "+447700900123"), ("OUTBOUND", "+442079460000"), ("", None)],
)
def test_the_customer_is_at_the_other_end(
    map_text: Any, pseudonym: Any, way: str, number: str | None
) -> None:
    file = calls(map_text, call(property_hs_call_direction=way))
    wanted = [("phone", pseudonym("phone", number))] if number else []

    assert file.identifiers("kind", "pseudonym") == wanted


def test_a_call_is_in_milliseconds(map_text: Any) -> None:
    assert calls(map_text, call()).contacts("duration_seconds", "started_at") == [
        (61, datetime(2025, 3, 3, 10, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "kind", ["NOTE", "TASK", "MEETING", "EMAIL", "INCOMING_EMAIL", "COMMUNICATION"]
)
def test_what_is_no_call_is_filtered(map_text: Any, kind: str) -> None:
    file = calls(map_text, call(), call(engagement_id="901", type=kind))

    assert file.folded.contacts.height == 1
    assert file.extracted.accounting.filtered == 1


def test_a_call_and_a_ticket_of_one_number_are_two(
    map_text: Any, together: Any
) -> None:
    folded = together(
        calls(map_text, call(engagement_id="700")), tickets(map_text, ticket())
    )
    assert folded.contacts["source_contact_id"].to_list() == ["700", "call-700"]


def test_a_call_belongs_to_its_ticket_and_its_caller(
    map_text: Any, together: Any, pseudonym: Any
) -> None:
    case = {"_fivetran_synced": SYNCED, "ticket_id": "700", "engagement_id": "900"}
    who = {
        "contact_id": "501",
        "engagement_id": "900",
        "engagement_type": "CALL",
        "_fivetran_synced": SYNCED,
    }
    files = [
        calls(map_text, call(property_hs_call_direction="")),
        tickets(map_text, ticket(property_source_type="PHONE")),
        map_text(written(case), "hubspot", part="call_tickets"),
        map_text(
            written(who, {**who, "engagement_id": "901", "engagement_type": "NOTE"}),
            "hubspot",
            part="call_contacts",
        ),
    ]
    folded = together(*files)

    assert folded.contacts.select("source_contact_id", "case_id").rows() == [
        ("call-900", "src:700")
    ]
    assert folded.identifiers.select("owner_id", "pseudonym").rows() == [
        ("call-900", pseudonym("source_customer_id", "501"))
    ]


def merged(file: Any) -> set[tuple[str, str]]:
    links = file.folded.identity_links
    return set(links.select("pseudonym", "to_pseudonym").rows())


def test_merged_people_are_one(map_text: Any, pseudonym: Any) -> None:
    person = {
        "_fivetran_deleted": "FALSE",
        "_fivetran_synced": SYNCED,
        "id": "1",
        "property_email": "ana@example.org",
        "property_createdate": "2024-01-01 00:00:00",
        "property_hs_merged_object_ids": "2;3",
    }
    audit = {"canonical_vid": "1", "vid_to_merge": "4", "timestamp": SYNCED}
    people = map_text(written(person), "hubspot", part="contacts")
    merges = map_text(written(audit), "hubspot", part="merges")
    one = pseudonym("source_customer_id", "1")

    assert merged(people) == {(pseudonym("source_customer_id", n), one) for n in "23"}
    assert merged(merges) == {(pseudonym("source_customer_id", "4"), one)}


def thing(number: str, properties: dict[str, Any], **linked: str) -> dict[str, Any]:
    return {
        "id": number,
        "properties": properties,
        "createdAt": "2025-03-03T10:00:00.000Z",
        "updatedAt": "2025-03-06T10:00:00.000Z",
        "archived": False,
        "associations": {
            name: {"results": [{"id": to, "type": "any"}]}
            for name, to in linked.items()
        },
    }


def email(number: str, way: str, at: str, ticket: str = "700") -> dict[str, Any]:
    told = {"hs_email_direction": way, "hs_timestamp": f"2025-03-0{at}:00.000Z"}
    return thing(number, {**told, "hs_email_text": "PRIVATE WORDS"}, tickets=ticket)


OBJECTS = [
    thing(
        "700",
        {
            "hs_pipeline_stage": "4",
            "createdate": "2025-03-03T10:00:00.000Z",
            "closed_date": "2025-03-05T10:00:00.000Z",
            "source_type": "EMAIL",
        },
        contacts="501",
    ),
    email("1", "INCOMING_EMAIL", "3T10:00"),
    email("2", "EMAIL", "3T10:45"),
    email("3", "INCOMING_EMAIL", "4T10:00"),
    email("4", "FORWARDED_EMAIL", "4T11:00"),
    thing("5", {"hs_email_direction": "EMAIL", "hs_timestamp": "2025-03-04T10:00:00Z"}),
    thing(
        "700",
        {
            "hs_call_direction": "INBOUND",
            "hs_call_duration": "61999",
            "hs_call_status": "COMPLETED",
            "hs_call_from_number": "+447700900123",
            "hs_timestamp": "2025-03-04T12:00:00.000Z",
        },
        tickets="700",
        contacts="501",
    ),
    thing("501", {"email": "ana@example.org", "firstname": "PRIVATE NAME"}),
    thing("601", {"name": "Acme", "domain": "example.org", "phone": "+442079460000"}),
]
PIPELINE = {
    "id": "0",
    "label": "Support",
    "displayOrder": 0,
    "stages": [
        {"id": "1", "label": "New", "metadata": {"ticketState": "OPEN"}},
        {"id": "4", "label": "Over", "metadata": {"ticketState": "CLOSED"}},
    ],
}


def test_objects_of_every_kind_are_told_apart_by_their_properties(
    map_text: Any, together: Any
) -> None:
    objects = map_text(json.dumps({"results": OBJECTS}), "hubspot", part="objects")
    pipelines = map_text(
        json.dumps({"results": [PIPELINE]}), "hubspot", part="pipelines"
    )
    folded = together(objects, pipelines)

    assert folded.contacts.select(
        "source_contact_id",
        "channel",
        "case_id",
        "status",
        "customer_messages",
        "agent_messages",
        "first_response_seconds",
        "duration_seconds",
    ).rows() == [
        ("700", "email", "src:700", "closed", 2, 1, 2700, None),
        ("call-700", "voice", "src:700", None, None, None, None, 61),
    ]
    kinds = Counter(folded.identifiers["kind"])
    assert kinds == {"source_customer_id": 3, "phone": 1, "email": 1}
    assert objects.rejects() == []
    assert objects.extracted.unmapped == {}
    assert not any(
        "PRIVATE" in str(table.rows()) for table in objects.extracted.tables.values()
    )


@pytest.mark.parametrize(
    ("export", "part"), [(OBJECTS, "objects"), ([PIPELINE], "pipelines")]
)
def test_answers_are_told_by_their_keys(
    tmp_path: Path, export: list[dict[str, Any]], part: str
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"results": export}), encoding="utf-8")
    found = detect(peek(path), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("hubspot", part)
    assert not ambiguous(found)


SAMPLES = {
    "hubspot/ticket_data.csv": "tickets",
    "hubspot/ticket_pipeline_stage_data.csv": "ticket_stages",
    "hubspot/ticket_property_history_data.csv": "ticket_history",
    "hubspot/ticket_contact_data.csv": "ticket_contacts",
    "hubspot/ticket_company_data.csv": "ticket_companies",
    "hubspot/ticket_engagement_data.csv": "call_tickets",
    "hubspot/engagement_call_data.csv": "engagements",
    "hubspot/engagement_communication_data.csv": "engagements",
    "hubspot/engagement_email_data.csv": "engagements",
    "hubspot/engagement_contact_data.csv": "call_contacts",
    "hubspot/contact_data.csv": "contacts",
    "hubspot/contact_merge_audit_data.csv": "merges",
    "unified_rag/hubspot_engagement.csv": "engagements_then",
    "unified_rag/hubspot_engagement_email.csv": "engagements",
    "unified_rag/hubspot_engagement_contact.csv": "call_contacts",
    "unified_rag/hubspot_contact.csv": "contacts",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_known_and_accounted_for(
    shared: Any, map_file: Any, name: str
) -> None:
    path = shared(f"vendor/{name}")
    found = detect(peek(path), shipped_profiles())
    with path.open(newline="", encoding="utf-8") as raw:
        rows = list(csv.DictReader(raw))
    file = map_file(path, "hubspot", part=SAMPLES[name])
    told = file.extracted.accounting

    assert (found[0].profile, found[0].part) == ("hubspot", SAMPLES[name])
    assert not ambiguous(found)
    assert (told.records, told.rejected) == (len(rows), 0)
    typed = "engagement_type" if SAMPLES[name] == "call_contacts" else "type"
    if SAMPLES[name] in ("engagements", "engagements_then", "call_contacts"):
        assert told.kept == sum(row[typed] == "CALL" for row in rows)


def test_the_tickets_of_the_sample_add_up(
    shared: Any, map_file: Any, together: Any
) -> None:
    path = shared("vendor/hubspot/ticket_data.csv")
    table = shared("vendor/hubspot/ticket_pipeline_stage_data.csv")
    with path.open(newline="", encoding="utf-8") as raw:
        rows = list(csv.DictReader(raw))
    with table.open(newline="", encoding="utf-8") as raw:
        open_ones = {r["stage_id"] for r in csv.DictReader(raw) if r["ticket_state"]}
    file = map_file(path, "hubspot", part="tickets")
    folded = together(file, map_file(table, "hubspot", part="ticket_stages")).contacts

    def seconds(row: Row, end: str) -> float:
        began = datetime.fromisoformat(row["property_createdate"])
        return (datetime.fromisoformat(row[end]) - began).total_seconds()

    ended = [r for r in rows if r["property_closed_date"]]
    backwards = [r for r in ended if seconds(r, "property_closed_date") < 0]
    done = [
        r
        for r in ended
        if r not in backwards and r["property_hs_pipeline_stage"] not in open_ones
    ]
    replied = [r for r in rows if r["property_first_agent_reply_date"]]
    assert folded.height == len({r["id"] for r in rows})
    assert Counter(r[2] for r in file.rejects()) == {
        "negative_duration": len(backwards)
    }
    assert folded["resolution_seconds"].sum() == sum(
        seconds(r, "property_closed_date") for r in done
    )
    assert folded["first_response_seconds"].sum() == sum(
        seconds(r, "property_first_agent_reply_date") for r in replied
    )
    assert backwards
    assert done


def test_the_merges_of_the_sample_are_all_there(shared: Any, map_file: Any) -> None:
    people = shared("vendor/hubspot/contact_data.csv")
    audit = shared("vendor/hubspot/contact_merge_audit_data.csv")
    with people.open(newline="", encoding="utf-8") as raw:
        lists = [r["property_hs_merged_object_ids"] for r in csv.DictReader(raw)]
    with audit.open(newline="", encoding="utf-8") as raw:
        pairs = {(r["vid_to_merge"], r["canonical_vid"]) for r in csv.DictReader(raw)}

    assert len(merged(map_file(people, "hubspot", part="contacts"))) == sum(
        len(one.split(";")) for one in lists if one
    )
    assert len(merged(map_file(audit, "hubspot", part="merges"))) == len(pairs)
