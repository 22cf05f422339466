"""The columns of one part's tables, evaluated over flat rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from cxmap.errors import ExportError
from cxmap.options import is_zone
from cxmap.sources import expressions
from cxmap.sources.checks import TYPES
from cxmap.sources.findings import Findings, Moments
from cxmap.sources.flat import Flat
from cxmap.sources.identifiers import judge
from cxmap.sources.language import Value
from cxmap.sources.times import ClockChange, read_times
from cxmap.sources.values import (
    found,
    read_amounts,
    read_counts,
    read_durations,
    read_flags,
    read_numbers,
    settled,
)
from cxmap.sources.vocabulary import words_in
from cxmap.sources.witnesses import ContradictionError
from cxmap.tables import COUNT, FLAG, SECONDS, WHEN
from cxmap.text import safe

REPEATED = "local times that a clock change repeats were read as the {}"
SKIPPED = "local times that a clock change skips were read as if it had not come"

Pseudonyms = Callable[[str, pl.Series], pl.Series]
"""Turns a column of normalised values of a kind into keyed digests."""


@dataclass(frozen=True)
class Context:
    """What the extraction of one file must be told, beside the file itself."""

    source: str
    load_id: str
    file: str
    """The file's name, for rejects and messages."""
    pseudonyms: Pseudonyms
    now: datetime
    """When the load happens: times beyond it are implausible."""
    default_tz: str | None = None
    """The config's zone for local times that nobody else places; None: UTC, assumed."""
    region: str | None = None
    """Two letters of the country whose phone numbers need no prefix."""
    own_numbers: Sequence[str] = ()
    """The company's own lines, which are nobody's number."""
    own_addresses: Sequence[str] = ()
    """The company's own e-mail addresses, and domains as `@example.com`."""


