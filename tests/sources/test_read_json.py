"""JSON exports: exact text, one bad record never spoils another."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.errors import ConfigError, ExportError
from cxmap.sources.read import Limits, RawExport, ReadOptions, peek, read

relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
nested = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.lists(
    st.dictionaries(st.sampled_from(["id", "a b", "é", "x.y"]), nested, min_size=1),
    min_size=2,
    max_size=6,
)


def given_file(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / "x.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def oracle(value: Any) -> str | None:
    """What a cell should hold, by the standard library's own writer."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def balanced(found: RawExport) -> bool:
    lost = int(found.rejects["whole_row"].sum())
    return found.records == found.rows.height + lost + found.blank + found.footer


def reasons(found: RawExport) -> list[tuple[int, str]]:
    return found.rejects.select("row", "reason").rows()


SHAPES = {
    "lines": lambda rows: "".join(json.dumps(row) + "\n" for row in rows),
    "unescaped lines": lambda rows: "\n".join(
        json.dumps(row, ensure_ascii=False) for row in rows
    ),
    "end to end": lambda rows: "".join(json.dumps(row) for row in rows),
    "pretty, end to end": lambda rows: "".join(
        json.dumps(row, indent=1) for row in rows
    ),
    "array": json.dumps,
    "pretty array": lambda rows: json.dumps(rows, indent=2),
    "an object a line in an array": lambda rows: (
        "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    ),
    "wrapped": lambda rows: json.dumps({"count": len(rows), "tickets": rows}),
}


@relaxed
@given(rows=objects, shape=st.sampled_from(sorted(SHAPES)))
def test_every_shape_of_the_same_records_gives_the_same_text(
    tmp_path: Path, rows: list[dict[str, Any]], shape: str
) -> None:
    found = read(given_file(tmp_path, SHAPES[shape](rows)), ReadOptions(format="json"))

    for key in {key for row in rows for key in row}:
        expected = [oracle(row.get(key)) for row in rows]
        assert found.rows[key].to_list() == expected
    assert found.rejects.is_empty()
    assert balanced(found)


@relaxed
@given(
    rows=objects,
    bad=st.sampled_from(
        [
            ('{"id": NaN}', "not_json"),
            ('{"id": -Infinity}', "not_json"),
            ('{"id": 1, "id": 2}', "duplicate_key"),
            ('{"a": {"id": 1, "id": 2}}', "duplicate_key"),
            ('{"id": 1},', "not_json"),
            ('{"id": "cut', "not_json"),
            ("[1, 2]", "not_an_object"),
            ('"text"', "not_an_object"),
            ('{"a":' * 70 + "1" + "}" * 70, "too_deep"),
            ('{"a":' * 5000 + "1" + "}" * 5000, "too_deep"),
        ]
    ),
    place=st.integers(0, 6),
)
def test_a_bad_line_costs_itself_only(
    tmp_path: Path, rows: list[dict[str, Any]], bad: tuple[str, str], place: int
) -> None:
    line, reason = bad
    lines = [json.dumps(row) for row in rows]
    at = min(place, len(lines))
    clean = read(given_file(tmp_path, "\n".join(lines) + "\n"))
    lines.insert(at, line)

    path = given_file(tmp_path, "\n".join(lines) + "\n")
    found = read(path, ReadOptions(format="json"))

    assert reasons(found) == [(at + 1, reason)]
    assert found.rows.drop("_row").equals(clean.rows.drop("_row"))
    assert balanced(found)


def test_numbers_stay_as_they_were_written(tmp_path: Path) -> None:
    text = '{"a":12345678901234567890123,"b":1.10,"c":1e400,"d":-0.0,"e":1E5}\n'
    text += '{"f":{"n":[1.10,10000000000000000001,true,null]}}\n'

    found = read(given_file(tmp_path, text))

    assert found.rows.row(0)[1:6] == (
        "12345678901234567890123",
        "1.10",
        "1e400",
        "-0.0",
        "1E5",
    )
    assert found.rows["f"][1] == '{"n":[1.10,10000000000000000001,true,null]}'


def test_half_characters_are_spelled_out_and_stay_different(tmp_path: Path) -> None:
    text = '{"id":"x\\ud800"}\n{"id":"x\\ud801"}\n{"\\ud800":1}\n'

    found = read(given_file(tmp_path, text))

    assert found.rows["id"].to_list() == ["x\\ud800", "x\\ud801", None]
    assert found.rows["\\ud800"][2] == "1"


def test_fields_are_walked_by_path_and_by_jmespath(tmp_path: Path) -> None:
    text = json.dumps(
        [
            {"id": 1, "via": {"channel": "email"}, "m": [{"n": "talk", "v": 2.5}]},
            {"id": 2, "via": "api", "m": [{"n": "talk", "v": 1}, {"n": "x", "v": 9}]},
            {"id": 3, "custom fields": {"a": "b"}},
        ]
    )

    found = read(
        given_file(tmp_path, text),
        fields={
            "id": "id",
            "channel": "via.channel",
            "talk": "sum(m[?n=='talk'].v)",
            "first": "m[0].n",
            "custom": '"custom fields".a',
        },
    )

    assert found.rows.rows() == [
        (1, "1", "email", "2.5", "talk", None),
        (2, "2", None, "1", "talk", None),
        (3, "3", None, None, None, "b"),
    ]


def test_a_field_that_is_no_path_is_a_mistake_in_the_profile(tmp_path: Path) -> None:
    path = given_file(tmp_path, '{"id": 1}\n{"id": 2}\n')

    with pytest.raises(ConfigError, match="x: not a JMESPath"):
        read(path, fields={"x": "a[?"})


def test_the_records_path_opens_a_wrapper_that_holds_several_arrays(
    tmp_path: Path,
) -> None:
    text = json.dumps({"tickets": [{"id": 1}], "users": [{"id": 9}, {"id": 8}]})
    path = given_file(tmp_path, text)

    tickets = read(path, ReadOptions(records="tickets"))
    whole = read(path)

    assert tickets.rows["id"].to_list() == ["1"]
    assert whole.rows["users"].to_list() == ['[{"id":9},{"id":8}]']


def test_a_document_that_is_one_record_can_be_said_to_be_one(tmp_path: Path) -> None:
    path = given_file(tmp_path, json.dumps({"id": 1, "parts": [{"a": 1}, {"a": 2}]}))

    assert read(path, ReadOptions(records="@")).rows["id"].to_list() == ["1"]
    assert read(path).rows.height == 2


def test_a_record_that_holds_an_array_of_objects_is_no_wrapper(tmp_path: Path) -> None:
    record = {"id": 1, "at": "t", "agent": "a", "legs": [{"n": 1}, {"n": 2}]}
    alone = read(given_file(tmp_path, json.dumps(record)))
    twice = read(given_file(tmp_path, json.dumps(record, indent=1) * 2))

    assert alone.rows["id"].to_list() == ["1"]
    assert twice.rows["legs"].to_list() == ['[{"n":1},{"n":2}]'] * 2


def test_pages_end_to_end_are_all_opened(tmp_path: Path) -> None:
    pages = [{"tickets": [{"id": k}], "next_page": None} for k in range(3)]
    text = "".join(json.dumps(page, indent=1) for page in pages)

    assert read(given_file(tmp_path, text)).rows.rows() == [
        (1, "0"),
        (2, "1"),
        (3, "2"),
    ]


def test_each_line_may_be_a_page_of_its_own(tmp_path: Path) -> None:
    text = '{"tickets":[{"id":1},{"id":2}]}\n{"tickets":[{"id":3}]}\n'

    found = read(given_file(tmp_path, text), ReadOptions(records="tickets"))

    assert found.rows.rows() == [(1, "1"), (1, "2"), (2, "3")]
    assert balanced(found)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ({"next_page": "u"}, True),
        ({"next_page": None}, False),
        ({"next_page": "u", "end_of_stream": True}, False),
        ({"has_more": True}, True),
        ({"has_more": False}, False),
        ({"paging": {"next": {"after": "9"}}}, True),
    ],
)
def test_a_page_that_has_a_successor_is_called_incomplete(
    tmp_path: Path, page: dict[str, Any], told: bool
) -> None:
    found = read(given_file(tmp_path, json.dumps({"tickets": [{"id": 1}], **page})))

    assert any("incomplete" in note for note in found.notes) == told


