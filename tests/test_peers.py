"""What other tools get wrong, from the export to the figure; each case has its test.

`HELD_BY` names, for each case, the tests that hold it: those of this file go from
small exports through the store to the KPI, the others look at one room.
"""

import ast
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.config import load_config
from cxmap.intake.choosing import choose, profiles_of
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import Key
from cxmap.pipeline import Request, report, tables_of
from cxmap.scorecard import Score
from cxmap.store import Store

TESTS = Path(__file__).parent
HERE = "test_peers.py::test_"
CASES = "sources/test_peers_cases.py::test_"
HUNG_UP = "sources/test_hung_up.py::test_"
BUSINESS = "test_business_time.py::test_"
HELD_BY: dict[str, tuple[str, ...]] = {
    "an unanswered count that is always 0": (
        f"{HERE}tickets_nobody_replied_to_are_counted",
        f"{CASES}a_case_nobody_replied_to_is_counted",
    ),
    "a solve without a reply counted as many touches": (
        f"{HERE}no_touch_is_neither_one_nor_many",
        f"{CASES}a_solve_without_a_reply_is_no_touch_rather_than_many",
    ),
    "internal comments counted by ticket": (
        f"{HERE}internal_comments_are_all_there_and_no_replies",
        f"{CASES}internal_comments_are_no_replies_however_many",
    ),
    "hand-offs that are people, not changes": (
        f"{HERE}hand_overs_are_changes_and_a_lone_agent_has_none",
        "sources/test_handling.py::test_a_lone_agent_is_one_station_and_hands_nothing_over",
    ),
    "a business wait of 0 for a reply out of hours": (
        f"{BUSINESS}an_answer_out_of_hours_is_zero_and_said_to_be_out_of_hours",
        f"{BUSINESS}ticket_941606_by_fivetran_and_by_zendesk",
    ),
    "a ticket outside all hours vanishes": (
        f"{BUSINESS}a_case_opened_and_closed_outside_the_schedule_appears",
    ),
    "clock changes, zones without them, the last second of a holiday": (
        "test_hours.py::test_a_day_is_as_long_as_it_is",
        "test_hours.py::test_open_minutes_add_up_where_the_clocks_change",
        "test_hours.py::test_a_zone_that_gave_summer_time_up_has_none_since",
        "test_hours.py::test_a_holiday_ends_at_its_local_midnight_to_the_second",
        "test_hours.py::test_a_holiday_of_25_hours_is_closed_for_25_hours",
    ),
    "hold and on-hold": (f"{HERE}hold_is_hold_however_it_is_written",),
    "a wait from before a bot solved it": (
        f"{HERE}who_comes_back_five_days_after_a_bot_waited_ten_minutes",
        f"{CASES}who_comes_back_after_a_bot_waits_from_then_on",
    ),
    "several messages of an agent are several replies": (
        f"{HERE}messages_of_one_turn_are_one_reply",
        f"{CASES}an_agents_messages_in_a_row_are_one_reply",
    ),
    "the first comment of an agent's own ticket is a reply": (
        f"{HERE}the_comment_that_opens_an_agents_ticket_is_no_reply",
        f"{CASES}the_first_comment_of_an_agents_ticket_is_no_reply",
    ),
    "a thank-you is a second touch and a reopening": (
        f"{HERE}a_thank_you_leaves_one_touch_and_no_reopening",
        f"{CASES}a_thank_you_is_no_reopen_and_no_second_touch",
    ),
    "records delivered again, legs of a transfer": (
        f"{HERE}records_delivered_again_and_legs_are_one_contact",
        f"{HUNG_UP}legs_delivered_twice_are_one_contact_of_as_many_stations",
        "sources/test_amazon_connect.py::test_three_deliveries_of_a_record_are_one_contact",
    ),
    "the survey after the call is a contact": (
        f"{HERE}a_survey_after_the_call_repeats_nothing",
        f"{HUNG_UP}a_survey_after_the_call_is_no_contact_no_station_no_end",
    ),
    "whoever logs in last owns what was before": (
        f"{HERE}a_device_that_two_people_use_reassigns_nothing",
        "customers/test_properties.py::test_later_records_rename_nobody_but_who_joins_somebody_earlier",
    ),
    "events of one instant in the order of their rows": (
        f"{HERE}events_of_one_second_come_out_the_same_in_any_order",
        f"{CASES}events_of_one_second_stand_in_one_order_however_they_come",
    ),
    "a rate of nobody is 0": (f"{HERE}a_rate_of_nobody_is_null",),
    "a window that the period cuts off counts as resolved": (
        f"{HERE}a_window_beyond_the_data_is_pending",
        "kpis/test_resolution.py::test_a_window_that_ends_at_the_horizon_is_complete",
    ),
    "merged, spam and deleted tickets count": (
        f"{HERE}merged_spam_and_deleted_are_no_failures",
        f"{HUNG_UP}merged_spam_and_deleted_tickets_are_nobodys_hands",
    ),
    "effort upside down, recommendation from 1 to 10": (
        f"{HERE}effort_where_much_is_bad_is_turned_round",
        f"{HERE}a_recommendation_from_one_to_ten_is_no_nps",
        "kpis/test_perception.py::test_promoters_less_detractors_are_points",
        "kpis/test_perception.py::test_effort_is_told_as_ease_from_one_to_seven",
    ),
}

