"""The forms in which exports write a time, and what each reads in a column."""

import re
from datetime import datetime

import polars as pl

EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000}
SERIALS = {"excel_1900": datetime(1899, 12, 30), "excel_1904": datetime(1904, 1, 1)}
"""Day nought of a spreadsheet's dates that were exported as numbers of days."""
FORMS = ("iso8601", "rfc2822", *EPOCHS, *SERIALS)
"""The forms that have a name; any other one is a pattern such as %d/%m/%Y."""

PRECISIONS = ("second", "minute", "hour", "day")
"""From fine to coarse."""

PARTS = ("naive", "offset", "precision", "zoned")
"""What a form yields: the time as written, its offset from UTC in seconds (null:
none is written), the index into PRECISIONS, and `utc` or `offset` with an offset."""

TEXT = pl.col("text")
LETTERS = "^[A-Za-z]"
ZONE = r"Z|z|UTC|GMT|UT|[+-]\d{2}:?\d{2}|[+-]\d{2}"
ISO = (
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:[0-5]\d([.,]\d+)?)?"
    rf"( ?({ZONE}))?)?$"
)
ISO_UTC = "%Y-%m-%dT%H:%M:%SZ"
ISO_UTC_BYTES = 20
RFC = (
    r"^([A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(:[0-5]\d)?"
    rf" ({ZONE})( \(.*\))?$"
)
DAY_AND_MONTH = re.compile(r"%-?([dm])(.)%-?([dm])")
FAR = 200_000_000_000
"""Seconds from 1970 beyond any calendar, where no plausible window reaches."""


def read_form(texts: pl.DataFrame, form: str) -> pl.DataFrame:
    """Return PARTS of the column `text`; null where it does not fit `form`."""
    if form == "iso8601":
        usual = _iso_utc(texts)
        rest = unread(texts, usual)
        return usual if rest is None else first_of(usual, _iso(rest))
    if form == "rfc2822":
        return _rfc(texts)
    if form in EPOCHS:
        return _epoch(texts, EPOCHS[form])
    if form in SERIALS:
        return _serial(texts, SERIALS[form])

    return _pattern(texts, form)


