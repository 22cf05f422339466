"""What the rows of one part say: every column of every table they fill."""

from collections.abc import Iterator

import polars as pl

from cxmap.sources.checks import AMOUNTS, TYPES
from cxmap.sources.columns import Context, Evaluation
from cxmap.sources.findings import Moments
from cxmap.sources.forms import PRECISIONS
from cxmap.sources.language import (
    Event,
    IdentityLink,
    Survey,
    Value,
    constant,
    value_of,
)
from cxmap.sources.part import Part, filled
from cxmap.sources.reading.shapes import ROW
from cxmap.tables import COUNT, WHEN

SEPARATOR = "\x1f"

AS_WRITTEN = ("status", "channel")
"""Columns of orders that keep the export's own words; those of contacts are closed."""

Column = tuple[str, pl.Series]
"""A column's name, `table.name` or `table.place.name`, and its values."""


def statements(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    """Yield every column that the rows fill, one value a row.

    Beside the tables' columns: `record_key`, `version_at`, `order_at`, `seen_at`,
    `contact.started_reason` (why there is no start) and, for events and surveys,
    `shown` (whether the row holds one).
    """
    contact = dict(_contact(evaluation, part))
    yield from contact.items()
    for place, event in enumerate(part.events):
        yield from _event(evaluation, place, event)
    if part.surveys is not None:
        yield from _survey(evaluation, part.surveys, own=bool(part.fields))
    yield from _customer(evaluation, part)
    yield from _order(evaluation, part)
    for name, spec in part.touchpoints.items():
        yield f"touchpoint.{name}", _cell(evaluation, name, value_of(spec))
    if part.names is not None:
        key = evaluation.words("key", value_of(part.names.key))
        if part.names.people:
            key = evaluation.context.pseudonyms("agent", key)
        yield "name.key", key
        yield "name.name", evaluation.words("name", value_of(part.names.name))
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
        yield "contact.time_precision", pl.Series(PRECISIONS).gather(coarsest)
        yield "contact.tz_source", start.origin


def _cell(evaluation: Evaluation, name: str, value: Value) -> pl.Series:
    cells = evaluation.column(name, value)
    if name in ("agent_id", "actor_id"):
        return evaluation.context.pseudonyms("agent", cells)
    if name == "case_id":
        space = namespace(evaluation.context, value, evaluation.context.source)
        spaced = pl.when(pl.col("id").str.contains(":", literal=True)).then(
            pl.col("id")
        )
        own = pl.concat_str(pl.lit(space), pl.lit(":"), pl.col("id"))
        return cells.to_frame("id").select(spaced.otherwise(own)).to_series()

    return cells


def namespace(context: Context, value: Value, default: str) -> str:
    """Return the space in which a number or handle means something."""
    if value.namespace is None:
        return default
    return context.source if value.namespace == "source" else value.namespace


def _event(evaluation: Evaluation, place: int, event: Event) -> Iterator[Column]:
    cells = {
        n: _cell(evaluation, n, _only_when(event.when, value))
        for n, value in filled(event)
    }
    shown = evaluation.holds(event.when) & cells["at"].is_not_null()
    for name, values in cells.items():
        yield f"event.{place}.{name}", values.set(~shown, None)
    yield f"event.{place}.shown", shown & cells["event_type"].is_not_null()


def _only_when(condition: str | None, value: Value) -> Value:
    """Return `value` where `condition` holds: other rows say nothing of it."""
    if condition is None:
        return value
    both = f"({condition}) AND ({value.when})" if value.when else condition

    return value.model_copy(update={"when": both})


def _survey(evaluation: Evaluation, survey: Survey, *, own: bool) -> Iterator[Column]:
    """Yield the answer's columns; `own`: it is about the contact of its row."""
    cells = dict(filled(survey))
    if own and "about_id" in cells and "about_source" not in cells:
        cells["about_source"] = constant(evaluation.context.source)
    if survey.scale is not None:
        for name, limit in zip(("scale_min", "scale_max"), survey.scale, strict=True):
            cells[name] = constant(limit)
    read = {
        name: _cell(evaluation, name, _only_when(survey.when, value))
        for name, value in cells.items()
    }
    lowest, highest, score = read["scale_min"], read["scale_max"], read["score"]
    outside = ((score < lowest) | (score > highest)).fill_null(False)
    evaluation.findings.reject(
        evaluation.rows[ROW],
        pl.select(pl.when(outside).then(pl.lit("bad_number"))).to_series(),
        evaluation.blamed("score", value_of(survey.score)),
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


def _order(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    currency = evaluation.nothing(pl.String())
    if "currency" in part.orders:
        currency = _cell(evaluation, "currency", value_of(part.orders["currency"]))
        currency = currency.str.to_uppercase()
        yield "order.currency", currency
    for name, spec in part.orders.items():
        value = value_of(spec)
        if name in AMOUNTS:
            yield f"order.{name}", evaluation.amounts(name, value, currency)
        elif name in AS_WRITTEN:
            yield f"order.{name}", evaluation.words(f"order.{name}", value)
        elif name != "currency":
            yield f"order.{name}", _cell(evaluation, name, value)


def _pointers(evaluation: Evaluation, part: Part) -> Iterator[Column]:
    for place, identifier in enumerate(part.identifiers):
        found = evaluation.person(identifier.kind, identifier)
        yield f"identifier.{place}.pseudonym", found["pseudonym"]
        yield f"identifier.{place}.flag", found["flag"]
    for place, reference in enumerate(part.references):
        yield f"reference.{place}.to_id", evaluation.words("to_id", reference)
    for place, link in enumerate(part.identity_links):
        yield from _identity_link(evaluation, place, link)


def _identity_link(
    evaluation: Evaluation, place: int, link: IdentityLink
) -> Iterator[Column]:
    holds = evaluation.holds(link.when)
    for name, spec in (("pseudonym", link.from_), ("to_pseudonym", link.to)):
        found = evaluation.person(link.kind, value_of(spec))
        # A value that nobody may trust merges nobody, even where no record holds it.
        distrusted = found["flag"].is_not_null()
        yield f"link.{place}.{name}", found["pseudonym"].set(~holds | distrusted, None)
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
    number = evaluation.nothing(COUNT)
    if part.version_no is not None:
        number = evaluation.column("version_no", value_of(part.version_no))
    yield "version_no", number
    yield "order_at", placed.select(pl.coalesce("order", "start")).to_series()
    yield "seen_at", placed.select(pl.coalesce("start", "order", "version")).to_series()
    if part.key is not None:
        key = _key(evaluation, part)
        if part.customers:
            key = evaluation.context.pseudonyms("source_customer_id", key)
        yield "record_key", key


def _key(evaluation: Evaluation, part: Part) -> pl.Series:
    if isinstance(part.key, Value):
        return evaluation.words("record_key", part.key)
    told = [pl.col(key) for key in part.keys]
    if len(told) > 1:  # so that no cell can pass for two
        told = [
            key.str.replace_all(SEPARATOR, 2 * SEPARATOR, literal=True) for key in told
        ]
    joined = pl.concat_str(told, separator=SEPARATOR)

    return evaluation.rows.select(joined).to_series()