NOW = datetime(2026, 8, 1, tzinfo=UTC)
KEY = Key(bytes(32))
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize("case", HELD_BY)
def test_what_peers_get_wrong_has_its_test(case: str) -> None:
    for named in HELD_BY[case]:
        path, name = named.split("::")
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))

        assert name in {getattr(each, "name", None) for each in tree.body}


class House:
    """A store filled with exports, and what is derived of them."""

    def __init__(self, folder: Path, files: Mapping[str, str], text: str) -> None:
        (folder / "cxmap.yaml").write_text(f"timezone: UTC\n{text}", encoding="utf-8")
        config = load_config(folder / "cxmap.yaml")
        store = Store.create(folder / "store", key_id=KEY.key_id)
        for name, rows in files.items():
            (folder / name).write_text(rows, encoding="utf-8")
        chosen, _ = choose(config, [str(folder / name) for name in files])
        ingest(store, KEY, config, Intake(tuple(chosen)), now=NOW)
        snapshot = store.snapshot()
        self.config = config
        self.tables = tables_of(
            snapshot, profiles_of(snapshot, config), config, now=NOW
        )

    def score(self, name: str, month: str = "2026-03") -> Score:
        asked = Request(since=month, kpis=(name,))
        card = report(self.tables, self.config, asked, now=NOW, zone=ZoneInfo("UTC"))
        [score] = [one for one in card.scores if one.kpi == name]
        return score

    def contacts(self, *columns: str) -> list[tuple[Any, ...]]:
        told = self.tables["contacts"].filter("inbound").sort("contact_id")
        return told.select("source_contact_id", *columns).rows()


Build = Callable[..., House]


@pytest.fixture
def house(tmp_path: Path) -> Build:
    return lambda files, text="": House(tmp_path, files, text)


USERS = """\
id,email,role,organization_id,phone,time_zone,ticket_restriction,updated_at
11,ann@example.org,end-user,,,UTC,,2026-01-01 00:00:00
12,lee@example.net,agent,,,UTC,,2026-01-01 00:00:00
13,kim@example.net,agent,,,UTC,,2026-01-01 00:00:00
"""
CUSTOMER, LEE, KIM = 11, 12, 13


