"""The rows of one part with everything they say, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import polars as pl

from cxmap.sources.columns import Context, Evaluation, Moments
from cxmap.sources.forms import PRECISIONS
from cxmap.sources.language import (
    Event,
    IdentityLink,
    Survey,
    Value,
    constant,
    value_of,
)
from cxmap.sources.part import TYPES, Part, filled
from cxmap.sources.reading.shapes import ROW
from cxmap.tables import WHEN

DIGEST_BYTES = 16
CHUNK = 100_000
"""Rows digested at a time, to bound memory."""

NAMESPACED = ("source_customer_id", "social_handle")
"""Kinds whose values mean something only within their source."""

SEPARATOR = "\x1f"

Column = tuple[str, pl.Series]
"""A column's name, `table.name` or `table.place.name`, and its values."""


@dataclass(frozen=True)
class Wide:
    """The rows of a part that bring records, and those that fell away."""

    rows: pl.DataFrame
    """ROW, `record_key`, `version_at`, `order_at`, `seen_at`, `content`, and the
    columns of every table of the part under their prefixed names."""
    rejected: pl.DataFrame
    """`row`, `column`, `reason`, `whole_row` of the rows that cannot be used."""
    silent: int
    """Rows that bring no record of any table."""
    duplicates: int
    """Exact repeats of a row."""


def widen(evaluation: Evaluation, part: Part) -> Wide:
    """Return everything the rows say, each row named by its key and its content.

    Nothing in a row's content depends on other rows, so that the same row has the
    same content in whatever file it comes. A row without a key is its own key.
    """
    columns = dict(_columns(evaluation, part))
    rows = evaluation.rows.select(ROW).with_columns(
        **{name: values.alias(name) for name, values in columns.items()}
    )
    rejected = _rejected(evaluation, part, rows)
    usable = rows.filter(~pl.col(ROW).is_in(rejected["row"].implode()))
    speaking = _speaking(usable, part)
    said = speaking.drop("version_at") if part.latest == "load" else speaking
    named = speaking.with_columns(content=_digest(said))
    own = ["record_key"] if "record_key" in named.columns else []
    named = named.with_columns(record_key=pl.coalesce(*own, "content"))
    distinct = named.unique(
        subset=["record_key", "content"], keep="first", maintain_order=True
    )

    return Wide(
        distinct,
        rejected,
        usable.height - speaking.height,
        named.height - distinct.height,
    )


