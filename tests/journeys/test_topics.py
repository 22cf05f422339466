"""One topic tree for all sources."""

import polars as pl
import pytest

from cxmap.errors import ConfigError
from cxmap.journeys.topics import map_topics, unmapped

TREE = {
    "billing": {"desk": ("Invoice", "dunning")},
    "billing/refund": {"desk": ("Money back",), "phone": ("7",)},
}


def contacts(*pairs: tuple[str, str | None]) -> pl.DataFrame:
    columns = {"source": pl.String(), "topic_raw": pl.String()}
    return pl.DataFrame(pairs, schema=columns, orient="row")


def test_listed_values_become_nodes_whatever_their_case_and_blanks() -> None:
    said = contacts(("desk", " invoice "), ("desk", "MONEY BACK"), ("phone", "7"))

    found = map_topics(said, TREE)["topic"].to_list()

    assert found == ["billing", "billing/refund", "billing/refund"]


def test_what_is_not_listed_for_a_mapped_source_is_unknown_and_counted() -> None:
    said = contacts(
        ("desk", "Parking"),
        ("desk", "Parking"),
        ("desk", "7"),
        ("desk", " "),
        ("desk", None),
        ("phone", "7"),
    )

    mapped = map_topics(said, TREE)

    assert mapped["topic"].to_list() == [None] * 5 + ["billing/refund"]
    assert unmapped(mapped).rows() == [("desk", "Parking", 2), ("desk", "7", 1)]


def test_a_source_without_mapping_keeps_its_own_words() -> None:
    said = contacts(
        ("shop", " Straße / RÜCKGABE "), ("shop", "  "), ("shop", "/"), ("shop", None)
    )

    for topics in (None, {}, TREE):
        found = map_topics(said, topics)["topic"].to_list()
        assert found == ["strasse/rückgabe", None, None, None]


def test_mapping_twice_is_mapping_once_and_keeps_the_order() -> None:
    said = contacts(("desk", "b"), ("shop", "b"), ("desk", "Invoice"))

    once = map_topics(said, TREE)

    assert map_topics(once, TREE).equals(once)
    assert once["source"].to_list() == ["desk", "shop", "desk"]


def test_a_value_under_two_nodes_is_refused_without_being_shown() -> None:
    tree = {"a": {"desk": ("Secret",)}, "b": {"desk": ("secret ",)}}

    with pytest.raises(
        ConfigError, match=r"topics: .* a and b \(source desk\)"
    ) as error:
        map_topics(contacts(), tree)

    assert "ecret" not in str(error.value)