def helpdesk(tickets: Mapping[int, tuple[str, ...]]) -> dict[str, str]:
    """Warehouse tables of tickets drawn as `02 09:00 says 11`: day, time, what, who."""
    heads = ["id,requester_id,via_channel,status,created_at,updated_at,group_id"]
    said = ["id,ticket_id,user_id,public,created,voice_comment"]
    past = ["field_name,ticket_id,updated,value"]
    fields = {"status": "status", "team": "group_id", "for": "assignee_id"}
    for number, happened in tickets.items():
        told = [event.split() for event in happened]
        at = [f"2026-03-{day} {clock}:00" for day, clock, *_ in told]
        status = [what for *_, kind, what in told if kind == "status"] or ["open"]
        heads.append(f"{number},{CUSTOMER},email,{status[-1]},{at[0]},{at[-1]},")
        for place, (*_, kind, what) in enumerate(told):
            if kind in fields:
                past.append(f"{fields[kind]},{number},{at[place]},{what}")
            else:
                public = str(kind == "says").lower()
                said.append(
                    f"{number}{place:02},{number},{what},{public},{at[place]},false"
                )
    tables = {"ticket": heads, "ticket_comment": said, "ticket_field_history": past}
    files = {f"{name}.csv": "\n".join(rows) + "\n" for name, rows in tables.items()}
    return {**files, "user.csv": USERS}


ASKED = "02 09:00 says 11"
ANSWERED = ("02 09:30 says 12", "02 10:00 status solved")
LATER = {99: ("30 09:00 says 11", "30 09:05 says 12", "30 09:06 status solved")}


def test_tickets_nobody_replied_to_are_counted(house: Build) -> None:
    told = house(helpdesk({1: (ASKED,), 2: (ASKED, "02 09:10 notes 12"), **LATER}))

    score = told.score("unanswered_rate")

    assert (score.numerator, score.n) == (2, 3)


def test_no_touch_is_neither_one_nor_many(house: Build) -> None:
    again = ("02 09:40 says 11", "02 09:50 says 13")
    told = house(
        helpdesk(
            {
                1: (ASKED, "02 10:00 status solved"),
                2: (ASKED, *ANSWERED),
                3: (ASKED, ANSWERED[0], *again, ANSWERED[1]),
                **LATER,
            }
        )
    )
    exactly_one = told.score("fcr_dbt_one_reply")
    at_most_one = told.score("fcr_zendesk_one_touch")

    assert told.contacts("replies")[:3] == [("1", 0), ("2", 1), ("3", 2)]
    assert (exactly_one.numerator, exactly_one.n) == (2, 3)
    assert exactly_one.excluded == {"zero_touch": 1}
    assert (at_most_one.numerator, at_most_one.n) == (3, 4)


def test_internal_comments_are_all_there_and_no_replies(house: Build) -> None:
    noted = ("02 09:10 notes 12", "02 09:20 notes 13", "02 09:25 notes 12")
    told = house(
        helpdesk({1: (ASKED, *noted, *ANSWERED), 2: (ASKED, noted[0], *ANSWERED)})
    )
    written = told.tables["events"].filter(pl.col("event_type") == "note_added")

    assert written["contact_id"].value_counts(sort=True)["count"].to_list() == [3, 1]
    assert told.contacts("replies", "agent_messages") == [("1", 1, 1), ("2", 1, 1)]
    assert told.score("first_response_time").value == 30 * MINUTE


def test_hand_overs_are_changes_and_a_lone_agent_has_none(house: Build) -> None:
    given = [f"02 09:{at} team {team}" for at, team in ((1, 7), (2, 8), (3, 7))]
    given = [each.replace("09:", "09:0") for each in given]
    told = house(
        helpdesk(
            {
                1: (ASKED, "02 09:01 for 12", "02 09:10 notes 12", *ANSWERED),
                2: (ASKED, *given, *ANSWERED),
            }
        )
    )

    assert told.contacts("stations") == [("1", 1), ("2", 3)]
    assert told.contacts("returned_to_team") == [("1", 0), ("2", 1)]


def test_hold_is_hold_however_it_is_written(house: Build) -> None:
    cases = {}
    for number, word in enumerate(("hold", "on-hold"), 1):
        through = ("open", word, "pending", "open", "solved")
        states = [
            f"02 {hour:02}:00 status {one}" for hour, one in enumerate(through, 9)
        ]
        cases[number] = (ASKED, *states)
    told = house(helpdesk({**cases, **LATER}))
    waited = told.contacts("requester_wait_seconds", "agent_wait_seconds")

    assert waited[:2] == [("1", 3 * HOUR, HOUR), ("2", 3 * HOUR, HOUR)]


