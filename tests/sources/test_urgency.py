"""Which word for a priority stands above which."""

from itertools import combinations

import polars as pl
import pytest

from cxmap.sources.urgency import level, raised

LADDER = ["Lowest", "low", "Normal", "HIGH", "urgent", "Blocker"]


def is_raised(before: str | None, now: str | None) -> bool:
    row = pl.DataFrame({"a": [before], "b": [now]}, schema_overrides={"a": pl.String})
    found = row.select(raised(pl.col("a"), pl.col("b").cast(pl.String))).item()
    assert isinstance(found, bool)
    return found


def test_each_step_up_is_a_raise_and_none_down() -> None:
    for lower, upper in combinations(LADDER, 2):
        assert is_raised(lower, upper)
        assert not is_raised(upper, lower)
        assert not is_raised(lower, lower)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("normal", "medium"),
        ("urgent", "Critical"),
        ("3 - Moderate", "Medium"),
        ("2 normal", "NORMAL "),
        ("1 very low", "lowest"),
        ("P2 - High", "p2"),
        ("very_high", "5 very  high"),
        ("not_priority", "normal"),
    ],
)
def test_spellings_of_a_level_are_equal(one: str, other: str) -> None:
    levels = pl.DataFrame({"word": [one, other]}).select(level(pl.col("word")))

    assert levels.to_series().n_unique() == 1
    assert levels.to_series().null_count() == 0
    assert not is_raised(one, other)
    assert not is_raised(other, one)


@pytest.mark.parametrize("word", ["", "3", "1", "Sev A", "highlight", "to do", "low 1"])
def test_an_unknown_word_is_neither_above_nor_below(word: str) -> None:
    for known in LADDER:
        assert not is_raised(known, word)
        assert not is_raised(word, known)


def test_nothing_is_no_priority() -> None:
    assert not is_raised(None, "urgent")
    assert not is_raised("low", None)


def test_a_number_before_the_word_does_not_decide() -> None:
    assert is_raised("4 - Low", "1 - Critical")
    assert is_raised("1 low", "3 high")
    assert not is_raised("1 - Critical", "4 - Low")
