"""What is wrong with how a profile finds a column, told before data is read."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import polars as pl

from cxmap import tables
from cxmap.options import is_zone
from cxmap.sources import expressions
from cxmap.sources.forms import FORMS
from cxmap.sources.language import PLACEHOLDER, VOCABULARIES, Value

TYPES: Mapping[str, pl.DataType] = MappingProxyType(
    {
        name: dtype
        for table in (
            tables.CONTACT_RECORDS,
            tables.EVENT_RECORDS,
            tables.SURVEY_RECORDS,
            tables.CUSTOMER_RECORDS,
            tables.ORDER_RECORDS,
            tables.TOUCHPOINT_RECORDS,
        )
        for name, (dtype, _) in table.items()
    }
)
"""The type of every column a profile can fill; no name has two types."""


AMOUNTS = ("total", "refunded")
"""Columns of money, in minor units of the row's currency."""


def wrong_value(name: str, value: Value) -> Iterator[str]:
    """Yield what is wrong with the way the column `name` is found and read."""
    dtype = TYPES.get(name, tables.WHEN)
    computed = value.expr is not None or value.const is not None
    if dtype == tables.WHEN and not value.times:
        yield "say how it is written: `time: iso8601`, epoch_s or a format"
    yield from _wrong_duration(name, value, computed=computed)
    if name in AMOUNTS and value.money is None:
        yield "an amount has no default unit; give `money: major` or `minor`"
    for form in value.times:
        if form not in FORMS and "%" not in form and PLACEHOLDER not in form:
            yield f"`{form}` is no form of time; one of {', '.join(FORMS)}, or %Y-%m-%d"
        elif "%" in form and PLACEHOLDER not in form and not _reads_times(form):
            yield f"`{form}` is no pattern of a time; such as %Y-%m-%d %H:%M:%S"
    told = value.tz is not None and value.tz != "header" and PLACEHOLDER not in value.tz
    if told and not is_zone(value.tz or ""):
        yield f"`{value.tz}` is no time zone; such as Europe/Berlin"
    known = VOCABULARIES.get(name)
    if known is not None:
        given = [value.const, value.default, *(value.map or {}).values()]
        given += [value.unmapped] if value.unmapped != "keep" else []
        strange = [w for w in given if isinstance(w, str) and w not in known]
        yield from (
            f"`{word}` is not one of: {', '.join(known)}"
            for word in dict.fromkeys(strange)
            if PLACEHOLDER not in word
        )


def _wrong_duration(name: str, value: Value, *, computed: bool) -> Iterator[str]:
    duration = name.endswith("_seconds")
    if value.until is None:
        if duration and value.unit is None and not computed:
            yield "a duration has no default unit; give `unit`"
        return
    if not duration:
        yield "until: only a duration runs until a time"
    if not value.times:
        yield "until: say how both times are written: `time: iso8601` or another form"


def _reads_times(pattern: str) -> bool:
    try:
        pl.Series([datetime(2000, 1, 2, tzinfo=UTC)]).dt.to_string(pattern)
    except pl.exceptions.PolarsError:
        return False

    return True


def wrong_formula(text: str) -> Iterator[str]:
    """Yield what is wrong with a column computed from a folded contact."""
    folded = tables.CONTACT_RECORDS
    schema = pl.Schema({column: dtype for column, (dtype, _) in folded.items()})
    try:
        expressions.check(text, schema)
    except ValueError as error:
        yield str(error)
