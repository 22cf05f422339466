"""The cast: people whose stories are written by hand and can be counted by hand.

They are the same under every seed and level. The days count from the world's first;
day 60 of the default world is Monday, 2 March 2026.
"""

from datetime import date

from cxmap.demo.casting import (
    Member,
    answer,
    following,
    live,
    moment,
    need,
    person,
    written,
)
from cxmap.demo.contacts import Shown


def cast(since: date) -> tuple[Member, ...]:
    """Return the whole cast, their days counted from `since`."""
    stories = (ana, ben, bea, cem, dana, emil, frida, greta, hasan, ida, jan)

    return tuple(story(since) for story in (*stories, klara, lars, mira, nico))


def ana(since: date) -> Member:
    """Calls twice about a bill, then writes."""
    who = person(1, "Ana Brandt")
    caller = Shown(phone=who.mobile, card=who.card)
    first = live(
        "voice",
        moment(since, 60, "10:00"),
        caller,
        agents=("agent.01",),
        ending="unsettled",
    )
    second = live(
        "voice",
        moment(since, 62, "11:00"),
        caller,
        agents=("agent.05",),
        ending="unsettled",
    )
    third = written(
        "mail",
        moment(since, 62, "15:00"),
        who.emails[0],
        agent="880101",
        replied=moment(since, 63, "09:30"),
        solved=moment(since, 63, "10:00"),
    )
    bill = need(who, 1, "billing/invoice", (first, second, third))
    unhappy = answer(who, bill.contacts[1], "csat", 2, named=True)

    return Member(
        who,
        "Calls twice about a bill, each time another agent, then switches to e-mail. "
        "Rates the second call 2 of 5.",
        (bill,),
        ("good",),
        {"repeat_contact": 2, "restart": 2, "channel_switch": 1, "low_score": 1},
        answers=(unhappy,),
    )


def ben(since: date) -> Member:
    """Calls from the line he shares with Bea."""
    who = person(2, "Ben Adler", landline="+496990009899", account="A-50002")
    call = live(
        "voice",
        moment(since, 61, "09:00"),
        Shown(phone=who.landline, card=who.card),
        agents=("agent.02",),
    )

    return Member(
        who,
        "Lives with Bea. Calls from their shared landline about an outage and names "
        "his card. He and Bea stay two customers.",
        (need(who, 1, "network/outage", (call,)),),
        ("best",),
        {},
    )


def bea(since: date) -> Member:
    """Calls from the line she shares with Ben."""
    who = person(3, "Bea Adler", landline="+496990009899", account="A-50002")
    call = live(
        "voice",
        moment(since, 61, "13:00"),
        Shown(phone=who.landline, card=who.card),
        agents=("agent.03",),
    )

    return Member(
        who,
        "Lives with Ben. Calls from the same landline four hours later about moving "
        "house, with her own card.",
        (need(who, 1, "contract/move", (call,)),),
        ("best",),
        {},
    )


def cem(since: date) -> Member:
    """Gets nowhere with the bot and calls."""
    who = person(4, "Cem Aydin")
    session = live(
        "bot",
        moment(since, 67, "19:00"),
        Shown(card=who.card),
        wait=0,
        talk=180,
        ending="unsettled",
    )
    call = live(
        "voice",
        moment(since, 67, "19:12"),
        Shown(phone=who.mobile, card=who.card),
        agents=("agent.04",),
    )

    return Member(
        who,
        "Asks the bot for a new SIM card, gets nowhere and calls nine minutes later.",
        (need(who, 1, "device/sim", (session, call)),),
        ("unproven",),
        {
            "bot_dead_end": 1,
            "self_service_escape": 1,
            "repeat_contact": 1,
        },
    )


def dana(since: date) -> Member:
    """Hangs up in the queue and dials again."""
    who = person(5, "Dana Ebert")
    given_up = live(
        "voice",
        moment(since, 68, "10:00"),
        Shown(phone=who.mobile),
        wait=90,
        talk=0,
        ending="abandoned",
    )
    again = live(
        "voice",
        moment(since, 68, "10:12"),
        Shown(phone=who.mobile),
        wait=150,
        agents=("agent.06",),
    )

    return Member(
        who,
        "Hangs up after 90 seconds in the queue, dials again ten minutes later, waits "
        "150 seconds and is helped.",
        (need(who, 1, "billing/payment", (given_up, again)),),
        ("better",),
        {"abandon": 1, "abandon_and_return": 1, "long_wait": 1},
    )


