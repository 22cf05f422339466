"""What a sheet's own text says of its cells and a reader of their values hides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

PIECE = 8 * 1024**2
"""Bytes of a sheet that are looked at together."""

ROW_END = re.compile(rb"</(?:\w+:)?row\s*>")
STRING_END = re.compile(rb"</(?:\w+:)?si\s*>")
MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s+ref=["'][A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']"""
)

CELL = r"(?s)<(?:\w+:)?c(?:\s(?:[^>]*[^>/])?)?>.*?</(?:\w+:)?c>"
STRING = r"(?s)<(?:\w+:)?si(?:\s(?:[^>]*[^>/])?)?>.*?</(?:\w+:)?si>"
OPENING = r"^(<[^>]*>)"
LETTERS = r"""\sr=["']([A-Z]{1,3})\d{1,7}["']"""
NUMBER = r"""\sr=["'][A-Z]{1,3}(\d{1,7})["']"""
KIND = r"""\st=["'](\w+)["']"""
VALUE = r"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<"
INLINE = r"<(?:\w+:)?is[\s>]"
FORMULA = r"<(?:\w+:)?f[\s/>]"

LONG = r"^-?\d{16,}(\.\d*)?$"
POWER = r"^-?\d(?:\.(\d+))?[eE]\+?(\d{1,3})$"
KEPT = 15
"""Digits that a spreadsheet keeps of a number."""
BROKEN = r"^-?\d{7,15}\.\d+$"
EXACT = 7
"""From so many digits before the point on, a reader's rounding shows behind it."""

UNFIT = pl.Schema({"row": pl.Int64(), "place": pl.Int64(), "reason": pl.String()})
NUMBERS = pl.Schema({"row": pl.Int64(), "place": pl.Int64(), "text": pl.String()})
STRINGS = pl.Schema({"string": pl.Int64(), "cells": pl.Int64()})


@dataclass(frozen=True)
class Marks:
    """What one sheet's cells are, beside their values; rows and places count from 1."""

    cells: int
    """Cells that hold something."""
    rows: int
    """The last row that holds something; 0 where no cell says where it is."""
    first_place: int
    """The first column that holds something."""
    last_place: int
    unfit: pl.DataFrame
    """Columns of `UNFIT`: cells with an error, or a formula nobody calculated."""
    numbers: pl.DataFrame
    """Columns of `NUMBERS`: those of so many digits that a reader garbles them."""
    strings: pl.DataFrame
    """Columns of `STRINGS`: how many cells share which text."""
    merged: tuple[tuple[int, int], ...]
    """First and last row of every merged cell that spans rows."""

    @property
    def area(self) -> int:
        """Cells of the rectangle that a reader of the sheet must hold."""
        return self.rows * (self.last_place - self.first_place + 1)


def marks_of(sheet: bytes) -> Marks:
    """Return what the XML of a sheet says of its cells."""
    seen = [_seen(piece) for piece in _pieces(sheet, ROW_END)]
    found = pl.concat([one.found for one in seen])
    strings = pl.concat([one.strings for one in seen])
    merged = (
        (int(one[1]), int(one[2])) for one in MERGED.finditer(sheet) if one[1] != one[2]
    )

    return Marks(
        cells=sum(one.cells for one in seen),
        rows=max(one.rows for one in seen),
        first_place=min((one.first for one in seen if one.first), default=1),
        last_place=max(one.last for one in seen) or 1,
        unfit=_known(found, "reason", UNFIT),
        numbers=_known(found, "text", NUMBERS),
        strings=strings.group_by("string").agg(pl.col("cells").sum()).sort("string"),
        merged=tuple(merged),
    )


def shared_bytes(strings: bytes, marks: Marks) -> int:
    """Return how long the texts are that cells share, counted once for every cell."""
    sizes = [
        pl.Series("cell", [piece])
        .str.extract_all(STRING)
        .explode(empty_as_null=False)
        .str.len_bytes()
        for piece in _pieces(strings, STRING_END)
    ]
    bytes_of = pl.concat(sizes).cast(pl.Int64).alias("bytes").to_frame()
    used = marks.strings.join(bytes_of.with_row_index("string"), on="string")

    return int((used["cells"] * used["bytes"]).sum())


@dataclass(frozen=True)
class _Seen:
    """What one piece of a sheet shows."""

    cells: int
    rows: int
    first: int
    last: int
    found: pl.DataFrame
    strings: pl.DataFrame


def _pieces(xml: bytes, end: re.Pattern[bytes]) -> Iterator[str]:
    """Yield the text in pieces that end where a row or a string does; at least one."""
    start = 0
    while True:
        last = end.search(xml, start + PIECE)
        stop = last.end() if last else len(xml)
        yield xml[start:stop].decode(errors="replace")
        start = stop
        if start >= len(xml):
            return