def unread(texts: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame | None:
    """Return `text` where PARTS hold no time of it, else null; None: all are read."""
    left = texts.select(pl.when(read["naive"].is_null()).then(TEXT).alias("text"))
    return None if left["text"].null_count() == left.height else left


def first_of(read: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return PARTS row by row: of `read` where it has a time, else of `other`."""
    taken = read["naive"].is_not_null()
    return pl.DataFrame(
        {name: read[name].zip_with(taken, other[name]) for name in PARTS}
    )


def field_order(form: str) -> tuple[str, bool] | None:
    """Return the separator of a numeric date and whether the day comes first."""
    found = DAY_AND_MONTH.match(form)
    if found is None or found[1] == found[3]:
        return None

    return found[2], found[1] == "d"


def other_order(form: str) -> str:
    """Return the form of a numeric date with day and month in each other's place."""
    return DAY_AND_MONTH.sub(lambda found: f"%{found[3]}{found[2]}%{found[1]}", form, 1)


def _parts(
    seen: pl.DataFrame,
    *,
    offset: pl.Expr,
    precision: pl.Expr,
    utc: pl.Expr,
) -> pl.DataFrame:
    """Return PARTS of what a form saw: `naive`, and what the expressions look at."""
    reads = pl.col("naive").is_not_null()
    word = pl.when(utc).then(pl.lit("utc")).otherwise(pl.lit("offset"))
    told = seen.with_columns(offset=pl.when(reads).then(offset).cast(pl.Int64))
    return told.select(
        pl.col("naive").cast(pl.Datetime("us")),
        "offset",
        precision=pl.when(reads).then(precision).cast(pl.Int8),
        zoned=pl.when(reads & pl.col("offset").is_not_null()).then(word),
    )


def _iso_utc(texts: pl.DataFrame) -> pl.DataFrame:
    usual = (TEXT.str.len_bytes() == ISO_UTC_BYTES) & ~TEXT.str.ends_with(":60Z")
    read = pl.when(usual).then(TEXT).str.to_datetime(ISO_UTC, strict=False, cache=False)

    return _parts(
        texts.select(naive=read),
        offset=pl.lit(0),
        precision=pl.lit(0),
        utc=pl.lit(True),
    )


def _iso(texts: pl.DataFrame) -> pl.DataFrame:
    rest = pl.when(TEXT.str.contains(ISO)).then(TEXT)
    date, clock = pl.col("rest").str.slice(0, 10), pl.col("clock")
    seconds, zone = pl.col("seconds"), pl.col("zone")
    timed = pl.concat_str(
        date, pl.lit(" "), clock, pl.lit(":"), seconds.fill_null("00")
    )
    written = pl.when(clock == "").then(date + " 00:00:00").otherwise(timed)
    seen = (
        texts.select(rest=rest)
        .with_columns(
            clock=pl.col("rest").str.slice(11, 5),
            seconds=pl.col("rest").str.extract(r"^.{16}:(\d{2})"),
            zone=pl.col("rest").str.extract(rf"^.{{16}}.*?({ZONE})$"),
        )
        .with_columns(
            naive=written.str.to_datetime(
                "%Y-%m-%d %H:%M:%S", strict=False, time_unit="us"
            )
        )
    )

    return _parts(
        seen,
        offset=_offset(zone),
        precision=pl.when(clock == "")
        .then(3)
        .when(seconds.is_null())
        .then(1)
        .otherwise(0),
        utc=zone.str.contains(LETTERS),
    )


def _rfc(texts: pl.DataFrame) -> pl.DataFrame:
    fits = pl.when(TEXT.str.contains(RFC)).then(TEXT)
    body = fits.str.extract(r"(\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?)")
    to_second = pl.col("body").str.contains(r":\d{2}:")
    written = pl.when(to_second).then("body").otherwise(pl.col("body") + ":00")
    seen = texts.select(
        body=body, zone=fits.str.extract(rf":\d{{2}} ({ZONE})")
    ).with_columns(
        naive=written.str.to_datetime("%d %b %Y %H:%M:%S", strict=False, time_unit="us")
    )

    return _parts(
        seen,
        offset=_offset(pl.col("zone")),
        precision=pl.when(to_second).then(0).otherwise(1),
        utc=pl.col("zone").str.contains(LETTERS),
    )


def _offset(zone: pl.Expr) -> pl.Expr:
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = zone.str.extract(r"^...:?(\d{2})$").cast(pl.Int64, strict=False)
    size = hours * 3600 + minutes.fill_null(0) * 60
    signed = pl.when(zone.str.starts_with("-")).then(-size).otherwise(size)

    return pl.when(zone.str.contains(LETTERS)).then(0).otherwise(signed)


def _epoch(texts: pl.DataFrame, per_second: int) -> pl.DataFrame:
    number = TEXT.str.extract(r"^(-?\d{1,18})(?:\.\d+)?$").cast(pl.Int64, strict=False)
    # A longer number fits no unit; it is kept, to be called implausible.
    longer = pl.when(TEXT.str.contains(r"^\d{19,}(\.\d+)?$")).then(FAR)
    seconds = number.floordiv(per_second).clip(-FAR, FAR).fill_null(longer)

    return _parts(
        texts.select(naive=(seconds * 1_000_000).cast(pl.Datetime("us"))),
        offset=pl.lit(0),
        precision=pl.lit(0),
        utc=pl.lit(True),
    )


def _serial(texts: pl.DataFrame, nought: datetime) -> pl.DataFrame:
    """Read days since `nought`, to the nearest second: they are binary fractions."""
    fits = pl.when(TEXT.str.contains(r"^\d{1,6}(\.\d+)?$")).then(TEXT)
    seconds = (fits.cast(pl.Float64, strict=False) * 86_400).round().cast(pl.Int64)
    clock = TEXT.str.contains(".", literal=True)

    return _parts(
        texts.select("text", naive=pl.lit(nought) + pl.duration(seconds=seconds)),
        offset=pl.lit(None, pl.Int64),
        precision=pl.when(clock).then(0).otherwise(3),
        utc=pl.lit(False),
    )


def _pattern(texts: pl.DataFrame, form: str) -> pl.DataFrame:
    parsed = TEXT.str.to_datetime(form, strict=False, time_unit="us")
    zoned = "%z" in form or "%:z" in form or "%#z" in form
    clock = form.replace("%T", "%H:%M:%S").replace("%R", "%H:%M")
    marks = (r"%[Ss]", r"%M", r"%[HIkl]")
    precision = next((i for i, m in enumerate(marks) if re.search(m, clock)), 3)

    return _parts(
        texts.select(naive=parsed.dt.replace_time_zone(None)),
        offset=pl.lit(0 if zoned else None, pl.Int64),
        precision=pl.lit(precision),
        utc=pl.lit(False),
    )
