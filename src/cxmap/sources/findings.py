"""What reading columns brings to light: cells that fail, words unknown, instants."""

from dataclasses import dataclass, field

import polars as pl


@dataclass
class Findings:
    """What evaluating the columns brought to light, gathered as it goes."""

    rejects: list[pl.DataFrame] = field(default_factory=list)
    """`_row`, `column`, `reason` of cells that could not be read."""
    words: list[pl.DataFrame] = field(default_factory=list)
    """The words that no `map` knows, as `vocabulary.WORDS`."""
    unmapped: dict[str, int] = field(default_factory=dict)
    """Rows by column whose word no `map` knows."""
    doubts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Cells read in doubt: what was done with them, then their number by column."""

    def doubt(self, told: str, column: str, cells: int) -> None:
        """Note cells of `column` that were read in doubt; a column counts once."""
        if cells:
            self.doubts.setdefault(told, {})[column] = cells

    def reject(self, rows: pl.Series, reasons: pl.Series, column: str) -> None:
        """Note the cells of `column` that have a reason."""
        blamed = pl.DataFrame(
            {"_row": rows, "reason": reasons.cast(pl.String)},
            schema_overrides={"_row": pl.Int64},
        ).filter(pl.col("reason").is_not_null())
        if blamed.height:
            self.rejects.append(blamed.with_columns(column=pl.lit(column)))


@dataclass(frozen=True)
class Moments:
    """A column of instants with what is known of each cell."""

    at: pl.Series
    reason: pl.Series
    precision: pl.Series
    origin: pl.Series
    """One of offset, utc, header, column, profile, config, assumed."""

    def replaced(self, where: pl.Series, other: "Moments") -> "Moments":
        """Return these, and the other's where `where` holds."""
        return Moments(
            other.at.zip_with(where, self.at),
            other.reason.zip_with(where, self.reason),
            other.precision.zip_with(where, self.precision),
            other.origin.zip_with(where, self.origin),
        )
