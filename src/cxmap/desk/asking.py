"""Identifiers in clear, as a person types them, and whose they are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cxmap.config import Config
from cxmap.errors import UsageError
from cxmap.keys import Key
from cxmap.names import ADDRESSES, KEYS
from cxmap.sources.identifiers import judge

KINDS = (*KEYS, *ADDRESSES, "account_id")

PHONE = re.compile(r"[+(]?\d[\d ()./-]{4,}")


@dataclass(frozen=True)
class Asked:
    """One line of what was asked; its value is never shown."""

    line: int
    kind: str
    namespace: str | None
    """None: any."""
    value: str


def read_asked(text: str) -> list[Asked]:
    """Return the identifiers of a text, one a line; empty lines mean nothing.

    `kind value`, `kind@namespace value`, or an e-mail address or phone number alone.
    Raises UsageError naming every line that is none of them.
    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    read = {number: _read(number, line) for number, line in lines}
    strange = [number for number, asked in read.items() if asked is None]
    if strange or not read:
        where = f"line {', '.join(map(str, strange))}" if strange else "standard input"
        raise UsageError(
            f"{where}: no identifier; write one a line, as `kind value` with a kind of "
            f"{', '.join(KINDS)}, or an e-mail address or phone number alone"
        )

    return [asked for asked in read.values() if asked is not None]


def _read(number: int, line: str) -> Asked | None:
    first, _, rest = line.partition(" ")
    kind, _, namespace = first.partition("@")
    if kind in KINDS and rest.strip():
        return Asked(number, kind, namespace or None, rest.strip())
    if "@" in line and " " not in line:
        return Asked(number, "email", None, line)
    if PHONE.fullmatch(line):
        return Asked(number, "phone", None, line)

    return None


def customers_holding(
    asked: Sequence[Asked], listed: pl.DataFrame, config: Config, key: Key
) -> tuple[str, ...]:
    """Return whose the identifiers are, by the table `identifiers`.

    Each is made comparable as its sources make theirs, and pseudonymised. Raises
    UsageError naming the lines of those that nobody has, and why.
    """
    found: dict[str, None] = {}
    missing = []
    for one in asked:
        rows = listed.filter(_is(one, config, key))
        people = rows["customer_id"].drop_nulls().unique().sort()
        found |= dict.fromkeys(people)
        if people.is_empty():
            missing.append(f"line {one.line}: {_why_none(one, rows)}")
    if missing:
        raise UsageError("\n".join(missing))

    return tuple(found)


def _is(asked: Asked, config: Config, key: Key) -> pl.Expr:
    pseudonyms = [
        key.pseudonym(asked.kind, value) for value in _comparable(asked, config)
    ]
    same = (pl.col("kind") == asked.kind) & pl.col("pseudonym").is_in(pseudonyms)
    if asked.namespace is None:
        return same

    return same & (pl.col("namespace") == asked.namespace)


def _comparable(asked: Asked, config: Config) -> list[str]:
    """Return the value in every form that a source's region may have given it."""
    regions: Iterable[str | None] = {
        None,
        *(_region(one.settings) for one in config.sources.values()),
    }
    value = pl.Series([asked.value])
    forms = {
        judge(asked.kind, value, region=region)["normalised"].item()
        for region in regions
    }

    return sorted(form for form in forms if form is not None)


def _region(settings: Mapping[str, Any]) -> str | None:
    region = settings.get("region")

    return region if isinstance(region, str) else None


def _why_none(asked: Asked, rows: pl.DataFrame) -> str:
    if asked.kind == "account_id" and rows.is_empty():
        return (
            "no account of this id; accounts are customers with identity.unit: account"
        )
    cuts = ", ".join(rows["cut"].drop_nulls().unique().sort())
    if not cuts:
        return f"no record holds this {asked.kind}"

    return (
        f"this {asked.kind} joins nobody ({cuts}); `cxmap customers --part shared` "
        "lists those"
    )
