"""Whether a gate is hit: against Python's own evaluation, and three-valued."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.gates import Figure, judge, read_gate, settled
from cxmap.scorecard import Score

KPIS = collect("kpis")
SHARES = ("csat", "reopen_rate", "restart_rate")
Make = Callable[..., Score]


def holds(text: str, *scores: Score) -> bool | None:
    held = {(one.kpi, frozenset(one.by.items())): one for one in scores}

    def find(figure: Figure) -> Score | None:
        return held.get(figure.cell)

    return judge(settled(read_gate(text, KPIS), KPIS, text), KPIS, find)


def expressions() -> st.SearchStrategy[tuple[str, str]]:
    """A gate, and the same as Python writes it over the dictionary `v`."""

    def compared(kpi: str, attribute: str, sign: str, tenths: int) -> tuple[str, str]:
        counted = attribute == ".n"
        ours = f"{tenths}" if counted else f"{10 * tenths}%"
        theirs = f"{tenths}" if counted else f"{tenths / 10}"
        name = f"{kpi}{attribute}"
        return f"{name} {sign} {ours}", f"v['{name}'] {sign} {theirs}"

    leaf = st.builds(
        compared,
        st.sampled_from(SHARES),
        st.sampled_from(["", ".n", ".low"]),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.integers(0, 10),
    )

    def joined(
        left: tuple[str, str], word: str, right: tuple[str, str]
    ) -> tuple[str, str]:
        ours, theirs = zip(left, right, strict=True)
        return f"{ours[0]} {word} {ours[1]}", f"{theirs[0]} {word} {theirs[1]}"

    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(joined, inner, st.sampled_from(["and", "or"]), inner)
            | inner.map(lambda one: (f"({one[0]})", f"({one[1]})"))
            | inner.map(lambda one: (f"not ({one[0]})", f"not ({one[1]})"))
        ),
        max_leaves=8,
    )


@given(
    expressions(),
    st.lists(st.tuples(*[st.integers(0, 10)] * 3), min_size=3, max_size=3),
)
def test_a_gate_holds_where_python_says_so(
    make: Make, written: tuple[str, str], facts: list[tuple[int, int, int]]
) -> None:
    ours, theirs = written
    scores, values = [], {}
    for kpi, (value, n, low) in zip(SHARES, facts, strict=True):
        scores.append(make(kpi, value / 10, n, low=low / 10))
        values |= {kpi: value / 10, f"{kpi}.n": n, f"{kpi}.low": low / 10}

    assert holds(ours, *scores) is eval(theirs, {"v": values})  # noqa: S307


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("csat < 50%", None),
        ("csat >= 50%", None),
        ("not csat < 50%", None),
        ("csat < 50% and reopen_rate < 50%", None),
        ("csat < 50% and reopen_rate > 50%", False),
        ("csat < 50% or reopen_rate < 50%", True),
        ("csat < 50% or reopen_rate > 50%", None),
        ("not (csat < 50% and reopen_rate > 50%)", True),
        ("csat < 50% or not csat < 50%", None),
        ("csat.n < 10", True),
        ("csat.low < 50%", None),
        ("csat.status = off", None),
        ("not csat.status = off", None),
    ],
)
def test_what_nobody_counts_is_neither_true_nor_false(
    make: Make, text: str, expected: bool | None
) -> None:
    known = make("reopen_rate", 0.2)

    assert holds(text, make("csat", None, 0), known) is expected


def test_a_segment_that_holds_nobody_counts_nought(make: Make) -> None:
    whole = make("csat", 0.4)

    assert holds("csat[channel=fax] < 50%", whole) is None
    assert holds("csat[channel=fax].n < 1", whole) is True


def test_where_inputs_are_missing_not_even_n_is_known(make: Make) -> None:
    lacking = make("csat", None, 0, missing_inputs=("score",))

    assert holds("csat.n < 1", lacking) is None
    assert holds("csat.pending < 1", lacking) is None


def test_a_segment_is_found_in_whatever_order_it_is_written(make: Make) -> None:
    cell = make("csat", 0.4, by={"topic": "billing", "channel": "chat"})

    assert holds("csat[channel=chat, topic=billing] < 50%", cell) is True
    assert holds("csat[channel=chat] < 50%", cell) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("csat < 8%", False),
        ("csat <= 8%", True),
        ("csat >= 0.08", True),
        ("csat > 0.08", False),
        ("csat.status = close", True),
        ("csat.status = off", False),
        ("csat.change < -2%", True),
        ("csat.change < -3%", False),
        ("csat < 100% and pending >= 7", True),
    ],
)
def test_limits_are_met_exactly(make: Make, text: str, expected: bool) -> None:
    score = make("csat", 0.08, status="close", change=-0.03, pending=7)

    assert holds(text, score) is expected


def test_durations_are_compared_in_seconds(make: Make) -> None:
    score = make("first_response_time", 14400.0, unit="seconds")

    assert holds("first_response_time > 4h", score) is False
    assert holds("first_response_time >= 240m", score) is True
