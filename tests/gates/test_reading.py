"""What can be written as a gate, and what is said of the rest."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.errors import UsageError
from cxmap.gates import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Figure,
    Not,
    Quantity,
    Subject,
    read_gate,
    settled,
    write,
)
from cxmap.names import CHANNELS, DIMENSIONS

KPIS = collect("kpis")


def read(text: str) -> Condition:
    return settled(read_gate(text, KPIS), KPIS, text)


def refused(text: str) -> tuple[str, int]:
    """The complaint, and the place in the text to which its caret points."""
    with pytest.raises(UsageError) as caught:
        read(text)
    said, shown, caret = str(caught.value).splitlines()
    assert shown == f"  {text}"
    return said, caret.index("^") - 2


def csat(attribute: str = "value", **where: str) -> Subject:
    return Subject(Figure("csat", tuple(where.items())), attribute)


def quantities() -> st.SearchStrategy[Quantity]:
    amounts = st.decimals(-1000, 1000, places=3, allow_nan=False)
    plain = st.builds(Quantity, amounts, st.sampled_from(["", "%"]))
    seconds = st.integers(-(10**7), 10**7).map(Decimal)
    return plain | st.builds(Quantity, seconds, st.just("time"))


def figures() -> st.SearchStrategy[Figure]:
    closed = {
        "channel": st.sampled_from(CHANNELS),
        "channel_group": st.sampled_from(["voice", "written", "in_person"]),
    }
    words = st.text(st.characters(codec="utf-8"), max_size=6)
    pairs = st.lists(
        st.sampled_from(DIMENSIONS).flatmap(
            lambda name: st.tuples(st.just(name), closed.get(name, words))
        ),
        max_size=3,
        unique_by=lambda pair: pair[0],
    )
    return st.builds(Figure, st.sampled_from(list(KPIS)), pairs.map(tuple))


def trees() -> st.SearchStrategy[Condition]:
    figure = st.none() | figures()
    numbers = st.sampled_from(["n", "low", "high", "pending", "change"])
    bare = st.builds(Subject, st.none(), numbers)
    subject = st.builds(Subject, figures(), numbers | st.just("value")) | bare
    order = st.sampled_from(["<", "<=", ">", ">="])
    compared = st.builds(Comparison, subject, order, quantities())
    status = st.builds(
        Comparison,
        st.builds(Subject, figure, st.just("status")),
        st.just("="),
        st.sampled_from(["on", "close", "off"]),
    )
    return st.recursive(
        compared | status,
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(AllOf, st.lists(inner, min_size=2, max_size=3).map(tuple))
            | st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple))
        ),
        max_leaves=6,
    )


@given(trees())
def test_what_is_written_reads_back_as_itself(tree: Condition) -> None:
    assert read_gate(write(tree), KPIS) == tree


@given(st.text("abcnot()[]<>=.,%\"' 019hs-\\csatornd", max_size=40))
def test_whatever_is_typed_is_read_or_refused_with_a_caret(text: str) -> None:
    try:
        read(text)
    except UsageError as error:
        said, shown, caret = str(error).splitlines()
        assert said.startswith("--fail-on: ")
        assert 2 <= caret.index("^") <= len(shown)


def test_and_binds_closer_than_or_and_not_closest() -> None:
    one, two = (
        Comparison(csat(), sign, Quantity(Decimal("0.5"))) for sign in ("<", ">")
    )

    assert read("csat < 0.5 or csat > 0.5 and not csat < 0.5") == AnyOf(
        (one, AllOf((two, Not(one))))
    )


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("csat < 8%", Quantity(Decimal(8), "%")),
        ("csat < 8 %", Quantity(Decimal(8), "%")),
        ("csat<0.08", Quantity(Decimal("0.08"))),
        ("first_response_time < 1d12h", Quantity(Decimal(36 * 3600), "time")),
        ("nps < -20", Quantity(Decimal(-20))),
        ("first_response_time.change < -90s", Quantity(Decimal(-90), "time")),
    ],
)
def test_a_limit_is_a_share_a_duration_or_a_number(text: str, limit: Quantity) -> None:
    read_one = read(text)

    assert isinstance(read_one, Comparison)
    assert read_one.limit == limit


def test_a_value_with_spaces_stands_in_quotes() -> None:
    [(name, value)] = read(r'csat[team="Tier \"2\" \\"] < 8%').subject.figure.where  # type: ignore[union-attr]

    assert (name, value) == ("team", 'Tier "2" \\')


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("csat < 8% and n > 5", ["csat"]),
        ("n > 5 and csat < 8%", ["csat"]),
        ("n > 5 and not csat < 8% and low > 1%", ["csat", "csat"]),
        ("csat < 8% and (n > 5 or pending < 3)", ["csat", "csat"]),
        ("csat < 8% and n > 5 or nps < 3 and n > 7", ["csat", "nps"]),
        ("nps < 3 and (csat < 8% and n > 5)", ["csat"]),
        ("(csat < 8%) and n > 5", ["csat"]),
        ("csat < 8% and csat.low > 1% and n > 5", ["csat", "csat"]),
    ],
)
def test_a_bare_attribute_is_that_of_its_clause(text: str, owners: list[str]) -> None:
    from cxmap.gates import comparisons

    told = [one.subject for one in comparisons(read(text))]

    assert [
        one.figure.kpi for one in told if one.attribute != "value" and one.figure
    ] == owners


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("n > 5", 0, "n of which KPI?"),
        ("csat < 8% or n > 5", 13, "n of which KPI?"),
        ("csat < 8% and nps < 3 and n > 5", 26, "write it out: csat.n or nps.n"),
        ("(csat < 8% or nps < 3) and n > 5", 27, "write it out: csat.n or nps.n"),
        (
            "csat[channel=chat] < 8% and csat < 8% and low > 5%",
            42,
            "csat[channel=chat].low or csat.low",
        ),
    ],
)
def test_an_attribute_of_no_or_of_two_kpis_is_refused(
    text: str, at: int, said: str
) -> None:
    complaint, caret = refused(text)

    assert said in complaint
    assert caret == at


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "expected a KPI, such as csat, not the end"),
        ("csat", 4, "expected <, <=, > or >=, not the end"),
        ("csat <", 6, "expected a share such as 8%"),
        ("csat < and n > 3", 7, "not `and`"),
        ("csat < 8% n > 3", 10, "expected and, or, or the end, not `n`"),
        ("csat < 8% &&", 10, "not `&`"),
        ("(csat < 8%", 10, "expected and, or, or ), not the end"),
        ("csat < 8%)", 9, "expected and, or, or the end"),
        ("not", 3, "expected a KPI"),
        ("csat = 8%", 5, "expected <, <=, > or >=, not `=`"),
        ("csat == 8%", 5, "expected <, <=, > or >="),
        ("csat.status > 3", 12, "expected = and on, close or off"),
        ("csat.status = of", 14, "did you mean off?"),
        ("csta < 8%", 0, "no KPI `csta`; did you mean csat?"),
        ("csat.hihg < 8%", 5, "did you mean high?"),
        ("csat[chanel=voice] < 8%", 5, "did you mean channel?"),
        ("csat[channel=voise] < 8%", 13, "did you mean voice?"),
        ("csat[channel=voice, channel=chat] < 8%", 20, "a second channel"),
        ("csat[channel voice] < 8%", 13, "expected = and a value of channel"),
        ("csat[team=] < 8%", 10, "expected a value of team"),
        ('csat[team="x] < 8%', 10, "expected a value of team"),
        ("csat[team=x < 8%", 12, "expected , or ]"),
        ("csat < 4hours", 7, "expected a share such as 8%"),
        ("csat < .5", 7, "expected a share"),
        ("csat < 1e9", 7, "expected a share"),
        ("8% < csat", 0, "expected a KPI"),
    ],
)
def test_what_cannot_be_followed_is_shown_with_what_was_expected(
    text: str, at: int, said: str
) -> None:
    complaint, caret = refused(text)

    assert said in complaint
    assert caret == at


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("csat < 4h", 7, "csat is a share; write 8% or 0.08"),
        ("csat < 80", 7, "a share between 0 and 1"),
        ("csat < 101%", 7, "a share between 0 and 1"),
        ("csat > -1%", 7, "a share between 0 and 1"),
        ("csat.change > 101%", 14, "a share between -1 and 1"),
        ("csat.low > 4h", 11, "csat.low is a share"),
        ("first_response_time > 4", 22, "is a time; write it with its unit"),
        ("first_response_time > 4%", 22, "is a time; write it with its unit"),
        ("nps > 30%", 6, "nps is a plain number, no share"),
        ("backlog > 4h", 10, "backlog is a plain number"),
        ("csat < 8% and n > 5%", 18, "csat.n is a plain number, no share"),
        ("first_response_time > 4h and n > 4h", 33, "n is a plain number"),
    ],
)
def test_units_that_do_not_meet_are_refused(text: str, at: int, said: str) -> None:
    complaint, caret = refused(text)

    assert said in complaint
    assert caret == at


@pytest.mark.parametrize("text", ["not " * 5000 + "csat < 8%", "(" * 900, "n" * 3000])
def test_what_is_endless_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(UsageError):
        read(text)


def test_what_steers_a_terminal_is_shown_and_not_obeyed() -> None:
    with pytest.raises(UsageError) as caught:
        read("csat \x1b[31m< 8%")

    assert "\x1b" not in str(caught.value)
