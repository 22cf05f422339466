"""From exports to scorecard: peers' mistakes in business time, one golden case each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.config import Config, load_config, read_config
from cxmap.desk.explaining import explain_any
from cxmap.framing import hours_of_nobody
from cxmap.intake.choosing import choose, profiles_of
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import Key
from cxmap.pipeline import Request, derive, report, tables_of
from cxmap.scorecard import Score, Scorecard
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
KEY = Key(bytes(32))
HEADER = "contact_id,channel,started_at,first_response_at,status,email,closed_at"

TICKETS = {
    "ticket.csv": """\
id,requester_id,via_channel,status,created_at,updated_at,group_id
941606,11,web,open,2020-09-29 17:01:38,2020-10-02 00:00:00,2
""",
    "ticket_comment.csv": """\
id,ticket_id,user_id,public,created,voice_comment
1,941606,11,true,2020-09-29 17:01:38,false
2,941606,12,false,2020-09-30 19:01:25,false
3,941606,12,true,2020-09-30 19:01:46,false
4,941606,12,true,2020-10-01 15:03:44,false
""",
    "ticket_field_history.csv": """\
field_name,ticket_id,updated,value
group_id,941606,2020-09-29 17:01:38,1
assignee_id,941606,2020-09-29 17:01:38,12
group_id,941606,2020-09-30 19:01:25,2
""",
    "user.csv": """\
id,email,role,organization_id,phone,time_zone,ticket_restriction,updated_at
11,ann@example.org,end-user,,,UTC,,2020-09-29 00:00:00
12,lee@example.net,agent,,,UTC,,2020-09-29 00:00:00
""",
    "group.csv": """\
id,name,created_at,updated_at,url,_fivetran_deleted
1,Level 1,2020-01-01 00:00:00,2020-01-01 00:00:00,u,false
2,Level 2,2020-01-01 00:00:00,2020-01-01 00:00:00,u,false
""",
}
LEVELS = """
hours:
  convention: {convention}
  schedules:
    chicago:
      zone: America/Chicago
      teams: [Level 1]
      week: {{mon: "07:00-21:00", tue: "07:00-21:00", wed: "07:00-21:00",
             thu: "07:00-21:00", fri: "07:00-21:00", sat: "07:00-21:00",
             sun: "07:00-21:00"}}
    san_francisco:
      zone: America/Los_Angeles
      teams: [Level 2]
      days: [mon, tue, wed, thu, fri]
      opens: "08:00"
      closes: "17:30"
