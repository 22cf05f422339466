"""Identifiers made comparable before they are hashed, and those nobody may trust.

What kind of value it was cannot be told from a pseudonym, so it is flagged here. A
change of any rule here, in `emails`, `phones` or `nobody` changes pseudonyms: raise
NORMALISATION with it.
"""

import re
from collections.abc import Callable, Sequence

import polars as pl

from cxmap.sources import phones
from cxmap.sources.emails import Normalised, are_plain, email, mailboxes
from cxmap.sources.nobody import comparable, is_nobody

NORMALISATION = 3
"""The version of these rules; part of every mapping's hash."""

USUAL_ID = r"^(?:[A-Za-z]+[_-]?[0-9]+|[1-9][0-9]{1,13})$"
"""Ids that no rule changes or distrusts."""

SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+?\d{1,3}", re.I)
SPREADSHEET = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{2,3}", re.I)
"""How a spreadsheet writes a long number; `1e3` may be an id of its own right."""
FLOATED = re.compile(r"(\d+)[.,]0+")
DIGITS_KEPT = 15
"""Digits a spreadsheet keeps of a number; the rest it writes as zeros."""


def normalise(
    kind: str,
    values: pl.Series,
    *,
    region: str | None = None,
    own_numbers: Sequence[str] = (),
    own_addresses: Sequence[str] = (),
) -> pl.DataFrame:
    """Return `normalised` and `flag` for a column of values of a `kind`.

    Rows keep their order; nulls stay null. Every distinct value is judged once.
    E-mails become lower case without display name, phones E.164 of `region`;
    anything else is trimmed text whose leading zeros stay.
    """
    judged = judge(
        kind,
        values.drop_nulls().unique(),
        region=region,
        own_numbers=own_numbers,
        own_addresses=own_addresses,
    )
    column = values.cast(pl.String).alias("value").to_frame()

    return column.join(judged, on="value", how="left", maintain_order="left").select(
        "normalised", "flag"
    )


def judge(
    kind: str,
    distinct: pl.Series,
    *,
    region: str | None = None,
    own_numbers: Sequence[str] = (),
    own_addresses: Sequence[str] = (),
) -> pl.DataFrame:
    """Return `value`, `normalised` and `flag` of different values of a `kind`.

    Most values are settled by their form alone, all at once; the others one by one.
    What is the company's own is flagged `own_line`: numbers, addresses, and all
    addresses of the domains given as `@example.com`.
    """
    own = frozenset(phones.normalise(number, region)[0] for number in own_numbers)
    rule = _rule(kind, region, own)
    values = distinct.cast(pl.String).alias("value").to_frame()
    usual = values.select(_usual(kind)).to_series()
    plain = values.filter(usual).with_columns(
        normalised="value",
        flag=mailboxes(pl.col("value")) if kind == "email" else pl.lit(None, pl.String),
    )
    rest = values.filter(~usual)
    judged = [rule(value) for value in rest["value"]]
    others = rest.with_columns(
        normalised=pl.Series([value for value, _ in judged], dtype=pl.String),
        flag=pl.Series([flag for _, flag in judged], dtype=pl.String),
    )

    whole = pl.concat([plain, others])

    return _without_own(whole, own_addresses) if kind == "email" else whole


def _without_own(judged: pl.DataFrame, own_addresses: Sequence[str]) -> pl.DataFrame:
    """Return e-mails of which the company's own that nothing else flags are flagged."""
    own = [comparable(one).casefold() for one in own_addresses]
    address = pl.col("normalised")
    domain = address.str.extract("(@[^@]*)$")
    ours = pl.col("flag").is_null() & (address.is_in(own) | domain.is_in(own))
    flag = pl.when(ours).then(pl.lit("own_line")).otherwise("flag")

    return judged.with_columns(flag=flag)


def _usual(kind: str) -> pl.Expr:
    """Tell which values are comparable as they stand."""
    value = pl.col("value")
    if kind == "phone":
        return value.is_null()
    if kind == "email":
        return are_plain(value)

    return value.str.contains(USUAL_ID)


def _rule(
    kind: str, region: str | None, own: frozenset[str]
) -> Callable[[str], Normalised]:
    if kind == "email":
        return email
    if kind == "phone":
        return lambda value: phone(value, region, own)

    return text


def phone(value: str, region: str | None, own: frozenset[str]) -> Normalised:
    """Return a phone number in E.164, and its flag; `own` holds the company's."""
    if phones.is_plain(value) and not phones.spells_withheld(value):
        return value, "own_line" if value in own else None
    number = comparable(value)
    if SCIENTIFIC.fullmatch(number):
        return number.casefold(), "precision_lost"
    floated = FLOATED.fullmatch(number)
    number = floated[1] if floated else number
    normalised, flag = phones.normalise(number, region)
    if normalised in own:
        return normalised, "own_line"
    if flag == "malformed" and is_nobody(normalised):
        return normalised, "placeholder"
    if _has_lost_digits(number):
        return normalised, "precision_lost"

    return normalised, flag


def text(value: str) -> Normalised:
    """Return an id or handle as trimmed text, and its flag: never as a number."""
    word = comparable(value)
    floated = FLOATED.fullmatch(word)
    word = floated[1] if floated else word
    if is_nobody(word.casefold()):
        return word, "placeholder"
    if SPREADSHEET.fullmatch(word):
        return word, "precision_lost"
    if _has_lost_digits(word):
        return word, "precision_lost"

    return word, None


def _has_lost_digits(word: str) -> bool:
    beyond = word[DIGITS_KEPT:]
    return bool(beyond) and word.isdigit() and not beyond.strip("0")
