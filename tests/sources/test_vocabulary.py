"""Words that a profile does not map are kept, and nothing that may be somebody's."""

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.sources.vocabulary import LONGEST, MOST, vocabulary, words_in

EXPORT = """source_contact_id,channel,started_at,disposition
1,telex,2025-03-01T10:00:00Z,handled
2,telex,2025-03-02T10:00:00Z,HANDLED
3,pigeon post,2025-03-03T10:00:00Z,gone
4,voice,2025-03-04T10:00:00Z,
5,ana@example.test,2025-03-05T10:00:00Z,handled
6,+49 30 123456,2025-03-05T10:00:00Z,handled
"""


def test_unmapped_words_are_counted_by_column(map_text: Any) -> None:
    words = map_text(EXPORT, "generic_contacts").extracted.tables["vocabulary_records"]

    assert words.select("source", "part", "column", "value", "rows").rows() == [
        ("src", "rows", "channel", "pigeon post", 1),
        ("src", "rows", "channel", "telex", 2),
        ("src", "rows", "disposition", "gone", 1),
    ]


def test_words_that_are_all_known_leave_nothing(map_text: Any) -> None:
    known = "source_contact_id,channel,started_at\n1,voice,2025-03-01T10:00:00Z\n"
    tables = map_text(known, "generic_contacts").extracted.tables

    assert tables["vocabulary_records"].is_empty()


@pytest.mark.parametrize(
    "text", ["ana@example.test", "030 12345", "12345", "x" * (LONGEST + 1)]
)
def test_what_may_be_somebodys_is_no_word(text: str) -> None:
    assert words_in("channel", pl.Series([text, text])).is_empty()


@given(st.lists(st.sampled_from(["a", "b", "c d", "e1", None]), max_size=30))
def test_words_are_counted_as_python_counts_them(texts: list[str | None]) -> None:
    found = words_in("status", pl.Series(texts, dtype=pl.String))

    assert dict(found.select("value", "rows").rows()) == Counter(
        text for text in texts if text is not None
    )


def test_the_commonest_words_are_kept() -> None:
    texts = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MOST + 50)]
    found = words_in("status", pl.Series([*texts, texts[-1]]))

    assert found.height == MOST
    assert found.row(0) == ("status", texts[-1], 2)


def test_a_word_that_two_values_of_a_column_meet_counts_once() -> None:
    once = words_in("channel", pl.Series(["telex"]))
    twice = words_in("channel", pl.Series(["telex", "telex"]))

    assert vocabulary([once, twice], "s", "p")["rows"].to_list() == [2]
