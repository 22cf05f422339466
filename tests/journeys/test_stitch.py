"""Which contacts become one journey: one drawing for each clause."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cxmap.options import LinkRules, Window

Tell = Callable[..., Any]


def test_the_same_topic_links_within_seven_days_to_the_second(story: Tell) -> None:
    """
    started_at   topic  customer_id
    03-01_09:00  bill   ana
    03-08_09:00  bill   ana
    03-01_09:00  bill   ben
    03-08_09:01  bill   ben
    """
    assert story().journeys == ["c1 c2", "c3", "c4"]


def test_a_topic_is_the_same_as_those_above_and_below_but_not_beside(
    story: Tell,
) -> None:
    """
    started_at   topic        customer_id
    03-01_09:00  bill         ana
    03-05_09:00  bill/refund  ana
    03-01_09:00  bill         ben
    03-05_09:00  bill2        ben
    03-01_09:00  bill/late    eve
    03-05_09:00  bill/refund  eve
    """
    assert story().journeys == ["c1 c2", "c3", "c4", "c5", "c6"]


def test_two_branches_meet_in_the_topic_above_them(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill/late
    03-02_09:00  bill/refund
    03-03_09:00  bill
    """
    assert story().journeys == ["c1 c2 c3"]


def test_unknown_topics_link_for_three_days_and_one_after_a_solve(
    story: Tell,
) -> None:
    """
    started_at   resolved  topic  customer_id
    03-01_09:00  –         –      ana
    03-04_09:00  –         bill   ana
    03-01_09:00  yes       –      ben
    03-02_09:00  –         –      ben
    03-03_09:01  –         –      ben
    03-01_09:00  yes       move   eve
    03-02_09:01  –         –      eve
    """
    assert story().journeys == ["c1 c2", "c3 c4 c5", "c6", "c7"]


def test_without_a_topic_a_contact_goes_with_the_nearest_that_has_one(
    story: Tell,
) -> None:
    """
    started_at   topic  customer_id
    03-01_09:00  bill   ana
    03-02_09:00  –      ana
    03-02_21:00  move   ana
    03-01_09:00  bill   ben
    03-02_09:00  –      ben
    03-03_21:00  move   ben
    03-01_09:00  bill   eve
    03-02_09:00  –      eve
    03-03_09:00  move   eve
    """
    assert story().journeys == ["c1", "c2 c3", "c4 c5", "c6", "c7 c8", "c9"]


def test_contacts_without_a_topic_part_where_they_go_with_different_ones(
    story: Tell,
) -> None:
    """
    started_at   topic  customer_id
    03-01_09:00  bill   ana
    03-01_10:00  –      ana
    03-01_11:00  –      ana
    03-01_12:00  move   ana
    03-01_09:00  –      ben
    03-03_09:00  –      ben
    03-05_09:00  move   ben
    """
    assert story().journeys == ["c1 c2", "c3 c4", "c5 c6 c7"]


