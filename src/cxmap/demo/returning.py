"""Those of the cast who turn to the company more than once for one need."""

from cxmap.demo.casting import (
    Calendar,
    Member,
    answer,
    called,
    following,
    met,
    need,
    person,
    wrote,
)
from cxmap.demo.contacts import Shown


def ana(at: Calendar) -> Member:
    """Calls twice about a bill, then writes."""
    who = person(1, "Ana Brandt")
    morning, noon = at(63, "09:30"), at(63, "10:00")
    bill = need(
        who,
        1,
        "billing/invoice",
        called(who, at(60, "10:00"), "agent.01", ending="unsettled"),
        called(who, at(62, "11:00"), "agent.05", ending="unsettled"),
        wrote(who.emails[0], at(62, "15:00"), "880101", morning, noon),
    )

    return Member(
        who,
        "Calls twice about a bill, each time another agent, then switches to e-mail. "
        "Rates the second call 2 of 5.",
        (bill,),
        ("good",),
        {"repeat_contact": 2, "restart": 1, "channel_switch": 1, "low_score": 1},
        answers=(answer(who, bill.contacts[1], "csat", 2, named=True),),
    )


def cem(at: Calendar) -> Member:
    """Gets nowhere with the bot and calls."""
    who = person(4, "Cem Aydin")
    signed_in = Shown(card=who.card)
    session = met(
        "bot", at(67, "19:00"), signed_in, wait=0, talk=180, ending="unsettled"
    )
    call = called(who, at(67, "19:12"), "agent.04")

    return Member(
        who,
        "Asks the bot for a new SIM card, gets nowhere and calls nine minutes later.",
        (need(who, 1, "device/sim", session, call),),
        ("unproven",),
        {"bot_dead_end": 1, "self_service_escape": 1, "repeat_contact": 1},
    )


def dana(at: Calendar) -> Member:
    """Hangs up in the queue and dials again."""
    who = person(5, "Dana Ebert")
    line = Shown(phone=who.mobile)
    given_up = met("voice", at(68, "10:00"), line, wait=90, talk=0, ending="abandoned")
    again = met("voice", at(68, "10:12"), line, "agent.06", wait=150)

    return Member(
        who,
        "Hangs up after 90 seconds in the queue, dials again ten minutes later, waits "
        "150 seconds and is helped.",
        (need(who, 1, "billing/payment", given_up, again),),
        ("better",),
        {"abandon": 1, "abandon_and_return": 1, "long_wait": 1},
    )


def emil(at: Calendar) -> Member:
    """Writes again on a closed ticket."""
    who = person(6, "Emil Fuchs")
    email = who.emails[0]
    answered, again = (
        (at(69, "11:00"), at(69, "11:30")),
        (at(76, "10:00"), at(76, "10:30")),
    )
    first = wrote(email, at(69, "09:00"), "880102", *answered, ending="unsettled")
    second = wrote(email, at(76, "09:00"), "880102", *again)

    return Member(
        who,
        "Writes about a refund; a week later he answers the closed ticket, which "
        "becomes a follow-up in the same agent's hands.",
        (need(who, 1, "billing/refund", first, following(second, who, 1)),),
        ("better",),
        {"repeat_contact": 1},
    )


def ida(at: Calendar) -> Member:
    """Fills in a form, hears nothing and calls the other hotline."""
    who = person(10, "Ida Lorenz", second_email="i.lorenz@work.test")
    late, soon = (at(82, "12:00"), at(82, "12:30")), at(109, "11:00")
    form = wrote(
        who.emails[0], at(77, "09:00"), "880105", *late, door="form", ending="waiting"
    )
    call = met("hotline", at(81, "10:00"), Shown(phone=who.mobile), "PJSIP/2003")
    later = wrote(who.emails[1], at(109, "09:00"), "880106", soon, soon)

    return Member(
        who,
        "Fills in a form, hears nothing for four days and calls the second hotline, "
        "which knows her by her phone number alone. A month later she writes from her "
        "other address: one customer, two journeys.",
        (
            need(who, 1, "network/slow", form, call),
            need(who, 2, "contract/change", later),
        ),
        ("better", "best"),
        {"slow_first_response": 1, "repeat_contact": 1, "channel_switch": 1},
    )


def lars(at: Calendar) -> Member:
    """Goes to and fro between mail and phone."""
    who = person(13, "Lars Novak")
    email, noon, one = who.emails[0], at(96, "12:00"), at(98, "13:00")
    plan = need(
        who,
        1,
        "contract/change",
        wrote(email, at(96, "09:00"), "880107", noon, noon, ending="unsettled"),
        called(who, at(97, "10:00"), "agent.11", ending="unsettled"),
        wrote(email, at(98, "11:00"), "880108", one, one),
    )

    return Member(
        who,
        "Writes, calls, writes again about a plan change, each time to somebody new; "
        "no export could show whether they knew of each other.",
        (plan,),
        ("unproven",),
        {"repeat_contact": 2, "channel_ping_pong": 1},
    )
