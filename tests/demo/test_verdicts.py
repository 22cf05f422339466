"""Where each friction of the truth begins and ends, and what rung a need stands on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cxmap.demo.clock import OPENINGS, business_seconds, next_open, office_later
from cxmap.demo.contacts import Contact, Need, Shown
from cxmap.demo.plots import Door, Ending
from cxmap.demo.verdicts import after_low_scores, judge, rung

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = datetime(2026, 7, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE = timedelta(minutes=1)


def live(
    door: Door, at: datetime, ending: Ending = "settled", **more: object
) -> Contact:
    agents = () if door == "bot" or ending in ("abandoned", "timeout") else (f"{at}",)
    draft = Contact(
        key=f"n/{at}",
        person_id="p",
        need_id="n",
        door=door,
        ending=ending,
        topic="billing/invoice",
        recorded="billing/invoice",
        started_at=at,
        touched_at=at,
        agents=agents,
        shown=Shown(card="LF-1"),
    )

    return replace(draft, **more)  # type: ignore[arg-type]


def mail(at: datetime, **more: object) -> Contact:
    answered = {
        "replied_at": at + HOUR,
        "solved_at": at + HOUR,
        "touched_at": at + HOUR,
    }

    return live("mail", at, **{**answered, **more})  # type: ignore[arg-type]


def frictions(*contacts: Contact) -> list[set[str]]:
    need = Need("n", "p", "billing/invoice", "drawn", contacts)

    return [set(c.frictions) for c in judge(need, END).contacts]


def ladder(*contacts: Contact) -> str:
    return rung(Need("n", "p", "billing/invoice", "drawn", contacts), END)


def test_one_contact_that_went_well_has_no_friction() -> None:
    assert frictions(live("voice", MONDAY)) == [set()]


def test_a_second_call_within_seven_days_repeats_the_first() -> None:
    _, again = frictions(live("voice", MONDAY), live("voice", MONDAY + 7 * DAY))

    assert again == {"repeat_contact", "restart"}


def test_a_second_call_after_seven_days_repeats_nothing() -> None:
    later = MONDAY + 7 * DAY + timedelta(seconds=1)
    _, again = frictions(live("voice", MONDAY), live("voice", later))

    assert "repeat_contact" not in again


def test_after_a_written_contact_the_window_is_ten_days() -> None:
    inside, outside = MONDAY + HOUR + 10 * DAY, MONDAY + HOUR + 10 * DAY + MINUTE

    assert "repeat_contact" in frictions(mail(MONDAY), mail(inside))[1]
    assert "repeat_contact" not in frictions(mail(MONDAY), mail(outside))[1]


def test_a_redial_within_half_an_hour_is_no_repeat_and_no_restart() -> None:
    first, again = frictions(
        live("voice", MONDAY, "abandoned"), live("voice", MONDAY + 30 * MINUTE)
    )

    assert first == {"abandon", "abandon_and_return"}
    assert again == set()


def test_a_redial_after_half_an_hour_is_a_repeat_but_no_restart() -> None:
    _, again = frictions(
        live("voice", MONDAY, "abandoned"), live("voice", MONDAY + 31 * MINUTE)
    )

    assert again == {"repeat_contact"}


def test_who_comes_back_after_a_day_did_not_return() -> None:
    first, _ = frictions(
        live("voice", MONDAY, "abandoned"), live("voice", MONDAY + DAY + MINUTE)
    )

    assert first == {"abandon"}


def test_between_two_systems_nothing_could_show_who_began_again() -> None:
    _, again = frictions(live("voice", MONDAY), live("hotline", MONDAY + DAY))

    assert again == {"repeat_contact"}
    assert ladder(live("voice", MONDAY), live("hotline", MONDAY + DAY)) == "unproven"


def test_who_was_not_answered_did_not_begin_again() -> None:
    _, in_vain = frictions(
        live("voice", MONDAY), live("voice", MONDAY + DAY, "abandoned")
    )

    assert in_vain == {"abandon", "repeat_contact"}


def test_a_switch_after_a_visit_noted_as_a_failure_is_friction() -> None:
    visit = live("branch", MONDAY, "unsettled")
    _, called = frictions(visit, live("voice", MONDAY + DAY))

    assert called == {"channel_switch", "repeat_contact"}


def test_a_switch_after_a_low_score_is_friction_if_the_score_came_before() -> None:
    first, then = live("voice", MONDAY), mail(MONDAY + DAY)
    need = Need("n", "p", "billing/invoice", "drawn", (first, then))
    before, after = then.started_at - MINUTE, then.started_at + MINUTE

    assert after_low_scores(need, {}) == need
    assert after_low_scores(need, {first.key: after}) == need
    assert after_low_scores(need, {then.key: before}) == need
    told = after_low_scores(need, {first.key: before})
    assert [c.frictions for c in told.contacts] == [(), ("channel_switch",)]


def test_a_caller_whom_the_queue_sends_away_is_unanswered() -> None:
    first, _ = frictions(
        live("hotline", MONDAY, "timeout"), live("voice", MONDAY + HOUR)
    )

    assert first == {"abandon_and_return", "unanswered"}


def test_e_mail_and_form_are_one_channel_group() -> None:
    _, again = frictions(
        mail(MONDAY), replace(mail(MONDAY + DAY), door="form", agents=("else",))
    )

    assert "channel_switch" not in again


def test_a_switch_after_a_good_answer_by_the_same_case_is_no_friction() -> None:
    first = live("chat", MONDAY)
    second = live("voice", MONDAY + DAY, agents=first.agents)
    _, switched = frictions(first, second)

    assert "channel_switch" not in switched


def test_who_calls_while_the_mail_lies_unanswered_has_switched() -> None:
    waiting = mail(MONDAY, replied_at=MONDAY + 3 * DAY, touched_at=MONDAY + 3 * DAY)
    _, called = frictions(waiting, live("voice", MONDAY + DAY))

    assert called == {"channel_switch", "repeat_contact"}


def test_back_to_the_first_channel_is_ping_pong() -> None:
    _, _, back = frictions(
        mail(MONDAY), live("voice", MONDAY + DAY), mail(MONDAY + 2 * DAY)
    )
    _, _, onward = frictions(
        mail(MONDAY), live("voice", MONDAY + DAY), live("branch", MONDAY + 2 * DAY)
    )

    assert "channel_ping_pong" in back
    assert "channel_ping_pong" not in onward


@pytest.mark.parametrize(
    ("door", "target"), [("voice", 120), ("hotline", 120), ("chat", 60)]
)
def test_a_wait_is_long_only_above_its_target(door: Door, target: int) -> None:
    short, long = live(door, MONDAY), live(door, MONDAY)

    assert frictions(replace(short, wait_seconds=target)) == [set()]
    assert "long_wait" in frictions(replace(long, wait_seconds=target + 1))[0]


def test_a_chat_answered_late_is_a_slow_response_and_a_call_is_not() -> None:
    chat = live("chat", MONDAY, wait_seconds=61)
    given_up = live("chat", MONDAY, "abandoned", wait_seconds=61)
    call = live("voice", MONDAY, wait_seconds=121)

    assert frictions(chat) == [{"long_wait", "slow_first_response"}]
    assert "slow_first_response" not in frictions(given_up)[0]
    assert frictions(call) == [{"long_wait"}]


def test_an_answer_within_eight_office_hours_is_in_time() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    monday = datetime(2026, 3, 9, 13, tzinfo=UTC)

    assert business_seconds(friday, monday) == 8 * 3600
    assert frictions(mail(friday, replied_at=monday)) == [set()]
    late = mail(friday, replied_at=monday + MINUTE)
    assert frictions(late) == [{"slow_first_response"}]


def test_no_answer_in_three_business_days_is_unanswered() -> None:
    silent = {"replied_at": None, "solved_at": None, "ending": "ignored"}

    assert frictions(mail(MONDAY, **silent)) == [{"slow_first_response", "unanswered"}]
    assert frictions(mail(END - HOUR, **silent)) == [set()]


def test_a_bot_that_settled_it_is_no_dead_end_until_somebody_is_asked() -> None:
    alone = frictions(live("bot", MONDAY))
    asked = frictions(live("bot", MONDAY), live("voice", MONDAY + HOUR))
    much_later = frictions(live("bot", MONDAY), live("voice", MONDAY + 2 * DAY))

    assert alone == [set()]
    assert asked[0] == {"bot_dead_end"}
    assert "self_service_escape" in asked[1]
    assert much_later[0] == set()


def test_who_shows_nothing_is_unidentified() -> None:
    hidden = replace(live("voice", MONDAY), shown=Shown(withheld=True))

    assert frictions(hidden) == [{"unidentified_contact"}]


def test_one_good_contact_is_best() -> None:
    assert ladder(mail(MONDAY)) == "best"


@pytest.mark.parametrize("trouble", [{"transfers": 1}, {"reopened_at": MONDAY + HOUR}])
def test_a_transfer_or_a_reopen_costs_the_best_rung(trouble: dict[str, object]) -> None:
    assert ladder(mail(MONDAY, **trouble)) == "better"


def test_a_restart_is_good_and_a_redial_better() -> None:
    given_up = live("voice", MONDAY, "abandoned")

    assert ladder(live("voice", MONDAY), live("voice", MONDAY + DAY)) == "good"
    assert ladder(given_up, live("voice", MONDAY + 10 * MINUTE)) == "better"


def test_what_a_bot_left_unsaid_is_unproven() -> None:
    assert ladder(live("bot", MONDAY, "unsettled")) == "unproven"


@pytest.mark.parametrize("ending", ["abandoned", "timeout", "key"])
def test_nobody_served_stands_on_no_rung(ending: Ending) -> None:
    assert ladder(live("hotline", MONDAY, ending)) == "none"


def test_a_last_attempt_that_failed_undoes_what_was_served() -> None:
    again = live("voice", MONDAY + DAY, "abandoned")

    assert ladder(live("voice", MONDAY), again) == "none"


def test_a_need_of_the_last_week_is_open() -> None:
    assert ladder(live("voice", END - 7 * DAY)) == "open"
    assert ladder(live("voice", END - 7 * DAY - MINUTE)) == "best"


def test_office_time_runs_only_while_the_office_is_open() -> None:
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    later = office_later(friday, 2 * 3600)

    assert business_seconds(friday, later) == 2 * 3600
    assert later.isoformat() == "2026-03-09T08:00:00+00:00"


def test_who_comes_too_early_is_let_in_the_same_day() -> None:
    early = datetime(2026, 3, 2, 5, 15, tzinfo=UTC)

    assert next_open(early, OPENINGS["voice"]).isoformat() == (
        "2026-03-02T07:15:00+00:00"
    )


def test_who_comes_on_a_sunday_waits_for_monday() -> None:
    sunday = datetime(2026, 3, 29, 10, tzinfo=UTC)
    opened = next_open(sunday, OPENINGS["branch"])

    assert (opened.weekday(), opened.hour) == (0, 8)
