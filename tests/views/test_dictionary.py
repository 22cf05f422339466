"""The manuals tell of every definition what it counts, and nothing that it does not."""

import re
from datetime import timedelta

import polars as pl
import pytest

from cxmap.definitions import Definition, Measure, collect, friction, kpi
from cxmap.measures import count, gap, mean, p90, ratio, share, survival
from cxmap.names import FRICTION_CODES
from cxmap.views.dictionary import friction_manual, kpi_manual, source_of

KPIS, FRICTIONS = collect("kpis"), collect("frictions")
MANUALS = {"kpis": kpi_manual(KPIS), "frictions": friction_manual(FRICTIONS)}


def chapter(manual: str, name: str) -> dict[str, str]:
    """The table of one chapter: heading → what it says."""
    _, _, text = manual.partition(f"\n### {name}\n")
    told, *_ = re.split(r"\n##+ ", text, maxsplit=1)

    return dict(re.findall(r"^\| ([a-z ]+) \| (.*) \|$", told, flags=re.MULTILINE))


@pytest.mark.parametrize("room", ["kpis", "frictions"])
def test_every_definition_has_a_chapter_and_a_line_in_the_index(room: str) -> None:
    for name, one in collect(room).items():
        assert f"\n### {name}\n\n{one.sentence}\n" in MANUALS[room]
        assert f"| [`{name}`](#{name}) | {one.sentence} |" in MANUALS[room]


@pytest.mark.parametrize("room", ["kpis", "frictions"])
def test_a_chapter_names_options_inputs_and_source(room: str) -> None:
    for name, one in collect(room).items():
        told = chapter(MANUALS[room], name)
        assert all(f"`{option}` (" in told["options"] for option in one.options)
        needed = [column for given in one.inputs for column in given.split("|")]
        assert all(f"`{column}`" in told["needs"] for column in needed)
        assert told["source"] == source_of(one)
        assert f"src/cxmap/{room}/{name}.py" in told["defined in"]


def test_a_kpi_tells_every_reason_and_every_column_it_reads() -> None:
    glossary = MANUALS["kpis"].split("\n## The columns they read\n")[1]
    for name, one in KPIS.items():
        told = chapter(MANUALS["kpis"], name)
        measure: Measure = one.bind({})
        reasons = re.findall(r"`(\w+)`: ", told["left out"])
        assert reasons == [*measure.excluded, "not_known"]
        assert ("pending" in told) == (measure.pending is not None)
        assert ("confirmed" in told) == (measure.confirmed is not None)
        for column in measure.columns - {"since_at", "until_at"}:
            assert f"| `{column}` | {one.over} | " in glossary


def test_frictions_stand_in_the_order_of_their_codes() -> None:
    codes = re.findall(r"^\| (F\d\d) \|", MANUALS["frictions"], flags=re.MULTILINE)

    assert codes == sorted(FRICTION_CODES[name] for name in FRICTIONS)
    assert len(FRICTION_CODES) == len(set(FRICTION_CODES.values())) == 40


def test_a_friction_without_a_code_stands_last() -> None:
    @friction(because="odd")
    def odd() -> pl.Expr:
        """It is odd."""
        return pl.col("inbound")

    index = friction_manual({"odd": odd, **FRICTIONS}).split("\n### ")[0]

    assert index.rstrip().endswith("| – | [`odd`](#odd) | It is odd. |")
    assert source_of(odd) == ""


def a_kpi(measure: Measure, **given: str) -> Definition:
    @kpi(over="contacts", unit="share", better="lower", section="speed", **given)
    def some(*, late: timedelta = timedelta(hours=36)) -> Measure:
        """Some *kind* of number.

        Which is `late`.
        """
        return measure

    return some


INBOUND = pl.col("inbound")


@pytest.mark.parametrize(
    ("measure", "heading", "words"),
    [
        (share(INBOUND), "form", "a share of contacts: numerator ÷ denominator"),
        (share(INBOUND), "population", "all contacts"),
        (
            share(INBOUND, among=pl.col("served")),
            "population",
            "the contacts that are meant, by `served`",
        ),
        (
            share(INBOUND),
            "numerator",
            "the contacts that are counted and meet the condition, by `inbound`",
        ),
        (
            mean(pl.col("transfers") + pl.col("reopens"), scale=100),
            "numerator",
            "the sum, over the contacts that are counted, of what follows from "
            "`reopens` and `transfers`, in parts of 100",
        ),
        (
            p90(pl.col("queue_seconds")),
            "form",
            "the 90th percentile of a time over contacts: the value at the nearest "
            "rank",
        ),
        (
            survival(pl.col("queue_seconds"), ended=pl.col("served")),
            "numerator",
            "the contacts that are counted and whose time has ended, by `served`",
        ),
        (count(INBOUND), "interval", "none: a count is exact"),
        (
            share(INBOUND, once=True),
            "denominator",
            "the customers with contacts that are counted, each once: neither pending "
            "nor left out",
        ),
        (
            ratio(pl.col("talk_seconds"), pl.col("hold_seconds")),
            "denominator",
            "the sum, over the same, of what follows from `hold_seconds`",
        ),
        (
            gap(pl.col("queue_seconds"), group=pl.col("channel")),
            "numerator",
            "the median time of the slowest group, by `channel`",
        ),
    ],
)
def test_a_form_is_told_in_words(measure: Measure, heading: str, words: str) -> None:
    told = chapter(kpi_manual({"some": a_kpi(measure)}), "some")

    assert told[heading] == words


def test_a_count_has_no_denominator() -> None:
    told = chapter(kpi_manual({"some": a_kpi(count(INBOUND))}), "some")

    assert "denominator" not in told


def test_a_stock_belongs_to_every_period_it_lived_to_see() -> None:
    stock = a_kpi(count(INBOUND), membership="stock")
    told = chapter(kpi_manual({"some": stock}), "some")

    assert told["period"] == (
        "the contacts whose `started_at` lies before its end, as they stood then"
    )
    assert told["options"] == "`late` (duration, 1d12h by default)"


def test_a_sign_of_a_manual_page_becomes_no_markup() -> None:
    assert "Some \\*kind\\* of number." in kpi_manual({"some": a_kpi(share(INBOUND))})