"""


class House:
    """A store filled with exports, and what is derived of them."""

    def __init__(self, folder: Path, files: Mapping[str, str], text: str) -> None:
        (folder / "cxmap.yaml").write_text(text, encoding="utf-8")
        self.config: Config = load_config(folder / "cxmap.yaml")
        self.store = Store.create(folder / "store", key_id=KEY.key_id)
        for name, rows in files.items():
            (folder / name).write_text(rows, encoding="utf-8")
        self.take(*(folder / name for name in files))

    def take(self, *paths: Path) -> None:
        chosen, _ = choose(self.config, [str(path) for path in paths])
        ingest(self.store, KEY, self.config, Intake(tuple(chosen)), now=NOW)

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        snapshot = self.store.snapshot()
        profiles = profiles_of(snapshot, self.config)
        return tables_of(snapshot, profiles, self.config, now=NOW)

    def card(self, month: str) -> Scorecard:
        return report(
            self.tables,
            self.config,
            Request(since=month),
            now=NOW,
            zone=ZoneInfo("UTC"),
        )

    def score(self, name: str, month: str) -> Score:
        [score] = [one for one in self.card(month).scores if one.kpi == name]
        return score


def generic(*rows: str) -> dict[str, str]:
    return {"contacts.csv": "\n".join([HEADER, *rows]) + "\n"}


@pytest.fixture(scope="module", params=["all", "last"])
def tickets(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> House:
    folder = tmp_path_factory.mktemp("tickets")
    return House(folder, TICKETS, LEVELS.format(convention=request.param))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> House:
    """March: Saturday to Saturday; Saturday to Monday ten o'clock; within Monday.
    April: closed on its Saturday, unanswered; answered then, too; on a Monday."""
    rows = generic(
        "1,email,2026-03-07T10:00:00Z,2026-03-07T11:00:00Z,open,a@x.test,",
        "2,email,2026-03-07T10:00:00Z,2026-03-09T10:00:00Z,open,b@x.test,",
        "3,email,2026-03-09T10:00:00Z,2026-03-09T12:00:00Z,open,c@x.test,",
        "4,email,2026-04-11T10:00:00Z,,closed,d@x.test,2026-04-11T12:00:00Z",
        "5,email,2026-04-11T10:00:00Z,2026-04-11T11:00:00Z,closed,e@x.test,"
        "2026-04-11T12:00:00Z",
        "6,email,2026-04-20T10:00:00Z,2026-04-20T11:00:00Z,open,f@x.test,",
    )
    return House(tmp_path_factory.mktemp("office"), rows, "timezone: UTC")


def test_ticket_941606_by_fivetran_and_by_zendesk(tickets: House) -> None:
    """959.46 and 689.46 minutes as the decision log rounds, which reads 19:01:25 as
    19:01.25; both are 270 minutes apart."""
    [ticket] = tickets.tables["contacts"].to_dicts()
    minutes = {"all": 960, "last": 690}[tickets.config.hours.convention]
    seconds = minutes * 60 + 8

    assert ticket["schedules"] == "chicago 2020-09-30T19:01:25Z san_francisco"
    assert ticket["first_response_business_seconds"] == seconds
    assert tickets.score("first_response_time_business", "2020-09").value == seconds


def test_an_answer_out_of_hours_is_zero_and_said_to_be_out_of_hours(
    office: House,
) -> None:
    wait = office.score("first_response_time_business", "2026-03")
    share = office.score("out_of_hours_reply_share", "2026-03")
    told = office.tables["contacts"].sort("contact_id").head(3)

    assert told["first_response_business_seconds"].to_list() == [0, 3_600, 7_200]
    assert told["in_hours"].to_list() == [False, False, True]
    assert told["answered_in_hours"].to_list() == [False, True, True]
    assert (wait.value, wait.numerator, wait.n) == (3_600, 3, 3)
    assert (share.numerator, share.n) == (1, 3)


def test_a_case_opened_and_closed_outside_the_schedule_appears(office: House) -> None:
    calendar = office.score("first_response_time", "2026-04")
    business = office.score("first_response_time_business", "2026-04")

    assert business.n == calendar.n
    assert business.excluded == calendar.excluded
    assert business.numerator == calendar.numerator == 2


def test_hours_make_the_derived_tables_their_own(office: House) -> None:
    """Another schedule is another table; the same one is found again."""
    snapshot = office.store.snapshot()
    profiles = profiles_of(snapshot, office.config)
    always = read_config("hours: 24/7", Path("cxmap.yaml"))
    told = tables_of(snapshot, profiles, always, now=NOW)["contacts"]

    assert told.sort("contact_id")["first_response_business_seconds"].to_list() == [
        3_600,
        48 * 3_600,
        7_200,
        None,
        3_600,
        3_600,
    ]
    assert snapshot.derived("contacts", office.config.hash) is not None
    assert snapshot.derived("contacts", always.hash) is None


def test_a_late_hand_over_changes_what_was_reckoned(tmp_path: Path) -> None:
    """Taken in one after the other, exports give what they give together."""
    early = {name: rows for name, rows in TICKETS.items() if "history" not in name}
    held = House(tmp_path, early, LEVELS.format(convention="all"))
    [before] = held.tables["contacts"].to_dicts()
    late = tmp_path / "ticket_field_history.csv"
    late.write_text(TICKETS[late.name], encoding="utf-8")
    held.take(late)
    [after] = held.tables["contacts"].to_dicts()
    snapshot = held.store.snapshot()
    anew = derive(snapshot, profiles_of(snapshot, held.config), held.config, now=NOW)

    assert before["first_response_business_seconds"] == 690 * 60 + 8
    assert after["first_response_business_seconds"] == 960 * 60 + 8
    assert [after] == anew["contacts"].to_dicts()


def test_an_explanation_names_the_schedules(tickets: House) -> None:
    told = explain_any(
        tickets.tables,
        tickets.config,
        "first_response_time_business",
        since="2020-09",
        until=None,
        now=NOW,
        zone=ZoneInfo("UTC"),
    )
    several = {
        "all": "each stretch of a case by the hours then in force",
        "last": "the whole of a case by the hours in force at its end",
    }

    assert told.settings == {
        "horizon": "up to which its own source is held",
        "hours": "Mon–Fri 09:00–17:00 UTC",
        "hours chicago": "Mon–Sun 07:00–21:00 America/Chicago, for team Level 1",
        "hours san_francisco": "Mon–Fri 08:00–17:30 America/Los_Angeles, "
        "for team Level 2",
        "hours, several": several[tickets.config.hours.convention],
    }


def test_a_scorecard_says_that_its_hours_are_assumed(
    office: House, tickets: House
) -> None:
    said = "business hours assumed: Mon–Fri 09–17 UTC; set hours: in the config"

    assert said in office.card("2026-03").notes
    assert tickets.card("2020-09").notes == ()


def test_a_schedule_that_holds_for_nobody_is_told(tickets: House) -> None:
    text = LEVELS.replace("[Level 2]", "[Level two]").format(convention="all")
    misspelt = read_config(text, Path("cxmap.yaml"))
    contacts = pl.DataFrame({"schedules": [None, "chicago 2020-09-30T19:01:25Z usual"]})

    assert hours_of_nobody(misspelt, contacts) == [
        "no contact falls under the hours san_francisco, for team Level two"
    ]
    assert hours_of_nobody(tickets.config, tickets.tables["contacts"]) == []
