"""What an analyst says by hand of who is who, and how people are named for it.

A contact is named by its contact_id, `zendesk:123`; an identifier by its kind and
pseudonym, `phone k7f3q2ab`, of which the first eight letters suffice; one that holds
in one source alone also by that, `source_customer_id@zendesk m2xw5tqa`.
"""

import re
from dataclasses import dataclass

from cxmap.names import ADDRESSES, KEYS

FEWEST = 8
"""Letters of a pseudonym by which it is named at least."""

CONTACT = re.compile(r"(\w[\w.-]*):(\S.*)")
IDENTIFIER = re.compile(
    rf"({'|'.join((*KEYS, *ADDRESSES))})(?:@(\w[\w.-]*))? ([a-z2-7]{{{FEWEST},26}})"
)


@dataclass(frozen=True)
class Name:
    """What a rule names: a contact, or an identifier."""

    source: str | None = None
    """Of a contact its source; of an identifier the one it holds in, if any."""
    number: str | None = None
    """The contact's number in its source; None for an identifier."""
    kind: str | None = None
    pseudonym: str = ""
    """The identifier's pseudonym, or how it begins."""

    def same(self, other: "Name") -> bool:
        """Tell whether two names are of the same, as far as names can tell."""
        mine, theirs = self.pseudonym, other.pseudonym
        begins = mine.startswith(theirs) or theirs.startswith(mine)
        placed = (self.source, self.number, self.kind)

        return placed == (other.source, other.number, other.kind) and begins


def read_name(text: str) -> Name:
    """Return what a text names; ValueError says how to write it."""
    identifier = IDENTIFIER.fullmatch(text)
    if identifier:
        kind, space, pseudonym = identifier.groups()
        return Name(source=space, kind=kind, pseudonym=pseudonym)
    contact = CONTACT.fullmatch(text)
    if contact:
        return Name(source=contact[1], number=contact[2])

    raise ValueError(
        "write a contact as source:number, such as zendesk:123, or an identifier as "
        "`cxmap who` prints it, such as phone k7f3q2ab"
    )


@dataclass(frozen=True)
class Rule:
    """One entry of the rule file: whom it names, in order, and why."""

    people: tuple[str, ...]
    because: str | None = None


@dataclass(frozen=True)
class ByHand:
    """The rules of a file of manual merges and splits; their order has no meaning."""

    merge: tuple[Rule, ...] = ()
    """Those named in one rule are one person."""
    apart: tuple[Rule, ...] = ()
    """No two named in one rule are one person."""
    cut: tuple[Rule, ...] = ()
    """An identifier that joins nobody."""

    @property
    def kept_apart(self) -> frozenset[str]:
        """Whoever is named in a rule of `apart`."""
        return frozenset(name for rule in self.apart for name in rule.people)
