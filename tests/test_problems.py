"""A YAML file is read strictly, and everything wrong with it is said at once."""

import re
from pathlib import Path
from typing import Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from cxmap.errors import ConfigError, Exit
from cxmap.text import safe
from cxmap.yamls.documents import DEPTH_CAP, SIZE_CAP, read_document
from cxmap.yamls.problems import check_yaml

WHERE = Path("cxmap.yaml")
NASTY = Path(__file__).parents[1].parent / "shared/data/nasty"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Calls(Part):
    path: str
    channel: str
    columns: dict[Literal["timestamp", "customer", "agent", "topic"], str] = {}


class Window(Part):
    within: str
    clock: Literal["last_touch", "start"] = "start"


class File(Part):
    sources: dict[str, Calls] = {}
    gap: float = Field(168, gt=0)
    share: float = 0.5
    rule: Literal["off"] | Window = "off"
    words: tuple[str, ...] = ()
    on: bool = False


SIX = """\
sources:
  calls:
    path: exports/calls-*.csv.gz
    channel: phone

    # columns of the export
    columns: {timestamp: start_ts, custommer: msisdn}
  chats:
    path: exports/chat.xlsx
    chanel: chat
gap: -3
share: 66%
words: one
on: yes
"""

SAID = """\
error: unknown key `custommer`
  --> cxmap.yaml:7:36
   |
 7 |     columns: {timestamp: start_ts, custommer: msisdn}
   |                                    ^^^^^^^^^
   = help: did you mean `customer`? one of: timestamp, customer, agent, topic
error: unknown key `chanel`
   --> cxmap.yaml:10:5
    |
 10 |     chanel: chat
    |     ^^^^^^
    = help: did you mean `channel`? one of: path, channel, columns
error: `-3` should be greater than 0
   --> cxmap.yaml:11:6
    |
 11 | gap: -3
    |      ^^
error: `66%` is not a number
   --> cxmap.yaml:12:8
    |
 12 | share: 66%
    |        ^^^
    = help: write 0.66
error: `one` is not a list
   --> cxmap.yaml:13:8
    |
 13 | words: one
    |        ^^^
    = help: put it in brackets: [one]
error: `yes` is not true or false
   --> cxmap.yaml:14:5
    |
 14 | on: yes
    |     ^^^
6 errors in cxmap.yaml. Nothing was run."""


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        check_yaml(text, WHERE, File)

    assert caught.value.code == Exit.USAGE
    return str(caught.value)


def test_every_problem_is_said_at_once_with_line_caret_and_cure() -> None:
    assert refusal(SIX) == SAID


def test_a_file_without_problems_becomes_the_model() -> None:
    read = check_yaml("gap: 1\nwords: [a, 'b']\nrule: {within: 3d}", WHERE, File)

    assert read == File(gap=1, words=("a", "b"), rule=Window(within="3d"))


def test_an_empty_file_is_all_defaults() -> None:
    for text in ("", "# nothing\n", "---\n", "null"):
        assert check_yaml(text, WHERE, File) == File()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("12:30", "12:30"),
        ("12:30:00", "12:30:00"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("+4930123", "+4930123"),
        ("1e3", "1e3"),
        ("2026-09-01", "2026-09-01"),
        ("1234567890123456789012", "1234567890123456789012"),
        (".inf", ".inf"),
        ("'3'", "3"),
        ("3", 3),
        ("-3", -3),
        ("1.50", 1.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
    ],
)
def test_a_scalar_is_text_unless_it_can_be_nothing_else(
    text: str, value: object
) -> None:
    read = read_document(f"a: {text}", WHERE).root.value["a"]

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\nb: *x", "an alias"),
        ("a: &x 1", "an anchor"),
        ("a: !!python/object:os.system x", "a tag"),
        ("a: !!str 3", "a tag"),
        ("gap: 1\ngap: 2", "duplicate key `gap`"),
        ("? [a]\n: 1", "a key that is not text"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("gap: [1", "did not find expected"),
        ("gap: 1\n\tshare: 2", "tab"),
        ("a: \x1b[0m", r"control character \x1b"),
        ("a: \x00", r"control character \x00"),
        ("[" * 5000, "nested deeper than 64"),
        ("a: {" * 70 + "}" * 70, "nested deeper than 64"),
        ("- 1", "not a map of keys"),
        ("just text", "not a map of keys"),
    ],
)
def test_what_is_not_strict_yaml_is_refused(text: str, message: str) -> None:
    assert message in refusal(text)