def test_an_empty_page_holds_no_records(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, '{"tickets": [], "next_page": null}'))

    assert (found.records, found.notes) == (0, ("no rows",))


def test_a_file_cut_in_its_last_line_is_truncated(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, '{"id":1}\n{"id":2}\n{"id":"3'))

    assert reasons(found) == [(3, "truncated")]
    assert found.rows.height == 2


def test_what_follows_a_broken_document_is_told(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, '{\n"id":1\n}{\n"id":2\n}{\n"id'))

    assert found.rows["id"].to_list() == ["1", "2"]
    assert reasons(found) == [(3, "truncated")]
    assert balanced(found)


def test_a_flawed_record_in_an_array_spoils_no_other(tmp_path: Path) -> None:
    deep = '{"a":' * 70 + "1" + "}" * 70
    text = f'[{{"id":1}},{{"id":2,"id":3}},{{"id":NaN}},7,{deep},{{"id":4}}]'

    found = read(given_file(tmp_path, text))

    assert found.rows.rows() == [(1, "1"), (6, "4")]
    assert reasons(found) == [
        (2, "duplicate_key"),
        (3, "not_json"),
        (4, "not_an_object"),
        (5, "too_deep"),
    ]
    assert balanced(found)


def test_a_line_of_another_encoding_costs_itself_only(tmp_path: Path) -> None:
    text = b'{"id":1,"n":"\xc3\xa9"}\n{"id":2,"n":"\xe9"}\n{"id":3}\n'

    found = read(given_file(tmp_path, text))

    assert reasons(found) == [(2, "encoding")]
    assert found.rows["id"].to_list() == ["1", "3"]


