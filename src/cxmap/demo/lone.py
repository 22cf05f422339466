"""Those of the cast whose needs take one contact each, or never get a second."""

from cxmap.demo.casting import (
    Calendar,
    Member,
    answer,
    called,
    met,
    need,
    person,
    wrote,
)
from cxmap.demo.contacts import Shown

HOME = {"landline": "+496990009899", "account": "A-50002"}
"""What Ben and Bea share."""


def ben(at: Calendar) -> Member:
    """Calls from the line he shares with Bea."""
    who = person(2, "Ben Adler", **HOME)
    home = Shown(phone=who.landline, card=who.card)
    call = met("voice", at(61, "09:00"), home, "agent.02")

    return Member(
        who,
        "Lives with Bea. Calls from their shared landline about an outage and names "
        "his card. He and Bea stay two customers.",
        (need(who, 1, "network/outage", call),),
        ("best",),
        {},
    )


def bea(at: Calendar) -> Member:
    """Calls from the line she shares with Ben."""
    who = person(3, "Bea Adler", **HOME)
    home = Shown(phone=who.landline, card=who.card)
    call = met("voice", at(61, "13:00"), home, "agent.03")

    return Member(
        who,
        "Lives with Ben. Calls from the same landline four hours later about moving "
        "house, with her own card.",
        (need(who, 1, "contract/move", call),),
        ("best",),
        {},
    )


def frida(at: Calendar) -> Member:
    """Opens a solved case again."""
    who = person(7, "Frida Graf")
    case = wrote(
        who.emails[0],
        at(70, "09:00"),
        "880103",
        at(70, "10:00"),
        at(71, "12:00"),
        reopened=at(71, "09:00"),
        ending="reopened",
    )
    goods = need(who, 1, "order/return", case)

    return Member(
        who,
        "Is told her return is settled, opens the case again the next morning, and "
        "has it by noon. Rates it 4 of 5 under her e-mail address.",
        (goods,),
        ("better",),
        {"reopen": 1},
        answers=(answer(who, goods.contacts[0], "csat", 4, named=False),),
    )


def greta(at: Calendar) -> Member:
    """Is handed on twice within one call."""
    who = person(8, "Greta Hahn")
    agents = ("agent.07", "agent.08", "agent.09")
    call = called(who, at(74, "11:00"), *agents, talk=900)

    return Member(
        who,
        "Wants to cancel and is handed on twice within one call: three records, one "
        "contact.",
        (need(who, 1, "contract/cancel", call),),
        ("better",),
        {"transfer": 1, "transfer_chain": 1},
    )


def hasan(at: Calendar) -> Member:
    """Has two needs at once."""
    who = person(9, "Hasan Kaya")
    email, noon = who.emails[0], at(76, "12:00")
    shown = Shown(email=email, card=who.card)
    chat = met("chat", at(75, "10:00"), shown, "agent.10", talk=600)
    mail = wrote(email, at(76, "10:00"), "880104", noon, noon)

    return Member(
        who,
        "Chats about a bill and writes about a delivery the next day: two needs, two "
        "journeys.",
        (
            need(who, 1, "billing/invoice", chat),
            need(who, 2, "order/delivery", mail),
        ),
        ("best", "best"),
        {},
    )


def jan(at: Calendar) -> Member:
    """Hides his number and shows no card."""
    who = person(11, "Jan Klein")
    secret = Shown(withheld=True)
    hidden = met("hotline", at(82, "10:00"), secret, "PJSIP/2004")
    unseen = met("hotline", at(84, "10:00"), secret, wait=40, talk=0, ending="key")
    visit = met("branch", at(85, "11:00"), Shown(), "shop-01", wait=0, talk=600)
    contacts = enumerate((hidden, unseen, visit), 1)

    return Member(
        who,
        "Hides his number, presses a key to leave the queue (a call of which the log "
        "holds a single line) and shows no card in the branch. Three contacts nobody "
        "can place: three journeys of one, no customer, nothing merged.",
        tuple(need(who, n, "device/repair", contact) for n, contact in contacts),
        ("best", "none", "best"),
        {"unidentified_contact": 3},
        customers=0,
    )


def klara(at: Calendar) -> Member:
    """Is never answered."""
    who = person(12, "Klara Möller")
    mail = wrote(who.emails[0], at(83, "09:00"), ending="ignored")

    return Member(
        who,
        "Writes about a payment and is never answered.",
        (need(who, 1, "billing/payment", mail),),
        ("none",),
        {"unanswered": 1, "slow_first_response": 1},
    )


def mira(at: Calendar) -> Member:
    """Is helped by the bot."""
    who = person(14, "Mira Seidel")
    shown = Shown(card=who.card, device=who.device)
    session = met("bot", at(103, "19:30"), shown, wait=0, talk=120)
    parcel = need(who, 1, "order/delivery", session)

    return Member(
        who,
        "Asks the bot where her parcel is, says that it helped and that it was easy: "
        "7 of 7.",
        (parcel,),
        ("best",),
        {},
        answers=(answer(who, parcel.contacts[0], "ces", 7, named=True),),
    )


def nico(at: Calendar) -> Member:
    """Has the same trouble twice, twenty days apart."""
    who = person(15, "Nico Voss")
    first = called(who, at(90, "10:00"), "agent.12")
    second = called(who, at(110, "10:00"), "agent.13")

    return Member(
        who,
        "Has a slow connection twice, twenty days apart, and is helped both times: two "
        "journeys, no repeat.",
        (
            need(who, 1, "network/slow", first),
            need(who, 2, "network/slow", second),
        ),
        ("best", "best"),
        {},
    )
