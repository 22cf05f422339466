"""A part and a profile: the words of `language` put together, and checked."""

from collections.abc import Collection, Iterator
from typing import Literal

from pydantic import Field, model_validator

from cxmap.sources import expressions
from cxmap.sources.agreement import wrong_inside
from cxmap.sources.checks import TYPES
from cxmap.sources.language import (
    VOCABULARIES,
    ContactField,
    CustomerField,
    Detect,
    Event,
    Expression,
    How,
    Identifier,
    IdentityLink,
    Naming,
    OrderField,
    Read,
    Reference,
    Scalar,
    Spec,
    Survey,
    Texts,
    Then,
    TouchpointField,
    Value,
    Words,
    constant,
    value_of,
)
from cxmap.yamls.inside import Place, WrongInsideError

ONE = "rows"
"""What the only part of a profile is called."""

KINDS_BY = "by"

History = Literal["status", "team", "queue", "agent_id", "priority", "due_at"]


class Part(Words):
    """One kind of file of a system, and the records its rows become."""

    detect: Detect | None = None
    read: Read = Field(default_factory=Read)
    let: dict[str, str] = Field(default_factory=dict)
    """Short names for columns or JSON paths."""
    of: str | None = None
    """The part whose rows hold the items of a list that this part reads."""
    each: str | Texts | None = None
    """Where that list is: a path into JSON, or a header that stands several times
    (or a /pattern/). Of several paths each leads on from the items of the one before.
    A text that stands in a list is called `value`."""
    up: dict[str, str] = Field(default_factory=dict)
    """Short names for columns or paths of the row that holds the list."""
    case: bool = False
    """Whether its rows describe a case, which may hold several contacts: one a
    channel group until it is solved, where messages or calls are given."""
    idle_hours: int | None = None
    """For cases that are never solved: so long without a message ends a contact."""
    history: tuple[History, ...] = ()
    """Columns whose change from one version of a row to the next is an event."""
    null_if: Texts = ()
    """Texts that mean nothing in every column."""
    required: tuple[str | Texts, ...] | None = None
    """Columns a file must have (of several in brackets: one); default: all mapped."""
    where: Expression | None = None
    """Rows for which it does not hold are filtered."""
    kinds: dict[str, str | dict[str, str]] | None = None
    """`by` a column; then by its value, names for columns whose meaning varies."""
    key: str | Texts | Value | None = None
    """What makes two rows two versions of one record; default: the whole row."""
    version_at: Spec | None = None
    """The source's own time of update: of two versions the later one counts."""
    version_no: Spec | None = None
    """The source's own running number of update, where two can have one time."""
    latest: Literal["load"] | None = None
    """`load`: no update time is known, the later load counts."""
    order_at: Spec | None = None
    """By what the records of one contact are ordered; default: version, start."""
    const: dict[ContactField, Scalar] = Field(default_factory=dict)
    contact: dict[ContactField, Spec] = Field(default_factory=dict)
    fold: dict[ContactField, How] = Field(default_factory=dict)
    then: dict[ContactField, Then | str] = Field(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    references: tuple[Reference, ...] = ()
    identity_links: tuple[IdentityLink, ...] = ()
    events: tuple[Event, ...] = ()
    surveys: Survey | None = None
    customers: dict[CustomerField, Spec] = Field(default_factory=dict)
    orders: dict[OrderField, Spec] = Field(default_factory=dict)
    touchpoints: dict[TouchpointField, Spec] = Field(default_factory=dict)
    names: Naming | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Part":
        wrong = tuple(wrong_inside(self))
        if wrong:
            raise WrongInsideError(wrong)

        return self

    @property
    def keys(self) -> Texts:
        """The columns of the record key; none: the whole row is its key."""
        if isinstance(self.key, Value):
            return tuple(self.key.reads())
        return (self.key,) if isinstance(self.key, str) else self.key or ()

    @property
    def path(self) -> Texts:
        """The lists that lead to its rows, from the outermost in."""
        return (self.each,) if isinstance(self.each, str) else self.each or ()

    @property
    def kind_column(self) -> str | None:
        """The column by which `kinds` are told apart."""
        by = (self.kinds or {}).get(KINDS_BY)
        return by if isinstance(by, str) else None

    @property
    def kind_names(self) -> dict[str, dict[str, str]]:
        """By kind of row: what its positional columns mean."""
        kinds = (self.kinds or {}).items()
        return {kind: given for kind, given in kinds if isinstance(given, dict)}

    @property
    def fields(self) -> dict[str, Value]:
        """The columns of contacts, and how each is found."""
        constants = {name: constant(given) for name, given in self.const.items()}
        return constants | {name: value_of(s) for name, s in self.contact.items()}

    @property
    def formulas(self) -> dict[str, str]:
        """The columns computed after folding, in order."""
        return {
            name: given if isinstance(given, str) else given.expr
            for name, given in self.then.items()
        }

    @property
    def needs_start(self) -> bool:
        """Whether each of its rows is worthless without a start of the contact."""
        start = self.fields.get("started_at")
        return start is not None and not start.when and "started_at" not in self.then

    def values(self) -> Iterator[tuple[str, Value]]:
        """Yield every value of every table, with the column it fills."""
        yield from ((str(place[-1]), value) for place, value in self.placed())

    def placed(self) -> Iterator[tuple[Place, Value]]:
        """Yield every value of every table, with its place in the part.

        The last step of the place is the column that the value fills.
        """
        for name, value in self.fields.items():
            yield ("contact" if name in self.contact else "const", name), value
        for number, event in enumerate(self.events):
            yield from ((("events", number, n), value) for n, value in filled(event))
        if self.surveys is not None:
            yield from ((("surveys", n), value) for n, value in filled(self.surveys))
        for table in ("customers", "orders", "touchpoints"):
            given: dict[str, Spec] = getattr(self, table)
            yield from (((table, name), value_of(s)) for name, s in given.items())
        for name in ("version_at", "version_no", "order_at"):
            if getattr(self, name) is not None:
                yield (name,), value_of(getattr(self, name))
        for number, link in enumerate(self.identity_links):
            if link.seen_at is not None:
                yield ("identity_links", number, "seen_at"), value_of(link.seen_at)

    def reads(self) -> Texts:
        """Return every column, path or short name that the part looks at, once."""
        found = [name for _, value in self.values() for name in value.reads()]
        for value in (*self.identifiers, *self.references):
            found += value.reads()
        pairs = [(link.from_, link.to) for link in self.identity_links]
        if self.names is not None:
            pairs.append((self.names.key, self.names.name))
        found += [n for pair in pairs for spec in pair for n in value_of(spec).reads()]
        blocks = (*self.events, *self.identity_links, self.surveys)
        conditions = [self.where, *(b.when for b in blocks if b is not None)]
        found += [n for text in conditions if text for n in expressions.columns(text)]
        named = {n for given in self.kind_names.values() for n in given.values()}
        positions = [p for given in self.kind_names.values() for p in given]
        found = [*self.keys, *(n for n in found if n not in named), *positions]
        if self.kind_column is not None:
            found.append(self.kind_column)

        return tuple(dict.fromkeys(found))


class Setting(Words):
    """Something only the user knows: a zone, own numbers, a custom field."""

    default: Scalar | tuple[Scalar, ...] | None = None
    about: str = ""


class Limit(Words):
    """What the exports of a system cannot say, as long as some parts are missing."""

    says: str
    unless: Texts
    """Parts of which one, where it is held, lifts the limit."""


class Profile(Part):
    """How the exports of one system become records: one part, or `parts`."""

    profile: str
    version: int = 1
    system: str
    title: str
    settings: dict[str, Setting | Scalar | tuple[Scalar, ...] | None] = Field(
        default_factory=dict
    )
    limits: tuple[str | Limit, ...] = ()
    """What its exports can never say, in sentences; ingest tells each source's."""
    ignored: Texts = ()
    """What its exports hold and nobody reads, and why; for its page."""
    traps: Texts = ()
    """What a reader of its exports would get wrong, and what is done; for its page."""
    parts: dict[str, Part] | None = None

    def limits_of(self, held: Collection[str]) -> Texts:
        """Return the limits that stand where the parts `held` are all there is."""
        return tuple(
            one if isinstance(one, str) else one.says
            for one in self.limits
            if isinstance(one, str) or set(one.unless).isdisjoint(held)
        )

    @model_validator(mode="after")
    def _lifts_limits_by_its_parts(self) -> "Profile":
        lifting = {
            p for one in self.limits if isinstance(one, Limit) for p in one.unless
        }
        if strange := lifting - set(self.parts or {}):
            raise ValueError(f"limits: no part {', '.join(sorted(strange))}")

        return self

    @model_validator(mode="after")
    def _is_one_part_or_several(self) -> "Profile":
        if self.parts is None:
            return self
        own = self.model_fields_set & set(Part.model_fields)
        if own:
            raise ValueError(f"{', '.join(sorted(own))}: belongs into one of the parts")
        for name, part in self.parts.items():
            if part.of is not None and self.parts.get(part.of, part).of is not None:
                raise ValueError(f"{name}: of: names no part that is read from files")
        told: dict[str, str] = {}
        for part in self.parts.values():
            for name, how in part.fold.items():
                if told.setdefault(name, how) != how:
                    raise ValueError(f"fold {name}: the parts differ; say it once")

        return self


def filled(block: Event | Survey) -> Iterator[tuple[str, Value]]:
    """Yield the columns that an event or a survey fills, and how."""
    for name in type(block).model_fields:
        given = getattr(block, name)
        if name == "survey_type" and given in VOCABULARIES[name]:
            given = constant(given)
        if name in TYPES and given is not None:
            literal = isinstance(given, bool)
            yield name, constant(given) if literal else value_of(given)
