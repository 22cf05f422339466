"""Values as exports write them: found, cleaned, mapped and typed, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from cxmap.sources import expressions
from cxmap.sources.language import VOCABULARIES, Scalar, Value

SECONDS_IN = MappingProxyType(
    {"s": 1.0, "min": 60.0, "h": 3600.0, "ms": 0.001, "us": 0.000001}
)
NUMBER = r"^[+-]?\d{1,18}(\.\d*)?([eE][+-]?\d{1,3})?$"
WHOLE = r"^[+-]?\d{1,15}(\.0+)?$"
CLOCK = r"^-?\d{1,6}:[0-5]?\d(:[0-5]?\d([.,]\d+)?)?$"
AMOUNT = r"^[+-]?\d{1,15}(\.\d*)?$"
MINOR_DIGITS = MappingProxyType(
    {
        0: (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    }
)
"""Digits after the point of currencies that do not have two (ISO 4217)."""
LONGEST = 1e11
"""Seconds; three thousand years is no duration but a wrong unit."""

TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
KEEP = "keep"


@dataclass(frozen=True)
class Typed:
    """A column in its type, and why a filled cell gave nothing."""

    values: pl.Series
    reason: pl.Series


def found(value: Value) -> pl.Expr:
    """Return the text that `value` finds in a row of flat text, before its `map`."""
    if value.expr is not None:
        text = expressions.parse(value.expr).cast(pl.String)
    elif value.const is not None:
        text = pl.lit(written(value.const))
    elif value.concat is not None:
        columns = [_cleaned(name, value) for name in value.concat]
        text = pl.concat_str(columns, separator=value.sep)
    elif value.origins:
        text = pl.coalesce([_cleaned(name, value) for name in value.origins])
    else:
        text = pl.lit(None, pl.String)
    if value.split is not None:
        pieces = text.str.split(value.split.sep)
        text = pieces.list.get(value.split.take, null_on_oob=True).str.strip_chars()
    if value.regex is not None:
        text = text.str.extract(value.regex, 1).str.strip_chars()
    if value.when is not None:
        text = pl.when(expressions.parse(value.when)).then(text)

    return pl.when(text != "").then(text)


def settled(name: str, value: Value) -> tuple[pl.Expr, pl.Expr]:
    """Return the mapped text of a column `found`, and whether its word was unknown.

    Words of closed vocabularies that nobody maps are unknown too, and become null;
    codes that are looked up once their names are read stay codes.
    """
    text = pl.col("found")
    table = dict(value.map or {})
    closed = VOCABULARIES.get(name)
    coded = value.lookup is not None
    if value.map is None and (closed is None or coded):
        return _or_default(text, value), pl.lit(False)
    if value.map is None and closed is not None:
        table = {word: word for word in closed}

    low = text.str.to_lowercase()
    by_target: dict[str | None, list[str]] = {}
    for word, target in table.items():
        key = None if target is None else written(target)
        by_target.setdefault(key, []).append(word.casefold())
    known = low.is_in([word.casefold() for word in table])
    other: pl.Expr = pl.lit(None, pl.String)
    if value.unmapped == KEEP:
        other = text
    elif value.unmapped is not None:
        other = pl.lit(written(value.unmapped))
    mapped: pl.Expr = pl.when(text.is_not_null() & ~known).then(other)
    for target, group in by_target.items():
        if target is not None:
            mapped = pl.when(low.is_in(group)).then(pl.lit(target)).otherwise(mapped)

    return _or_default(mapped, value), text.is_not_null() & ~known


def written(scalar: Scalar) -> str:
    """Return a scalar of a profile as an export would write it."""
    return str(scalar).lower() if isinstance(scalar, bool) else str(scalar)


def read_counts(texts: pl.Series) -> Typed:
    """Return whole numbers ≥ 0; `12.0` is 12, anything else is `bad_number`."""
    column = texts.alias("text").to_frame()
    fits = pl.when(pl.col("text").str.contains(WHOLE)).then(pl.col("text"))
    number = fits.str.extract(r"^\+?(-?\d+)").cast(pl.Int64, strict=False)
    counts = pl.when(number >= 0).then(number)

    return _typed(column, counts, "bad_number")


def read_numbers(texts: pl.Series, decimal: str) -> Typed:
    """Return decimal numbers; anything else is `bad_number`."""
    column = _with_point(texts, decimal)
    fits = pl.when(pl.col("text").str.contains(NUMBER)).then(pl.col("text"))

    return _typed(column, fits.cast(pl.Float64, strict=False), "bad_number")


def read_amounts(
    texts: pl.Series, currency: pl.Series, money: str, decimal: str
) -> Typed:
    """Return amounts in whole minor units; anything else is `bad_number`.

    A currency has two digits after the point, or those of ISO 4217; one that is
    not known counts as two. Exact: no amount passes through a float.
    """
    column = _with_point(texts, decimal).with_columns(currency=currency)
    fits = pl.when(pl.col("text").str.contains(AMOUNT)).then(pl.col("text"))
    exact = fits.cast(pl.Decimal(38, 6), strict=False)
    digits = pl.lit(2)
    for number, words in MINOR_DIGITS.items():
        known = pl.col("currency").is_in(list(words))
        digits = pl.when(known).then(pl.lit(number)).otherwise(digits)
    if money == "major":
        by_digits = [exact * 10**n for n in range(4)]
        exact = by_digits[2]
        for number in MINOR_DIGITS:
            exact = pl.when(digits == number).then(by_digits[number]).otherwise(exact)
    whole = exact.round(0).cast(pl.Int64, strict=False)

    return _typed(column, whole, "bad_number")


def read_flags(texts: pl.Series, true: Sequence[str] | None) -> Typed:
    """Return flags: of the words `true` or not; without them of yes and no."""
    low = pl.col("text").str.to_lowercase()
    if true is not None:
        flags = low.is_in([word.casefold() for word in true])
    else:
        flags = pl.when(low.is_in(TRUE)).then(True).when(low.is_in(FALSE)).then(False)

    return _typed(texts.alias("text").to_frame(), flags, "bad_flag")


def read_durations(texts: pl.Series, unit: str | None, decimal: str) -> Typed:
    """Return whole seconds, cut, not rounded.

    `hms` is hours:minutes[:seconds] beyond 24 h too, `mmss` minutes:seconds,
    `since_1970` a date and time counted from 1970. What is no such text is
    `bad_duration`; a negative one is `negative_duration`.
    """
    column = _with_point(texts, decimal)
    text = pl.col("text")
    if unit == "since_1970":
        instant = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
        seconds = instant.dt.epoch("s").cast(pl.Float64)
    elif unit in ("hms", "mmss"):
        seconds = _clock(pl.when(text.str.contains(CLOCK)).then(text), unit)
    else:
        number = pl.when(text.str.contains(NUMBER)).then(text)
        seconds = number.cast(pl.Float64, strict=False) * SECONDS_IN[unit or "s"]

    told = column.select("text", seconds=seconds)
    near = pl.col("seconds").abs() < LONGEST
    read = told.with_columns(seconds=pl.when(near).then(pl.col("seconds").round(6)))
    sign = pl.when(pl.col("seconds") >= 0).then(pl.col("seconds").floor())
    typed = _typed(read, sign.cast(pl.Int64), "bad_duration")
    negative = read["seconds"].fill_null(0) < 0
    reason = pl.select(
        pl.when(negative).then(pl.lit("negative_duration")).otherwise(typed.reason)
    ).to_series()

    return Typed(typed.values, reason)


def _cleaned(name: str, value: Value) -> pl.Expr:
    text = pl.col(name)
    if value.strip_quote:
        text = text.str.strip_prefix("'")
    if value.null_if:
        nothing = text.is_in([written(word) for word in value.null_if])
        text = pl.when(nothing).then(None).otherwise(text)

    return text


def _or_default(text: pl.Expr, value: Value) -> pl.Expr:
    return text if value.default is None else text.fill_null(written(value.default))


def _with_point(texts: pl.Series, decimal: str) -> pl.DataFrame:
    column = texts.alias("text").to_frame()
    if decimal == ".":
        return column

    plain = pl.col("text").str.replace_all(".", "", literal=True)
    return column.select(plain.str.replace(",", ".", literal=True))


def _clock(text: pl.Expr, unit: str) -> pl.Expr:
    pieces = text.str.strip_prefix("-").str.replace(",", ".", literal=True)
    numbers = pieces.str.split(":")
    first, second, third = (
        numbers.list.get(i, null_on_oob=True).cast(pl.Float64, strict=False)
        for i in range(3)
    )
    as_hours = first * 3600 + second * 60 + third.fill_null(0)
    as_minutes = first * 60 + second
    short = third.is_null() if unit == "mmss" else pl.lit(False)
    size = pl.when(short).then(as_minutes).otherwise(as_hours)

    return pl.when(text.str.starts_with("-")).then(-size).otherwise(size)


def _typed(column: pl.DataFrame, typed: pl.Expr, reason: str) -> Typed:
    unread = pl.col("value").is_null() & pl.col("text").is_not_null()
    read = column.select("text", value=typed).with_columns(
        reason=pl.when(unread).then(pl.lit(reason))
    )
    return Typed(read["value"], read["reason"])