def test_the_comment_that_opens_an_agents_ticket_is_no_reply(house: Build) -> None:
    opened = ("02 09:00 says 12", "02 09:45 says 12", "02 10:00 status solved")
    told = house(helpdesk({1: opened}))

    assert told.contacts("replies", "first_response_seconds") == [("1", 1, 45 * MINUTE)]


def test_only_what_is_solved_in_a_day_without_a_word_was_a_thank_you(
    house: Build,
) -> None:
    back = ("02 11:00 says 11", "02 11:00 status open")
    then: tuple[tuple[str, ...], ...] = (
        ("03 11:00 status solved",),
        ("03 11:01 status solved",),
        ("02 11:30 says 13", "02 12:00 status solved"),
        ("02 12:00 says 13", "02 12:00 status solved"),
        ("02 11:30 notes 13", "02 12:00 status solved"),
        (),
    )
    cases = {n: (ASKED, *ANSWERED, *back, *after) for n, after in enumerate(then, 1)}
    told = house(helpdesk({**cases, **LATER}))

    assert [count for _, count in told.contacts("reopens")] == [0, 1, 1, 1, 0, 1, 0]


def test_a_reopening_without_messages_of_both_sides_may_be_more(house: Build) -> None:
    through = ("02 11:00 status open", "02 12:00 status solved")
    told = house(
        helpdesk(
            {
                1: (ASKED, *ANSWERED, *through),
                2: (ASKED, ANSWERED[1], "02 11:00 says 11", *through),
                **LATER,
            }
        )
    )

    assert told.contacts("reopens")[:2] == [("1", 1), ("2", 1)]


def test_a_thank_you_leaves_one_touch_and_no_reopening(house: Build) -> None:
    thanks = ("02 11:00 says 11", "02 11:00 status open", "02 12:00 status solved")
    told = house(helpdesk({1: (ASKED, *ANSWERED, *thanks), **LATER}))
    one_touch = told.score("fcr_zendesk_one_touch")
    shown = set(told.tables["points"]["friction"])

    assert told.contacts("replies")[0] == ("1", 1)
    assert (one_touch.numerator, one_touch.n) == (2, 2)
    assert told.score("reopen_rate").numerator == 0
    assert not shown & {"reopen", "premature_close"}


EVENTS = "contact_id,at,event_type,actor_type,public,channel,from_value,to_value,email"


def happened(*rows: str) -> dict[str, str]:
    """An event log of rows drawn as `7 02 09:00 message_sent customer chat`."""
    lines = [EVENTS]
    for row in rows:
        number, day, clock, kind, actor, channel = row.split()
        who = f"a{number}@example.org"
        lines.append(
            f"{number},2026-03-{day}T{clock}:00Z,{kind},{actor},,{channel},,,{who}"
        )
    return {"events.csv": "\n".join(lines) + "\n"}


OTHERS = (
    "99 01 09:00 message_sent customer chat",
    "99 01 09:10 message_sent human chat",
)


def test_who_comes_back_five_days_after_a_bot_waited_ten_minutes(house: Build) -> None:
    told = house(
        happened(
            *OTHERS,
            "7 02 09:00 message_sent customer email",
            "7 02 09:01 message_sent bot email",
            "7 02 09:02 solved bot email",
            "7 07 09:00 message_sent customer email",
            "7 07 09:10 message_sent human email",
        )
    )
    wait = told.score("first_response_time")

    assert (wait.value, wait.n) == (10 * MINUTE, 1)


def test_messages_of_one_turn_are_one_reply(house: Build) -> None:
    turn = [f"7 02 09:1{at} message_sent human chat" for at in range(4)]
    told = house(happened(*OTHERS, "7 02 09:00 message_sent customer chat", *turn))

    assert told.contacts("replies", "agent_messages") == [("7", 1, 4), ("99", 1, 1)]


