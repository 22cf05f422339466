"""The quick parser beside the careful one: what it accepts, both read alike."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxmap.sources.reading.json_values import (
    STRICT,
    compact,
    flaw,
    path,
    values,
    whole_value,
)

PIECES = (
    '{"a":',
    '{"a" : ',
    '"a"',
    '"é\\u00e9\\ud83d\\ude00"',
    '"\\ud800"',
    '"x\ty"',
    '"\\/\\b\\u0000\x7f"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "\x0b",
    "\ufeff",
    "1",
    "-0",
    "01",
    "1.50",
    "-1E+5",
    "1e400",
    "1.",
    "9007199254740993",
    "123456789012345678901234567890",
    "NaN",
    "-Infinity",
    "null",
    "true",
    "tru",
    '"a":1',
    '"\\u0061":2',
)
broken = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
keys = st.sampled_from(["a", "b", "é", "a.b", ""])
numbers = st.sampled_from(
    ["1.50", "1e5", "-0.0", "1E-7", "2", "-7", "12345678901234567890123"]
)
whole = st.recursive(
    numbers | st.sampled_from(["null", "true", "false", '"x"', '"\\""', '"}{"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: "[" + " , ".join(parts) + "]")
        | st.lists(st.tuples(keys, inner), max_size=3).map(
            lambda pairs: (
                "{" + ",".join(f"{json.dumps(k)}: {v}" for k, v in pairs) + "}"
            )
        )
    ),
    max_leaves=8,
)


def told(value: Any) -> Any:
    """A value with its types and the text of its numbers."""
    if isinstance(value, dict):
        return [(key, told(part)) for key, part in value.items()]
    if isinstance(value, list):
        return (list, [told(part) for part in value])

    return (type(value), value if isinstance(value, str) else compact(value))


def strictly(text: str) -> Any:
    (only,) = values(text, STRICT)
    return only


@settings(max_examples=100, deadline=None)
@given(broken | whole)
@example('{"a":1,"a":1}')
@example('{"a":{"b":[{"c":1,"d":2,"c":1}]}}')
@example('{"a":1}{"a":1}')
def test_what_the_quick_parser_accepts_the_careful_one_reads_alike(text: str) -> None:
    try:
        quick = whole_value(text.encode())
    except ValueError:
        return

    assert told(quick) == told(strictly(text))


@settings(max_examples=100, deadline=None)
@given(whole)
def test_the_quick_parser_refuses_nothing_but_keys_that_stand_twice(text: str) -> None:
    try:
        careful = strictly(text)
    except ValueError:
        with pytest.raises(ValueError, match="duplicate"):
            whole_value(text.encode())
        return

    assert told(whole_value(text.encode())) == told(careful)


@settings(max_examples=60, deadline=None)
@given(whole)
def test_numbers_keep_the_text_they_were_written_in(text: str) -> None:
    try:
        value = whole_value(text.encode())
    except ValueError:
        return
    bare = json.loads(text, parse_float=lambda number: f"<{number}>")
    marked = json.dumps(bare, ensure_ascii=False, separators=(",", ":"))

    assert compact(value) == marked.replace('"<', "").replace('>"', "")


@pytest.mark.parametrize(
    ("value", "depth", "why"),
    [
        (1, 1, None),
        ({"a": 1}, 1, None),
        ({"a": []}, 1, "too_deep"),
        ([[[]]], 3, None),
        ([[[]]], 2, "too_deep"),
        ([[[], [[]]]], 3, "too_deep"),
    ],
)
def test_a_value_is_as_deep_as_its_deepest_part(
    value: Any, depth: int, why: str | None
) -> None:
    assert flaw(value, depth) == why


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a.b", 1),
        ('"x:y".z', 2),
        ('a."b"', 1),
        ('"a.b"', None),
        ("a.b.c", None),
        ("n > `1`", True),
        ("m || n", "kept"),
    ],
)
def test_a_path_walks_by_plain_and_quoted_keys_and_reckons_with_numbers(
    expression: str, found: Any
) -> None:
    record = whole_value(b'{"a": {"b": 1}, "x:y": {"z": 2}, "n": 1.50}')
    seen = path(expression, "here")(record)

    assert compact(seen) == "1.50" if found == "kept" else seen == found
