"""Priorities: which word for how urgent a case is stands above which."""

import polars as pl

LEVELS = (
    ("lowest", "very low", "trivial", "planning", "p5"),
    ("low", "minor", "p4"),
    ("normal", "medium", "moderate", "not priority", "p3"),
    ("high", "major", "priority", "p2"),
    ("urgent", "critical", "highest", "very high", "immediate", "emergency", "p1"),
    ("blocker", "p0"),
)
"""Words for priorities from the least urgent to the most; those of a level are
equal."""

LEVEL = {word: at for at, words in enumerate(LEVELS) for word in words}

NUMBERED = r"^p?\d+\s*[-–.:)]*\s*([a-z])"
"""Where a number stands before the word, as in `3 - Moderate` and `1 low`."""


def level(word: pl.Expr) -> pl.Expr:
    """Return how urgent a priority is, from 0; null: a word that nobody knows.

    A bare number is one: in some systems 1 is the most urgent, in others the least.
    """
    plain = word.str.strip_chars().str.to_lowercase().str.replace_all(r"[\s_]+", " ")
    bare = plain.str.replace(NUMBERED, "$1")

    return bare.replace_strict(LEVEL, default=None, return_dtype=pl.Int8)


def raised(before: pl.Expr, now: pl.Expr) -> pl.Expr:
    """Return whether the priority `now` stands above the one `before`; never null."""
    return (level(now) > level(before)).fill_null(value=False)
