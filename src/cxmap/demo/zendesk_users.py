"""Who the helpdesk knows: requesters, staff and groups, under its own numbers."""

from collections.abc import Iterable, Mapping

from cxmap.demo.company import STAFF, TEAMS, ZENDESK
from cxmap.demo.contacts import Contact
from cxmap.demo.people import Person
from cxmap.demo.writing import Row, spaced


def requesters_of(people: Iterable[Person]) -> dict[str, int]:
    """Return the helpdesk's number of each address, mailbox and calling phone."""
    numbers: dict[str, int] = {}
    for person in people:
        for place, email in enumerate(person.emails):
            numbers.setdefault(email, 7_000_000_000 + person.number * 10 + place)
        if person.role_mailbox:
            numbers.setdefault(person.role_mailbox, 7_900_000_000 + person.number)
        numbers[person.mobile] = 7_500_000_000 + person.number

    return numbers


def requester_of(contact: Contact, requesters: Mapping[str, int]) -> int:
    """Return the helpdesk's number of whoever wrote or left a message."""
    return requesters[str(contact.shown.email or contact.shown.phone)]


def users_of(
    people: Iterable[Person],
    contacts: Iterable[Contact],
    requesters: Mapping[str, int],
) -> list[Row]:
    """Return everybody who ever wrote or left a message, and the staff."""
    met = {requester_of(contact, requesters) for contact in contacts}
    users = [_staff(int(number)) for number in STAFF[ZENDESK]]
    for person in people:
        known = zip(person.emails, person.linked, strict=True)
        entries = [(email, person.name, linked) for email, linked in known]
        if person.role_mailbox:
            entries.append((person.role_mailbox, "Kanzlei", False))
        for email, name, linked in entries:
            if requesters[email] in met:
                card = person.card if linked else None
                phone = person.mobile if linked and person.reachable else None
                users.append(_user(requesters[email], name, email, phone, card))
                met.discard(requesters[email])
        if requesters[person.mobile] in met:
            caller = caller_name(person.mobile)
            number = requesters[person.mobile]
            users.append(_user(number, caller, None, person.mobile, None))

    return users


def _user(
    number: int, name: str, email: str | None, phone: str | None, card: str | None
) -> Row:
    return {
        "id": number,
        "url": f"https://lindenfunk.zendesk.com/api/v2/users/{number}.json",
        "name": name,
        "email": email,
        "created_at": "2025-10-01T08:00:00Z",
        "updated_at": "2025-12-01T08:00:00Z",
        "time_zone": "Berlin",
        "phone": phone,
        "shared_phone_number": None,
        "locale": "de",
        "locale_id": 8,
        "user_fields": {},
        "role": "end-user",
        "external_id": card,
        "organization_id": None,
        "active": True,
        "suspended": False,
    }


def _staff(number: int) -> Row:
    email = f"agent{number - 880_099}@lindenfunk.test"
    user = _user(number, f"Agent {number - 880_099}", email, None, None)

    return user | {"role": "agent"}


def caller_name(phone: str) -> str:
    """Return what the helpdesk calls somebody of whom it has a number only."""
    return f"Caller {spaced(phone)}"


def groups() -> list[Row]:
    """Return the teams."""
    return [
        {
            "id": number,
            "url": f"https://lindenfunk.zendesk.com/api/v2/groups/{number}.json",
            "name": f"Team {team}",
            "default": team == "billing",
            "deleted": False,
            "created_at": "2025-10-01T08:00:00Z",
            "updated_at": "2025-10-01T08:00:00Z",
        }
        for team, number in TEAMS.items()
    ]