@pytest.mark.parametrize("text", ['{"id": 1', '{"id": }', "[" * 100_000])
def test_what_is_no_json_from_the_start_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExportError, match=r"x\.json: "):
        read(given_file(tmp_path, text))


def test_more_keys_than_the_limit_are_refused(tmp_path: Path) -> None:
    path = given_file(tmp_path, '{"a":1,"b":2}\n{"c":3}\n')

    assert read(path, limits=Limits(columns=3)).rows.width == 4
    with pytest.raises(ExportError, match="more than 2 columns"):
        read(path, limits=Limits(columns=2))


def test_a_key_called_like_the_row_number_keeps_its_values(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, '{"_row":"x"}\n{"_row":"y"}\n'))

    assert found.rows.columns == ["_row", "_row[2]"]
    assert found.rows["_row[2]"].to_list() == ["x", "y"]


def test_a_peek_finds_keys_and_wrapper_in_a_file_too_long_to_look_through(
    tmp_path: Path,
) -> None:
    rows = [{"id": k, "via": {"channel": "x" * 90}} for k in range(20_000)]
    wrapped = peek(given_file(tmp_path, json.dumps({"count": 2, "tickets": rows})))
    bare = peek(given_file(tmp_path, json.dumps(rows, indent=1)))

    assert (wrapped.wrapper, wrapped.keys) == ("tickets", {"id", "via"})
    assert (bare.wrapper, bare.keys) == (None, {"id", "via"})
    assert wrapped.rows["id"][:2].to_list() == ["0", "1"]
