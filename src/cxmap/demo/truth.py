"""The truth beside the exports: who is who, what was one need, where it rubbed."""

from cxmap.demo.people import Person
from cxmap.demo.reality import Reality
from cxmap.demo.sheets import in_order
from cxmap.demo.verdicts import rung
from cxmap.demo.writing import stamp, table

PEOPLE = ("person_id", "kind", "identifier")
CONTACTS = (
    "source",
    "source_contact_id",
    "person_id",
    "need_id",
    "started_at",
    "channel",
    "topic",
    "frictions",
)
NEEDS = (
    "need_id",
    "person_id",
    "topic",
    "plot",
    "started_at",
    "contacts",
    "resolved",
    "ladder",
)
FRICTIONS = ("friction", "source", "source_contact_id", "need_id")
ANSWERS = (
    "survey_id",
    "person_id",
    "survey_type",
    "score",
    "source",
    "source_contact_id",
)


def truth_files(reality: Reality) -> dict[str, bytes]:
    """Return the truth tables by their paths; docs/demo-world.md explains them."""
    return {
        "truth/people.csv": table(PEOPLE, _people(reality)),
        "truth/contacts.csv": table(CONTACTS, _contacts(reality)),
        "truth/needs.csv": table(NEEDS, _needs(reality)),
        "truth/frictions.csv": table(FRICTIONS, _frictions(reality)),
        "truth/surveys.csv": table(ANSWERS, _answers(reality)),
    }


def _people(reality: Reality) -> list[tuple[str, str, str]]:
    return [
        (person.person_id, kind, identifier)
        for person in reality.people
        for kind, identifier in identifiers(person)
    ]


def identifiers(person: Person) -> list[tuple[str, str]]:
    """Return every identifier a person can be met under, with its kind."""
    shared = [
        ("email", person.role_mailbox),
        ("phone", person.landline),
        ("phone", person.switchboard),
    ]

    return [
        ("external_id", person.card),
        *(("email", email) for email in person.emails),
        ("phone", person.mobile),
        ("device", person.device),
        ("account_id", person.account),
        *((kind, value) for kind, value in shared if value),
    ]


def _contacts(reality: Reality) -> list[tuple[object, ...]]:
    return [
        (
            contact.source,
            contact.number,
            contact.person_id,
            contact.need_id,
            stamp(contact.started_at),
            contact.channel,
            contact.topic,
            " ".join(contact.frictions),
        )
        for contact in reality.contacts
    ]


def _needs(reality: Reality) -> list[tuple[object, ...]]:
    return [
        (
            need.need_id,
            need.person_id,
            need.topic,
            need.plot,
            stamp(need.contacts[0].started_at),
            len(need.contacts),
            str(need.resolved).lower(),
            rung(need, reality.stage.ends_at),
        )
        for need in reality.needs
    ]


def _frictions(reality: Reality) -> list[tuple[str, ...]]:
    return [
        (friction, contact.source, contact.number, contact.need_id)
        for contact in reality.contacts
        for friction in contact.frictions
    ]


def _answers(reality: Reality) -> list[tuple[object, ...]]:
    about = {contact.key: contact for contact in reality.contacts}
    rows: list[tuple[object, ...]] = []
    for answer in in_order(reality.answers):
        contact = about[answer.about] if answer.about else None
        rows.append(
            (
                answer.survey_id,
                answer.person_id,
                answer.survey_type,
                answer.score,
                contact.source if contact else "",
                contact.number if contact else "",
            )
        )

    return rows
