"""What a reader of a scorecard sees, in every form."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cxmap.definitions import collect
from cxmap.errors import UsageError
from cxmap.scorecard import Held, Score, Scorecard
from cxmap.text import CONTROLS, safe
from cxmap.views.data import FACTS, scorecard_schema
from cxmap.views.render import FORMS, render, shareable
from cxmap.views.wording import IN_WORDS, title

Golden = Callable[[str, str], None]


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("scorecard.txt", "table", {}),
        ("scorecard-80-ascii.txt", "table", {"width": 80, "ascii": True}),
        ("scorecard-60.txt", "table", {"width": 60}),
        ("scorecard.md", "md", {}),
        ("scorecard.csv", "csv", {}),
        ("scorecard.json", "json", {}),
    ],
)
def test_a_view_is_what_its_file_says(
    name: str, form: str, given: dict[str, Any], scorecard: Scorecard, golden: Golden
) -> None:
    golden(name, render(scorecard, form, **given))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [None, 120, 80, 40])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_control_character_of_the_data_reaches_the_reader(
    form: str, width: int | None, ascii_only: bool, scorecard: Scorecard
) -> None:
    shown = render(scorecard, form, width=width, ascii=ascii_only)

    assert not CONTROLS.search(shown.replace("\n", ""))
    assert shown.isascii() or not ascii_only or form == "csv"


@pytest.mark.parametrize("width", [60, 80, 100, 110, 140])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(
    width: int, scorecard: Scorecard
) -> None:
    shown = render(scorecard, "table", width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown
    for words in ("First contact resolution", "請求|返金", "7,132 +510", "≥ 66.0 %"):
        assert words in shown


def test_off_a_terminal_every_kpi_stands_on_one_line(scorecard: Scorecard) -> None:
    shown = render(scorecard, "table")
    line = next(row for row in shown.splitlines() if row.startswith("First contact r"))

    for words in ("61.6 %", "60.5 – 62.7 %", "✗ off", "▼ −2.7 pp", "41.2 + 20.4 %"):
        assert words in line


def test_a_rate_of_nobody_is_a_dash_and_never_nought(scorecard: Scorecard) -> None:
    shown = render(scorecard, "table")
    line = next(row for row in shown.splitlines() if row.startswith("Reopen rate"))

    assert line.split() == ["Reopen", "rate", "–", "≤", "5.0", "%", "–", "0"]


def test_a_change_within_noise_has_no_arrow(scorecard: Scorecard) -> None:
    shown = render(scorecard, "table")
    line = next(row for row in shown.splitlines() if row.startswith("Resolution time"))

    assert "+0.4 h" in line
    assert "▲" not in line


def test_a_kpi_without_its_inputs_says_what_it_needs(scorecard: Scorecard) -> None:
    assert "needs queue_seconds" in render(scorecard, "table")
    assert "Speed of answer needs queue_seconds." in render(
        scorecard, "table", width=80
    )
    assert "needs queue\\_seconds" in render(scorecard, "md")


def test_color_only_paints_what_is_there_without_it(scorecard: Scorecard) -> None:
    painted = render(scorecard, "table", color=True)
    plain = render(scorecard, "table")

    assert "\x1b[" in painted
    bare = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_markdown_hides_small_cells_and_the_terminal_does_not(
    scorecard: Scorecard,
) -> None:
    small = next(s for s in scorecard.scores if s.suppressed)
    markdown = render(scorecard, "md")
    row = next(line for line in markdown.splitlines() if "cmd" in line)

    assert small.value is not None
    assert "&lt;10 |" in row
    assert "25.0 %" not in row
    assert "25.0 %" in render(scorecard, "table")


@pytest.mark.parametrize("form", FORMS)
def test_shared_forms_hold_no_figure_of_a_small_cell(
    form: str, scorecard: Scorecard
) -> None:
    hidden = [s for s in shareable(scorecard).scores if s.suppressed]

    assert hidden
    assert all(s.value is None and s.n == 0 and s.low is None for s in hidden)
    assert render(scorecard, form, share=True) == render(shareable(scorecard), form)


def test_markdown_of_many_segments_still_fits_and_says_so(scorecard: Scorecard) -> None:
    cell = scorecard.scores[-1]
    many = tuple(replace(cell, by={"topic": f"topic {i}"}) for i in range(200))
    shown = render(replace(scorecard, scores=(*scorecard.scores, *many)), "md")

    assert len(shown.splitlines()) <= 60
    assert re.search(r"… \d+ more rows", shown)


def test_markdown_of_hostile_topics_is_one_table_row_each(scorecard: Scorecard) -> None:
    scores, _ = render(scorecard, "md").split("| Friction |")
    rows = [line for line in scores.splitlines() if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}

    assert len(rows) == 2 + 4 + len(scorecard.scores)
    assert cells == {8}
    assert not any(row.count("<") for row in rows)


def test_the_interval_is_shown_wherever_it_fits(scorecard: Scorecard) -> None:
    plain = [replace(s, confirmed=None) for s in scorecard.scores if s.target]
    shown = render(replace(scorecard, scores=tuple(plain)), "table", width=90)

    assert "60.5 – 62.7 %" in shown
    assert max(cell_len(line) for line in shown.splitlines()) <= 90


def test_status_is_hidden_where_nothing_has_a_target(scorecard: Scorecard) -> None:
    aimless = [
        replace(s, target=None, status="–")
        for s in scorecard.scores
        if not s.missing_inputs
    ]

    assert "Status" in render(scorecard, "table")
    assert "Status" not in render(replace(scorecard, scores=tuple(aimless)), "table")


def test_people_see_the_segments_of_the_headlines_unless_they_name_kpis(
    scorecard: Scorecard,
) -> None:
    cell = next(s for s in scorecard.scores if s.by)
    minor = replace(cell, kpi="ladder_good", target=None)
    card = replace(scorecard, scores=(*scorecard.scores, minor))

    for form in ("table", "md"):
        assert "Begun again (ladder good) by" not in render(card, form)
        assert "1 more KPI" in render(card, form)
        assert "Begun again (ladder good) by" in render(card, form, every=True)
    rows = list(csv.DictReader(io.StringIO(render(card, "csv"), newline="")))
    assert len(rows) == len(card.scores)


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (64.0, 53.0, 72.0, "0.9 – 1.2 min"),
        (100_000.0, 94_680.0, 198_720.0, "26.3 – 55.2 h"),
        (45.0, 0.0, 80.0, "0 – 80 s"),
    ],
)
def test_a_row_has_one_unit(
    scorecard: Scorecard, value: float, low: float, high: float, said: str
) -> None:
    took = next(s for s in scorecard.scores if s.kpi == "resolution_time")
    card = replace(scorecard, scores=(replace(took, value=value, low=low, high=high),))

    assert said in render(card, "table")


def test_one_of_a_thing_is_singular(scorecard: Scorecard) -> None:
    one = replace(scorecard.coverage, journeys=1, contacts=1, customers=1)
    shown = render(replace(scorecard, coverage=one), "table")

    assert "1 journey · 1 contact · 1 customer ·" in shown


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_topic_is_shown_without_being_obeyed(topic: str) -> None:
    card = _card(topic)
    markdown, table = render(card, "md"), render(card, "table")

    assert not CONTROLS.search((markdown + table).replace("\n", ""))
    assert len([row for row in markdown.splitlines() if row.startswith("| ")]) == 3
    assert "<" not in markdown


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_csv_holds_any_topic_and_never_a_formula(topic: str) -> None:
    rows = list(csv.DictReader(io.StringIO(render(_card(topic), "csv"), newline="")))

    assert rows[0]["topic"] in (safe(topic), f"'{safe(topic)}")
    assert not rows[0]["topic"].startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＠"))
    assert float(rows[0]["change"]) == -0.25


def test_csv_has_one_row_a_score_and_only_numbers_where_numbers_belong(
    scorecard: Scorecard,
) -> None:
    rows = list(csv.DictReader(io.StringIO(render(scorecard, "csv"), newline="")))

    assert len(rows) == len(scorecard.scores)
    assert list(rows[0])[:4] == ["kpi", "topic", "since", "until"]
    assert list(rows[0])[4:] == list(FACTS)
    for row, score in zip(rows, scorecard.scores, strict=True):
        assert row["value"] == ("" if score.value is None else str(score.value))
        assert int(row["n"]) == score.n


def test_json_is_what_its_published_schema_says(scorecard: Scorecard) -> None:
    schema = scorecard_schema()
    printed = json.loads(render(scorecard, "json"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(
        printed, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert set(printed) == set(schema["properties"])
    assert set(printed["scores"][0]) == set(schema["$defs"]["score"]["properties"])
    assert set(printed["frictions"][0]) == set(
        schema["$defs"]["friction"]["properties"]
    )


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("schema", "cxmap.scorecard/2"), ("now", "2026-10-20 06:00"), ("scores", None)],
)
def test_the_schema_refuses_what_is_not_a_scorecard(
    key: str, wrong: object, scorecard: Scorecard
) -> None:
    printed = {**json.loads(render(scorecard, "json")), key: wrong}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, scorecard_schema())


def test_json_never_holds_what_is_not_json(scorecard: Scorecard) -> None:
    odd = replace(scorecard.scores[0], value=float("nan"), high=float("inf"))
    printed = render(replace(scorecard, scores=(odd,)), "json")
    score = json.loads(printed, parse_constant=pytest.fail)["scores"][0]

    assert score["value"] is None
    assert score["high"] is None


def test_json_lines_hold_the_same_scores_with_their_period(
    scorecard: Scorecard,
) -> None:
    lines = [json.loads(x) for x in render(scorecard, "jsonl").splitlines()]
    whole = json.loads(render(scorecard, "json"))

    assert [
        {k: v for k, v in x.items() if k not in ("since", "until")} for x in lines
    ] == whole["scores"]
    assert {x["since"] for x in lines} == {whole["period"]["since"]}


def test_a_view_shows_a_scorecard_of_nothing() -> None:
    card = _card(None)
    empty = replace(card, scores=(), compared_with=None, horizon=None)

    for form in FORMS:
        assert isinstance(render(empty, form), str)


def test_an_unknown_form_is_refused_with_those_that_exist(scorecard: Scorecard) -> None:
    with pytest.raises(UsageError, match="table, md, csv, json, jsonl"):
        render(scorecard, "pdf\x1b")


def _card(topic: str | None) -> Scorecard:
    score = Score(
        kpi="csat",
        by={"topic": topic},
        value=0.5,
        numerator=10,
        n=20,
        low=0.3,
        high=0.7,
        pending=0,
        excluded={},
        confirmed=None,
        presumed=None,
        unit="share",
        better="higher",
        target=None,
        status="–",
        previous=0.75,
        change=-0.25,
        change_low=None,
        change_high=None,
        marked=False,
        definition="d",
        variant="default",
        interval="wilson",
    )
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return Scorecard(
        since=at,
        until=datetime(2026, 10, 1, tzinfo=UTC),
        period="September 2026",
        compared_with=None,
        now=at,
        horizon=at,
        zone="UTC",
        coverage=Held(0, None, 0, 0, ()),
        scores=(score,),
        frictions=(),
    )


def test_people_see_the_main_kpis_and_those_with_a_target(scorecard: Scorecard) -> None:
    whole = next(s for s in scorecard.scores if not s.by and s.value is not None)
    kpis = collect("kpis")
    minor = replace(kpis["nps"], name="minor_rate", shown="all")
    known = {**kpis, "minor_rate": minor}
    aimless = replace(whole, kpi="minor_rate", target=None, status="–")
    aimed = replace(aimless, target=0.5)

    def shown(score: Score, **how: bool) -> str:
        card = replace(scorecard, scores=(*scorecard.scores, score))
        return render(card, "table", kpis=known, **how)  # type: ignore[arg-type]

    assert "Minor rate" not in shown(aimless)
    assert "1 more KPI: cxmap report --all" in shown(aimless)
    assert "Minor rate" in shown(aimless, every=True)
    assert "Minor rate" in shown(aimed)


@pytest.mark.parametrize("name", IN_WORDS)
def test_what_is_put_in_words_is_a_kpi_and_still_tells_its_name(name: str) -> None:
    assert name in collect("kpis")
    assert title(name).endswith(f"({name.replace('_', ' ')})")
