"""The words a profile is written in: what each key says, and which belong together.

A profile has one or several *parts*: kinds of files of one system. A part says how
its files are recognised and read, which rows count, and how their columns become
records (see `tables`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from rapidfuzz import process

from cxmap import names, tables
from cxmap.sources import expressions
from cxmap.sources.times import Repeated, Skipped
from cxmap.yamls.complaints import LISTED

Scalar = str | int | float | bool
Texts = tuple[str, ...]

PLACEHOLDER = "${"
"""What begins a setting's place in a value: `${name}`."""


def _columns(table: tables.Columns) -> Texts:
    return tuple(name for name in table if name not in tables.RECORD)


CONTACT_FIELDS = tuple(c for c in _columns(tables.CONTACT_RECORDS) if c != "order_at")
CUSTOMER_FIELDS = _columns(tables.CUSTOMER_RECORDS)
ORDER_FIELDS = _columns(tables.ORDER_RECORDS)
TOUCHPOINT_FIELDS = _columns(tables.TOUCHPOINT_RECORDS)
ACTORS = ("customer", "human", "bot", "system", "queue", "ivr")

VOCABULARIES: Mapping[str, Sequence[str]] = {
    "channel": names.CHANNELS,
    "direction": names.DIRECTIONS,
    "initiation": names.INITIATIONS,
    "disposition": names.DISPOSITIONS,
    "status": names.STATUSES,
    "ended_by": names.ENDED_BY,
    "survey_type": names.SURVEY_TYPES,
    "event_type": names.EVENT_TYPES,
    "actor_type": ACTORS,
}
"""Columns whose words are closed: no profile can bring another one in."""


def one_of(known: Sequence[str], what: str) -> Callable[[str], str]:
    """Return the check that a word is `known`, which names the nearest that is."""

    def check(word: str) -> str:
        if word in known or PLACEHOLDER in word:
            return word
        near = process.extractOne(word.casefold(), known, score_cutoff=60)
        meant = f"did you mean {near[0]}? " if near else ""
        several = "" if near and len(known) > LISTED else f"one of: {', '.join(known)}"
        raise ValueError(f"no such {what}; {meant}{several}".rstrip())

    return check


def _over_text(text: str) -> str:
    if PLACEHOLDER not in text:
        texts = dict.fromkeys(expressions.columns(text), pl.String())
        expressions.check(text, pl.Schema(texts))

    return text


def _pattern(text: str) -> str:
    try:
        pl.select(pl.lit("").str.extract(text, 1))
    except pl.exceptions.PolarsError:
        raise ValueError("is no regular expression with a group") from None

    return text