def _columns(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    contact = dict(_contact(evaluation, part))
    yield from contact.items()
    for place, event in enumerate(part.events):
        yield from _event(evaluation, place, event)
    if part.surveys is not None:
        yield from _survey(evaluation, part.surveys, own=bool(part.fields))
    yield from _customer(evaluation, part)
    if part.names is not None:
        for name in ("key", "name"):
            value = value_of(getattr(part.names, name))
            yield f"name.{name}", evaluation.words(name, value)
    yield from _pointers(evaluation, part)
    yield from _versions(evaluation, part, contact)


def _contact(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    fields = part.fields
    moments: dict[str, Moments] = {}
    for name, value in fields.items():
        if TYPES[name] == WHEN:
            moments[name] = evaluation.moments(name, value)
            yield f"contact.{name}", moments[name].at
        else:
            yield f"contact.{name}", _cell(evaluation, name, value)
    if "channel" in fields and "channel_raw" not in fields:
        yield "contact.channel_raw", evaluation.text(fields["channel"])
    if moments:
        start = moments.get("started_at", next(iter(moments.values())))
        yield "contact.started_reason", start.reason
        told = [m.precision.alias(name) for name, m in moments.items()]
        coarsest = pl.DataFrame(told).select(pl.max_horizontal(pl.all())).to_series()
        words = dict(enumerate(PRECISIONS))
        yield (
            "contact.time_precision",
            coarsest.replace_strict(words, return_dtype=pl.String()),
        )
        yield "contact.tz_source", start.origin


def _cell(evaluation: Evaluation, name: str, value: Value) -> pl.Series:
    cells = evaluation.column(name, value)
    if name in ("agent_id", "actor_id"):
        return evaluation.context.pseudonyms("agent", cells)
    if name == "case_id":
        space = _space(evaluation.context, value, default=evaluation.context.source)
        spaced = pl.when(pl.col("id").str.contains(":", literal=True)).then(
            pl.col("id")
        )
        own = pl.format("{}:{}", pl.lit(space), pl.col("id"))
        return cells.to_frame("id").select(spaced.otherwise(own)).to_series()

    return cells


def _space(context: Context, value: Value, *, default: str) -> str:
    if value.namespace is None:
        return default
    return context.source if value.namespace == "source" else value.namespace


def _event(evaluation: Evaluation, place: int, event: Event) -> Iterator[Column]:
    cells = {n: _cell(evaluation, n, value) for n, value in filled(event)}
    shown = evaluation.holds(event.when) & cells["at"].is_not_null()
    for name, values in cells.items():
        yield f"event.{place}.{name}", values.set(~shown, None)
    yield f"event.{place}.shown", shown & cells["event_type"].is_not_null()


def _survey(evaluation: Evaluation, survey: Survey, *, own: bool) -> Iterator[Column]:
    """Yield the answer's columns; `own`: it is about the contact of its row."""
    cells = dict(filled(survey))
    if own and "about_id" in cells and "about_source" not in cells:
        cells["about_source"] = constant(evaluation.context.source)
    if survey.scale is not None:
        for name, limit in zip(("scale_min", "scale_max"), survey.scale, strict=True):
            cells[name] = constant(limit)
    read = {name: _cell(evaluation, name, value) for name, value in cells.items()}
    lowest, highest, score = read["scale_min"], read["scale_max"], read["score"]
    outside = ((score < lowest) | (score > highest)).fill_null(False)
    blamed = value_of(survey.score).origins or ("score",)
    evaluation.findings.reject(
        evaluation.rows[ROW],
        pl.select(pl.when(outside).then(pl.lit("bad_number"))).to_series(),
        blamed[0],
    )
    read["score"] = score.set(outside, None)
    shown = evaluation.holds(survey.when) & read["survey_type"].is_not_null()
    for name, values in read.items():
        yield f"survey.{name}", values.set(~shown, None)
    yield "survey.shown", shown


def _customer(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    for name, spec in part.customers.items():
        if name == "source_customer_id":
            key = evaluation.person("source_customer_id", value_of(spec))
            yield f"customer.{name}", key["pseudonym"]
        else:
            yield f"customer.{name}", _cell(evaluation, name, value_of(spec))


def _pointers(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    for place, identifier in enumerate(part.identifiers):
        found = evaluation.person(identifier.kind, identifier)
        space = identifier_space(evaluation.context, identifier.kind, identifier)
        yield f"identifier.{place}.pseudonym", found["pseudonym"]
        yield f"identifier.{place}.flag", found["flag"]
        yield f"identifier.{place}.namespace", evaluation.constant(space)
    for place, reference in enumerate(part.references):
        to_source = reference.to_source or evaluation.context.source
        yield f"reference.{place}.to_id", evaluation.words("to_id", reference)
        yield f"reference.{place}.to_source", evaluation.constant(to_source)
    for place, link in enumerate(part.identity_links):
        yield from _identity_link(evaluation, place, link)


def identifier_space(context: Context, kind: str, value: Value) -> str:
    """Return the namespace in which values of `kind` mean something."""
    return _space(context, value, default=context.source if kind in NAMESPACED else "")


def _identity_link(
    evaluation: Evaluation, place: int, link: IdentityLink
) -> Iterator[Column]:
    holds = evaluation.holds(link.when)
    for name, spec in (("pseudonym", link.from_), ("to_pseudonym", link.to)):
        found = evaluation.person(link.kind, value_of(spec))
        yield f"link.{place}.{name}", found["pseudonym"].set(~holds, None)
    space = identifier_space(evaluation.context, link.kind, value_of(link.to))
    yield f"link.{place}.namespace", evaluation.constant(space)
    if link.seen_at is not None:
        seen = evaluation.moments("seen_at", value_of(link.seen_at))
        yield f"link.{place}.seen_at", seen.at


def _versions(
    evaluation: Evaluation, part: Part, contact: dict[str, pl.Series]
) -> Iterator[Column]:
    start = contact.get("contact.started_at", evaluation.nothing(WHEN))
    version = evaluation.nothing(WHEN)
    if part.latest == "load":
        version = evaluation.constant(evaluation.context.now).cast(WHEN)
    elif part.version_at is not None:
        version = evaluation.moments("version_at", value_of(part.version_at)).at
    order = version if part.latest != "load" else evaluation.nothing(WHEN)
    if part.order_at is not None:
        order = evaluation.moments("order_at", value_of(part.order_at)).at
    placed = pl.DataFrame({"order": order, "start": start, "version": version})
    yield "version_at", version
    yield "order_at", placed.select(pl.coalesce("order", "start")).to_series()
    yield "seen_at", placed.select(pl.coalesce("start", "order", "version")).to_series()
    if part.key is not None:
        key = _key(evaluation, part)
        if part.customers:
            key = evaluation.context.pseudonyms("source_customer_id", key)
        yield "record_key", key


def _key(evaluation: Evaluation, part: Part) -> pl.Series:
    if isinstance(part.key, Value):
        return evaluation.text(part.key)
    joined = pl.concat_str(part.keys, separator=SEPARATOR)

    return evaluation.rows.select(joined).to_series()


def _rejected(evaluation: Evaluation, part: Part, rows: pl.DataFrame) -> pl.DataFrame:
    # An answer without a number is its own key; a row of any other table is not.
    keyed = part.key is not None and (part.fields or part.customers or part.names)
    must = {"record_key": "missing_key"} if keyed else {}
    must |= {f"contact.{n}": "missing_key" for n in part.fields if n == FOLD_KEY}
    must |= {f"customer.{n}": "missing_key" for n in part.customers if n == OWN_ID}
    must |= {"name.key": "missing_key"} if part.names is not None else {}
    reasons: list[pl.Expr] = [pl.lit(None, pl.String)]
    reasons += [
        pl.when(pl.col(column).is_null()).then(pl.lit(reason))
        for column, reason in must.items()
    ]
    blamed: list[pl.Expr] = [pl.lit(None, pl.String)]
    blamed += [
        pl.when(pl.col(column).is_null()).then(pl.lit(_origin(part, column)))
        for column in must
    ]
    if part.needs_start:
        late = pl.col("contact.started_at").is_null()
        told = pl.col("contact.started_reason").fill_null("bad_time")
        reasons.append(pl.when(late).then(told))
        blamed.append(pl.when(late).then(pl.lit(_origin(part, "contact.started_at"))))

    return rows.select(
        row=ROW,
        column=pl.coalesce(blamed),
        reason=pl.coalesce(reasons),
        whole_row=pl.lit(True),
    ).filter(pl.col("reason").is_not_null())


FOLD_KEY = "source_contact_id"
OWN_ID = "source_customer_id"


def _origin(part: Part, column: str) -> str:
    table, _, name = column.partition(".")
    if column == "record_key":
        return next(iter(part.keys), "key")
    if table == "name" and part.names is not None:
        value = value_of(part.names.key)
    elif table == "customer":
        value = value_of(part.customers[name])
    else:
        value = part.fields[name]

    return value.origins[0] if value.origins else name


def _speaking(rows: pl.DataFrame, part: Part) -> pl.DataFrame:
    if part.fields or part.customers or part.names is not None:
        return rows
    shown = [name for name in rows.columns if name.endswith(".shown")]

    return rows.filter(pl.any_horizontal(shown)) if shown else rows


def _digest(rows: pl.DataFrame) -> pl.Series:
    """Return a digest of every row's own columns: the same in any file."""
    texts = []
    for name in sorted(rows.columns):
        if name == ROW or rows[name].null_count() == rows.height:
            continue
        column = pl.col(name)
        if rows.schema[name] == WHEN:
            column = column.dt.epoch("s")
        texts.append(pl.lit(f"{name}=") + column.cast(pl.String))
    if not texts:
        return pl.Series("content", [""] * rows.height, pl.String)
    said = pl.concat_str(texts, separator=SEPARATOR, ignore_nulls=True)
    digests: list[str] = []
    for chunk in rows.iter_slices(CHUNK):
        spoken = chunk.select(said.cast(pl.Binary)).to_series().to_list()
        digests += [
            blake2b(text, digest_size=DIGEST_BYTES).hexdigest() for text in spoken
        ]

    return pl.Series("content", digests, pl.String)
