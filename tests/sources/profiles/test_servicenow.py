"""ServiceNow: a log of updates is one contact an incident, whatever names it."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

HEADER = "vendor/_headers/servicenow_incident_event_log.csv"
STATES = ("New", "Active", "Awaiting User Info", "Awaiting Vendor", "Resolved")
OURS = {
    "New": "new",
    "Active": "open",
    "Awaiting User Info": "pending",
    "Awaiting Vendor": "on_hold",
    "Resolved": "solved",
    "Closed": "closed",
}
TYPES = {"Phone": "voice", "Email": "email", "Self service": "web_form", "?": "unknown"}

Row = dict[str, str]


def minutes(at: datetime) -> str:
    return at.strftime("%d-%m-%Y %H:%M")


def update(**changed: str) -> Row:
    row = {
        "number": "INC0000045",
        "incident_state": "New",
        "active": "TRUE",
        "reassignment_count": "0",
        "reopen_count": "0",
        "sys_mod_count": "0",
        "made_sla": "TRUE",
        "caller_id": "Caller 2403",
        "opened_by": "Opened by 8",
        "opened_at": "29-02-2016 01:16",
        "sys_created_by": "Created by 6",
        "sys_created_at": "29-02-2016 01:23",
        "sys_updated_by": "Updated by 21",
        "sys_updated_at": "29-02-2016 01:23",
        "contact_type": "Phone",
        "category": "Category 55",
        "priority": "3 - Moderate",
        "assignment_group": "Group 56",
        "assigned_to": "?",
        "closed_code": "?",
        "resolved_by": "?",
        "resolved_at": "?",
        "closed_at": "?",
    }
    assert set(changed) <= set(row)
    return row | changed


def history(chance: Random, number: int) -> list[Row]:
    """An incident's updates, in the order in which they happened."""
    at = datetime(2016, 3, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(90_000))
    fixed = {
        "number": f"INC{number:07}",
        "caller_id": f"Caller {chance.randrange(40)}",
        "contact_type": chance.choice(list(TYPES)),
        "opened_at": minutes(at),
    }
    rows, reopens, moves, state = [], 0, 0, "New"
    for step in range(chance.randrange(1, 9)):
        at += timedelta(minutes=chance.choice([0, 0, 1, 45, 600]))
        before, state = state, chance.choice(STATES) if step else "New"
        reopens += before == "Resolved" and state != "Resolved"
        moves += step > 0 and chance.random() < 0.3
        rows.append(
            update(
                **fixed,
                incident_state=state,
                reopen_count=str(reopens),
                reassignment_count=str(moves),
                sys_mod_count=str(step),
                sys_updated_at=minutes(at),
                assignment_group=f"Group {moves}",
            )
        )
    if chance.random() < 0.5:
        rows.append({**rows[-1], "incident_state": "Closed"})
        rows[-1] |= {"sys_mod_count": str(len(rows)), "closed_at": minutes(at)}
    # Known only in hindsight, and written on every row all the same.
    solved = next(
        (r for r in reversed(rows) if r["incident_state"] == "Resolved"), None
    )
    return [
        {**row, "resolved_at": solved["sys_updated_at"] if solved else "?"}
        for row in rows
    ]