def test_events_of_one_second_come_out_the_same_in_any_order(
    tmp_path: Path,
) -> None:
    rows = [
        *OTHERS,
        *(
            f"{number} 02 09:{at} {what} email"
            for number in (7, 8)
            for at, what in (
                ("00", "message_sent customer"),
                ("30", "message_sent customer"),
                ("30", "message_sent human"),
                ("30", "solved human"),
            )
        ),
    ]
    found = []
    for seed in range(3):
        (folder := tmp_path / str(seed)).mkdir()
        random.Random(seed).shuffle(rows)  # noqa: S311
        told = House(folder, happened(*rows), "")
        found.append((told.contacts(*EVERY), told.tables["links"].rows()))

    assert found[0] == found[1] == found[2]


EVERY = ("replies", "first_response_seconds", "resolution_seconds", "status", "step")

CALL = {
    "InitialContactId": None,
    "InitiationMethod": "INBOUND",
    "Channel": "VOICE",
    "CustomerEndpoint": {"Address": "+12346018567", "Type": "TELEPHONE_NUMBER"},
    "DisconnectReason": "CUSTOMER_DISCONNECT",
}


def call(name: str, at: str, *, talk: int = 400, **more: Any) -> dict[str, Any]:
    """A contact record of ten minutes, answered after one."""
    return {
        **CALL,
        "ContactId": name,
        "InitiationTimestamp": f"2026-{at}:00:00Z",
        "DisconnectTimestamp": f"2026-{at}:10:00Z",
        "LastUpdateTimestamp": f"2026-{at}:11:00Z",
        "Queue": {
            "Name": "Billing",
            "EnqueueTimestamp": f"2026-{at}:00:30Z",
            "Duration": 30,
        },
        "Agent": {
            "Username": "lee",
            "ConnectedToAgentTimestamp": f"2026-{at}:01:00Z",
            "AgentInteractionDuration": talk,
            "AfterContactWorkDuration": 20,
        },
        **more,
    }


REGION = (
    "sources:\n  connect:\n    profile: amazon_connect\n    files: ['*.ndjson']\n"
    "    settings: {region: US}\n"
)
FOR_A_MONTH = call(
    "end",
    "03-31T09",
    CustomerEndpoint={**CALL["CustomerEndpoint"], "Address": "+12346018599"},
)


def delivered(*records: dict[str, Any]) -> dict[str, str]:
    return {"ctr.ndjson": "".join(f"{json.dumps(each)}\n" for each in records)}


def part_of_call(name: str, at: str, method: str, **more: Any) -> dict[str, Any]:
    chain = {"InitialContactId": "root", "PreviousContactId": "root"}
    return call(name, at, InitiationMethod=method, **chain, **more)


def test_records_delivered_again_and_legs_are_one_contact(house: Build) -> None:
    older = call("root", "03-02T09", talk=100)
    newer = {**call("root", "03-02T09"), "LastUpdateTimestamp": "2026-03-02T12:00:00Z"}
    leg = part_of_call("leg", "03-02T10", "TRANSFER", talk=200)
    told = house(delivered(newer, leg, older, older, FOR_A_MONTH), REGION)
    handled = told.score("transfer_rate")

    assert told.contacts("transfers", "talk_seconds") == [
        ("end", 0, 400),
        ("root", 1, 600),
    ]
    assert (handled.numerator, handled.n) == (1, 2)
    assert told.score("repeat_contact_rate").numerator == 0


def test_a_survey_after_the_call_repeats_nothing(house: Build) -> None:
    flow = part_of_call("flow", "03-02T09", "DISCONNECT", Agent=None, Queue=None)
    told = house(delivered(call("root", "03-02T09"), flow, FOR_A_MONTH), REGION)
    avoided = told.score("next_contact_avoidance")

    assert [number for (number,) in told.contacts()] == ["end", "root"]
    assert told.score("repeat_contact_rate").numerator == 0
    assert (avoided.numerator, avoided.pending) == (0, 1)


CONTACTS = (
    "contact_id,channel,started_at,ended_at,status,disposition,external_id,device_id"
)


def met(*rows: str, head: str = CONTACTS) -> dict[str, str]:
    return {"contacts.csv": "\n".join([head, *rows]) + "\n"}


def at(day: str, clock: str = "09:00") -> str:
    return f"2026-{day}T{clock}:00Z"


