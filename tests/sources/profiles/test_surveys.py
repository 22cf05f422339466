"""Qualtrics, SurveyMonkey and Delighted: answers with a scale somebody declared."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

QUALTRICS = "vendor/_headers/qualtrics_csv_export.csv"
MONKEY = "vendor/_headers/surveymonkey_csv_export.csv"
ANSWER = ("source_survey_id", "survey_type", "score", "scale_min", "scale_max")


def answers(file: Any, *columns: str) -> list[tuple[Any, ...]]:
    table = file.extracted.tables["survey_records"]
    return table.select(columns or ANSWER).sort(columns or ANSWER).rows()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (QUALTRICS, ("qualtrics", "responses")),
        ("vendor/qualtrics/survey_response.csv", ("qualtrics", "warehouse_responses")),
        ("vendor/qualtrics/question_response.csv", ("qualtrics", "warehouse_answers")),
        ("vendor/qualtrics/distribution_contact.csv", ("qualtrics", "invitations")),
        ("vendor/qualtrics/directory_contact.csv", ("qualtrics", "people")),
        ("vendor/qualtrics/core_contact.csv", ("qualtrics", "list_people")),
        (MONKEY, ("surveymonkey", "rows")),
    ],
)
def test_each_sample_is_told_by_its_head(
    shared: Any, name: str, expected: tuple[str, str]
) -> None:
    found = detect(peek(shared(name)), shipped_profiles())

    assert (found[0].profile, found[0].part) == expected
    assert not ambiguous(found)


def test_the_other_tables_of_the_warehouse_are_left_alone(shared: Any) -> None:
    ours = {
        *("survey_response", "question_response"),
        *("distribution_contact", "directory_contact", "core_contact"),
    }
    for path in sorted(shared("vendor/qualtrics").glob("*.csv")):
        if path.stem not in ours:
            assert detect(peek(path), shipped_profiles()) == [], path.name


# Qualtrics


def test_the_sample_is_one_answer_below_three_header_rows(
    shared: Any, map_file: Any, pseudonym: Callable[[str, str], str]
) -> None:
    path = shared(QUALTRICS)
    with path.open(newline="", encoding="utf-8") as raw:
        head, _, _, *rows = csv.reader(raw)
    [said] = [dict(zip(head, cells, strict=True)) for cells in rows]
    file = map_file(path, "qualtrics", part="responses", settings={"score": "Q1"})

    assert answers(file) == [(said["ResponseId"], "csat", float(said["Q1"]), 1.0, 5.0)]
    assert answers(file, "responded_at") == [
        (datetime.fromisoformat(said["EndDate"]).replace(tzinfo=UTC),)
    ]
    assert file.identifiers("kind", "owner", "pseudonym") == [
        ("email", "survey", pseudonym("email", said["RecipientEmail"]))
    ]
    assert file.rejects() == []
    assert file.extracted.accounting.records == len(rows)


HEAD = (
    "StartDate,EndDate,Status,Finished,RecordedDate,ResponseId,RecipientEmail,"
    "ExternalReference,DistributionChannel,Q1,Q2_NPS,ticket_id\n"
    '"Start Date","End Date",Type,Finished,Recorded,Response ID,Recipient,Reference,'
    '"Channel","How, in a\nword, was it?",Recommend?,ticket_id\n'
)
ROW = {
    "StartDate": "2025-07-01 09:00:00",
    "EndDate": "2025-07-01 09:01:00",
    "Status": "IP Address",
    "Finished": "True",
    "RecordedDate": "2025-07-08 09:01:00",
    "ResponseId": "R_1",
    "RecipientEmail": "ann@x.org",
    "ExternalReference": "C7",
    "DistributionChannel": "email",
    "Q1": "4",
    "Q2_NPS": "0",
    "ticket_id": "145",
}


@pytest.fixture
def responses(map_text: Any) -> Callable[..., Any]:
    def of(*changes: dict[str, str], zone: str = "Z", **settings: Any) -> Any:
        third = [
            {"ImportId": name} | ({"timeZone": zone} if name.endswith("Date") else {})
            for name in ROW
        ]
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(json.dumps(cell, separators=(",", ":")) for cell in third)
        writer.writerows((ROW | change).values() for change in changes or ({},))
        told = {"score": "Q1", **settings}
        text = HEAD + file.getvalue()
        return map_text(text, "qualtrics", part="responses", settings=told)

    return of


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Z", 9), ("America/Denver", 15), ("Europe/Berlin", 7), ("Nowhere/Land", 9)],
)
def test_the_zone_stands_in_the_third_header_row(
    responses: Any, zone: str, hour: int
) -> None:
    assert answers(responses(zone=zone), "responded_at") == [
        (datetime(2025, 7, 1, hour, 1, tzinfo=UTC),)
    ]


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("IP Address", True),
        ("0", True),
        ("", True),
        ("Survey Preview", False),
        ("1", False),
        ("Imported", False),
        ("Spam", False),
    ],
)
def test_previews_tests_imports_and_spam_are_nobodys_answers(
    responses: Any, status: str, counts: bool
) -> None:
    file = responses({"Status": status})

    assert len(answers(file)) == counts
    assert file.extracted.accounting.filtered == (not counts)


def test_the_scale_is_the_one_declared(responses: Any) -> None:
    file = responses(score="Q2_NPS", survey_type="nps", scale_min=0, scale_max=10)
    assert answers(file) == [("R_1", "nps", 0.0, 0.0, 10.0)]


def test_a_score_off_the_scale_is_rejected_not_bent(responses: Any) -> None:
    file = responses(score="Q2_NPS")

    assert answers(file, "score") == [(None,)]
    assert file.rejects() == [(5, "Q2_NPS", "bad_number", False)]


def test_a_label_is_no_score(responses: Any) -> None:
    file = responses({"Q1": "Very satisfied"})
    assert [reject[2] for reject in file.rejects()] == ["bad_number"]


def test_without_the_question_no_column_is_taken_for_the_score(responses: Any) -> None:
    assert answers(responses(score=None), "score") == [(None,)]


def test_embedded_data_names_the_contact(responses: Any) -> None:
    file = responses(about="ticket_id", contact_source="zendesk")
    assert answers(file, "about_source", "about_id") == [("zendesk", "145")]


def test_the_channel_that_carried_the_survey_is_not_the_one_asked_about(
    responses: Any,
) -> None:
    assert answers(responses(), "channel", "about_id") == [(None, None)]


def test_a_response_sent_again_counts_once_and_the_later_one(
    responses: Any, together: Any
) -> None:
    late = responses({"Q1": "2", "RecordedDate": "2025-07-09 00:00:00"})
    surveys = together(late, responses()).surveys

    assert surveys.select("survey_id", "score").rows() == [("src:R_1", 2.0)]


def test_an_answer_without_a_number_is_its_own_and_one_without_a_time_is_blamed(
    responses: Any,
) -> None:
    file = responses({"ResponseId": ""}, {"EndDate": "yesterday"})

    assert len(answers(file)) == 2
    assert file.rejects() == [(6, "EndDate", "bad_time", False)]


def test_warehouse_tables_are_one_answer(map_text: Any, together: Any) -> None:
    def part(name: str, text: str) -> Any:
        told = {"question": "QID1"}
        return map_text(text, "qualtrics", part=name, settings=told)

    who = part(
        "warehouse_responses",
        "id,_fivetran_synced,distribution_channel,end_date,recorded_date,"
        "last_modified_date,recipient_email,survey_id,status\n"
        "R_1,x,email,2025-07-01 09:01:00.000000,2025-07-01 09:02:00,,ann@x.org,S,0\n"
        "R_2,x,preview,2025-07-01 09:01:00.000000,2025-07-01 09:02:00,,a@x.org,S,1\n",
    )
    what = part(
        "warehouse_answers",
        "_fivetran_id,_fivetran_synced,loop_id,question_id,response_id,"
        "sub_question_key,value\n"
        "f1,2025-07-01 10:00:00,,QID1,R_1,,4\n"
        "f2,2025-07-01 10:00:00,,QID2,R_1,,1\n",
    )
    asked = part(
        "invitations",
        "contact_id,distribution_id,_fivetran_synced,response_completed_at,"
        "response_id,sent_at\n"
        "CID_1,EMD_1,2025-07-01 10:00:00,,R_1,2025-06-30 09:00:00\n"
        "CID_2,EMD_1,2025-07-01 10:00:00,,,2025-06-30 09:00:00\n",
    )
    told = together(asked, what, who).surveys.sort("score", nulls_last=True)

    assert told.select("score", "sent_at", "responded_at").rows() == [
        (
            4.0,
            datetime(2025, 6, 30, 9, tzinfo=UTC),
            datetime(2025, 7, 1, 9, 1, tzinfo=UTC),
        ),
        (None, datetime(2025, 6, 30, 9, tzinfo=UTC), None),
    ]
    assert (
        together(who, asked, what).surveys.sort("score", nulls_last=True).equals(told)
    )
    assert "CID" not in str(told.rows())
    assert {owner for (owner,) in who.identifiers("owner_id")} == {"R_1"}


def test_warehouse_samples_are_read_without_rejects(shared: Any, map_file: Any) -> None:
    parts = {
        "survey_response": "warehouse_responses",
        "question_response": "warehouse_answers",
        "distribution_contact": "invitations",
        "directory_contact": "people",
        "core_contact": "list_people",
    }
    for name, part in parts.items():
        path = shared(f"vendor/qualtrics/{name}.csv")
        with path.open(newline="", encoding="utf-8") as raw:
            rows = list(csv.DictReader(raw))
        told = {"question": "QID2", "scale_max": 10}
        file = map_file(path, "qualtrics", part=part, settings=told)
        of_question = [row for row in rows if row.get("question_id") == "QID2"]

        assert file.rejects() == [], name
        assert file.extracted.accounting.records == len(rows)
        if name == "question_response":
            assert sorted(s for (s,) in answers(file, "score")) == sorted(
                float(row["value"]) for row in of_question
            )
        if name == "distribution_contact":
            assert len(answers(file)) == len(
                {(row["contact_id"], row["distribution_id"]) for row in rows}
            )


def test_the_people_of_a_mailing_list_are_told_by_all_their_identifiers(
    shared: Any, map_file: Any, pseudonym: Callable[[str, str], str]
) -> None:
    path = shared("vendor/qualtrics/core_contact.csv")
    with path.open(newline="", encoding="utf-8") as raw:
        rows = [r for r in csv.DictReader(raw) if r["_fivetran_deleted"] == "false"]
    file = map_file(path, "qualtrics", part="list_people")
    known = {"external_id": "external_data_reference", "email": "email"}

    found = file.identifiers("kind", "pseudonym")
    for kind, column in known.items():
        wanted = {pseudonym(kind, row[column]) for row in rows if row[column]}
        assert {one for of, one in found if of == kind} == wanted
    assert file.extracted.tables["customer_records"].height == len(rows) > 0


# SurveyMonkey


def test_the_monkeys_sample_is_one_answer_below_two_header_rows(
    shared: Any, map_file: Any
) -> None:
    path = shared(MONKEY)
    with path.open(newline="", encoding="utf-8") as raw:
        head, _, *rows = csv.reader(raw)
    [said] = [dict(zip(head, cells, strict=True)) for cells in rows]
    question = "How likely to recommend?"
    told = {"score": question, "survey_type": "nps", "scale_min": 0, "scale_max": 10}
    file = map_file(path, "surveymonkey", settings=told)

    assert answers(file) == [
        (said["Respondent ID"], "nps", float(said[question]), 0.0, 10.0)
    ]
    assert answers(file, "responded_at") == [(datetime(2024, 1, 2, 10, 1, tzinfo=UTC),)]
    assert file.rejects() == []


MONKEYS = (
    "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,"
    "First Name,Last Name,Custom Data 1,How was it?,\n"
    ",,,,,,,,,Response,Other (please specify)\n"
)


@pytest.mark.parametrize(
    ("row", "score", "rejected"),
    [
        (
            "1,C,07/01/2025 10:00:00 AM,07/01/2025 10:01:00 AM,,a@x.org,,,145,5,",
            5.0,
            [],
        ),
        (
            "1,C,07/01/2025 10:00:00 AM,07/01/2025 10:01:00 AM,,,,,145,,PRIVATE",
            None,
            [],
        ),
        ("1,C,07/01/2025,2025-31-12,,,,,145,5,", 5.0, [(3, "End Date", "bad_time")]),
    ],
)
def test_a_row_of_the_monkey_is_an_answer(
    map_text: Any, row: str, score: float | None, rejected: list[Any]
) -> None:
    told = {"score": "How was it?", "about": "Custom Data 1"}
    file = map_text(MONKEYS + row + "\n", "surveymonkey", settings=told)

    assert answers(file, "score", "about_id") == [(score, "145")]
    assert [reject[:3] for reject in file.rejects()] == rejected
    assert "PRIVATE" not in str(file.extracted.tables["survey_records"].rows())


# Delighted

DELIGHTED = {
    "id": "47",
    "person": "10",
    "survey_type": "nps",
    "score": 0,
    "comment": "PRIVATE WORDS",
    "permalink": "https://example.com/r/1",
    "created_at": 1713418460,
    "updated_at": None,
    "person_properties": {"ticket_id": "145"},
    "additional_answers": [],
}


@pytest.fixture
def delighted(map_text: Any) -> Callable[..., Any]:
    return lambda *changes, **settings: map_text(
        json.dumps([DELIGHTED | change for change in changes or ({},)]),
        "delighted",
        settings=settings,
    )


@pytest.mark.parametrize(
    ("kind", "score", "scale"),
    [("nps", 0, (0.0, 10.0)), ("csat", 5, (1.0, 5.0)), ("ces", 7, (1.0, 7.0))],
)
def test_a_kind_of_survey_has_its_scale(
    delighted: Any, kind: str, score: int, scale: tuple[float, float]
) -> None:
    file = delighted({"survey_type": kind, "score": score})
    assert answers(file) == [("47", kind, float(score), *scale)]


def test_a_kind_whose_scale_nobody_knows_is_left_out_and_counted(
    delighted: Any,
) -> None:
    file = delighted({}, {"id": "48", "survey_type": "smileys", "score": 3})

    assert [number for number, *_ in answers(file)] == ["47"]
    assert file.extracted.accounting.filtered == 1


def test_a_score_of_another_scale_is_rejected(delighted: Any) -> None:
    file = delighted({"survey_type": "csat", "score": 9})
    assert [reject[2] for reject in file.rejects()] == ["bad_number"]


def test_a_person_is_a_number_or_is_spelt_out(
    delighted: Any, pseudonym: Callable[[str, str], str]
) -> None:
    number = pseudonym("source_customer_id", "10")
    spelt = delighted({"person": {"id": "10", "email": "ann@x.org"}})

    assert delighted().identifiers("pseudonym") == [(number,)]
    assert spelt.identifiers("kind", "pseudonym") == [
        ("email", pseudonym("email", "ann@x.org")),
        ("source_customer_id", number),
    ]


def test_an_answer_names_its_contact_where_the_setting_says_how(delighted: Any) -> None:
    told = {"about": "person_properties.ticket_id", "contact_source": "zendesk"}

    assert answers(delighted(**told), "about_source", "about_id") == [
        ("zendesk", "145")
    ]
    assert answers(delighted(), "about_id") == [(None,)]


def test_seconds_since_1970_are_the_time_and_no_word_is_kept(delighted: Any) -> None:
    file = delighted()

    assert answers(file, "responded_at") == [
        (datetime.fromtimestamp(1713418460, tz=UTC),)
    ]
    tables = file.extracted.tables.values()
    assert "PRIVATE" not in str([table.rows() for table in tables])


def test_delighted_is_told_by_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "responses.json"
    path.write_text(json.dumps([DELIGHTED]), encoding="utf-8")

    assert [d.profile for d in detect(peek(path), shipped_profiles())] == ["delighted"]