def test_all_that_a_contact_without_a_topic_could_link_to_may_be_tied(
    story: Tell,
) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-02_09:00  –
    03-02_21:00  move
    """
    assert story(links=LinkRules(unknown_topic_to="all")).journeys == ["c1 c2 c3"]


def test_a_contact_out_of_reach_is_nobodys_nearest(story: Tell) -> None:
    """
    started_at   resolved  topic  customer_id
    03-01_09:00  yes       bill   ana
    03-02_10:00  –         –      ana
    03-04_10:00  –         move   ana
    03-01_09:00  –         bill   ben
    03-04_09:00  –         –      ben
    03-07_09:01  –         move   ben
    """
    assert story().journeys == ["c1", "c2 c3", "c4 c5", "c6"]


def test_a_solve_shortens_the_window_only_for_those_who_come_after_it(
    story: Tell,
) -> None:
    """
    started_at   resolved  resolved_at  customer_id
    03-01_09:00  yes       03-03_09:00  ana
    03-03_08:59  –         –            ana
    03-01_09:00  yes       03-03_09:00  ben
    03-03_09:00  –         –            ben
    """
    assert story().journeys == ["c1 c2", "c3", "c4"]


def test_a_retry_links_across_topics_only_after_an_unserved_live_attempt(
    story: Tell,
) -> None:
    """
    started_at   channel  served  topic  customer_id
    03-01_09:00  voice    no      bill   ana
    03-01_11:00  chat     –       move   ana
    03-01_09:00  voice    no      bill   ben
    03-01_11:01  voice    –       move   ben
    03-01_09:00  voice    yes     bill   eve
    03-01_09:30  voice    –       move   eve
    03-01_09:00  email    no      bill   kim
    03-01_09:30  voice    –       move   kim
    03-01_09:00  bot      –       bill   leo
    03-01_09:30  voice    –       move   leo
    03-01_09:00  app      –       bill   mia
    03-01_09:30  voice    –       move   mia
    """
    found = story().journeys

    assert "c1 c2" in found
    assert "c10 c9" in found or "c9 c10" in found
    assert len(found) == 10


def test_what_was_answered_later_was_unserved_until_then(story: Tell) -> None:
    """
    started_at   served  answered_at  ended_at     topic  customer_id
    03-01_09:00  yes     03-01_09:20  03-01_09:30  bill   ana
    03-01_09:19  –       –            –            move   ana
    03-01_09:00  yes     03-01_09:20  03-01_09:30  bill   ben
    03-01_09:20  –       –            –            move   ben
    """
    assert story().journeys == ["c1 c2", "c3", "c4"]


def test_a_long_case_links_over_a_short_call_between(story: Tell) -> None:
    """
    started_at   last_touch_at  channel  topic
    03-01_09:00  03-20_09:00    email    bill
    03-05_09:00  –              voice    move
    03-26_09:00  –              voice    bill
    """
    assert story().journeys == ["c1 c3", "c2"]


def test_a_case_open_for_months_ties_only_what_is_near_its_beginning(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at  first_response_at channel
    01-01_09:00  06-01_09:00    01-05_09:00       email
    01-04_18:00  –              –                 voice
    01-08_08:00  –              –                 voice
    01-20_09:00  –              –                 voice
    02-10_09:00  –              –                 voice
    03-10_09:00  –              –                 voice
    06-02_09:00  –              –                 voice
    """
    apart = ["c4", "c5", "c6", "c7"]

    assert story().journeys == ["c1 c2 c3", *apart]
    assert story("c5 child_of a:c1").journeys == ["c1 c2 c3 c5", "c4", "c6", "c7"]


