"""The generic profiles: any system's contacts and answers under cxmap's own names."""

from typing import Any

import pytest

from cxmap.errors import ExportError

HEADER = "source_contact_id,started_at,channel,direction,email,phone,customer_id\n"
NASTY = "nasty/{}.csv"


def test_two_columns_suffice(map_text: Any) -> None:
    file = map_text(
        "contact_id,started_at,channel\nA,2025-03-01T09:00:00Z,\n", "generic_contacts"
    )

    assert file.contacts("contact_id", "channel", "direction", "inbound") == [
        ("src:A", "unknown", "unknown", True)
    ]


def test_six_lines_become_contacts_and_rejects(map_text: Any) -> None:
    file = map_text(
        HEADER + "A,2025-03-01T09:00:00Z,voice,inbound,a@x.org,,1\n"
        "B,2025-03-01T10:00:00+01:00,phone,outbound,,+12346018567,2\n"
        "C,soon,email,inbound,,,3\n"
        ",2025-03-01T09:00:00Z,email,inbound,,,4\n"
        "A,2025-03-01T09:00:00Z,voice,inbound,a@x.org,,1\n"
        "D,2099-01-01T00:00:00Z,chat,inbound,,,5\n",
        "generic_contacts",
    )

    assert file.contacts("source_contact_id", "channel", "direction") == [
        ("A", "voice", "inbound"),
        ("B", "voice", "outbound"),
    ]
    assert file.contacts("started_at")[0] == file.contacts("started_at")[1]
    assert file.rejects() == [
        (4, "started_at", "bad_time", True),
        (5, "contact_id", "missing_key", True),
        (7, "started_at", "implausible_time", True),
    ]
    accounting = file.extracted.accounting
    assert (accounting.kept, accounting.duplicates, accounting.rejected) == (2, 1, 3)


def test_a_bad_cell_leaves_its_row(map_text: Any) -> None:
    file = map_text(
        "contact_id,started_at,channel,queue_seconds,transfers,resolved\n"
        "A,2025-03-01T09:00:00Z,voice,12s,two,perhaps\n"
        "B,2025-03-01T09:00:00Z,voice,-5,1.0,yes\n",
        "generic_contacts",
    )

    assert file.contacts("queue_seconds", "transfers", "resolved") == [
        (None, None, None),
        (None, 1, True),
    ]
    assert file.rejects() == [
        (2, "queue_seconds", "bad_duration", False),
        (2, "resolved", "bad_flag", False),
        (2, "transfers", "bad_number", False),
        (3, "queue_seconds", "negative_duration", False),
    ]
    assert file.extracted.accounting.cell_rejects == 4


def test_a_missing_column_is_named_with_its_nearest(map_text: Any) -> None:
    with pytest.raises(ExportError, match=r"no column contact_id.*column 1, contactid"):
        map_text("contactid,started_at,channel\nA,x,y\n", "generic_contacts")


def test_a_column_that_is_there_twice_is_refused(map_file: Any, shared: Any) -> None:
    with pytest.raises(ExportError, match="status is there 3 times"):
        map_file(shared(NASTY.format("14_duplicate_headers")), "generic_contacts")


def test_an_exported_case_keeps_its_space_and_another_gets_ours(map_text: Any) -> None:
    file = map_text(
        "contact_id,started_at,channel,case_id\n"
        "A,2025-03-01T09:00:00Z,voice,crm:7\nB,2025-03-01T09:00:00Z,voice,7\n",
        "generic_contacts",
    )

    assert file.contacts("case_id") == [("crm:7",), ("src:7",)]


def test_ids_keep_their_zeros_and_lose_their_blanks(map_file: Any, shared: Any) -> None:
    file = map_file(shared(NASTY.format("22_leading_zeros")), "generic_contacts")
    table = file.extracted.tables["identifier_records"]
    customers = table.filter(table["kind"] == "source_customer_id")

    assert customers["pseudonym"].n_unique() == 3


def test_long_numbers_are_five_people(map_file: Any, shared: Any) -> None:
    file = map_file(shared(NASTY.format("23_bigint_ids")), "generic_contacts")
    table = file.extracted.tables["identifier_records"]
    customers = table.filter(table["kind"] == "source_customer_id")

    assert customers["pseudonym"].n_unique() == 5


def test_phones_a_spreadsheet_destroyed_join_nobody(map_file: Any, shared: Any) -> None:
    path = shared(NASTY.format("24_excel_sci"))
    table = map_file(path, "generic_contacts").extracted.tables["identifier_records"]
    phones = table.filter(table["kind"] == "phone").sort("owner_id")

    assert phones["flag"].to_list() == ["precision_lost"] * 3 + [None, None]
    british = map_file(path, "generic_contacts", region="GB")
    table = british.extracted.tables["identifier_records"]
    phones = table.filter(table["kind"] == "phone").sort("owner_id")
    assert phones["pseudonym"].n_unique() == 2


