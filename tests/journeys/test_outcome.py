"""How journeys end, where that stands on the ladder, and when they are closed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from cxmap.options import RepeatRule
from cxmap.tables import schema

Tell = Callable[..., Any]


def test_solved_is_confirmed_and_silence_after_a_person_is_presumed(
    story: Tell,
) -> None:
    """
    started_at   served  resolved  customer_id
    03-01_09:00  yes     yes       ana
    03-01_09:00  yes     –         ben
    03-01_09:00  yes     no        eve
    03-01_09:00  –       yes       kim
    """
    assert story().journey("outcome", "confirmed", "ladder") == [
        ("resolved", True, "best"),
        ("presumed", False, "best"),
        ("unresolved", True, "none"),
        ("resolved", True, "best"),
    ]


def test_whom_nobody_served_is_abandoned_or_unanswered(story: Tell) -> None:
    """
    started_at   served  disposition      customer_id
    03-01_09:00  no      abandoned        ana
    03-01_09:00  no      short_abandoned  ben
    03-01_09:00  no      unanswered       eve
    03-01_09:00  no      overflowed       kim
    03-01_09:00  –       unknown          leo
    """
    assert story().journey("outcome", "ladder", "served") == [
        ("abandoned", "none", False),
        ("abandoned", "none", False),
        ("unanswered", "none", False),
        ("unanswered", "none", False),
        ("unknown", "unproven", None),
    ]


def test_silence_after_a_machine_proves_nothing(story: Tell) -> None:
    """
    started_at   channel      served  resolved  agent_id  customer_id
    03-01_09:00  bot          –       –         –         ana
    03-01_09:00  self_service no      –         –         ben
    03-01_09:00  bot          yes     –         –         eve
    03-01_09:00  bot          yes     –         kay       kim
    03-01_09:00  bot          yes     yes       –         leo
    """
    assert story().journey("outcome", "ladder") == [
        ("contained_unknown", "unproven"),
        ("contained_unknown", "unproven"),
        ("contained_unknown", "unproven"),
        ("presumed", "best"),
        ("resolved", "best"),
    ]


def test_an_unserved_contact_after_the_last_served_one_breaks_the_silence(
    story: Tell,
) -> None:
    """
    started_at   direction  served  connected  disposition  customer_id
    03-01_09:00  inbound    yes     –          handled      ana
    03-01_10:00  inbound    no      –          abandoned    ana
    03-01_09:00  inbound    yes     –          handled      ben
    03-01_10:00  inbound    no      –          abandoned    ben
    03-01_11:00  outbound   –       yes        handled      ben
    03-01_09:00  inbound    yes     –          handled      eve
    03-01_10:00  inbound    no      –          unanswered   eve
    03-01_11:00  outbound   –       no         failed       eve
    03-01_09:00  inbound    no      –          abandoned    kim
    03-01_10:00  inbound    yes     –          handled      kim
    """
    found = story().journey("customer_id", "outcome", "ladder")

    assert found == [
        ("ana", "abandoned", "none"),
        ("ben", "presumed", "unproven"),
        ("eve", "unanswered", "none"),
        ("kim", "presumed", "better"),
    ]


def test_the_last_served_contact_is_the_one_last_touched(story: Tell) -> None:
    """
    started_at   last_touch_at  channel  served  resolved
    03-01_09:00  03-03_09:00    email    yes     yes
    03-01_10:00  03-01_10:05    voice    yes     no
    """
    assert story().journey("outcome", "confirmed") == [("resolved", True)]


def test_a_contact_nobody_can_judge_is_no_silence_either(story: Tell) -> None:
    """
    started_at   served  resolved  customer_id
    03-01_09:00  yes     –         ana
    03-01_10:00  –       –         ana
    03-01_09:00  yes     yes       ben
    03-01_10:00  –       –         ben
    """
    assert story().journey("outcome") == [("unknown",), ("resolved",)]


def test_one_contact_is_not_best_if_it_was_reopened_chased_or_passed_on(
    story: Tell,
) -> None:
    """
    started_at   served  resolved  reopens  chasers  transfers  customer_id
    03-01_09:00  yes     yes       0        0        0          ana
    03-01_09:00  yes     yes       1        0        0          ben
    03-01_09:00  yes     yes       0        1        0          eve
    03-01_09:00  yes     yes       0        0        1          kim
    """
    rungs = story().journey("ladder")

    assert rungs == [("best",), ("better",), ("better",), ("better",)]


def test_a_reopen_long_after_the_solve_leaves_a_contact_best(story: Tell) -> None:
    """
    started_at   served  resolved  reopens  reopened_after_seconds  customer_id
    03-01_09:00  yes     yes       1        7d                      ana
    03-01_09:00  yes     yes       1        8d                      ben
    03-01_09:00  yes     yes       1        –                       eve
    """
    told = story()

    assert told.journey("ladder", "reopens", "reopened") == [
        ("better", 1, True),
        ("best", 1, False),
        ("better", 1, True),
    ]
    longer = story(repeat=RepeatRule(reopen_within=timedelta(days=8)))
    assert longer.journey("ladder") == [("better",)] * 3


def test_a_repeat_can_fail_the_first_contact_beside_a_journey_that_stays_best(
    story: Tell,
) -> None:
    """
    started_at   served  resolved
    03-01_09:00  yes     yes
    03-02_15:00  yes     –
    """
    told = story()

    assert told.journeys == ["c1", "c2"]
    assert told.journey("ladder", "trigger_repeated") == [
        ("best", True),
        ("best", False),
    ]


def test_a_merged_contact_is_counted_and_told_apart(story: Tell) -> None:
    """
    started_at   served  status  customer_id
    03-01_09:00  yes     merged  ana
    03-02_09:00  yes     solved  ana
    03-01_09:00  yes     solved  ben
    """
    told = story("c1 merged_into a:c2")

    assert told.journey("contacts", "merged", "ladder") == [
        (2, 1, "better"),
        (1, 0, "best"),
    ]


def test_nobody_begins_again_who_may_not_have_been_heard(story: Tell) -> None:
    """
    started_at   served  resolved resolved_at agent_messages channel customer_id
    03-01_09:00  –       –        –           –              voice   ana
    03-02_09:00  yes     –        –           –              voice   ana
    03-01_09:00  yes     yes      03-05_09:00 –              email   ben
    03-02_09:00  yes     –        –           –              voice   ben
    03-01_09:00  yes     yes      03-05_09:00 0              email   eve
    03-02_09:00  yes     –        –           –              voice   eve
    03-01_09:00  yes     yes      03-01_10:00 0              email   kim
    03-01_12:00  yes     –        –           –              voice   kim
    """
    told = story(provable=frozenset({("a", "a")}))

    assert told.hops("continuity") == [
        ("unknown",),
        ("unknown",),
        ("retry",),
        ("restart",),
    ]


def test_a_restart_is_good_and_an_unknown_hop_unproven(story: Tell) -> None:
    """
    started_at   served  agent_id  source  customer_id
    03-01_09:00  yes     kay       a       ana
    03-01_10:00  yes     lou       a       ana
    03-01_11:00  yes     mia       b       ana
    03-01_09:00  yes     kay       a       ben
    03-01_10:00  yes     mia       b       ben
    03-01_09:00  yes     kay       a       eve
    03-01_10:00  yes     kay       a       eve
    """
    found = story(provable=frozenset({("a", "a")})).journey("ladder", "restarts")

    assert found == [("good", 1), ("unproven", 0), ("better", 0)]


def test_outbound_hops_count_neither_in_ladder_nor_in_switch(story: Tell) -> None:
    """
    started_at   direction  served  channel
    03-01_09:00  inbound    yes     voice
    03-01_10:00  outbound   –       email
    """
    told = story(provable=frozenset({("a", "a")}))

    assert told.journey("ladder", "switches", "restarts", "path") == [
        ("best", 0, 0, "voice")
    ]


def test_a_journey_is_closed_once_nothing_seen_could_still_link_to_it(
    story: Tell,
) -> None:
    """
    started_at   topic  served  customer_id
    03-01_09:00  bill   yes     ana
    03-05_09:00  –      yes     ben
    """
    edge = datetime(2026, 3, 8, 9, tzinfo=UTC)
    beyond = datetime(2026, 3, 8, 9, 0, 1, tzinfo=UTC)

    assert story(horizon=edge).journey("closed", "outcome", "ladder") == [
        (False, "open", "open"),
        (False, "open", "open"),
    ]
    assert story(horizon=beyond).journey("closed") == [(True,), (True,)]
    assert story(horizon=None).journey("closed") == [(False,), (False,)]


def test_a_journey_tells_what_its_contacts_amount_to(story: Tell) -> None:
    """
    started_at   last_touch_at  channel  topic served team reopens resolved resolved_at
    03-01_09:00  03-01_09:05    voice    –     no     t1   –       –        –
    03-01_09:20  03-02_09:00    email    bill  yes    t2   1       yes      03-02_08:00
    """
    told = story()

    assert told.journey(
        "contacts", "channels", "first_channel", "last_channel", "path", "topic"
    ) == [(2, 2, "voice", "email", "voice > email", "bill")]
    assert told.journey(
        "team", "reopens", "duration_seconds", "resolution_seconds", "switches"
    ) == [("t1", 1, 86_400, 82_800, 1)]
    assert told.journey("trigger_id", "trigger_reopened", "trigger_resolved") == [
        ("a:c2", True, True)
    ]


def test_what_customers_answer_wins_over_silence_and_over_the_status(
    story: Tell,
) -> None:
    """
    started_at   served  resolved  customer_id
    03-01_09:00  yes     –         ana
    03-01_09:00  yes     –         ben
    03-01_09:00  yes     yes       eve
    03-01_09:00  yes     yes       kim
    03-01_09:00  yes     –         leo
    """
    sent = datetime(2026, 3, 1, 12, tzinfo=UTC)
    answers = [("ana", "csat", 2), ("ben", "csat", 3), ("eve", "csat", 1)]
    answers += [("kim", "fcr", 1), ("leo", "fcr", 5)]
    surveys = pl.DataFrame(
        [
            {
                "survey_id": f"s:{who}",
                "source": "s",
                "customer_id": who,
                "survey_type": kind,
                "score": float(score),
                "scale_min": 1.0,
                "scale_max": 5.0,
                "sent_at": sent,
            }
            for who, kind, score in answers
        ],
        schema={
            **schema("survey_records"),
            "survey_id": pl.String(),
            "customer_id": pl.String(),
        },
    )

    assert story(surveys=surveys).journey("customer_id", "outcome") == [
        ("ana", "unresolved"),
        ("ben", "presumed"),
        ("eve", "resolved"),
        ("kim", "unresolved"),
        ("leo", "resolved"),
    ]


def test_a_presumed_resolution_is_dated_by_the_last_answer(story: Tell) -> None:
    """
    started_at   ended_at     channel  served  resolved  customer_id
    03-01_09:00  03-01_09:10  voice    yes     –         ana
    03-01_10:00  03-01_10:20  voice    yes     –         ana
    03-01_09:00  03-01_09:10  voice    no      –         ben
    03-01_09:00  03-01_09:10  voice    yes     yes       eve
    """
    assert story().journey("outcome", "resolution_seconds") == [
        ("presumed", 80 * 60),
        ("unanswered", None),
        ("resolved", 10 * 60),
    ]


def test_a_journey_that_ended_without_a_resolution_has_no_time_to_one(
    story: Tell,
) -> None:
    """
    started_at   resolved_at  channel  served  resolved  disposition  customer_id
    03-01_09:00  03-01_10:00  email    yes     yes       handled      ana
    03-01_11:00  –            voice    no      –         unanswered   ana
    03-01_09:00  03-01_10:00  email    yes     yes       handled      ben
    03-01_11:00  –            voice    no      –         abandoned    ben
    03-01_09:00  03-01_10:00  email    yes     yes       handled      eve
    03-01_11:00  –            voice    yes     no        handled      eve
    03-01_09:00  03-01_10:00  email    yes     yes       handled      kim
    03-01_11:00  –            voice    yes     –         handled      kim
    """
    told = ("outcome", "resolution_seconds")

    assert story().journey(*told) == [
        ("unanswered", None),
        ("abandoned", None),
        ("unresolved", None),
        ("presumed", 7200),
    ]
    early = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert story(horizon=early).journey(*told) == [("open", 3600)] * 4


def test_a_machine_that_did_not_resolve_it_is_no_unknown(story: Tell) -> None:
    """
    started_at   channel  served  resolved  customer_id
    03-01_09:00  bot      –       no        ana
    03-01_09:00  bot      –       –         ben
    """
    assert story().journey("outcome") == [("unresolved",), ("contained_unknown",)]
