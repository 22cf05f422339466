"""The exports that are plain tables: bot sessions, branch visits, survey answers."""

from cxmap.demo.answers import Answer
from cxmap.demo.company import BOT, BRANCHES, word
from cxmap.demo.contacts import Contact
from cxmap.demo.reality import Reality
from cxmap.demo.writing import national, offset, stamp, table, wall

BOT_HEADER = (
    "source_contact_id",
    "channel",
    "direction",
    "started_at",
    "ended_at",
    "topic",
    "disposition",
    "resolved",
    "external_id",
    "device_id",
)
BRANCH_HEADER = (
    "source_contact_id",
    "channel",
    "direction",
    "started_at",
    "ended_at",
    "topic",
    "disposition",
    "resolved",
    "agent_id",
    "team",
    "phone",
    "external_id",
    "account_id",
)
SURVEY_HEADER = (
    "survey_id",
    "survey_type",
    "score",
    "scale_min",
    "scale_max",
    "responded_at",
    "sent_at",
    "relationship",
    "contact_id",
    "channel",
    "email",
)


def sheet_files(reality: Reality) -> dict[str, bytes]:
    """Return the three tables by their paths, each with its system's habits.

    The bot writes local time with its offset; the branches write what the clock on
    the wall shows, in the code page of their old tills; the survey tool writes UTC.
    Rows that were sent again stand at the end once more, word for word.
    """
    sessions = [_session(contact) for contact in _sent(reality.of(BOT))]
    visits = [_visit(contact, reality) for contact in _sent(reality.of(BRANCHES))]
    numbers = {c.key: f"{c.source}:{c.number}" for c in reality.contacts}
    answers = [_answer(answer, numbers) for answer in in_order(reality.answers)]

    return {
        "bot/bot_sessions.csv": table(BOT_HEADER, sessions, delimiter=";"),
        "branches/visits.csv": table(
            BRANCH_HEADER, visits, delimiter=";", encoding="cp1252"
        ),
        "surveys/surveys.csv": table(SURVEY_HEADER, answers),
    }


def _sent(contacts: list[Contact]) -> list[Contact]:
    return [*contacts, *(contact for contact in contacts if contact.resent)]


def in_order(answers: tuple[Answer, ...]) -> list[Answer]:
    """Return the answers in the order in which they came."""
    return sorted(answers, key=lambda a: (a.responded_at, a.survey_id))


def _session(contact: Contact) -> tuple[object, ...]:
    settled = contact.ending == "settled"

    return (
        contact.number,
        "bot",
        "inbound",
        offset(contact.started_at),
        offset(contact.touched_at),
        word(BOT, contact.recorded) if contact.recorded else "",
        "bot_handled",
        "true" if settled else "",
        contact.shown.card or "",
        contact.shown.device or "",
    )


def _visit(contact: Contact, reality: Reality) -> tuple[object, ...]:
    shown = contact.shown

    return (
        contact.number,
        "in_person",
        "inbound",
        wall(contact.started_at),
        wall(contact.touched_at),
        word(BRANCHES, contact.recorded) if contact.recorded else "",
        "handled",
        "true" if contact.ending == "settled" else "false",
        contact.agents[0],
        reality.owners[contact.person_id].city,
        national(shown.phone) if shown.phone else "",
        shown.card or "",
        shown.account or "",
    )


def _answer(answer: Answer, numbers: dict[str, str]) -> tuple[object, ...]:
    return (
        answer.survey_id,
        answer.survey_type,
        answer.score,
        answer.scale_min,
        answer.scale_max,
        stamp(answer.responded_at),
        stamp(answer.sent_at),
        "false" if answer.about else "true",
        numbers[answer.about] if answer.named and answer.about else "",
        answer.channel or "",
        answer.email or "",
    )
