"""What stands behind a mistake is told with it, and at its own place."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from cxmap.errors import ConfigError
from cxmap.yamls.documents import read_document
from cxmap.yamls.inside import WrongInsideError
from cxmap.yamls.problems import check_document, check_yaml, failure

WHERE = Path("cxmap.yaml")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Span(Strict):
    low: int
    high: int = 9


class Day(Strict):
    name: str
    spans: dict[str, Span] = {}
    listed: list[Span] = []
    rest: int = 0

    @model_validator(mode="after")
    def _spans_begin_first(self) -> "Day":
        wrong = [
            (("spans", name), "begins after it ends")
            for name, span in self.spans.items()
            if span.low > span.high
        ]
        wrong += [
            (("listed", at), "begins after it ends")
            for at, span in enumerate(self.listed)
            if span.low > span.high
        ]
        if not self.spans:
            wrong.append((("spans",), "give a span"))
        if wrong:
            raise WrongInsideError(wrong)

        return self


class Week(Strict):
    days: dict[str, Day] = Field(default_factory=dict)
    first: str


def told(text: str) -> list[tuple[int, str]]:
    """Return line and message of each problem, in the file's order."""
    document = read_document(text, WHERE)
    checked, problems = check_document(document, Week)
    assert (checked is None) == bool(problems)
    said = str(failure((document, problems))) if problems else ""
    found = re.findall(r"error: (.*)\n *--> cxmap.yaml:(\d+):", said)

    return [(int(line), message) for message, line in found]


GOOD = """\
first: mon
days:
  mon:
    name: Monday
    spans:
      a: {low: 1}
      b: {low: 3, high: 4}
"""


def test_a_right_document_has_no_problems() -> None:
    assert told(GOOD) == []


def test_a_check_of_a_whole_speaks_of_the_place_it_means() -> None:
    assert told(GOOD.replace("low: 3", "low: 5")) == [(7, "begins after it ends")]


def test_all_that_a_check_of_a_whole_finds_is_told() -> None:
    text = GOOD.replace("low: 3", "low: 5").replace("low: 1", "low: 10")

    assert [line for line, _ in told(text)] == [6, 7]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("      c: {low: x}", "`x` is not a whole number"),
        ("      c: {loww: 1}", "unknown key `loww`"),
        ("      c: {high: 1}", "missing key `low`"),
        ("      c: 4", "`4` is not a map of keys"),
        ("    rest: [1]", "this is not a whole number"),
        ("    rests: 1", "unknown key `rests`"),
        ("    listed:\n      - {low: x}", "`x` is not a whole number"),
        ("    listed:\n      - {low: 1}\n      - {}", "missing key `low`"),
        ("frist: tue", "unknown key `frist`"),
    ],
)
def test_what_stands_behind_a_mistake_is_told_with_it(wrong: str, message: str) -> None:
    said = told(GOOD.replace("low: 3", "low: 5") + wrong + "\n")

    assert (7, "begins after it ends") in said
    assert [text for _, text in said if text != "begins after it ends"] == [message]


def test_a_key_the_root_lacks_hides_nothing() -> None:
    said = told(GOOD.replace("low: 3", "low: 5").replace("first: mon", ""))

    assert [text for _, text in said] == ["missing key `first`", "begins after it ends"]


def test_nothing_is_told_that_only_the_cut_brought_about() -> None:
    alone = GOOD.replace("      b: {low: 3, high: 4}\n", "").replace("{low: 1}", "{}")

    assert [text for _, text in told(alone)] == ["missing key `low`"]


def test_what_cannot_be_cut_out_leaves_the_first_findings() -> None:
    assert told("7") == [(1, "`7` is not a map of keys")]
    assert [text for _, text in told("days: 7")] == [
        "missing key `first`",
        "`7` is not a map of keys",
    ]


spans = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(["1", "5", "x"]), st.sampled_from(["3", "y"])),
    min_size=1,
)


@given(spans)
def test_every_wrong_line_is_told_once_and_no_right_one(
    given_spans: dict[str, tuple[str, str]],
) -> None:
    lines = [f"      {n}: {{low: {a}, high: {b}}}" for n, (a, b) in given_spans.items()]
    text = "\n".join(["first: mon\ndays:\n  mon:\n    name: M\n    spans:", *lines])
    expected = []
    for at, (low, high) in enumerate(given_spans.values(), start=6):
        expected += [at] * ((low == "x") + (high == "y"))
        expected += [at] * ((low, high) == ("5", "3"))

    assert [line for line, _ in told(text)] == expected


def test_several_files_stand_in_one_message_with_a_count_for_each() -> None:
    one, other = (
        (document, check_document(document, Week)[1])
        for document in (
            read_document("frist: x", Path("a.yaml")),
            read_document("days: []", Path("b.yaml")),
        )
    )
    said = str(failure(one, (one[0], one[1][:1]), other))

    assert said.count("error:") == 3
    assert said.endswith("1 error in a.yaml, 2 errors in b.yaml. Nothing was run.")


def test_a_file_without_a_mistake_is_not_counted() -> None:
    right = read_document("first: x", Path("a.yaml"))
    wrong = read_document("7", Path("b.yaml"))
    said = str(failure((right, ()), (wrong, check_document(wrong, Week)[1])))

    assert "a.yaml" not in said


def test_the_reason_alone_names_the_last_step_of_its_place() -> None:
    text = GOOD.replace("low: 3", "low: 5")
    with pytest.raises(ConfigError, match=r"cxmap\.yaml:7:7"):
        check_yaml(text, WHERE, Week)

    assert str(WrongInsideError([(("a", 1), "x"), ((), "y"), (("a", 1), "x")])) == (
        "1: x; y"
    )