def _seen(piece: str) -> _Seen:
    cells = _cells(piece)
    filled = cells.filter("filled")
    number = (pl.col("kind") == "n") & pl.col("filled")
    odd = cells.select(
        "row",
        "place",
        "reason",
        text=pl.when(number).then(_spelled(pl.col("value"))),
    ).filter(pl.col("reason").is_not_null() | pl.col("text").is_not_null())
    strings = (
        filled.filter(pl.col("kind") == "s")
        .select(string=pl.col("value").cast(pl.Int64, strict=False))
        .drop_nulls()
        .group_by("string")
        .agg(cells=pl.len().cast(pl.Int64))
    )
    box = filled.select(
        rows=pl.col("row").max(),
        first=pl.col("place").min(),
        last=pl.col("place").max(),
    ).fill_null(0)
    rows, first, last = box.row(0)

    return _Seen(filled.height, rows, first, last, odd, strings)


def _cells(piece: str) -> pl.DataFrame:
    """Return row, place, kind, value, filled and reason of every cell of a piece."""
    cell, opening = pl.col("cell"), pl.col("opening")
    error = pl.col("kind") == "e"
    empty = pl.col("formula") & ~pl.col("filled") & (pl.col("kind") != "str")
    return (
        pl.Series("cell", [piece])
        .str.extract_all(CELL)
        .explode(empty_as_null=False)
        .to_frame()
        .lazy()
        .select(
            opening=cell.str.extract(OPENING),
            value=cell.str.extract(VALUE),
            inline=cell.str.contains(INLINE),
            formula=cell.str.contains(FORMULA),
        )
        .select(
            "formula",
            "value",
            "inline",
            row=opening.str.extract(NUMBER).cast(pl.Int64),
            place=_place(opening.str.extract(LETTERS)),
            kind=opening.str.extract(KIND).fill_null("n"),
        )
        .with_columns(
            filled=pl.col("inline")
            | (pl.col("value").str.len_bytes() > 0).fill_null(False)
            | (pl.col("value").is_not_null() & (pl.col("kind") == "str"))
        )
        .with_columns(
            reason=pl.when(error)
            .then(pl.lit("cell_error"))
            .when(empty)
            .then(pl.lit("not_calculated"))
        )
        .collect()
    )


def _spelled(value: pl.Expr) -> pl.Expr:
    """Return a number of many digits as text; null where a reader shows it truly.

    More digits than a spreadsheet keeps become a power, by which anybody can tell that
    some are lost. A power with a plus sign and fewer digits than it needs was cut by
    whoever wrote it; one without the sign is how some writers spell any large number.
    """
    power = value.str.extract(POWER, 2).cast(pl.Int64)
    behind = value.str.extract(POWER, 1).fill_null("").str.len_bytes()
    cut = value.str.contains("+", literal=True) & (behind < power)
    split = value.str.contains(BROKEN) | ((power >= EXACT - 1) & (behind > power))
    rounded = value.cast(pl.Float64, strict=False).round_sig_figs(KEPT)

    return (
        pl.when(value.str.contains(LONG))
        .then(_power(value))
        .when((power >= KEPT) | cut)
        .then(value.str.replace(r"[eE]\+?(\d+)$", "E+${1}"))
        .when(split)
        .then(rounded.cast(pl.String))
    )


def _power(value: pl.Expr) -> pl.Expr:
    digits = value.str.extract(r"^-?(\d+)")
    return pl.concat_str(
        value.str.extract(r"^(-?)\d"),
        digits.str.slice(0, 1),
        pl.lit("."),
        digits.str.slice(1, KEPT - 1),
        pl.lit("E+"),
        (digits.str.len_bytes() - 1).cast(pl.String),
    )


def _place(letters: pl.Expr) -> pl.Expr:
    """Return a column's place, from 1, by the letters a spreadsheet gives it."""
    codes = letters.str.encode("hex").str.zfill(6)
    digits = [
        codes.str.slice(2 * k, 2).str.to_integer(base=16, strict=False) - ord("@")
        for k in range(3)
    ]
    first, second, third = (
        pl.when(digit > 0).then(digit).otherwise(0).cast(pl.Int64) for digit in digits
    )

    return pl.when(letters.is_not_null()).then(first * 676 + second * 26 + third)


def _known(found: pl.DataFrame, column: str, schema: pl.Schema) -> pl.DataFrame:
    known = found.filter(
        pl.col(column).is_not_null() & pl.col("row").is_not_null()
    ).select(list(schema))

    return known.sort("row", "place").cast(schema)