def emil(since: date) -> Member:
    """Writes again on a closed ticket."""
    who = person(6, "Emil Fuchs")
    first = written(
        "mail",
        moment(since, 69, "09:00"),
        who.emails[0],
        agent="880102",
        replied=moment(since, 69, "11:00"),
        solved=moment(since, 69, "11:30"),
        ending="unsettled",
    )
    second = written(
        "mail",
        moment(since, 76, "09:00"),
        who.emails[0],
        replied=moment(since, 76, "10:00"),
        solved=moment(since, 76, "10:30"),
    )
    second = following(second, first, who, 1)

    return Member(
        who,
        "Writes about a refund; a week later he answers the closed ticket, which "
        "becomes a follow-up in the same agent's hands.",
        (need(who, 1, "billing/refund", (first, second)),),
        ("better",),
        {"repeat_contact": 1},
    )


def frida(since: date) -> Member:
    """Opens a solved case again."""
    who = person(7, "Frida Graf")
    case = written(
        "mail",
        moment(since, 70, "09:00"),
        who.emails[0],
        agent="880103",
        replied=moment(since, 70, "10:00"),
        reopened=moment(since, 71, "09:00"),
        solved=moment(since, 71, "12:00"),
        ending="reopened",
    )
    return_of_goods = need(who, 1, "order/return", (case,))
    content = answer(who, return_of_goods.contacts[0], "csat", 4, named=False)

    return Member(
        who,
        "Is told her return is settled, opens the case again the next morning, and "
        "has it by noon. Rates it 4 of 5 under her e-mail address.",
        (return_of_goods,),
        ("better",),
        {"reopen": 1},
        answers=(content,),
    )


def greta(since: date) -> Member:
    """Is handed on twice within one call."""
    who = person(8, "Greta Hahn")
    call = live(
        "voice",
        moment(since, 74, "11:00"),
        Shown(phone=who.mobile, card=who.card),
        talk=900,
        agents=("agent.07", "agent.08", "agent.09"),
    )

    return Member(
        who,
        "Wants to cancel and is handed on twice within one call: three records, one "
        "contact.",
        (need(who, 1, "contract/cancel", (call,)),),
        ("better",),
        {"transfer": 1, "transfer_chain": 1},
    )


def hasan(since: date) -> Member:
    """Has two needs at once."""
    who = person(9, "Hasan Kaya")
    chat = live(
        "chat",
        moment(since, 75, "10:00"),
        Shown(email=who.emails[0], card=who.card),
        talk=600,
        agents=("agent.10",),
    )
    mail = written(
        "mail",
        moment(since, 76, "10:00"),
        who.emails[0],
        agent="880104",
        replied=moment(since, 76, "12:00"),
        solved=moment(since, 76, "12:00"),
    )

    return Member(
        who,
        "Chats about a bill and writes about a delivery the next day: two needs, two "
        "journeys.",
        (
            need(who, 1, "billing/invoice", (chat,)),
            need(who, 2, "order/delivery", (mail,)),
        ),
        ("best", "best"),
        {},
    )


def ida(since: date) -> Member:
    """Fills in a form, hears nothing and calls the other hotline."""
    who = person(10, "Ida Lorenz", second_email="i.lorenz@work.test")
    form = written(
        "form",
        moment(since, 77, "09:00"),
        who.emails[0],
        agent="880105",
        replied=moment(since, 82, "12:00"),
        solved=moment(since, 82, "12:30"),
        ending="waiting",
    )
    call = live(
        "hotline",
        moment(since, 81, "10:00"),
        Shown(phone=who.mobile),
        agents=("PJSIP/2003",),
    )
    later = written(
        "mail",
        moment(since, 109, "09:00"),
        who.emails[1],
        agent="880106",
        replied=moment(since, 109, "11:00"),
        solved=moment(since, 109, "11:00"),
    )

    return Member(
        who,
        "Fills in a form, hears nothing for four days and calls the second hotline, "
        "which knows her by her phone number alone. A month later she writes from her "
        "other address: one customer, two journeys.",
        (
            need(who, 1, "network/slow", (form, call)),
            need(who, 2, "contract/change", (later,)),
        ),
        ("better", "best"),
        {"slow_first_response": 1, "repeat_contact": 1, "channel_switch": 1},
    )


