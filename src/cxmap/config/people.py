"""The rule file: people merged, kept apart and identifiers cut by hand, checked."""

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from cxmap.byhand import ByHand, Name, Rule, read_name
from cxmap.config.sections import Section, Shorthand
from cxmap.text import safe
from cxmap.yamls.documents import Document, Node, Problem, Spot, read_document
from cxmap.yamls.problems import Flaws, check_document

Named = tuple[Name, Spot]


def _person(written: str) -> str:
    read_name(written)

    return written


def _identifier(written: str) -> str:
    if read_name(written).kind is None:
        raise ValueError("a contact; name an identifier, such as phone k7f3q2ab")

    return written


def _several(people: list[str]) -> list[str]:
    if len(people) < 2:
        raise ValueError("name at least two")

    return people


class People(Shorthand):
    """One rule about people: a bare list of them, or a map that says why."""

    bare: ClassVar[str] = "people"

    people: Annotated[
        list[Annotated[str, AfterValidator(_person)]], AfterValidator(_several)
    ]
    because: str | None = None


class Cut(Shorthand):
    """One identifier that joins nobody: bare, or in a map that says why."""

    bare: ClassVar[str] = "identifier"

    identifier: Annotated[str, AfterValidator(_identifier)]
    because: str | None = None


class PeopleFile(Section):
    """The whole of a rule file."""

    merge: list[People] = Field([])
    apart: list[People] = Field([])
    cut: list[Cut] = Field([])

    def by_hand(self) -> ByHand:
        """Return the rules as the room takes them; their order leaves no trace."""
        return ByHand(
            merge=_ordered(
                Rule(tuple(sorted(r.people)), r.because) for r in self.merge
            ),
            apart=_ordered(
                Rule(tuple(sorted(r.people)), r.because) for r in self.apart
            ),
            cut=_ordered(Rule((r.identifier,), r.because) for r in self.cut),
        )


def read_people(config: Document) -> tuple[ByHand, list[Flaws]]:
    """Return the rules in the file that a config names, and what is wrong with it."""
    named = config.root.children.get("identity", config.root).children.get("rules")
    if named is None or not isinstance(named.value, str):
        return ByHand(), []
    path = config.path.parent / named.value
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, ValueError) else error.strerror
        message = f"`{safe(named.value)}`: cannot be read: {reason}"
        problem = Problem(named.spot, message, "give a YAML file in UTF-8")
        return ByHand(), [(config, (problem,))]

    document = read_document(text, path)
    checked, problems = check_document(document, PeopleFile)
    flaws = (document, (*problems, *_contradictions(document)))

    return checked.by_hand() if checked else ByHand(), [flaws]


def _ordered(rules: Iterator[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: (rule.people, rule.because or "")))


def _contradictions(document: Document) -> Iterator[Problem]:
    """Yield what rules say against each other, and names that are there twice."""
    merges = list(_entries(document, "merge"))
    for entry in [*merges, *_entries(document, "apart")]:
        for (first, _), (second, spot) in combinations(entry, 2):
            if first.same(second):
                yield Problem(spot, "named twice in one rule", "keep one")
    for entry in _entries(document, "apart"):
        for (first, _), (second, spot) in combinations(entry, 2):
            one = any(second.same(name) for name in _merged_with(first, merges))
            if one and not first.same(second):
                message = "kept apart from somebody it is merged with"
                yield Problem(spot, message, "drop it here, or from `merge`")
    for entry in _entries(document, "cut"):
        for name, spot in entry:
            if any(name.same(other) for rule in merges for other, _ in rule):
                message = "an identifier that is cut and merged"
                yield Problem(spot, message, "drop it here, or from `merge`")


def _merged_with(name: Name, merges: list[list[Named]]) -> list[Name]:
    """Return all that the merges make one with `name`."""
    found = [name]
    for known in found:
        for rule in merges:
            if any(one.same(known) for one, _ in rule):
                found += [one for one, _ in rule if one not in found]

    return found


def _entries(document: Document, section: str) -> Iterator[list[Named]]:
    """Yield whom each rule names that is spelt as it should be, and where."""
    listed = document.root.children.get(section)
    for entry in listed.children.values() if listed else ():
        inner = entry.children.get("people", entry.children.get("identifier", entry))
        nodes = [inner, *inner.children.values()]
        yield [(name, node.spot) for node in nodes for name in _names(node)]


def _names(node: Node) -> Iterator[Name]:
    try:
        if isinstance(node.value, str):
            yield read_name(node.value)
    except ValueError:
        return
