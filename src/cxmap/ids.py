"""Names for things that have none of their own: digests of their content."""

from hashlib import blake2b

import polars as pl

SIZE = 8
"""Bytes of digest, twice as many letters: among ten million ids one chance in
three hundred thousand that any two are the same."""


def digests(prefix: str, contents: pl.Series) -> pl.Series:
    """Return an id for each text: `prefix` and sixteen letters; null stays null.

    Equal texts have equal ids on every machine and in every run.
    """
    raw = [
        None if content is None else blake2b(content, digest_size=SIZE).hexdigest()
        for content in contents.cast(pl.Binary()).to_list()
    ]
    return (prefix + pl.Series(raw, dtype=pl.String())).alias(contents.name)