def jan(since: date) -> Member:
    """Hides his number and shows no card."""
    who = person(11, "Jan Klein")
    hidden = live(
        "hotline",
        moment(since, 82, "10:00"),
        Shown(withheld=True),
        agents=("PJSIP/2004",),
    )
    unseen = live(
        "hotline",
        moment(since, 84, "10:00"),
        Shown(withheld=True),
        wait=40,
        talk=0,
        ending="key",
    )
    visit = live(
        "branch",
        moment(since, 85, "11:00"),
        Shown(),
        wait=0,
        talk=600,
        agents=("shop-01",),
    )

    return Member(
        who,
        "Hides his number, presses a key to leave the queue (a call of which the log "
        "holds a single line) and shows no card in the branch. Three contacts nobody "
        "can place: three journeys of one, no customer, nothing merged.",
        (
            need(who, 1, "device/repair", (hidden,)),
            need(who, 2, "device/repair", (unseen,)),
            need(who, 3, "device/repair", (visit,)),
        ),
        ("best", "none", "best"),
        {"unidentified_contact": 3},
        customers=0,
    )


def klara(since: date) -> Member:
    """Is never answered."""
    who = person(12, "Klara Möller")
    mail = written("mail", moment(since, 83, "09:00"), who.emails[0], ending="ignored")

    return Member(
        who,
        "Writes about a payment and is never answered.",
        (need(who, 1, "billing/payment", (mail,)),),
        ("none",),
        {"unanswered": 1, "slow_first_response": 1},
    )


def lars(since: date) -> Member:
    """Goes to and fro between mail and phone."""
    who = person(13, "Lars Novak")
    first = written(
        "mail",
        moment(since, 96, "09:00"),
        who.emails[0],
        agent="880107",
        replied=moment(since, 96, "12:00"),
        solved=moment(since, 96, "12:00"),
        ending="unsettled",
    )
    call = live(
        "voice",
        moment(since, 97, "10:00"),
        Shown(phone=who.mobile, card=who.card),
        agents=("agent.11",),
        ending="unsettled",
    )
    second = written(
        "mail",
        moment(since, 98, "11:00"),
        who.emails[0],
        agent="880108",
        replied=moment(since, 98, "13:00"),
        solved=moment(since, 98, "13:00"),
    )

    return Member(
        who,
        "Writes, calls, writes again about a plan change, each time to somebody new.",
        (need(who, 1, "contract/change", (first, call, second)),),
        ("good",),
        {
            "repeat_contact": 2,
            "restart": 2,
            "channel_switch": 2,
            "channel_ping_pong": 1,
        },
    )


def mira(since: date) -> Member:
    """Is helped by the bot."""
    who = person(14, "Mira Seidel")
    session = live(
        "bot",
        moment(since, 103, "19:30"),
        Shown(card=who.card, device=who.device),
        wait=0,
        talk=120,
    )
    delivery = need(who, 1, "order/delivery", (session,))
    easy = answer(who, delivery.contacts[0], "ces", 7, named=True)

    return Member(
        who,
        "Asks the bot where her parcel is, says that it helped and that it was easy: "
        "7 of 7.",
        (delivery,),
        ("best",),
        {},
        answers=(easy,),
    )


def nico(since: date) -> Member:
    """Has the same trouble twice, twenty days apart."""
    who = person(15, "Nico Voss")
    caller = Shown(phone=who.mobile, card=who.card)
    first = live("voice", moment(since, 90, "10:00"), caller, agents=("agent.12",))
    second = live("voice", moment(since, 110, "10:00"), caller, agents=("agent.13",))

    return Member(
        who,
        "Has a slow connection twice, twenty days apart, and is helped both times: two "
        "journeys, no repeat.",
        (
            need(who, 1, "network/slow", (first,)),
            need(who, 2, "network/slow", (second,)),
        ),
        ("best", "best"),
        {},
    )
