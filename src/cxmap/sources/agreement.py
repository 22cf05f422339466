"""Whether the words of a part agree with one another, told before data is read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import jmespath

from cxmap.sources.checks import wrong_formula, wrong_value
from cxmap.sources.language import PLACEHOLDER
from cxmap.yamls.inside import Place

if TYPE_CHECKING:
    from cxmap.sources.part import Part

Wrong = tuple[Place, str]
"""A place inside the part, and what is wrong there."""


def wrong_inside(part: "Part") -> Iterator[Wrong]:
    """Yield what is wrong with a part whose words are each right by themselves."""
    for place, value in part.placed():
        yield from ((place, wrong) for wrong in wrong_value(str(place[-1]), value))
    for name, text in part.formulas.items():
        if PLACEHOLDER not in text:
            yield from ((("then", name), wrong) for wrong in wrong_formula(text))
    yield from _lacking(part)
    yield from _contrary(part)
    yield from _wrong_paths(part)


def _lacking(part: "Part") -> Iterator[Wrong]:
    if part.kinds is not None and part.kind_column is None:
        yield ("kinds",), "give `by`, the column that tells rows apart"
    if (part.fields or part.events) and "source_contact_id" not in part.fields:
        yield ("contact",), "say which contact a row is of: give source_contact_id"
    if part.customers and "source_customer_id" not in part.customers:
        yield ("customers",), "say who a row is: give source_customer_id"
    if part.orders and "source_order_id" not in part.orders:
        yield ("orders",), "say which order a row is: give source_order_id"
    if part.touchpoints and "at" not in part.touchpoints:
        yield ("touchpoints",), "say when it was: give at"
    if part.read.header is False and not part.read.columns:
        yield ("read",), "a file without header needs `columns`"
    records = (
        *(part.fields, part.surveys, part.customers, part.names),
        *(part.orders, part.touchpoints),
    )
    if (part.identifiers or part.references) and not any(records):
        yield (), "identifiers and references need a record they belong to"


def _contrary(part: "Part") -> Iterator[Wrong]:
    if (part.of is None) != (part.each is None):
        yield (), "`of` and `each` belong together: whose rows, and which list of them"
    if part.up and part.of is None:
        yield ("up",), "there is no row above; give `of` and `each`"
    if part.of is not None and part.detect is not None:
        yield ("detect",), "is told by the part it is `of`"
    if part.version_at is not None and part.latest is not None:
        yield ("latest",), "is for sources without version_at; drop one of them"


def _wrong_paths(part: "Part") -> Iterator[Wrong]:
    if part.read.format != "json":
        return
    read = [part.let.get(name, name) for name in part.reads() if name not in part.up]
    places = {path: ("let", name) for name, path in part.let.items()}
    places |= {path: ("up", name) for name, path in part.up.items()}
    for path in dict.fromkeys((*read, *part.up.values(), *part.path)):
        try:
            jmespath.compile(path)
        except jmespath.exceptions.JMESPathError:
            if PLACEHOLDER not in path:
                wrong = f"`{path}` is no path into JSON; such as via.channel"
                yield places.get(path, ()), wrong
