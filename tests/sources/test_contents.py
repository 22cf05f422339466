"""Digests of rows, against hashlib over texts that plain Python writes."""

import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.sources.contents import contents
from cxmap.tables import WHEN

SCHEMA = pl.Schema(
    {
        "contact.team": pl.String(),
        "contact.topic": pl.String(),
        "contact.transfers": pl.Int64(),
        "contact.resolved": pl.Boolean(),
        "survey.score": pl.Float64(),
        "version_at": WHEN,
    }
)
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)

texts = st.text(st.sampled_from("ab=\x1f\x00é😀."), max_size=6)
rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "contact.team": st.none() | texts,
            "contact.topic": st.none() | texts,
            "contact.transfers": st.none() | st.integers(-(2**63), 2**63 - 1),
            "contact.resolved": st.none() | st.booleans(),
            "survey.score": st.none() | st.floats(allow_nan=False),
            "version_at": st.none()
            | st.integers(-(10**9), 4 * 10**9).map(
                lambda seconds: BEGIN + timedelta(seconds=seconds)
            ),
        }
    ),
    max_size=8,
)


def plainly(row: dict[str, Any]) -> str:
    """The digest of a row, cell by cell."""
    said = "".join(
        f"\x1f{name}={written(value)}"
        for name, value in sorted(row.items())
        if value is not None
    )
    return sha256(said.encode()).hexdigest()[:32]


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(struct.unpack("<q", struct.pack("<d", value or 0.0))[0])
    if isinstance(value, datetime):
        return str((value - BEGIN) // timedelta(seconds=1))

    return str(value).replace("\x1f", "\x1f\x1f")


def digests(rows: list[dict[str, Any]]) -> list[str]:
    return contents(pl.DataFrame(rows, schema=SCHEMA)).to_list()


@settings(max_examples=100, deadline=None)
@given(rows_of)
def test_a_row_has_the_digest_that_hashlib_gives_its_text(
    rows: list[dict[str, Any]],
) -> None:
    speaks = any(value is not None for row in rows for value in row.values())

    assert digests(rows) == [plainly(row) if speaks else "" for row in rows]


@settings(max_examples=100, deadline=None)
@given(rows_of)
def test_two_rows_have_one_digest_only_if_they_say_the_same(
    rows: list[dict[str, Any]],
) -> None:
    said = {tuple(row[name] for name in SCHEMA) for row in rows}

    assert len(set(digests(rows))) == len(said)


@settings(max_examples=50, deadline=None)
@given(rows_of, st.randoms(use_true_random=False))
def test_neither_other_rows_nor_the_order_of_columns_matter(
    rows: list[dict[str, Any]], chance: Any
) -> None:
    names = list(SCHEMA)
    chance.shuffle(names)
    frame = pl.DataFrame(rows, schema=SCHEMA).select(names)
    together = contents(frame).to_list()
    alone = [contents(frame[place : place + 1])[0] for place in range(frame.height)]
    silent = sha256(b"").hexdigest()[:32]

    assert [one or silent for one in together] == [one or silent for one in alone]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "x\x1fb=1", "b": None}, {"a": "x", "b": "1"}),
        ({"a": "x\x1f", "b": "1"}, {"a": "x", "b": "\x1f1"}),
        ({"a": "x", "b": None}, {"a": None, "b": "x"}),
        ({"a": "", "b": None}, {"a": None, "b": None}),
        ({"a": "1", "b": "23"}, {"a": "12", "b": "3"}),
        ({"a": "x\x1f\x1fb=1", "b": None}, {"a": "x\x1f", "b": "1"}),
    ],
)
def test_no_text_passes_for_other_cells(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    schema = pl.Schema({"a": pl.String(), "b": pl.String()})

    assert contents(pl.DataFrame([one, other], schema=schema)).n_unique() == 2


def test_a_digest_is_the_same_today_as_ever() -> None:
    """A change here is a change of every store: raise its format."""
    row = {
        "contact.team": "Böblingen",
        "contact.transfers": 2,
        "contact.resolved": True,
        "survey.score": 4.5,
        "version_at": datetime(2025, 3, 1, 9, tzinfo=UTC),
    }

    assert digests([row]) == ["6d608930931deed41ec2e336caaa3bcb"]


def test_many_rows_keep_their_order() -> None:
    numbers = pl.DataFrame({"record_key": pl.int_range(300_000, eager=True)})
    told = contents(numbers)

    for place in (0, 1, 99_999, 100_000, 299_999):
        text = f"\x1frecord_key={place}"
        assert told[place] == sha256(text.encode()).hexdigest()[:32]
    assert told.n_unique() == 300_000
