"""A mapping of topics is proposed from linked contacts and from spelling."""

from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cxmap.config import load_config
from cxmap.desk.looking import list_topics
from cxmap.desk.topics import propose_topics
from cxmap.journeys.topics import map_topics
from cxmap.tables import conform, empty

Said = tuple[str, str | None]


def contacts_of(*said: Said) -> pl.DataFrame:
    rows = [
        {"contact_id": f"{source}:{n}", "source": source, "topic_raw": value}
        for n, (source, value) in enumerate(said)
    ]
    schema = dict.fromkeys(("contact_id", "source", "topic_raw"), pl.String)
    contacts = pl.DataFrame(rows, schema=schema).with_columns(inbound=True)
    return conform(map_topics(contacts, None), "contacts")


def linked(contacts: pl.DataFrame, *pairs: tuple[int, int]) -> pl.DataFrame:
    ids = contacts["contact_id"]
    rows = [{"from_contact_id": ids[a], "to_contact_id": ids[b]} for a, b in pairs]
    if not rows:
        return empty("links")
    return conform(pl.DataFrame(rows).with_columns(rule=pl.lit("reference")), "links")


def together(contacts: pl.DataFrame, links: pl.DataFrame) -> set[frozenset[Said]]:
    """Return the groups of several values that the proposal makes one topic."""
    values = propose_topics(contacts, links).values
    groups: dict[str, set[Said]] = {}
    for source, value, node in values.select("source", "value", "proposed").iter_rows():
        groups.setdefault(node, set()).add((source, value))
    return {frozenset(group) for group in groups.values() if len(group) > 1}


def test_values_whose_contacts_are_linked_are_one_topic() -> None:
    contacts = contacts_of(
        *[("mail", "RFND"), ("phone", "Gutschrift")] * 3, ("phone", "Umzug")
    )
    links = linked(contacts, (0, 1), (3, 2))

    assert together(contacts, links) == {
        frozenset({("mail", "rfnd"), ("phone", "gutschrift")})
    }
    because = propose_topics(contacts, links).values.drop_nulls("because")["because"]
    assert set(because) == {"2 linked contacts"}


@pytest.mark.parametrize(
    ("pairs", "rule"),
    [
        ([(0, 1)], "reference"),
        ([(0, 1), (2, 3)], "same_topic"),
        ([(0, 2), (2, 4)], "reference"),
        ([(0, 1), (2, 3), (0, 6), (2, 6)], "reference"),
        ([], "reference"),
    ],
    ids=["too few", "inferred", "one source", "undecided", "none"],
)
def test_what_proves_nothing_joins_nothing(
    pairs: list[tuple[int, int]], rule: str
) -> None:
    contacts = contacts_of(
        *[("mail", "RFND"), ("phone", "Gutschrift")] * 3, ("phone", "Umzug")
    )
    links = linked(contacts, *pairs).with_columns(rule=pl.lit(rule))

    assert together(contacts, links) == set()


def test_values_that_are_spelled_alike_are_one_topic() -> None:
    contacts = contacts_of(
        ("mail", "Refund request"),
        ("phone", "request, REFUND"),
        ("bot", "refund-request"),
        ("bot", "house moves"),
        ("mail", "horse"),
    )

    assert together(contacts, linked(contacts)) == {
        frozenset(
            {
                ("mail", "refund request"),
                ("phone", "request, refund"),
                ("bot", "refund-request"),
            }
        )
    }


def test_a_link_counts_more_than_spelling() -> None:
    contacts = contacts_of(
        ("mail", "return"),
        ("phone", "return"),
        ("phone", "Widerruf"),
        ("mail", "return"),
    )
    links = linked(contacts, (0, 2), (3, 2))

    assert together(contacts, links) == {
        frozenset({("mail", "return"), ("phone", "widerruf"), ("phone", "return")})
    }
    values = propose_topics(contacts, links).values
    assert values.filter(pl.col("because") == "2 linked contacts").height == 2


WORDS = st.sampled_from(
    [
        "Billing",
        "billing ",
        "a/b",
        " a / b ",
        "#1",
        "no",
        "12:30",
        "ß",
        'x"y',
        "- z",
        "é",
    ]
)
SAID = st.lists(
    st.tuples(st.sampled_from(["mail", "phone", "bot"]), WORDS), min_size=1, max_size=12
)


@given(said=SAID)
def test_the_proposal_is_a_config_that_says_what_it_proposes(
    tmp_path_factory: pytest.TempPathFactory, said: list[Said]
) -> None:
    contacts = contacts_of(*said)
    proposal = propose_topics(contacts, linked(contacts))
    path = tmp_path_factory.mktemp("c") / "cxmap.yaml"
    path.write_text(proposal.text, "utf-8")

    mapped = map_topics(contacts, load_config(path).topics)

    proposed = {
        (source, value): node
        for source, value, node, _ in proposal.values.select(
            "source", "value", "proposed", "because"
        ).iter_rows()
    }
    for source, raw, topic in mapped.select("source", "topic_raw", "topic").iter_rows():
        assert topic == proposed[source, raw.strip().casefold()]


def test_what_is_mapped_already_stays() -> None:
    contacts = contacts_of(("mail", "refund"), ("phone", "Refund"), ("mail", "odd"))
    known = contacts.with_columns(
        topic=pl.when((pl.col("source") == "mail") & (pl.col("topic_raw") == "refund"))
        .then(pl.lit("billing/refund"))
        .when(pl.col("source") == "phone")
        .then("topic")
    )
    proposal = propose_topics(known, linked(contacts), mapped={"mail"})

    assert yaml.safe_load(proposal.text) == {
        "topics": {
            "billing/refund": {"mail": ["refund"], "phone": ["refund"]},
            "odd": {"mail": ["odd"]},
        }
    }


def test_contacts_that_say_nothing_propose_nothing() -> None:
    contacts = contacts_of(("mail", None), ("mail", " "))
    proposal = propose_topics(contacts, linked(contacts))

    assert proposal.values.is_empty()
    assert yaml.safe_load(proposal.text) is None


def test_the_listing_shows_the_tree_and_what_would_change() -> None:
    contacts = contacts_of(
        ("mail", "a/b"),
        ("mail", "a/c"),
        ("phone", "A / B"),
        ("phone", "a b."),
        ("x", None),
    )
    proposal = propose_topics(contacts, linked(contacts))

    told = list_topics(contacts, proposal.values)

    assert told.rows["contacts"].sum() == contacts.height
    assert {"a: 3", "a/b: 2", "a/c: 1"} <= set(told.notes)
    changed = told.rows.drop_nulls("proposed")
    assert all(row["proposed"] != row["topic"] for row in changed.to_dicts())


def test_one_level_is_no_tree(tmp_path: Path) -> None:
    contacts = contacts_of(("mail", "a"), ("phone", "b"))
    notes = list_topics(
        contacts, propose_topics(contacts, linked(contacts)).values
    ).notes

    assert len(notes) == 2