def _search(text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise ValueError("is no regular expression") from None

    return text


Expression = Annotated[str, AfterValidator(_over_text)]
"""An SQL expression over the texts of one row."""
Pattern = Annotated[str, AfterValidator(_pattern)]
Search = Annotated[str, AfterValidator(_search)]
ContactField = Annotated[str, AfterValidator(one_of(CONTACT_FIELDS, "column"))]
CustomerField = Annotated[str, AfterValidator(one_of(CUSTOMER_FIELDS, "column"))]
OrderField = Annotated[str, AfterValidator(one_of(ORDER_FIELDS, "column"))]
TouchpointField = Annotated[str, AfterValidator(one_of(TOUCHPOINT_FIELDS, "column"))]
Kind = Annotated[str, AfterValidator(one_of(names.IDENTIFIER_KINDS, "identifier"))]
Relation = Annotated[str, AfterValidator(one_of(names.REFERENCES, "reference"))]
How = Literal["first", "last", "min", "max", "sum", "any", "all"]
Money = Literal["major", "minor"]
Unit = Literal["s", "min", "h", "ms", "us", "hms", "mmss", "since_1970"]


class Words(BaseModel):
    """Keys of a profile; one that is not listed is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Split(Words):
    """Cut a text at `sep` and take one piece, counted from 0 (−1 is the last)."""

    sep: str
    take: int


class Value(Words):
    """Where a value comes from and how its text is read.

    In this order: `from` (the first of several that is not empty), `concat`,
    `const` or `expr`; `strip_quote`; `null_if`; `split`; `regex`; `map`; `when`;
    `default`; then `time`, `unit` or `bool` by the column's type.
    """

    from_: str | Texts | None = Field(None, alias="from")
    const: Scalar | None = None
    expr: Expression | None = None
    concat: Texts | None = None
    sep: str = " "
    strip_quote: bool = False
    """Drop the leading ' by which an export keeps formulas from running."""
    null_if: tuple[Scalar, ...] = ()
    split: Split | None = None
    regex: Pattern | None = None
    """The first group, where the pattern is found; else nothing."""
    map: dict[str, Scalar | None] | None = None
    unmapped: Scalar | None = None
    """What a value that is not in `map` becomes; `keep` keeps it. It is counted."""
    when: Expression | None = None
    default: Scalar | None = None
    time: str | Texts | None = None
    tz: str | None = None
    tz_from: str | None = None
    """The column that names each row's own zone; where it names none, `tz` holds."""
    skipped: Skipped = "reject"
    """Local times that a clock change skips: reject, or read as if it had not come."""
    repeated: Repeated = "earlier"
    """Local times that a clock change repeats: the earlier, the later, or reject."""
    unit: Unit | None = None
    until: str | None = None
    """For a duration: the column of the time at which it ends; `from` began it."""
    money: Money | None = None
    """How an amount is written: in euros (major) or in cents (minor)."""
    decimal: Literal[".", ","] = "."
    true: Texts | None = Field(None, alias="bool")
    """The words that mean true; every other one means false."""
    lookup: str | None = None
    """The value is a code that `names` of this kind spell out, once they are read."""
    namespace: str | None = None
    """`source`, or a name that several sources share; for case ids and identifiers."""
    hide: bool = False
    """Keep its keyed digest only: for numbers made of what points at a person."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Value":
        origins = (self.from_, self.const, self.expr, self.concat, self.default)
        if all(origin is None for origin in origins):
            raise ValueError("says nowhere where it comes from; give `from`")
        if sum(origin is not None for origin in origins[:4]) > 1:
            raise ValueError("has two origins; give one of from, const, expr, concat")

        return self

    @property
    def origins(self) -> Texts:
        """The columns or paths whose first filled one is taken."""
        if isinstance(self.from_, str):
            return (self.from_,)
        return self.from_ or self.concat or ()

    @property
    def times(self) -> Texts:
        """The forms of time it may be written in, in order of preference."""
        return (self.time,) if isinstance(self.time, str) else self.time or ()

    def reads(self) -> Iterator[str]:
        """Yield every column or path it looks at."""
        yield from self.origins
        yield from (name for name in (self.until, self.tz_from) if name is not None)
        for text in (self.expr, self.when):
            if text is not None:
                yield from expressions.columns(text)


Spec = str | Value
"""A column's name, or how its value is found."""


def value_of(spec: Spec) -> Value:
    """Return what a bare column name is short for."""
    return Value.model_validate({"from": spec}) if isinstance(spec, str) else spec


def constant(given: Scalar) -> Value:
    """Return the value that is the same on every row."""
    return Value.model_validate({"const": given})


class Identifier(Value):
    """A value that points at a person (or a household, an order)."""

    kind: Kind


class Reference(Value):
    """A value that points at another contact or names a group of contacts."""

    kind: Relation
    to_source: str | None = None


class IdentityLink(Words):
    """The system's own word that one identifier became another."""

    kind: Kind
    from_: Spec = Field(alias="from")
    to: Spec
    seen_at: Spec | None = None
    when: Expression | None = None


class Event(Words):
    """Something that happened inside the contact of the row."""

    when: Expression | None = None
    at: Spec
    event_type: Spec
    actor_type: Spec | None = None
    actor_id: Spec | None = None
    channel: Spec | None = None
    public: Spec | None = None
    from_value: Spec | None = None
    to_value: Spec | None = None
    duration_seconds: Spec | None = None


class Survey(Words):
    """A survey answer on the row; the scale is declared, never guessed."""

    when: Expression | None = None
    survey_type: Spec
    """One of the types, or the column that names it."""
    score: Spec
    scale: tuple[float, float] | None = None
    scale_min: Spec | None = None
    scale_max: Spec | None = None
    high_is_good: bool | Value = True
    source_survey_id: Spec | None = None
    sent_at: Spec | None = None
    responded_at: Spec | None = None
    about_source: Spec | None = None
    about_id: Spec | None = None
    channel: Spec | None = None
    topic_raw: Spec | None = None
    relationship: bool | Value = False

    @model_validator(mode="after")
    def _has_a_scale(self) -> "Survey":
        if self.scale is None and (self.scale_min is None or self.scale_max is None):
            raise ValueError("has no scale; give `scale: [lowest, highest]`")
        return self


class Naming(Words):
    """What people call a code that other rows use."""

    kind: str
    key: Spec
    name: Spec
    people: bool = False
    """Whether the code is a person's: kind `actor` then says who the people are that
    events name (customer, human, bot), and the code is kept as a pseudonym."""


class Detect(Words):
    """By what a file of this part is recognised; everything given must hold."""

    format: Literal["delimited", "json", "parquet", "xlsx"] | None = None
    delimiter: str | None = None
    header: Literal["none"] | None = None
    header_all: Texts = ()
    header_any: Texts = ()
    header_regex: tuple[Search, ...] = ()
    keys: Texts = ()
    keys_any: Texts = ()
    wrapper: str | None = None
    """The key under which a JSON document holds its records."""
    first_field_regex: Search | None = None
    fifth_field_in: Texts = ()
    cells: dict[int, Search] = Field(default_factory=dict)
    """Of a file without a header: what most of its first rows show, by place from 1."""


class Read(Words):
    """How a file of this part is read; what is not given is found out."""

    format: Literal["auto", "delimited", "json", "parquet", "xlsx"] | None = None
    encoding: Texts | None = None
    delimiter: str | None = None
    header: bool | None = None
    columns: Texts | None = None
    header_rows: int | None = None
    ragged: bool | None = None
    records: str | None = None
    footer: str | None = None
    quote: str | None = None
    sheet: str | None = None
    """Of a workbook; without it the first visible sheet that holds a table."""
    zone: Search | None = None
    """Where a header row below the first names a column's time zone: a pattern with a
    group `tz`, for `tz: header`."""


class Then(Words):
    """A column computed from the folded, typed columns of a contact."""

    expr: str