def written(rows: list[Row]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


@pytest.fixture
def log(map_text: Any) -> Callable[..., Any]:
    return lambda rows, **told: map_text(
        written(rows), "servicenow", part="incidents", **told
    )


def of(file: Any, *columns: str) -> list[tuple[Any, ...]]:
    return file.contacts("source_contact_id", *columns)


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_log_is_one_contact_an_incident_with_its_last_counts(
    log: Any, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311
    rows = [row for number in range(60) for row in history(chance, number)]
    last: dict[str, Row] = {}
    for row in rows:
        last[row["number"]] = row
    chance.shuffle(rows)

    file = log(rows)
    folded = of(file, "status", "channel", "reopens", "transfers", "team")
    people = {r["caller_id"] for r in rows}
    held = file.extracted.tables["identifier_records"]

    assert folded == [
        (
            number,
            OURS[row["incident_state"]],
            TYPES[row["contact_type"]],
            int(row["reopen_count"]),
            int(row["reassignment_count"]),
            row["assignment_group"],
        )
        for number, row in sorted(last.items())
    ]
    assert file.rejects() == []
    assert file.extracted.accounting.records == len(rows)
    assert held["pseudonym"].n_unique() == len(people)
    assert set(held["kind"]) == {"source_customer_id"}


@pytest.mark.parametrize("seed", range(3))
def test_the_time_to_solve_is_that_between_opening_and_the_last_solve(
    log: Any, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311
    rows = [row for number in range(40) for row in history(chance, number)]
    last = {row["number"]: row for row in rows}
    pattern = "%d-%m-%Y %H:%M"
    took = {}
    for number, row in last.items():
        done = row["incident_state"] in ("Resolved", "Closed")
        if done and row["resolved_at"] != "?":
            spent = datetime.strptime(row["resolved_at"], pattern) - datetime.strptime(
                row["opened_at"], pattern
            )
            took[number] = int(spent.total_seconds())

    found = dict(of(log(rows), "resolution_seconds"))

    assert {n: s for n, s in found.items() if s is not None} == took
    assert took


def test_updates_of_one_minute_are_told_apart_by_their_number(log: Any) -> None:
    rows = [
        update(sys_mod_count="9", incident_state="Active", reopen_count="0"),
        update(sys_mod_count="10", incident_state="Resolved", reopen_count="1"),
    ]
    for given in (rows, rows[::-1]):
        assert of(log(given), "status", "reopens") == [("INC0000045", "solved", 1)]


def test_two_halves_of_a_log_end_in_the_same_contacts(log: Any, together: Any) -> None:
    chance = Random(7)  # noqa: S311
    rows = [row for number in range(12) for row in history(chance, number)]
    whole = log(rows).folded.contacts
    for cut in range(1, len(rows), 5):
        later, earlier = log(rows[cut:]), log(rows[:cut])
        assert together(later, earlier).contacts.equals(whole), cut


def test_a_log_cut_before_the_solve_does_not_know_of_it_yet(log: Any) -> None:
    row = update(incident_state="Active", resolved_at="29-02-2016 11:29")

    assert of(log([row]), "resolved_at", "resolved", "served") == [
        ("INC0000045", None, None, None)
    ]


def test_opening_counts_not_the_time_somebody_typed_it_in(log: Any) -> None:
    [(_, started, precision)] = of(log([update()]), "started_at", "time_precision")

    assert started == datetime(2016, 2, 29, 1, 16, tzinfo=UTC)
    assert precision == "minute"


@pytest.mark.parametrize(
    ("opened", "settings"),
    [
        ("29-02-2016 01:16", {}),
        ("29/2/2016 01:16", {}),
        ("29/02/2016 01:16:00", {}),
        ("2016-02-29 01:16:00", {}),
        ("02/29/2016 01:16:00", {"dates": "%m/%d/%Y %H:%M:%S"}),
        ("29-02-2016 02:16", {"tz": "Europe/Berlin"}),
    ],
)
def test_times_are_read_as_the_exporting_user_writes_them(
    log: Any, opened: str, settings: dict[str, str]
) -> None:
    file = log([update(opened_at=opened)], settings=settings)
    assert of(file, "started_at") == [
        ("INC0000045", datetime(2016, 2, 29, 1, 16, tzinfo=UTC))
    ]


def test_the_updates_of_a_log_are_events_of_its_incident(log: Any) -> None:
    states = ("New", "Active", "Resolved", "Active", "Resolved", "Closed")
    rows = [
        update(
            incident_state=state,
            assignment_group=f"Group {min(step, 2)}",
            sys_mod_count=str(step),
            sys_updated_at=f"29-02-2016 {step + 2:02}:00",
        )
        for step, state in enumerate(states)
    ]
    events = log(rows[::-1]).folded.events
    kinds = events.sort("at", "event_type")["event_type"].to_list()

    assert kinds.count("solved") == 2
    assert kinds.count("reopened") == 1
    assert kinds.count("closed") <= 1
    assert kinds.count("transferred") == 2


def test_a_limit_stands_until_a_journal_is_held() -> None:
    profile = shipped_profiles()["servicenow"]

    assert profile.limits_of(("incidents",))
    assert not profile.limits_of(("incidents", "journal"))


def test_a_question_mark_is_nobody_and_never(log: Any) -> None:
    file = log([update(caller_id="?", assigned_to="?")])

    assert of(file, "agent_id", "resolved_at") == [("INC0000045", None, None)]
    assert file.identifiers("pseudonym") == []


def test_a_given_up_incident_is_closed_but_not_resolved(log: Any) -> None:
    file = log([update(incident_state="Canceled")])

    assert of(file, "status", "resolved") == [("INC0000045", "closed", False)]


def test_what_a_monitor_opened_is_no_contact(log: Any) -> None:
    file = log([update(), update(number="INC2", contact_type="Monitoring")])

    assert len(file.contacts("source_contact_id")) == 1
    assert file.extracted.accounting.filtered == 1


def test_a_state_nobody_maps_is_unknown_and_counted(log: Any) -> None:
    file = log([update(incident_state="-100")])

    assert of(file, "status") == [("INC0000045", "unknown")]
    assert file.extracted.unmapped["status"] == 1


@pytest.mark.parametrize(
    ("changed", "reject"),
    [
        ({"opened_at": "31-02-2016 01:16"}, (2, "opened_at", "bad_time", True)),
        ({"opened_at": "?", "sys_created_at": "?"}, (2, "opened_at", "bad_time", True)),
        ({"number": "?"}, (2, "number", "missing_key", True)),
        ({"reopen_count": "-1"}, (2, "reopen_count", "bad_number", False)),
    ],
)
def test_a_row_or_cell_that_cannot_be_used_is_rejected_with_its_line(
    log: Any, changed: Row, reject: tuple[Any, ...]
) -> None:
    rejects = log([update(**changed)]).rejects()
    assert [r for r in rejects if r[2] == reject[2]][:1] == [reject]


def answer(**changed: object) -> str:
    record = {
        "sys_id": "a1",
        "number": "INC0010001",
        "incident_state": "6",
        "contact_type": "email",
        "opened_at": "2025-03-01 09:00:00",
        "sys_created_on": "2025-03-01 09:00:10",
        "sys_updated_on": "2025-03-01 12:00:00",
        "sys_mod_count": "4",
        "resolved_at": "2025-03-01 11:00:00",
        "closed_at": "",
        "calendar_stc": "7200",
        "reassignment_count": "2",
        "reopen_count": "1",
        "caller_id": {"link": "https://x.example/u1", "value": "u1"},
        "assigned_to": "",
        "resolved_by": {"link": "https://x.example/u9", "value": "u9"},
        "assignment_group": {"link": "https://x.example/g1", "value": "g1"},
        "category": "network",
        "priority": "3",
        "parent_incident": "",
    }
    return json.dumps({"result": [record | changed]})


FIGURES = (
    "status",
    "channel",
    "resolution_seconds",
    "transfers",
    "reopens",
    "team",
    "topic_raw",
)


def test_a_rest_answer_is_read_through_its_references(
    map_text: Any, pseudonym: Callable[[str, str], str]
) -> None:
    file = map_text(answer(), "servicenow", part="incidents_api")
    expected = ("solved", "email", 7200, 2, 1, "g1", "network")

    assert of(file, *FIGURES) == [("INC0010001", *expected)]
    assert file.identifiers("kind", "pseudonym") == [
        ("source_customer_id", pseudonym("source_customer_id", "u1"))
    ]
    assert file.contacts("agent_id") == [(pseudonym("agent", "u9"),)]


def test_a_rest_answer_with_display_values_says_the_same(map_text: Any) -> None:
    plain = json.loads(answer())["result"][0]
    shown = {
        name: value
        if isinstance(value, dict)
        else {"display_value": f"shown {value}", "value": value}
        for name, value in plain.items()
    }
    both = [
        map_text(text, "servicenow", part="incidents_api")
        for text in (answer(), json.dumps({"result": [shown]}))
    ]

    assert of(both[0], *FIGURES) == of(both[1], *FIGURES)
    assert both[0].identifiers("pseudonym") == both[1].identifiers("pseudonym")


def test_waiting_for_the_caller_is_pending_not_on_hold(map_text: Any) -> None:
    held = {"incident_state": "3", "hold_reason": {"display_value": "Awaiting Caller"}}
    file = map_text(answer(**held), "servicenow", part="incidents_api")
    other = map_text(answer(incident_state="3"), "servicenow", part="incidents_api")

    assert [of(f, "status")[0][1] for f in (file, other)] == ["pending", "on_hold"]


JOURNAL = """sys_id,name,element_id,element,value,sys_created_on,sys_created_by
j1,incident,a1,comments,PRIVATE WORDS,2025-03-01 09:30:00,desk_ann
j2,incident,a1,work_notes,PRIVATE WORDS,2025-03-01 09:40:00,desk_ann
j3,incident,a1,comments,PRIVATE WORDS,2025-03-01 10:30:00,joe
j4,change_request,c1,comments,PRIVATE WORDS,2025-03-01 10:30:00,joe
"""


def test_journal_entries_are_messages_and_notes_of_their_incident(
    map_text: Any, together: Any
) -> None:
    told = {"settings": {"id": "sys_id", "staff": "^desk_"}}
    case = map_text(answer(), "servicenow", part="incidents_api", **told)
    journal = map_text(JOURNAL, "servicenow", part="journal", **told)
    events = journal.extracted.tables["event_records"].sort("at")

    assert events.select("event_type", "public", "actor_type").rows() == [
        ("message_sent", True, "human"),
        ("note_added", False, "human"),
        ("message_sent", True, "customer"),
    ]
    assert journal.extracted.accounting.filtered == 1
    contacts = together(journal, case).contacts
    assert contacts["last_message_at"].to_list() == [
        datetime(2025, 3, 1, 10, 30, tzinfo=UTC)
    ]


def test_without_a_pattern_nobody_knows_who_wrote_and_nothing_is_a_message(
    map_text: Any, together: Any
) -> None:
    told = {"settings": {"id": "sys_id"}}
    journal = map_text(JOURNAL, "servicenow", part="journal", **told)
    case = map_text(
        answer(incident_state="2"), "servicenow", part="incidents_api", **told
    )
    events = journal.extracted.tables["event_records"]

    assert set(events["actor_type"]) == {None}
    assert set(events["event_type"]) == {"other", "note_added"}
    # What cannot be told is not held against the desk.
    found = together(journal, case).contacts.select("disposition", "served")
    assert found.rows() == [("unknown", None)]


@pytest.mark.parametrize(
    ("contact_type", "expected"),
    [
        ("email", [("a1", "email", "handled", 2, 1)]),
        (
            "phone",
            # What the desk wrote before the caller did still belongs to the call.
            [
                ("a1", "voice", "handled", 0, 2),
                ("a1#2", "web_form", "unanswered", 1, 0),
            ],
        ),
    ],
)
def test_a_caller_who_writes_later_is_a_second_contact(
    map_text: Any, together: Any, contact_type: str, expected: list[Any]
) -> None:
    told = {"settings": {"id": "sys_id", "staff": "^desk_"}}
    case = map_text(
        answer(contact_type=contact_type, incident_state="2"),
        "servicenow",
        part="incidents_api",
        **told,
    )
    journal = map_text(JOURNAL, "servicenow", part="journal", **told)
    contacts = together(journal, case).contacts.sort("source_contact_id")

    assert (
        contacts.select(
            "source_contact_id",
            "channel",
            "disposition",
            "customer_messages",
            "agent_messages",
        ).rows()
        == expected
    )


def test_no_word_of_a_journal_is_kept(map_text: Any) -> None:
    tables = map_text(JOURNAL, "servicenow", part="journal").extracted.tables
    assert not any("PRIVATE" in str(table.rows()) for table in tables.values())


def test_audit_rows_are_changes_of_state_and_hand_overs(map_text: Any) -> None:
    rows = [
        ("a1", "incident_state", "1", "2", "09:10"),
        ("a1", "state", "1", "2", "09:10"),
        ("a1", "incident_state", "2", "6", "11:00"),
        ("a1", "incident_state", "6", "2", "12:00"),
        ("a1", "incident_state", "6", "7", "13:00"),
        ("a1", "assignment_group", "", "g1", "09:11"),
        ("a1", "assignment_group", "g1", "g2", "09:12"),
        ("a1", "comments", "JOURNAL FIELD ADDITION", "PRIVATE WORDS", "09:13"),
    ]
    text = "tablename,fieldname,documentkey,user,oldvalue,newvalue,sys_created_on\n"
    for key, field, old, new, at in rows:
        text += f"incident,{field},{key},u9,{old},{new},2025-03-01 {at}:00\n"
    file = map_text(text, "servicenow", part="audit")
    events = file.extracted.tables["event_records"].sort("at", "event_type")

    assert events.select("event_type", "from_value", "to_value").rows() == [
        ("status_changed", "new", "open"),
        ("transferred", "g1", "g2"),
        ("solved", "open", "solved"),
        ("reopened", "solved", "open"),
        ("closed", "solved", "closed"),
    ]
    assert "PRIVATE" not in str([t.rows() for t in file.extracted.tables.values()])


def test_audit_rows_tell_whose_priority_was_raised(
    map_text: Any, together: Any
) -> None:
    rows = [
        ("a1", "priority", "", "4", "09:00"),
        ("a1", "priority", "4", "2", "09:10"),
        ("a1", "priority", "2", "3", "09:20"),
        ("a1", "urgency", "3", "1", "09:30"),
        ("a1", "priority", "3", "1 - Critical", "09:40"),
        ("a1", "priority", "7", "1", "09:50"),
        ("a2", "priority", "1", "5", "09:00"),
    ]
    text = "tablename,fieldname,documentkey,user,oldvalue,newvalue,sys_created_on\n"
    for key, field, old, new, at in rows:
        text += f"incident,{field},{key},u9,{old},{new},2025-03-01 {at}:00\n"
    audit = map_text(text, "servicenow", part="audit")
    kept = [
        map_text(
            answer(sys_id=key),
            "servicenow",
            part="incidents_api",
            settings={"id": "sys_id"},
        )
        for key in ("a1", "a2", "a3")
    ]

    contacts = together(audit, *kept).contacts.sort("source_contact_id")

    assert contacts["escalations"].to_list() == [2, 0, 0]
    assert set(contacts["priority"]) == {"3 - Moderate"}


def test_updates_tell_whose_priority_was_raised(log: Any) -> None:
    def updates(number: str, *priorities: str) -> list[Row]:
        return [
            update(number=number, sys_mod_count=str(at), priority=priority)
            | {"sys_updated_at": f"01-03-2016 0{at}:00"}
            for at, priority in enumerate(priorities)
        ]

    low, high, top = "4 - Low", "2 - High", "1 - Critical"
    rows = [
        *updates("INC1", low, low, high, top, low),
        *updates("INC2", high, low),
        *updates("INC3", "?", top),
        *updates("INC4", "9", top),
    ]

    assert of(log(rows), "escalations") == [
        ("INC1", 2),
        ("INC2", 0),
        ("INC3", 0),
        ("INC4", 0),
    ]
    assert of(log(rows[5:]), "escalations") == [
        ("INC2", None),
        ("INC3", None),
        ("INC4", None),
    ]


def test_warehouse_tables_meet_in_one_contact(map_text: Any, together: Any) -> None:
    tasks = map_text(
        "sys_id,_fivetran_deleted,_fivetran_synced,sys_class_name,number,opened_at,"
        "closed_at,contact_type,reassignment_count,calendar_duration,sys_updated_on\n"
        "a1,FALSE,x,incident,INC1,2025-03-01 09:00:00,2025-03-02 18:46:18,phone,3,"
        "1970-01-02 09:46:18,2025-03-02 18:46:18\n"
        "a2,FALSE,x,change_request,CHG2,2025-03-01 09:00:00,,,0,,2025-03-02 18:46:18\n"
        "a3,TRUE,x,incident,INC3,2025-03-01 09:00:00,,email,0,,2025-03-02 18:46:18\n",
        "servicenow",
        part="warehouse_tasks",
    )
    incidents = map_text(
        "sys_id,_fivetran_deleted,_fivetran_synced,caller_id_value,incident_state,"
        "reopen_count,category,sys_created_on,sys_updated_on\n"
        "a1,FALSE,x,u1,7,1,network,2025-03-01 09:05:00,2025-03-02 18:46:18\n",
        "servicenow",
        part="warehouse_incidents",
    )
    contacts = together(tasks, incidents).contacts

    assert tasks.extracted.accounting.filtered == 1
    assert contacts.select(
        "source_contact_id",
        "started_at",
        "channel",
        "status",
        "transfers",
        "reopens",
        "resolution_seconds",
        "topic_raw",
    ).rows() == [
        (
            "a1",
            datetime(2025, 3, 1, 9, tzinfo=UTC),
            "voice",
            "closed",
            3,
            1,
            86400 + 9 * 3600 + 46 * 60 + 18,
            "network",
        )
    ]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (HEADER, "incidents"),
        ("vendor/servicenow/incident_data.csv", "warehouse_incidents"),
        ("vendor/servicenow/task_data.csv", "warehouse_tasks"),
        ("vendor/servicenow/sys_user_data.csv", "users"),
        ("vendor/servicenow/sys_user_group_data.csv", "groups"),
    ],
)
def test_each_sample_is_told_by_its_head_and_read_without_rejects(
    shared: Any, map_file: Any, name: str, part: str
) -> None:
    path = shared(name)
    found = detect(peek(path), shipped_profiles())
    file = map_file(path, "servicenow", part=part)
    with path.open(newline="", encoding="utf-8") as raw:
        rows = list(csv.DictReader(raw))

    assert (found[0].profile, found[0].part) == ("servicenow", part)
    assert not ambiguous(found)
    assert file.rejects() == []
    assert file.extracted.accounting.records == len(rows)


def test_the_other_tables_of_the_warehouse_are_left_alone(shared: Any) -> None:
    ours = {"incident", "task", "sys_user", "sys_user_group"}
    for path in sorted(shared("vendor/servicenow").glob("*_data*.csv")):
        if path.stem.removesuffix("_snowflake").removesuffix("_data") not in ours:
            assert detect(peek(path), shipped_profiles()) == [], path.name
