"""Values: durations, numbers, flags and words, against plain Python."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.sources.values import read_counts, read_durations, read_flags, read_numbers

PER = {
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "ms": Fraction(1, 1000),
    "us": Fraction(1, 10**6),
}


def read(reader: Any, text: str, *said: Any) -> tuple[Any, Any]:
    typed = reader(pl.Series([text], dtype=pl.String), *said)
    return typed.values[0], typed.reason[0]


@given(st.decimals(0, 100_000, places=3, allow_nan=False), st.sampled_from(sorted(PER)))
@settings(max_examples=100)
def test_durations_are_exact_in_every_unit(number: Any, unit: str) -> None:
    expected = Fraction(number) * PER[unit] // 1

    assert read(read_durations, str(number), unit, ".") == (expected, None)
    comma = str(number).replace(".", ",")
    assert read(read_durations, comma, unit, ",") == (expected, None)


@given(st.integers(0, 400), st.integers(0, 59), st.integers(0, 59))
def test_clocks_run_beyond_a_day(hours: int, minutes: int, seconds: int) -> None:
    whole = hours * 3600 + minutes * 60 + seconds

    text = f"{hours:02}:{minutes:02}:{seconds:02}"
    assert read(read_durations, text, "hms", ".") == (whole, None)
    assert read(read_durations, text, "mmss", ".") == (whole, None)
    short = f"{hours}:{minutes:02}"
    assert read(read_durations, short, "hms", ".") == (whole - seconds, None)
    assert read(read_durations, short, "mmss", ".") == (hours * 60 + minutes, None)


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("-5", "s", "negative_duration"),
        ("-0:05", "hms", "negative_duration"),
        ("12s", "s", "bad_duration"),
        ("1:60", "hms", "bad_duration"),
        ("nan", "s", "bad_duration"),
        ("inf", "s", "bad_duration"),
        ("1e300", "s", "bad_duration"),
        ("9" * 30, "s", "bad_duration"),
        ("", "s", "bad_duration"),
        ("soon", "since_1970", "bad_duration"),
    ],
)
def test_what_is_no_duration_is_rejected(text: str, unit: str, reason: str) -> None:
    assert read(read_durations, text, unit, ".") == (None, reason)


def test_a_date_counted_from_1970_is_a_duration() -> None:
    expected = 86_400 + 9 * 3600 + 46 * 60 + 18

    assert read(read_durations, "1970-01-02 09:46:18", "since_1970", ".") == (
        expected,
        None,
    )


@pytest.mark.parametrize(
    ("text", "count"), [("7", 7), ("7.0", 7), ("+7", 7), ("0", 0), ("007", 7)]
)
def test_counts_are_whole(text: str, count: int) -> None:
    assert read(read_counts, text) == (count, None)


@pytest.mark.parametrize("text", ["-1", "1.5", "two", "1e3", "1,000", "NaN", "9" * 20])
def test_what_is_no_count_is_rejected(text: str) -> None:
    assert read(read_counts, text) == (None, "bad_number")


@pytest.mark.parametrize("text", ["NaN", "inf", "#DIV/0!", "4 of 5", "0x10", "1_000"])
def test_what_is_no_number_is_rejected(text: str) -> None:
    assert read(read_numbers, text, ".") == (None, "bad_number")


def test_a_decimal_comma_is_declared_never_guessed() -> None:
    assert read(read_numbers, "1.234,5", ",") == (1234.5, None)
    assert read(read_numbers, "1,5", ".") == (None, "bad_number")


def test_flags_are_yes_and_no_or_the_words_that_mean_true() -> None:
    assert read(read_flags, "Yes", None) == (True, None)
    assert read(read_flags, "0", None) == (False, None)
    assert read(read_flags, "perhaps", None) == (None, "bad_flag")
    assert read(read_flags, "Done", ["done"]) == (True, None)
    assert read(read_flags, "yes", ["done"]) == (False, None)


@pytest.mark.parametrize(
    ("spec", "cell", "expected"),
    [
        ("{from: [x, y]}", "", "second"),
        ("{from: x, default: none yet}", "", "none yet"),
        ("{from: x, null_if: ['?', n/a]}", "?", None),
        ("{from: x, strip_quote: true}", "'=1+1", "=1+1"),
        ("{from: x, regex: '<([^>]*)>'}", "Ana <100>", "100"),
        ("{from: x, regex: '<([^>]*)>'}", "Ana", None),
        ("{from: x, split: {sep: ';', take: 1}}", "a;b;c", "b"),
        ("{from: x, split: {sep: ';', take: -1}}", "a;b; c", "c"),
        ("{from: x, split: {sep: ';', take: 5}}", "a;b", None),
        ("{concat: [x, y], sep: '/'}", "a", "a/second"),
        ("{from: x, map: {A: one}, unmapped: other}", "a", "one"),
        ("{from: x, map: {A: one}, unmapped: other}", "b", "other"),
        ("{from: x, map: {A: one}, unmapped: keep}", "b", "b"),
        ("{from: x, map: {A: one}}", "b", None),
        ("{from: x, map: {A: null}}", "a", None),
        ("{expr: 'UPPER(x)'}", "a", "A"),
        ("{from: x, when: \"y = 'second'\"}", "a", "a"),
        ("{from: x, when: \"y = 'third'\"}", "a", None),
        ("{const: 7}", "a", "7"),
    ],
)
def test_a_value_is_found_as_the_profile_says(
    map_text: Any, spec: str, cell: str, expected: str | None
) -> None:
    profile = f"""
profile: p
system: s
title: t
contact:
  source_contact_id: id
  started_at: {{from: at, time: iso8601}}
  team: {spec}
"""
    rows = f'id,at,x,y\n1,2025-03-01T09:00:00Z,"{cell}",second\n'
    used = "required: [id]\n"

    assert map_text(rows, profile + used).contacts("team") == [(expected,)]


def test_words_that_no_map_knows_are_counted(map_text: Any) -> None:
    profile = """
profile: p
system: s
title: t
contact:
  source_contact_id: id
  started_at: {from: at, time: iso8601}
  status: {from: st, map: {Offen: open}}
"""
    file = map_text(
        "id,at,st\n"
        + "".join(f"{n},2025-03-01T09:00:00Z,{w}\n" for n, w in enumerate("abb"))
        + "9,2025-03-01T09:00:00Z,OFFEN\n",
        profile,
    )

    assert file.extracted.unmapped == {"status": 3}
    assert file.contacts("status") == [(None,), (None,), (None,), ("open",)]
