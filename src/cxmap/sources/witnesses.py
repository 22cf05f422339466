"""What a column of times proves against the form it is declared in."""

from collections.abc import Mapping, Sequence

import polars as pl

from cxmap.sources.forms import (
    EPOCHS,
    field_order,
    first_of,
    other_order,
    read_form,
    unread,
)

NAMED = {True: "day first", False: "month first"}


class ContradictionError(ValueError):
    """A column that proves its declared form of time wrong."""

    def __init__(self, told: str, *witnesses: int) -> None:
        """Tell what is wrong; each `{}` in it stands for one row of `witnesses`."""
        super().__init__(told.format(*("a row" for _ in witnesses)))
        self.told = told
        self.witnesses = witnesses


def first_that_fits(texts: pl.DataFrame, forms: Sequence[str]) -> pl.DataFrame:
    """Return forms.PARTS of the column `text`, in the first form that fits."""
    read = read_form(texts, forms[0])
    for form in forms[1:]:
        left = unread(texts, read)
        if left is None:
            break
        read = first_of(read, read_form(left, form))

    return read


def refuse_other_order(
    texts: pl.DataFrame, forms: Sequence[str], read: pl.DataFrame
) -> None:
    """Raise ContradictionError where the order of day and month is not the declared.

    `texts` has the column `text`, and `read` is what `forms` made of it. Where the
    forms leave the order open, one date that only the second order fits forbids to
    read any other date by the first. Where they declare one order, more dates must
    prove the other than prove it: a few strays among many are single rejects.
    """
    for orders in _by_separator(forms).values():
        if len(orders) == 2:
            _refuse_open_order(texts, orders)
        else:
            _refuse_declared_order(texts, orders, read)


def _by_separator(forms: Sequence[str]) -> Mapping[str, Mapping[bool, list[str]]]:
    """Return, by separator, the forms of each order; True: the day comes first."""
    found: dict[str, dict[bool, list[str]]] = {}
    for form in forms:
        order = field_order(form)
        if order is not None:
            separator, day_first = order
            found.setdefault(separator, {}).setdefault(day_first, []).append(form)

    return found


def _refuse_open_order(
    texts: pl.DataFrame, orders: Mapping[bool, Sequence[str]]
) -> None:
    first, second = orders
    one, other = (first_that_fits(texts, orders[order])["naive"] for order in orders)
    only_second = other.is_not_null() & one.is_null()
    if not only_second.any():
        return
    only_first = one.is_not_null() & other.is_null()
    if only_first.any():
        witness = {first: _first(only_first), second: _first(only_second)}
        raise ContradictionError(
            "{} can only be day first, {} only month first; "
            "give `time` the one format the export uses",
            witness[True],
            witness[False],
        )
    either = (one != other).fill_null(value=False)
    if either.any():
        raise ContradictionError(
            f"{{}} can only be {NAMED[second]}, {{}} could be either; "
            "give `time` the one format the export uses",
            _first(only_second),
            _first(either),
        )


def _refuse_declared_order(
    texts: pl.DataFrame, orders: Mapping[bool, Sequence[str]], read: pl.DataFrame
) -> None:
    left = unread(texts, read)
    if left is None:
        return
    ((order, forms),) = orders.items()
    swapped = [other_order(form) for form in forms]
    against = first_that_fits(left, swapped)["naive"].is_not_null()
    if not against.any():
        return
    for_it = first_that_fits(texts, forms)["naive"].is_not_null()
    for_it &= first_that_fits(texts, swapped)["naive"].is_null()
    if against.sum() > for_it.sum():
        _refuse(
            f"declared {NAMED[order]}, but {{}} can only be {NAMED[not order]}; "
            "give `time` the format the export uses",
            against,
        )


def refuse_other_unit(
    texts: pl.DataFrame, forms: Sequence[str], inside: pl.Series, window: pl.Expr
) -> None:
    """Raise ContradictionError where the numbers are epochs of another unit.

    `inside` says which texts gave a time within the plausible `window` (over the
    column `naive`). More numbers must lie within it in the other unit, and outside
    in the declared one, than lie within it as declared.
    """
    declared = [form for form in forms if form in EPOCHS]
    outside = texts.select(pl.when(~inside).then("text").alias("text"))
    if not declared or outside["text"].null_count() == outside.height:
        return
    for form in EPOCHS:
        if form in declared:
            continue
        fits = read_form(outside, form).select(window.fill_null(value=False))
        against = fits.to_series()
        if against.sum() > inside.sum():
            _refuse(
                f"{{}} {'is' if against.sum() == 1 else 'are'} implausible as "
                f"{declared[0]}, not as {form}; give `time` the unit the export uses",
                against,
            )


def _refuse(told: str, against: pl.Series) -> None:
    """Raise ContradictionError with the first two rows that are `against` it."""
    rows = against.arg_true().head(2).to_list()
    raise ContradictionError(
        told.replace("{}", " and ".join("{}" for _ in rows)), *rows
    )


def _first(rows: pl.Series) -> int:
    return int(rows.arg_true()[0])