def test_a_duplicate_key_names_both_lines() -> None:
    said = refusal("gap: 1\nshare: 0.3\ngap: 2\n")

    assert "cxmap.yaml:3:1" in said
    assert "already on line 1" in said


def test_a_file_beyond_the_size_cap_is_refused_without_reading_it() -> None:
    said = refusal("gap: 1 # " + "x" * SIZE_CAP)

    assert "larger than 1 MiB" in said
    assert len(said) < 1000


def test_a_missing_key_beside_its_misspelling_is_one_error() -> None:
    said = refusal("sources: {a: {path: x, chanel: y}}")

    assert said.count("error:") == 1
    assert "did you mean `channel`?" in said


def test_a_missing_key_with_nothing_like_it_is_named() -> None:
    said = refusal("sources: {a: {path: x}}")

    assert "missing key `channel`" in said
    assert "cxmap.yaml:1:11" in said


def test_of_a_value_with_several_shapes_only_the_nearest_complains() -> None:
    said = refusal("rule: {wthin: 3d, clock: stop}")

    assert said.count("error:") == 2
    assert "did you mean `within`?" in said
    assert "`stop` is not allowed here" in said
    assert refusal("rule: aus").count("error:") == 1


def test_the_caret_stands_below_wide_letters_and_shown_escapes() -> None:
    said = refusal('words: ["請求", "\\u202e"]\nshare: "請"').splitlines()
    line = next(row for row in said if row.startswith(" 2 |"))
    caret = said[said.index(line) + 1]

    assert caret == "   |        ^^^^"
    assert line.endswith('share: "請"')


def test_a_hostile_file_cannot_steer_the_terminal() -> None:
    said = refusal('"\\e[31m\u202e": "\\e]0;x\\a"\nsh\u200bare: 1')

    assert safe(said.replace("\n", "")) == said.replace("\n", "")


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    try:
        check_yaml(text, WHERE, File)
    except ConfigError as error:
        said = str(error)
        assert re.search(r"\d+ errors? in cxmap.yaml. Nothing was run.$", said)
        assert safe(said.replace("\n", "")) == said.replace("\n", "")


NAMES = st.text("abcdefghij_", min_size=1, max_size=8)
VALUES = st.recursive(
    st.integers(-(10**12), 10**12) | st.booleans() | st.none() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(NAMES.filter(lambda n: n != "null"), VALUES, max_size=5))
@settings(max_examples=100, deadline=None)
def test_quoted_yaml_reads_as_what_was_written(value: dict[str, object]) -> None:
    text = yaml.safe_dump(value, default_style='"', allow_unicode=False)
    plain = re.sub(r'!!(int|bool|null) "([^"]*)"', r"\2", text)
    document = read_document(plain, WHERE)

    assert document.problems == ()
    assert document.root.value == value


@pytest.mark.parametrize(
    "name", ["47_yaml_bomb.yaml", "48_yaml_object.yaml", "50_yaml_dup_keys.yaml"]
)
def test_the_nasty_files_are_refused(name: str) -> None:
    if not NASTY.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    path = NASTY / name

    assert read_document(path.read_text("utf-8"), path).problems


def test_norway_stays_norway() -> None:
    path = NASTY / "49_yaml_norway.yaml"
    if not path.is_file():
        pytest.skip("the shared data folder is not beside this checkout")
    read = read_document(path.read_text("utf-8"), path).root.value

    assert read["countries"] == ["NO", "SE", "DK"]
    assert (read["sla_time"], read["code"]) == ("12:30:00", "0123")
    assert (read["flag"], read["big"]) == ("on", "1_000")


def test_the_depth_cap_leaves_room_for_every_sensible_file() -> None:
    deep = "".join("  " * level + "a:\n" for level in range(DEPTH_CAP - 2))

    assert read_document(deep, WHERE).problems == ()