def test_spreadsheet_errors_are_rejects_and_no_identity(
    map_file: Any, shared: Any
) -> None:
    file = map_file(shared(NASTY.format("25_excel_errors")), "generic_contacts")

    assert len(file.contacts("contact_id")) == 5
    assert file.rejects() == [
        (4, "created_at", "bad_time", True),
        (5, "closed_at", "bad_time", False),
        (6, "created_at", "bad_time", True),
    ]
    emails = file.identifiers("kind", "owner_id", "flag")
    assert ("email", "T-1006", "placeholder") in emails


def test_placeholders_and_role_boxes_of_48_people_are_all_flagged(
    map_file: Any, shared: Any
) -> None:
    file = map_file(shared(NASTY.format("38_shared_identifiers")), "generic_contacts")
    table = file.extracted.tables["identifier_records"]
    addresses = table.filter(table["kind"].is_in(["email", "phone"]))
    shared_by = addresses.group_by("pseudonym", "flag").len()

    assert len(file.contacts("contact_id")) == 48
    assert shared_by.filter(
        (shared_by["len"] > 2) & shared_by["flag"].is_null()
    ).is_empty()


def test_of_updates_without_a_time_the_one_that_knows_more_counts(
    map_file: Any, shared: Any
) -> None:
    file = map_file(shared(NASTY.format("31_dup_updates_skew")), "generic_contacts")

    assert file.extracted.accounting.duplicates == 1
    assert dict(file.contacts("source_contact_id", "status")) == {
        "T-1000": "closed",
        "T-1001": "closed",
        "T-1002": "closed",
        "t-1002": "closed",
    }


def test_answers_name_their_contact_in_either_way(map_text: Any) -> None:
    file = map_text(
        "survey_id,survey_type,score,responded_at,contact_id,source_contact_id\n"
        "1,csat,5,2025-03-01T09:00:00Z,zendesk:145,\n"
        "2,ces,7,2025-03-01T09:00:00Z,,77\n"
        "3,,,2025-03-01T09:00:00Z,,\n"
        ",,4,2025-03-01T09:00:00Z,,78\n",
        "generic_survey",
        settings={"contact_source": "calls"},
    )
    surveys = file.folded.surveys.sort("source_survey_id", nulls_last=True)

    assert surveys.filter(surveys["record_key"].is_in(["1", "2", "3"])).select(
        "survey_type", "score", "about_source", "about_id"
    ).rows() == [
        ("csat", 5.0, "zendesk", "145"),
        ("ces", None, "calls", "77"),
        ("csat", None, "calls", None),
    ]
    assert surveys.height == 4
    # Seven is beyond the scale of five that the settings declare.
    assert file.rejects() == [(3, "score", "bad_number", False)]


def test_a_recommendation_is_scored_from_0_to_10_whatever_the_settings_say(
    map_text: Any,
) -> None:
    file = map_text(
        "survey_id,survey_type,score,responded_at\n"
        "1,NPS,0,2025-03-01T09:00:00Z\n"
        "2,nps,10,2025-03-01T09:00:00Z\n"
        "3,nps,11,2025-03-01T09:00:00Z\n"
        "4,csat,0,2025-03-01T09:00:00Z\n"
        "5,,5,2025-03-01T09:00:00Z\n",
        "generic_survey",
    )
    surveys = file.folded.surveys.sort("source_survey_id")

    assert surveys.select("score", "scale_min", "scale_max").rows() == [
        (0.0, 0.0, 10.0),
        (10.0, 0.0, 10.0),
        (None, 0.0, 10.0),
        (None, 1.0, 5.0),
        (5.0, 1.0, 5.0),
    ]
    assert [(row, reason) for row, _, reason, _ in file.rejects()] == [
        (4, "bad_number"),
        (5, "bad_number"),
    ]


def test_the_scale_comes_from_columns_or_from_settings(map_text: Any) -> None:
    header = "survey_id,score,responded_at,scale_min,scale_max\n"
    text = header + "1,9,2025-03-01T09:00:00Z,{}\n"
    own = map_text(text.format("0,10"), "generic_survey").folded.surveys
    told = {"survey_type": "nps", "scale_min": 0, "scale_max": 10}
    given = map_text(text.format(","), "generic_survey", settings=told).folded.surveys

    for surveys in (own, given):
        assert surveys.select("score", "scale_min", "scale_max").rows() == [(9, 0, 10)]
    assert given["survey_type"].to_list() == ["nps"]
