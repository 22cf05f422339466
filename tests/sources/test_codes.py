"""Statuses that are each account's own codes, and the table that spells them out."""

from typing import Any

import pytest

PROFILE = """
profile: desk
version: 1
system: desk
title: A desk
parts:
  tickets:
    key: id
    case: true
    contact:
      source_contact_id: id
      status: {from: stage, lookup: stage}
      started_at: {from: opened, time: iso8601, tz: UTC}
  stages:
    key: stage
    names: {kind: stage, key: stage, name: state}
"""
TICKETS = "id,stage,opened\n" + "".join(
    f"{number},{stage},2025-03-01\n"
    for number, stage in enumerate(["s1", "s2", "s9", ""])
)
STAGES = "stage,state\ns1,closed\ns2,pending\n"


def test_a_code_becomes_the_word_its_table_gives_it(
    map_text: Any, together: Any
) -> None:
    tickets = map_text(TICKETS, PROFILE, part="tickets")
    stages = map_text(STAGES, PROFILE, part="stages")

    for files in ((tickets, stages), (stages, tickets)):
        contacts = together(*files).contacts
        assert contacts["status"].to_list() == ["closed", "pending", "unknown", None]
        assert contacts["resolved"].to_list() == [True, None, None, None]
    assert tickets.extracted.unmapped == {}


def test_without_its_table_no_code_is_taken_for_a_word(map_text: Any) -> None:
    file = map_text(TICKETS, PROFILE, part="tickets")
    assert file.contacts("status") == [("unknown",)] * 3 + [(None,)]


@pytest.mark.parametrize("word", ["done", "CLOSED", "s1"])
def test_a_word_that_is_none_of_ours_is_unknown(
    map_text: Any, together: Any, word: str
) -> None:
    tickets = map_text(TICKETS, PROFILE, part="tickets")
    stages = map_text(f"stage,state\ns1,{word}\n", PROFILE, part="stages")

    assert together(tickets, stages).contacts["status"][0] == "unknown"
