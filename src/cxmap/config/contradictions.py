"""What no single value of `cxmap.yaml` shows: names that do not meet, days in disorder.

Read off the document itself, so that it stands beside every other problem.
"""

from collections.abc import Iterator
from typing import Any

from cxmap.text import safe
from cxmap.yamls.documents import Document, Problem
from cxmap.yamls.problems import proposal


def contradictions(document: Document) -> Iterator[Problem]:
    """Yield what two places of the file say against each other."""
    yield from _mapped_twice(document)
    yield from _ends_first(document)
    yield from _hours_of_nobody(document)
    yield from _aimed_at_twice(document)


def _mapped_twice(document: Document) -> Iterator[Problem]:
    known = list(_mapping(document, "sources"))
    mapped: dict[tuple[str, str], str] = {}
    for node in _mapping(document, "topics"):
        for source in _mapping(document, "topics", node):
            place = ("topics", node, source)
            if known and source not in known:
                message = f"unknown source `{safe(source)}`"
                yield Problem(document.key(place), message, proposal(source, known))
            below = document.node(place)
            for value in [below, *below.children.values()]:
                other = mapped.setdefault((source, value.text or ""), node)
                if value.text and other != node:
                    message = f"a value that is already mapped to `{safe(other)}`"
                    yield Problem(value.spot, message, "keep one")


def _ends_first(document: Document) -> Iterator[Problem]:
    for name in _mapping(document, "sources"):
        if "covered" not in _mapping(document, "sources", name):
            continue
        covered = document.node(("sources", name, "covered"))
        written = [day.text for day in covered.children.values() if day.value]
        in_order = sorted(text or "" for text in written)
        if written != in_order:
            yield Problem(covered.spot, "ends before it begins", "write [from, until]")


def _hours_of_nobody(document: Document) -> Iterator[Problem]:
    """Yield the sources that a schedule names and nobody else does."""
    known = list(_mapping(document, "sources"))
    for name in _mapping(document, "hours", "schedules"):
        if "sources" not in _mapping(document, "hours", "schedules", name):
            continue
        below = document.node(("hours", "schedules", name, "sources"))
        for value in [below, *below.children.values()]:
            if known and value.text and value.text not in known:
                message = f"unknown source `{safe(value.text)}`"
                yield Problem(value.spot, message, proposal(value.text, known))


def _aimed_at_twice(document: Document) -> Iterator[Problem]:
    known = list(_mapping(document, "sources"))
    for kpi in _mapping(document, "kpis"):
        if not isinstance(_mapping(document, "kpis", kpi).get("targets"), list):
            continue
        met: set[frozenset[tuple[str, str]]] = set()
        for one in document.node(("kpis", kpi, "targets")).children.values():
            segment = frozenset(
                (str(name), node.text or "")
                for name, node in one.children.items()
                if name != "target"
            )
            if segment and segment in met:
                message = "a segment that already has a target"
                yield Problem(one.spot, message, "keep one")
            met.add(segment)
            source = one.children.get("source")
            if known and source and source.text not in known:
                name = source.text or ""
                message = f"unknown source `{safe(name)}`"
                yield Problem(source.spot, message, proposal(name, known))


def _mapping(document: Document, *place: str) -> dict[str, Any]:
    """Return the mapping at `place`; empty where there is none."""
    node = document.root
    for step in place:
        if step not in node.children:
            return {}
        node = node.children[step]

    return node.value if isinstance(node.value, dict) else {}