def test_an_open_case_with_a_topic_ties_its_own_topic_while_it_is_open(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at  channel topic
    01-01_09:00  06-01_09:00    email   bill
    01-20_09:00  –              voice   bill/refund
    01-28_09:00  –              voice   –
    02-10_09:00  –              voice   move
    03-31_09:00  –              voice   bill
    04-10_09:00  –              voice   bill
    """
    assert story().journeys == ["c1 c2 c5", "c3", "c4", "c6"]


def test_a_chain_of_open_cases_without_topics_is_no_journey(story: Tell) -> None:
    """
    started_at   last_touch_at  channel
    01-01_09:00  04-01_09:00    email
    02-01_09:00  05-01_09:00    email
    03-01_09:00  06-01_09:00    email
    04-01_09:00  07-01_09:00    email
    """
    assert story().journeys == ["c1", "c2", "c3", "c4"]


def test_a_case_that_never_fell_silent_ties_what_follows_its_last_touch(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at first_response_at channel  customer_id
    03-01_09:00  03-05_09:00   03-02_09:00       email    ana
    03-08_09:00  –             –                 voice    ana
    03-01_09:00  03-05_09:01   03-02_09:00       email    ben
    03-08_09:00  –             –                 voice    ben
    03-01_09:00  03-08_09:00   –                 voice    eve
    03-11_09:00  –             –                 email    eve
    """
    assert story().journeys == ["c1 c2", "c3", "c4", "c5 c6"]


def test_the_clock_can_run_from_the_start(story: Tell) -> None:
    """
    started_at   last_touch_at  channel  topic
    03-01_09:00  03-20_09:00    email    bill
    03-26_09:00  –              voice    bill
    """
    from_start = Window(timedelta(days=7), start_clock="start")

    assert story(links=LinkRules(same_topic=from_start)).journeys == ["c1", "c2"]


def test_nothing_is_inferred_over_more_than_ninety_days_from_the_start(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at  channel  topic  customer_id
    01-01_09:00  04-01_08:00    email    bill   ana
    04-01_09:00  –              voice    bill   ana
    01-01_09:00  04-01_08:00    email    bill   ben
    04-01_09:01  –              voice    bill   ben
    """
    assert story().journeys == ["c1 c2", "c3", "c4"]


def test_a_rule_without_a_window_is_off(story: Tell) -> None:
    """
    started_at   topic  customer_id
    03-01_09:00  bill   ana
    03-01_09:10  bill   ana
    03-01_09:00  –      ben
    03-01_09:10  –      ben
    """
    off = Window(None)

    assert story(links=LinkRules(same_topic=off)).journeys == ["c1", "c2", "c3 c4"]
    assert story(links=LinkRules(unknown_topic=off)).journeys == ["c1 c2", "c3", "c4"]


def test_explicit_references_link_whatever_the_topic_and_the_time(
    story: Tell,
) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    04-20_09:00  move
    06-20_09:00  card
    """
    told = ("c2 follow_up_of a:c1", "c3 same_case a:77", "c1 chain a:77")

    assert story(*told).journeys == ["c1 c2 c3"]
    assert story(*told, links=LinkRules(reference=False)).journeys == ["c1", "c2", "c3"]
    assert story("c2 follow_up_of a:c9").journeys == ["c1", "c2", "c3"]


def test_a_reference_finds_a_case_by_its_number(story: Tell) -> None:
    """
    started_at   topic  case_id
    03-01_09:00  bill   a:42
    04-20_09:00  move   –
    05-20_09:00  move   a:42
    06-20_09:00  card   –
    """
    assert story("c2 child_of a:42").journeys == ["c1 c2 c3", "c4"]


def test_references_never_join_two_customers_or_nobodies(story: Tell) -> None:
    """
    started_at   case_id  customer_id
    03-01_09:00  a:42     ana
    03-01_09:10  a:42     ben
    03-01_09:20  a:42     –
    03-01_09:30  a:42     –
    """
    assert story("c4 follow_up_of a:c3").journeys == ["c1", "c2", "c3", "c4"]


def test_one_order_links_the_same_and_unknown_topics_but_not_different_ones(
    story: Tell,
) -> None:
    """
    started_at   topic        customer_id
    03-01_09:00  bill         ana
    04-01_09:00  bill/refund  ana
    05-01_09:00  move         ana
    03-01_09:00  bill         ben
    05-01_09:00  –            ben
    """
    orders = {"c1": "o1", "c2": "o1", "c3": "o1", "c4": "o2", "c5": "o2"}
    told = story(orders=orders)

    assert told.journeys == ["c1 c2", "c3", "c4 c5"]
    assert told.hops("rule", "continuity") == [("reference", "unknown")] * 2


def test_an_outbound_contact_is_a_leaf_and_bridges_nothing(story: Tell) -> None:
    """
    started_at   direction  topic
    03-01_09:00  inbound    bill
    03-02_09:00  outbound   –
    03-03_09:00  inbound    move
    03-04_09:00  outbound   move
    """
    told = story()

    assert told.journeys == ["c1 c2", "c3 c4"]
    assert told.hops("rule", "switch") == [
        ("unknown_topic", None),
        ("same_topic", None),
    ]
    assert told.journey("contacts") == [(1,), (1,)]


def test_an_outbound_contact_bridges_by_explicit_reference_alone(story: Tell) -> None:
    """
    started_at   direction  topic
    03-01_09:00  inbound    bill
    03-02_09:00  outbound   –
    03-03_09:00  inbound    move
    """
    assert story("c2 callback_of a:c1", "c3 callback_of a:c2").journeys == ["c1 c2 c3"]
    assert story("c3 callback_of a:c2").journeys == ["c1", "c2 c3"]


def test_campaigns_internal_and_lone_outbound_contacts_have_no_journey(
    story: Tell,
) -> None:
    """
    started_at   direction  initiation  customer_id
    03-01_09:00  inbound    –           ana
    03-01_10:00  outbound   campaign    ana
    03-01_11:00  internal   –           ana
    03-01_09:00  outbound   agent       ben
    03-01_09:00  unknown    –           eve
    """
    told = story("c3 same_case a:c1")

    assert told.journeys == ["c1", "c5"]
    assert told.of("journey_id")[1:4] == [None] * 3
    assert story("c2 callback_of a:c1").journeys == ["c1 c2", "c5"]


def test_a_journey_that_an_outbound_contact_opens_begins_with_the_first_inbound_one(
    story: Tell,
) -> None:
    """
    started_at   direction  channel  topic
    03-01_09:00  outbound   email    –
    03-05_09:00  inbound    voice    bill
    03-06_09:00  inbound    voice    bill
    """
    told = story("c2 callback_of a:c1", "c1 same_case a:9")

    assert told.journeys == ["c1 c2 c3"]
    assert told.of("step") == [1, 2, 3]
    assert told.journey("first_channel", "contacts", "topic", "switches") == [
        ("voice", 2, "bill", 0)
    ]
    assert told.journey("started_at")[0][0].day == 5
    alone = story()
    assert alone.journey("journey_id") == told.journey("journey_id")


def test_a_call_handed_to_another_system_is_one_journey_and_no_repeat(
    story: Tell,
) -> None:
    """
    started_at   source topic served
    03-01_09:00  b      bill  yes
    03-01_09:05  a      move  yes
    """
    told = story("c2 transferred_from b:c1")

    assert told.hops("rule", "continuity") == [("reference", "transfer")]
    assert told.of("repeats_contact_id") == [None, None]
    assert told.journey("ladder") == [("better",)]


def test_what_is_only_related_is_no_link(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-01_10:00  move
    """
    assert story("c2 related_to a:c1").journeys == ["c1", "c2"]


def test_unidentified_contacts_are_journeys_of_one_without_a_rung(story: Tell) -> None:
    """
    started_at   customer_id  served
    03-01_09:00  –            yes
    03-01_09:05  –            yes
    """
    told = story()

    assert told.journeys == ["c1", "c2"]
    assert told.journey("customer_id", "ladder") == [(None, None)] * 2
    assert told.of("repeated") == [None, None]


def test_the_best_predecessor_is_explicit_then_the_latest_then_the_nearest(
    story: Tell,
) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-02_09:00  move
    03-03_09:00  bill
    03-04_09:00  move
    """
    told = story("c4 follow_up_of a:c1")

    assert told.hops("from_contact_id", "to_contact_id", "rule") == [
        ("a:c1", "a:c2", "joined"),
        ("a:c1", "a:c3", "same_topic"),
        ("a:c1", "a:c4", "reference"),
    ]


@pytest.mark.parametrize(
    ("kind", "continuity"),
    [
        ("follow_up_of", "same_case"),
        ("child_of", "same_case"),
        ("merged_into", "merged"),
        ("transferred_from", "transfer"),
    ],
)
def test_what_the_reference_says_is_the_continuity(
    story: Tell, kind: str, continuity: str
) -> None:
    """
    started_at   agent_id  served
    03-01_09:00  kay       no
    03-01_10:00  kay       yes
    """
    assert story(f"c2 {kind} a:c1").hops("continuity") == [(continuity,)]


def test_continuity_takes_the_first_that_holds(story: Tell) -> None:
    """
    started_at   agent_id  served  source  customer_id
    03-01_09:00  kay       no      a       ana
    03-01_10:00  kay       yes     a       ana
    03-01_09:00  kay       no      a       ben
    03-01_10:00  lou       yes     a       ben
    03-01_09:00  kay       yes     a       eve
    03-01_10:00  lou       yes     a       eve
    03-01_09:00  kay       yes     a       kim
    03-01_10:00  kay       yes     b       kim
    03-01_09:00  kay       yes     a       leo
    03-01_10:00  lou       no      a       leo
    """
    found = story(provable=frozenset({("a", "a")})).hops("continuity")

    assert found == [
        ("same_agent",),
        ("retry",),
        ("restart",),
        ("unknown",),
        ("unknown",),
    ]


def test_two_systems_prove_a_restart_only_where_one_names_the_others_cases(
    story: Tell,
) -> None:
    """
    started_at   customer_id served source agent_id case_id
    03-01_09:00  ana         yes    a      kay      –
    03-02_09:00  ana         yes    b      lou      –
    03-01_09:00  ben         yes    b      lou      –
    03-02_09:00  ben         yes    c      mia      c:7
    03-01_09:00  eve         yes    b      lou      c:8
    03-02_09:00  eve         yes    a      kay      –
    03-01_09:00  kim         yes    d      noa      –
    03-02_09:00  kim         yes    d      oda      –
    03-01_09:00  leo         yes    e      –        –
    03-02_09:00  leo         yes    e      –        –
    """
    assert story().hops("continuity") == [
        ("unknown",),
        ("restart",),
        ("unknown",),
        ("restart",),
        ("unknown",),
    ]


def test_nobody_can_prove_a_restart_between_silent_exports(story: Tell) -> None:
    """
    started_at   served  channel
    03-01_09:00  yes     voice
    03-01_10:00  yes     email
    """
    told = story()

    assert told.hops("continuity", "switch", "gap_seconds") == [("unknown", True, 3600)]
    assert told.journey("ladder") == [("unproven",)]
