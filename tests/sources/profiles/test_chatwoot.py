"""Chatwoot: answers with the conversation in a link, and a last row that is none."""

import csv
from datetime import UTC, datetime
from typing import Any

import pytest


def test_the_sample_holds_one_answer(map_file: Any, shared: Any) -> None:
    path = shared("vendor/_headers/chatwoot_csat_download.csv")
    with path.open(newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["Rating"]]
    file = map_file(path, "chatwoot", settings={"contact_source": "desk"})
    told = file.folded.surveys

    assert told.select("score", "scale_min", "scale_max", "about_id").rows() == [
        (float(row["Rating"]), 1.0, 5.0, row["Link to the conversation"].split("/")[-1])
        for row in rows
    ]
    assert told["about_source"].to_list() == ["desk"]
    assert told["responded_at"].to_list() == [datetime(2024, 1, 1, 10, tzinfo=UTC)]
    assert file.extracted.accounting.footer == 1
    assert file.identifiers("kind") == [("email",), ("phone",)]
    assert file.rejects() == []


@pytest.mark.parametrize("rating", ["0", "6", "Great"])
def test_a_rating_off_the_scale_is_no_score(map_text: Any, rating: str) -> None:
    file = map_text(
        "Agent Name,Rating,Link to the conversation,Recorded date\n"
        f"Ada,{rating},https://x.org/conversations/7,2024-01-01 10:00:00 UTC\n",
        "chatwoot",
    )

    assert file.folded.surveys["score"].to_list() == [None]
    assert [(c, r) for _, c, r, _ in file.rejects()] == [("Rating", "bad_number")]
