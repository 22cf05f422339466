"""Which contact an answer is about: explicit first, then the last one served."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from cxmap.journeys.surveys import attribute, named_contacts
from cxmap.tables import schema

Tell = Callable[..., Any]


def when(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}+0000", "%Y-%m-%d_%H:%M%z").astimezone(UTC)


def answer(number: int, **facts: Any) -> dict[str, Any]:
    return {
        "survey_id": f"s:{number}",
        "source": "s",
        "source_survey_id": str(number),
        "customer_id": "ana",
        "survey_type": "csat",
        "score": 4.0,
        "scale_min": 1.0,
        "scale_max": 5.0,
        "responded_at": when("03-03_09:00"),
        **facts,
    }


def surveys(*answers: dict[str, Any]) -> pl.DataFrame:
    columns = {**schema("survey_records"), "survey_id": pl.String()}
    return pl.DataFrame(answers, schema={**columns, "customer_id": pl.String()})


def told(story: Any, *answers: dict[str, Any]) -> list[tuple[str, str | None]]:
    found = attribute(surveys(*answers), story.stitched.contacts).sort("survey_id")
    return found.select("attributed", "contact_id").rows()


def test_the_number_of_a_contact_or_its_case_comes_first(story: Tell) -> None:
    """
    started_at   served  case_id  topic  customer_id
    02-01_09:00  yes     –        bill   ana
    02-02_09:00  yes     a:42     move   ana
    02-20_09:00  yes     a:42     move   ana
    03-20_09:00  yes     a:42     move   ana
    03-03_08:00  yes     –        card   ana
    """
    assert told(
        story(),
        answer(1, about_source="a", about_id="c1"),
        answer(2, about_source="a", about_id="42"),
        answer(3, about_source="a", about_id="404"),
        answer(4, about_source="a", about_id="c1", customer_id=None),
    ) == [
        ("explicit", "a:c1"),
        ("explicit", "a:c3"),
        ("nearest", "a:c5"),
        ("explicit", "a:c1"),
    ]


def test_else_it_is_the_last_served_contact_of_three_days(story: Tell) -> None:
    """
    started_at   ended_at     served  customer_id
    03-01_09:00  03-01_09:30  yes     ana
    03-02_09:00  03-02_09:30  yes     ana
    03-03_08:00  03-03_08:30  no      ana
    03-03_08:00  03-03_08:30  yes     ben
    """
    assert told(
        story(),
        answer(1),
        answer(2, sent_at=when("03-01_10:00")),
        answer(3, sent_at=when("03-05_09:30")),
        answer(4, sent_at=when("03-05_09:31")),
        answer(5, customer_id=None),
        answer(6, customer_id="eve"),
    ) == [
        ("nearest", "a:c2"),
        ("nearest", "a:c1"),
        ("nearest", "a:c2"),
        ("none", None),
        ("none", None),
        ("none", None),
    ]


def test_only_the_channel_group_that_was_asked_about_counts(story: Tell) -> None:
    """
    started_at   channel  served  case_id
    03-02_09:00  email    yes     a:1
    03-03_08:00  voice    yes     a:1
    """
    assert told(
        story(),
        answer(1, channel="web_form"),
        answer(2, channel="callback"),
        answer(3, channel="chat"),
        answer(4),
    ) == [
        ("nearest", "a:c1"),
        ("nearest", "a:c2"),
        ("none", None),
        ("nearest", "a:c2"),
    ]


def test_candidates_in_two_journeys_are_ambiguous(story: Tell) -> None:
    """
    started_at   topic  served
    03-02_09:00  bill   yes
    03-03_08:00  move   yes
    """
    assert told(story(), answer(1)) == [("ambiguous", None)]


def test_a_relationship_survey_is_about_no_contact(story: Tell) -> None:
    """
    started_at   served
    03-03_08:00  yes
    """
    relationship = answer(1, relationship=True, about_source="a", about_id="c1")

    assert told(story(), relationship) == [("none", None)]


def test_a_journey_keeps_its_last_answer_of_each_type(story: Tell) -> None:
    """
    started_at   served  topic  team
    03-02_09:00  yes     bill   t1
    03-03_08:00  yes     bill   t2
    """
    answers = surveys(
        answer(1, responded_at=when("03-03_09:00")),
        answer(2, responded_at=when("03-03_10:00")),
        answer(3, responded_at=when("03-03_11:00"), score=None),
        answer(4, responded_at=when("03-03_08:30"), survey_type="nps"),
        answer(5, customer_id=None),
    )
    found = attribute(answers, story().stitched.contacts).sort("survey_id")

    assert found["last_answer"].to_list() == [False, True, False, True, True]
    assert found["at"].to_list()[1:5:3] == [when("03-03_08:00"), when("03-03_09:00")]
    assert found.select("topic", "team", "contact_source").row(0) == ("bill", "t2", "a")


def test_an_answer_that_names_a_contact_moves_to_its_customer(story: Tell) -> None:
    """
    started_at   served  customer_id
    03-03_08:00  yes     ben
    03-03_08:00  yes     –
    """
    asked = surveys(
        answer(1, about_source="a", about_id="c1", customer_id=None),
        answer(2, about_source="a", about_id="c2"),
        answer(3),
    )
    found = named_contacts(asked, story().stitched.contacts)

    assert found.select("customer_id", "contact_id").rows() == [
        ("ben", "a:c1"),
        ("ana", "a:c2"),
        ("ana", None),
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_without_contacts_no_answer_is_lost(story: Tell, count: int) -> None:
    """
    started_at
    """
    answers = surveys(*[answer(number) for number in range(count)])

    assert attribute(answers, story().stitched.contacts).height == count
