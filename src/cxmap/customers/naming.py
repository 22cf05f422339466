"""How an identifier is written where people read or write it: `phone k7f3q2ab`."""

import polars as pl

SHOWN = 8
"""Letters of a pseudonym that are shown, and the fewest by which it is named."""


def labels(*, letters: int = SHOWN) -> pl.Expr:
    """Return how the identifier of a row is written: `kind@namespace pseudonym`.

    Reads kind, namespace and pseudonym. Of the pseudonym the first `letters`; an
    identifier whose value is the same wherever it is met has no namespace.
    """
    space = pl.col("namespace").fill_null("")
    spaced = (
        pl.when(space == "").then(space).otherwise(pl.concat_str(pl.lit("@"), space))
    )
    short = pl.col("pseudonym").str.head(letters)
    return pl.concat_str("kind", spaced, pl.lit(" "), short)


def label(kind: str, namespace: str | None, pseudonym: str) -> str:
    """Return how one identifier is written, as `labels` writes it."""
    space = f"@{namespace}" if namespace else ""
    return f"{kind}{space} {pseudonym[:SHOWN]}"