class Evaluation:
    """Evaluates the values of one part over the rows of one file."""

    def __init__(self, flat: Flat, context: Context) -> None:
        self.rows = flat.rows
        self.headers: Mapping[str, str] = flat.headers
        self.zones: Mapping[str, str] = flat.zones
        self.context = context
        self.findings = Findings()

    def text(self, value: Value) -> pl.Series:
        """Return what `value` finds, before its map."""
        return self._select(found(value), "found")

    def column(self, name: str, value: Value) -> pl.Series:
        """Return the column `name` in its type; unreadable cells are null, noted."""
        dtype = TYPES[name]
        if dtype == WHEN:
            return self.moments(name, value).at
        if value.until is not None:
            return self.span(name, value)
        texts = self.words(name, value)
        if dtype == pl.String():
            return texts
        if _is_empty(texts):
            return self.nothing(dtype)
        if dtype == SECONDS and name.endswith("_seconds"):
            typed = read_durations(texts, value.unit, value.decimal)
        elif dtype == COUNT:
            typed = read_counts(texts)
        elif dtype == FLAG:
            typed = read_flags(texts, value.true)
        else:
            typed = read_numbers(texts, value.decimal)
        self.findings.reject(self.rows["_row"], typed.reason, self.blamed(name, value))

        return typed.values

    def span(self, name: str, value: Value) -> pl.Series:
        """Return the seconds from the time of `value` to that of its `until`.

        Both are kept to the second, so that spans that follow one another add up to
        the whole. Null where either is missing; one that runs backwards is noted.
        """
        ending = value.model_copy(update={"from_": value.until, "until": None})
        start, end = self.moments(name, value).at, self.moments(name, ending).at
        seconds = (end - start).dt.total_seconds()
        backwards = (seconds < 0).fill_null(value=False)
        reason = pl.select(pl.when(backwards).then(pl.lit("negative_duration")))
        self.findings.reject(
            self.rows["_row"], reason.to_series(), self.blamed(name, ending)
        )

        return seconds.set(backwards, None)

    def amounts(self, name: str, value: Value, currency: pl.Series) -> pl.Series:
        """Return amounts in minor units of each row's `currency`, noted as `column`."""
        typed = read_amounts(
            self.words(name, value), currency, value.money or "minor", value.decimal
        )
        self.findings.reject(self.rows["_row"], typed.reason, self.blamed(name, value))

        return typed.values

    def words(self, name: str, value: Value) -> pl.Series:
        """Return the mapped text of `value`; words that no map knows are counted."""
        texts = self.text(value)
        if value.hide:
            return self.context.pseudonyms("number", texts)
        if _is_empty(texts) and value.default is None:
            return texts
        mapped, unknown = settled(name, value)
        column = pl.LazyFrame({"found": texts})
        read = column.select(text=mapped, unknown=unknown).collect()
        strange = int(read["unknown"].sum())
        if strange:
            before = self.findings.unmapped.get(name, 0)
            self.findings.unmapped[name] = max(before, strange)
            self.findings.words.append(words_in(name, texts.filter(read["unknown"])))

        return read["text"]

    def moments(self, name: str, value: Value) -> Moments:
        """Return the instants of `value`; unreadable cells are null, noted."""
        texts = self.words(name, value)
        if _is_empty(texts):
            return self._no_moments()
        if value.tz_from is None:
            return self._read(name, value, texts)
        zones = self._zones_of_rows(value.tz_from)
        found = self._read(name, value, texts.set(zones.is_not_null(), None))
        for zone in zones.drop_nulls().unique().sort():
            own = (zones == zone).fill_null(value=False)
            told = value.model_copy(update={"tz": zone, "tz_from": None})
            there = self._read(name, told, texts.set(~own, None), "column")
            found = found.replaced(own, there)

        return found

    def _zones_of_rows(self, column: str) -> pl.Series:
        """Return the zone each row names itself; null where it names none."""
        named = self.rows[column]
        known = [zone for zone in named.drop_nulls().unique() if is_zone(zone)]

        return named.set(~named.is_in(known).fill_null(value=False), None)

    def _read(
        self, name: str, value: Value, texts: pl.Series, source: str | None = None
    ) -> Moments:
        zone, origin = self._zone(value)
        origin = source or origin
        column = self.blamed(name, value)
        change = ClockChange(value.skipped, value.repeated)
        try:
            times = read_times(
                texts, value.times, zone, now=self.context.now, change=change
            )
        except ContradictionError as error:
            lines = (f"line {self.rows['_row'][place]}" for place in error.witnesses)
            raise ExportError(
                f"{safe(self.context.file)}: column {safe(column)}: "
                f"{error.told.format(*lines)}"
            ) from None
        self.findings.reject(self.rows["_row"], times.reason, column)
        self.findings.doubt(REPEATED.format(change.repeated), column, times.repeated)
        self.findings.doubt(SKIPPED, column, times.skipped)
        placed = times.at.is_not_null().to_frame("known")
        local = pl.when(pl.col("known")).then(pl.lit(origin))

        return Moments(
            times.at,
            times.reason,
            times.precision,
            times.zoned.zip_with(
                times.zoned.is_not_null() | times.at.is_null(),
                placed.select(local).to_series(),
            ),
        )

    def person(self, kind: str, value: Value) -> pl.DataFrame:
        """Return `pseudonym` and `flag` of the identifier that `value` finds."""
        texts = self.words(kind, value)
        if _is_empty(texts):
            return pl.DataFrame({"pseudonym": texts, "flag": texts})
        judged = judge(
            kind,
            texts.drop_nulls().unique(),
            region=self.context.region,
            own_numbers=self.context.own_numbers,
            own_addresses=self.context.own_addresses,
        )
        named = judged.select(
            "value",
            "flag",
            pseudonym=self.context.pseudonyms(kind, judged["normalised"]),
        )
        column = texts.alias("value").to_frame()

        return column.join(named, on="value", how="left", maintain_order="left")

    def holds(self, condition: str | None) -> pl.Series:
        """Return whether `condition` is true of each row; without one, it is."""
        if condition is None:
            return self.constant(True)
        judged = expressions.parse(condition).cast(pl.Boolean).fill_null(False)

        return self._select(judged, "holds")

    def constant(self, value: str | bool | datetime) -> pl.Series:
        """Return `value` on every row."""
        return self._select(pl.lit(value), "constant")

    def nothing(self, dtype: pl.DataType) -> pl.Series:
        """Return nulls of `dtype`, one a row."""
        return pl.Series("nothing", [None], dtype).new_from_index(0, self.rows.height)

    def blamed(self, name: str, value: Value) -> str:
        """Return the export's own name of the column in which `value` is found."""
        filled = (o for o in value.origins if not _is_empty(self.rows[o]))
        origin = next(filled, value.origins[0] if value.origins else name)

        return self.headers.get(origin, origin)

    def _no_moments(self) -> Moments:
        nowhere = self.nothing(pl.String())
        return Moments(
            self.nothing(WHEN), nowhere, self.nothing(pl.Int8()), origin=nowhere
        )

    def _zone(self, value: Value) -> tuple[str, str]:
        if value.tz == "header":
            named = [self.zones[name] for name in value.origins if name in self.zones]
            if named:
                return named[0], "header"
        elif value.tz is not None:
            return value.tz, "profile"
        if self.context.default_tz is not None:
            return self.context.default_tz, "config"

        return "UTC", "assumed"

    def _select(self, expression: pl.Expr, name: str) -> pl.Series:
        # A constant expression gives one value, whatever the rows.
        return self.rows.with_columns(expression.alias("_value"))["_value"].alias(name)


def _is_empty(texts: pl.Series) -> bool:
    return texts.null_count() == len(texts)