@pytest.mark.parametrize("last", ["ann", "bob"])
def test_a_device_that_two_people_use_reassigns_nothing(
    house: Build, last: str
) -> None:
    """Whoever logs in last: what nobody's name stands on is nobody's, and says why."""
    logins = ("", "ann", "bob", last)
    rows = [
        f"{day},chat,{at(f'03-0{day}')},,,handled,{who},tablet"
        for day, who in enumerate(logins, 1)
    ]
    told = house(met(*rows)).contacts("customer_id", "unidentified")
    nobody, ann, bob, again = told

    assert nobody == ("1", None, "shared_identifier")
    assert ann[1:] != bob[1:]
    assert again[1:] == {"ann": ann, "bob": bob}[last][1:]
    assert None not in (ann[1], bob[1])


def test_a_rate_of_nobody_is_null(house: Build) -> None:
    told = house(met(f"1,chat,{at('03-02')},{at('03-02', '09:10')},,handled,ann,"))
    asked = Request(since="2026-02")
    card = report(told.tables, told.config, asked, now=NOW, zone=ZoneInfo("UTC"))
    of_nobody = [one for one in card.scores if one.unit == "share"]

    assert len(of_nobody) > 20
    assert {(one.value, one.n) for one in of_nobody} == {(None, 0)}


def test_a_window_beyond_the_data_is_pending(house: Build) -> None:
    rows = [
        f"{place},voice,{at(day)},{at(day, '09:10')},,handled,p{place},"
        for place, day in enumerate(("02-01", "03-02", "03-19", "03-21", "03-27"))
    ]
    told = house(met(*rows))

    for name in ("first_contact_resolution", "next_contact_avoidance"):
        score = told.score(name)
        assert (score.numerator, score.n, score.pending) == (2, 2, 2)


def test_merged_spam_and_deleted_are_no_failures(house: Build) -> None:
    rows = [
        f"0,email,{at('02-01')},,closed,handled,eve,",
        f"1,email,{at('03-02')},,closed,handled,ann,",
        f"2,email,{at('03-02', '09:05')},,merged,,ann,",
        f"3,email,{at('03-02', '09:06')},,closed,spam,ben,",
        f"4,email,{at('03-02', '09:07')},,deleted,,cy,",
        f"5,email,{at('03-30')},,closed,handled,dan,",
    ]
    told = house(met(*rows))
    missed, again = told.score("unanswered_rate"), told.score("repeat_contact_rate")
    avoided = told.score("next_contact_avoidance")

    assert (missed.numerator, missed.n) == (0, 2)
    assert again.numerator == 0
    assert (avoided.numerator, avoided.n) == (1, 1)


ANSWERS = "survey_id,survey_type,score,scale_min,scale_max,high_is_good,responded_at"


def rated(*rows: str, head: str = ANSWERS) -> dict[str, str]:
    answers = [f"{place},{row},{at('03-05')}" for place, row in enumerate(rows)]
    known = met(f"1,chat,{at('03-02')},{at('03-02', '09:10')},,handled,ann,")
    return {**known, "answers.csv": "\n".join([head, *answers]) + "\n"}


def test_effort_where_much_is_bad_is_turned_round(house: Build) -> None:
    told = house(rated("ces,5,1,5,false", "ces,7,1,7,true"))

    assert told.score("ces").value == (1 + 7) / 2


def test_a_recommendation_from_one_to_ten_is_no_nps(house: Build) -> None:
    told = house(rated("nps,10,1,10,true", "nps,9,0,10,true", "nps,6,0,10,true"))
    score = told.score("nps")

    assert (score.value, score.n) == (0, 2)
    assert score.excluded == {"other_scale": 1}


def test_a_scale_that_the_config_declares_counts(house: Build) -> None:
    declared = (
        "sources:\n  answers:\n    profile: generic_survey\n    files: [answers.csv]\n"
        "    settings: {survey_type: nps, scale_min: 1, scale_max: 10}\n"
    )
    told = house(rated("10", "9", head="survey_id,score,responded_at"), declared)
    score = told.score("nps")

    assert (score.value, score.n) == (None, 0)
    assert score.excluded == {"other_scale": 2}
