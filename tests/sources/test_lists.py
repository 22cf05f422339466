"""Lists inside a row are rows of their own, and belong to the row that holds them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.errors import ConfigError

NESTED = """\
profile: nested
system: any
title: Conversations with parts that have pieces
parts:
  conversations:
    detect: {format: json, keys: [id, parts]}
    read: {format: json}
    where: "COALESCE(hidden, 'false') = 'false'"
    key: id
    contact:
      source_contact_id: id
      started_at: {from: at, time: epoch_s}
  pieces:
    of: conversations
    each: [parts, inner.pieces]
    up: {conversation: id}
    read: {format: json}
    let: {part: no, piece: '"inner.pieces".no', when: '"inner.pieces".at'}
    key: [conversation, part, piece]
    contact:
      source_contact_id: conversation
    events:
      - at: {from: when, time: epoch_s}
        event_type: {const: message_sent}
        to_value: piece
        from_value: part
"""

GATHERED = """\
profile: gathered
system: any
title: Rows with comments side by side
parts:
  rows:
    read: {format: delimited}
    key: id
    contact:
      source_contact_id: id
      started_at: {from: at, time: iso8601, tz: UTC}
  comments:
    of: rows
    each: Comment
    up: {row: id}
    contact:
      source_contact_id: row
    events:
      - at: {from: value, split: {sep: ";", take: 0}, time: iso8601, tz: UTC}
        event_type: {const: message_sent}
        to_value: {from: value, split: {sep: ";", take: 1}}
"""


def events(file: Any, *columns: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = (
        file.extracted.tables["event_records"].select(columns).sort(columns).rows()
    )
    return rows


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sizes=st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=1, max_size=4),
    hidden=st.integers(0, 3),
)
def test_every_item_of_every_kept_row_becomes_one_record(
    map_text: Any, sizes: list[list[int]], hidden: int
) -> None:
    at = 1_700_000_000
    said = [
        {
            "id": f"c{row}",
            "at": at,
            "hidden": row == hidden,
            "parts": [
                {
                    "no": f"p{n}",
                    "inner": {
                        "pieces": [{"no": f"s{m}", "at": at} for m in range(size)]
                    },
                }
                for n, size in enumerate(parts)
            ],
        }
        for row, parts in enumerate(sizes)
    ]
    file = map_text(json.dumps(said), NESTED)

    wanted = sorted(
        (f"c{row}", f"p{n}", f"s{m}")
        for row, parts in enumerate(sizes)
        for n, size in enumerate(parts)
        for m in range(size)
        if row != hidden
    )
    assert events(file, "source_contact_id", "from_value", "to_value") == wanted
    assert file.extracted.accounting.records == len(sizes)


def test_an_item_that_cannot_be_used_costs_no_row_of_the_file(map_text: Any) -> None:
    said = {
        "id": "c",
        "at": 1_700_000_000,
        "parts": [
            {"no": "p", "inner": {"pieces": [{"at": 5}, {"no": "s", "at": "never"}]}}
        ],
    }
    file = map_text(json.dumps([said]), NESTED)

    assert {(row, whole) for row, _, _, whole in file.rejects()} == {(1, False)}
    assert file.extracted.accounting.kept == 1
    assert file.extracted.accounting.rejected == 0
    assert file.extracted.accounting.cell_rejects == len(file.rejects()) > 0


def test_cells_under_one_name_are_one_list(map_text: Any) -> None:
    file = map_text(
        "id,at,Comment,Comment,Comment\n"
        "1,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z;a;x,,2026-01-03T00:00:00Z;b\n"
        "2,2026-01-01T00:00:00Z,,,\n"
        "3,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z;a,2026-01-02T00:00:00Z;c,\n",
        GATHERED,
    )

    assert events(file, "source_contact_id", "to_value") == [
        ("1", "a"),
        ("1", "b"),
        ("3", "a"),
        ("3", "c"),
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("    each: Comment\n", ""), "belong together"),
        (("    of: rows\n", "    of: nowhere\n"), "names no part"),
        (("    of: rows\n    each: Comment\n", ""), "there is no row above"),
    ],
)
def test_a_list_must_say_whose_it_is(
    map_text: Any, wrong: tuple[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        map_text("id,at\n", GATHERED.replace(*wrong))
