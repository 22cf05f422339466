"""Steps: every inbound contact with its hop, its wait and what came after."""

from collections.abc import Callable, Collection
from typing import Any

import polars as pl

from cxmap.journeys.steps import steps
from cxmap.options import Hours
from cxmap.tables import conform, schema

Tell = Callable[..., Any]


def all_steps(told: Any, columns: Collection[str] | None = None) -> pl.DataFrame:
    """The steps, with these columns alone if any are named."""
    stitched = told.stitched
    return steps(
        stitched.contacts,
        stitched.links,
        stitched.journeys,
        stitched.surveys,
        hours=Hours(),
        columns=columns,
    )


def walked(told: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of the steps, contact c1 first."""
    return all_steps(told).sort("source_contact_id").select(columns).rows()


def test_each_step_knows_the_one_before_as_it_stood(story: Tell) -> None:
    """
    started_at   channel  served  answered_at  resolved  resolved_at
    03-02_09:00  email    yes     03-02_11:00  yes       03-02_12:00
    03-02_10:00  voice    yes     03-02_10:01  –         –
    03-02_13:00  email    –       –            –         –
    """
    told = story("c3 follow_up_of a:c1")
    columns = ("previous_channel", "previous_served", "previous_resolved", "rule")

    assert walked(told, *columns) == [
        (None, None, None, None),
        ("email", False, False, "unknown_topic"),
        ("email", True, True, "reference"),
    ]
    assert walked(told, "contacts_after", "journey_contacts") == [
        (2, 3),
        (1, 3),
        (0, 3),
    ]


def test_two_steps_back_is_told_within_the_journey_only(story: Tell) -> None:
    """
    started_at   channel  customer_id
    03-02_09:00  email    ana
    03-02_10:00  voice    ana
    03-02_11:00  email    ana
    03-02_09:00  chat     ben
    03-02_10:00  chat     ben
    """
    found = [group for (group,) in walked(story(), "channel_group_before")]

    assert found == [None, None, "written", None, None]


def test_outbound_contacts_are_no_steps_but_can_come_before_one(story: Tell) -> None:
    """
    started_at   direction  channel
    03-02_09:00  inbound    email
    03-02_10:00  outbound   voice
    03-02_11:00  inbound    chat
    """
    told = story("c3 callback_of a:c2")
    columns = ("source_contact_id", "previous_channel", "switch", "contacts_after")

    assert walked(told, *columns) == [("c1", None, None, 1), ("c3", "voice", None, 0)]


def test_the_return_after_an_unserved_end_runs_to_the_customers_next_contact(
    story: Tell,
) -> None:
    """
    started_at   ended_at     served  topic  customer_id
    03-02_09:00  03-02_09:05  no      bill   ana
    03-02_12:05  03-02_12:10  yes     move   ana
    03-02_13:00  –            no      bill   ana
    03-02_09:00  –            no      bill   ben
    03-02_09:00  –            no      bill   –
    03-02_09:01  –            no      bill   –
    """
    found = [seconds for (seconds,) in walked(story(), "returned_after_seconds")]

    assert found == [10_800, None, None, None, None, None]


def test_somebody_is_there_at_last_in_a_contact_served_or_a_call_that_reached(
    story: Tell,
) -> None:
    """
    started_at   ended_at     served  direction  connected  customer_id
    03-02_09:00  03-02_09:05  no      inbound    –          ana
    03-02_10:00  03-02_10:05  no      inbound    –          ana
    03-02_11:05  03-02_11:10  yes     inbound    –          ana
    03-02_12:00  03-02_12:01  no      inbound    –          ana
    03-02_13:00  03-02_13:01  –       outbound   no         ana
    03-02_14:01  03-02_14:02  –       outbound   yes        ana
    03-02_15:00  –            no      inbound    –          ana
    03-02_09:00  –            no      inbound    –          –
    03-02_09:30  –            yes     inbound    –          –
    """
    found = [seconds for (seconds,) in walked(story(), "served_after_seconds")]

    assert found == [7_200, 3_600, None, 7_200, None, None, None]


def test_whoever_writes_after_a_lost_call_is_served_when_the_reply_comes(
    story: Tell,
) -> None:
    """
    started_at  ended_at    channel served first_response_at customer_id channel_group
    03-02_09:00 03-02_09:05 voice   no     –                 ana         voice
    03-02_10:00 –           email   yes    03-05_09:05       ana         written
    03-02_09:00 03-02_09:05 voice   no     –                 ben         voice
    03-02_10:00 –           email   yes    03-05_09:05       ben         written
    03-02_11:05 03-02_11:09 voice   yes    –                 ben         voice
    03-02_09:00 03-02_09:05 voice   no     –                 cy          voice
    03-02_10:00 –           email   yes    –                 cy          written
    """
    found = [seconds for (seconds,) in walked(story(), "served_after_seconds")]

    assert found == [259_200, None, 7_200, None, None, 3_300, None]


def test_the_wait_ends_with_the_answer(story: Tell) -> None:
    """
    channel served first_response_at answered_at queue_seconds ended_at    started_at
    email   yes    03-02_11:00       03-02_09:30 –             –           03-02_09:00
    voice   yes    –                 03-02_09:02 30            –           03-02_09:00
    chat    yes    –                 –           45            –           03-02_09:00
    voice   no     –                 –           –             03-02_09:03 03-02_09:00
    email   –      –                 –           –             –           03-02_09:00
    """
    found = [seconds for (seconds,) in walked(story(), "waited_seconds")]

    assert found == [7_200, 120, 45, 180, None]


def test_without_an_answer_it_waits_as_far_as_its_own_source_is_held(
    story: Tell,
) -> None:
    """
    started_at   channel served source_horizon_at
    03-02_09:00  email   no     03-05_10:00
    03-02_09:00  email   no     03-02_08:00
    03-02_09:00  email   no     –
    03-02_09:00  chat    no     03-05_10:00
    """
    found = [seconds for (seconds,) in walked(story(), "waited_seconds")]

    assert found == [3 * 86_400 + 3_600, 0, 0, 0]


def test_business_time_stops_over_night(story: Tell) -> None:
    """
    started_at   channel served first_response_at
    03-02_16:00  email   yes    03-03_10:00
    """
    assert walked(story(), "waited_seconds", "waited_business_seconds") == [
        (64_800, 7_200)
    ]


def test_a_step_knows_the_soonest_inbound_hop_that_leads_on(story: Tell) -> None:
    """
    started_at   direction channel topic customer_id
    03-02_09:00  inbound   email   bill  ana
    03-02_10:00  outbound  voice   bill  ana
    03-02_11:00  inbound   chat    move  ana
    03-02_12:00  inbound   voice   bill  ana
    03-02_12:00  inbound   voice   bill  ben
    """
    told = story("c3 follow_up_of a:c1")

    assert told.hops("from_contact_id", "to_contact_id") == [
        ("a:c1", "a:c2"),
        ("a:c1", "a:c3"),
        ("a:c1", "a:c4"),
    ]
    assert walked(told, "next_rule", "next_gap_seconds", "next_continuity") == [
        ("reference", 7_200, "same_case"),
        (None, None, None),
        (None, None, None),
        (None, None, None),
    ]


def test_a_step_knows_the_worst_answers_about_it(story: Tell) -> None:
    """
    started_at   customer_id
    03-02_09:00  ana
    03-02_09:00  ben
    """
    answers = [("csat", 4.0, "c1"), ("csat", 2.0, "c1"), ("ces", 5.0, "c1")]
    rows = [
        {
            "survey_id": f"s{place}",
            "source": "a",
            "survey_type": kind,
            "score": score,
            "scale_min": 1.0,
            "scale_max": 5.0,
            "about_id": about,
        }
        for place, (kind, score, about) in enumerate(answers)
    ]
    surveys = conform(pl.DataFrame(rows), "survey_records").with_columns(
        survey_id=pl.Series([row["survey_id"] for row in rows]),
        customer_id=pl.lit("ana"),
    )
    told = story(surveys=surveys)

    assert walked(told, "csat_answer", "ces_answer", "nps_answer") == [
        (0.25, 1.0, None),
        (None, None, None),
    ]


def test_a_step_knows_whether_the_one_before_was_over_and_who_had_it(
    story: Tell,
) -> None:
    """
    started_at   channel  resolved_at  agent_id  last_touch_at  status
    03-02_09:00  email    03-02_12:00  a1        03-02_11:00    solved
    03-02_11:00  email    –            a2        03-02_11:30    –
    03-02_13:00  email    –            –         03-02_13:00    open
    03-02_15:00  email    –            –         03-02_15:00    –
    """
    told = story("c2 follow_up_of a:c1", "c3 follow_up_of a:c2", "c4 follow_up_of a:c3")

    assert walked(
        told,
        "previous_agent_id",
        "previous_open",
        "since_previous_seconds",
        "since_last_seconds",
    ) == [
        (None, None, None, None),
        ("a1", True, 7_200, 0),
        ("a2", False, 7_200, 5_400),
        (None, True, 7_200, 7_200),
    ]


def test_the_last_step_knows_the_journey_that_follows(story: Tell) -> None:
    """
    started_at   channel  topic  ended_at
    03-02_09:00  voice    bill   03-02_09:10
    03-02_10:00  voice    bill   03-02_10:10
    03-09_10:10  voice    move   03-09_10:20
    05-01_10:00  voice    bill   05-01_10:10
    """
    columns = ("next_journey_topic", "next_journey_after_seconds")

    assert walked(story(), *columns) == [
        (None, None),
        ("move", 7 * 86_400),
        ("bill", 53 * 86_400 - 1_200),
        (None, None),
    ]


def test_a_column_asked_for_alone_is_the_one_among_all(story: Tell) -> None:
    """
    started_at   channel  topic  served  answered_at  agent_id  status  last_touch_at
    03-02_09:00  email    bill   yes     03-02_11:00  a1        solved  03-02_11:30
    03-02_10:00  voice    –      no      –            –         –       03-02_10:05
    03-02_12:00  bot      bill   –       –            –         –       03-02_12:05
    03-02_13:00  email    bill   yes     03-02_14:00  a2        open    03-02_14:00
    03-20_13:00  chat     move   yes     03-20_13:01  a2        –       03-20_13:30
    """
    told = story("c4 follow_up_of a:c1")
    whole = all_steps(told)

    assert whole.schema == schema("steps")
    for name in whole.columns:
        assert all_steps(told, {name}).equals(whole.select(name)), name


def test_steps_come_in_the_order_of_the_contacts(story: Tell) -> None:
    """
    started_at   channel  topic
    03-02_09:00  voice    bill
    03-02_10:00  voice    move
    03-02_11:00  voice    bill
    03-02_12:00  voice    move
    """
    told = story()

    assert all_steps(told)["contact_id"].equals(told.stitched.contacts["contact_id"])
    assert walked(told, "contacts_after") == [(1,), (1,), (0,), (0,)]


def test_columns_that_steps_do_not_have_are_not_told(story: Tell) -> None:
    """
    started_at   channel
    03-02_09:00  voice
    """
    assert all_steps(story(), {"contact_id", "until_at"}).columns == ["contact_id"]


def test_no_contacts_make_no_steps(story: Tell) -> None:
    """
    started_at
    """
    told = story()

    assert walked(told, "contact_id") == []
    assert isinstance(told.stitched.journeys, pl.DataFrame)
