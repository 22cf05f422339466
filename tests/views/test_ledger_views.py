"""The ledger, one friction and the weights, in every form and width."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import polars as pl
import pytest

from cxmap.desk.explaining import Explanation
from cxmap.desk.frictions import Detail
from cxmap.errors import UsageError
from cxmap.periods import Period
from cxmap.scorecard import Assumptions, FrictionLine, Ledger, Scorecard
from cxmap.views.data import scorecard_schema
from cxmap.views.forms import FORMS
from cxmap.views.friction import friction_schema, render_friction
from cxmap.views.ledger import ledger_schema, render_ledger
from cxmap.views.lines import columns, effect, hours, in_brief, money, points, rests_on
from cxmap.views.symbols import UNICODE

Golden = Callable[[str, str], None]

NASTY = "[red]=cmd()[/red] |a\x1b[31m\u202eb\n# c"


@pytest.fixture
def ledger(scorecard: Scorecard) -> Ledger:
    """The frictions of the nasty scorecard, whole and in two segments."""
    repeat, wait = scorecard.frictions
    return Ledger(
        since=scorecard.since,
        until=scorecard.until,
        period=scorecard.period,
        now=scorecard.now,
        horizon=scorecard.horizon,
        zone=scorecard.zone,
        journeys=7132,
        lines=(
            repeat,
            wait,
            replace(repeat, journeys=800, by={"topic": NASTY}),
            replace(wait, by={"topic": NASTY}),
            replace(repeat, journeys=0, by={"topic": None}, customers=0),
        ),
        assumptions=scorecard.assumptions,
    )


@pytest.fixture
def detail(ledger: Ledger) -> Detail:
    repeat = ledger.lines[0]
    kinds = {
        "entry": ["voice", "written"],
        "topic": ["billing", NASTY],
        "segment": [None, "gold"],
        "contacts": [2, 4],
        "used": [True, False],
        "answers": [110, 5],
        "satisfied": [40, 1],
        "unflagged_answers": [320, 0],
        "unflagged_satisfied": [200, 0],
    }
    return Detail(
        explanation=Explanation(
            name="repeat_contact",
            kind="friction",
            doc="The customer has to come back.\n\nWhy it matters.",
            options={},
            period=Period(ledger.since, ledger.until, ledger.period),
            score=repeat,
            rows=pl.DataFrame({"contact_id": ["a", "b"]}),
            settings={"repeat.within": "7d"},
        ),
        line=repeat,
        cuts={
            "channel": (replace(repeat, by={"channel": "voice"}),),
            "topic": (replace(ledger.lines[1], by={"topic": NASTY}),),
            "month": (),
        },
        kinds=pl.DataFrame(kinds),
        examples=("j_1", "j_2"),
        assumptions=ledger.assumptions,
    )


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("ledger.txt", "table", {}),
        ("ledger-80-ascii.txt", "table", {"width": 80, "ascii": True}),
        ("ledger-60.txt", "table", {"width": 60}),
        ("ledger.md", "md", {}),
    ],
)
def test_a_ledger_is_what_its_file_says(
    name: str, form: str, given: dict[str, object], ledger: Ledger, golden: Golden
) -> None:
    golden(name, render_ledger(ledger, form, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("friction.txt", "table", {}),
        ("friction-80-ascii.txt", "table", {"width": 80, "ascii": True}),
        ("friction.md", "md", {}),
    ],
)
def test_a_friction_is_what_its_file_says(
    name: str, form: str, given: dict[str, object], detail: Detail, golden: Golden
) -> None:
    golden(name, render_friction(detail, form, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [False, True])
def test_a_ledger_as_data_is_what_its_published_schema_says(
    share: bool, ledger: Ledger
) -> None:
    schema = ledger_schema()
    printed = json.loads(render_ledger(ledger, "json", share=share))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert set(printed) == set(schema["properties"])
    assert set(printed["period"]) == set(schema["properties"]["period"]["properties"])


@pytest.mark.parametrize("share", [False, True])
def test_a_friction_as_data_is_what_its_published_schema_says(
    share: bool, detail: Detail
) -> None:
    schema = friction_schema()
    printed = json.loads(render_friction(detail, "json", share=share))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert set(printed) == set(schema["properties"])
    assert set(printed["cuts"]) == set(schema["properties"]["cuts"]["properties"])
    for kind in printed["kinds"]:
        assert set(kind) == set(schema["$defs"]["kind"]["properties"])


@pytest.mark.parametrize("schema", [ledger_schema, friction_schema])
def test_a_line_and_what_it_rests_on_are_the_same_everywhere(schema: Any) -> None:
    for name in ("friction", "assumptions"):
        assert schema()["$defs"][name] == scorecard_schema()["$defs"][name]


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("schema", "cxmap.ledger/2"),
        ("now", "2026-04-01"),
        ("frictions", [{}]),
        ("assumptions", {}),
    ],
)
def test_the_schema_refuses_what_is_no_ledger(
    key: str, wrong: object, ledger: Ledger
) -> None:
    printed = {**json.loads(render_ledger(ledger, "json")), key: wrong}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, ledger_schema())


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("schema", "cxmap.ledger/1"),
        ("kind", "KPI"),
        ("score", None),
        ("cuts", {}),
        ("kinds", [{"entry": "voice"}]),
    ],
)
def test_the_schema_refuses_what_is_no_friction(
    key: str, wrong: object, detail: Detail
) -> None:
    printed = {**json.loads(render_friction(detail, "json")), key: wrong}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, friction_schema())


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_page(
    width: int, ledger: Ledger, detail: Detail
) -> None:
    for view in (
        render_ledger(ledger, "table", width=width),
        render_friction(detail, "table", width=width),
    ):
        assert max(map(len, view.splitlines())) <= width


@pytest.mark.parametrize("form", FORMS)
def test_what_is_shared_holds_no_figure_of_a_small_cell(
    form: str, ledger: Ledger
) -> None:
    wait = replace(ledger.lines[1], points=987_654, contacts_after=876_543)
    told = replace(ledger, lines=(ledger.lines[0], wait))

    shared = render_ledger(told, form, share=True)

    assert "987" not in shared
    assert "876" not in shared
    assert ("987" in render_ledger(told, form)) == (form != "md")


@pytest.mark.parametrize("form", ["table", "md", "json"])
def test_a_shared_friction_names_no_journey(form: str, detail: Detail) -> None:
    assert "j_1" not in render_friction(detail, form, share=True)
    assert ("j_1" in render_friction(detail, form)) == (form != "md")


@pytest.mark.parametrize("form", FORMS)
def test_no_control_character_reaches_a_reader(form: str, ledger: Ledger) -> None:
    view = render_ledger(ledger, form)

    assert not {"\x1b", "\u202e"} & set(view)


def test_json_lines_are_the_lines_of_the_json(ledger: Ledger) -> None:
    whole = json.loads(render_ledger(ledger, "json"))
    lines = [json.loads(one) for one in render_ledger(ledger, "jsonl").splitlines()]

    assert [{**whole_line} for whole_line in whole["frictions"]] == [
        {k: v for k, v in line.items() if k not in ("since", "until")} for line in lines
    ]
    assert lines[0]["since"] == whole["period"]["since"]


def test_a_spreadsheet_gets_the_segments_and_no_formula(ledger: Ledger) -> None:
    rows = list(csv.DictReader(io.StringIO(render_ledger(ledger, "csv"))))

    assert len(rows) == 5
    assert [row["csat_effect"] for row in rows[:2]] == ["-0.124", ""]
    assert rows[2]["topic"].startswith("[red]")


def test_a_form_that_does_not_exist_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="write one of table"):
        render_ledger(ledger, "xls")


BARE = FrictionLine("abandon", 3, 2, 0.5, 1, "high")


class TestCells:
    @pytest.mark.parametrize(
        ("number", "said"),
        [(-0.124, "−12"), (0.004, "0"), (-0.004, "0"), (0.03, "+3"), (1.0, "+100")],
    )
    def test_a_difference_is_in_points(self, number: float, said: str) -> None:
        assert points(number, UNICODE) == said

    def test_an_effect_never_stands_without_its_interval(self) -> None:
        known = replace(BARE, csat_effect=-0.1, csat_low=-0.2, csat_high=0.01)

        assert effect(known, UNICODE) == "−10 (−20 to +1)"
        assert effect(replace(known, csat_low=None), UNICODE) == "–"

    def test_hours_that_leave_some_out_are_at_least_so_many(self) -> None:
        timed = replace(BARE, handling_seconds=5400)

        assert hours(timed, UNICODE) == "1.5"
        assert hours(replace(timed, contacts_untimed=1), UNICODE) == "≥ 1.5"
        assert hours(BARE, UNICODE) == "–"

    @pytest.mark.parametrize(
        ("seconds", "untimed", "said"),
        [
            (180, 0, "0.1"),
            (179, 0, "3.0 min"),
            (179, 2, "≥ 3.0 min"),
            (45, 1, "≥ 45 s"),
            (0, 0, "0.0"),
            (0, 2, "–"),
        ],
    )
    def test_hours_that_round_to_none_are_said_in_less_than_hours(
        self, seconds: int, untimed: int, said: str
    ) -> None:
        timed = replace(BARE, handling_seconds=seconds, contacts_untimed=untimed)

        assert hours(timed, UNICODE) == said

    def test_no_part_of_all_care_is_told_where_no_hours_are_known(self) -> None:
        none = replace(BARE, handling_seconds=0, handling_share=0.0, journeys=0)
        untimed = replace(none, contacts_untimed=2)

        assert columns([none, untimed], UNICODE, 10)["Of care"] == ["0.0 %", "–"]

    def test_money_that_leaves_some_out_is_at_least_so_much(self) -> None:
        priced = replace(BARE, currency="EUR", contacts_unpriced=0)

        assert money(123_400, priced, UNICODE) == "EUR 1,234"
        assert money(1, replace(priced, contacts_unpriced=2), UNICODE) == "≥ EUR 0.01"
        assert money(None, priced, UNICODE) == "–"
        assert money(5, BARE, UNICODE) == ""


def test_without_costs_nothing_is_said_of_money(ledger: Ledger) -> None:
    poor = tuple(
        replace(one, currency=None, cost=None, cost_year=None, cost_share=None)
        for one in ledger.lines
    )
    told = replace(ledger, lines=poor, assumptions=Assumptions())

    for form in ("table", "md"):
        view = render_ledger(told, form)
        assert "Cost" not in view
        assert "EUR" not in view


def test_under_a_card_only_columns_that_it_shows_are_told_of() -> None:
    known = replace(BARE, csat_effect=-0.1, csat_low=-0.2, csat_high=0.01)
    timed = replace(BARE, handling_seconds=5400)

    for lines, effects, times in (
        ([BARE], False, False),
        ([BARE, known], True, False),
        ([BARE, timed], False, True),
    ):
        (note,) = in_brief(Assumptions(), lines, UNICODE)
        assert ("CSAT effect" in note) == effects
        assert ("Hours" in note) == times
        assert note.endswith("How they come about: cxmap friction")


@pytest.mark.parametrize("form", ["table", "md"])
def test_a_friction_is_cut_without_columns_that_tell_nothing(
    form: str, detail: Detail
) -> None:
    bare = replace(BARE, customers=40)
    empty = {"channel": (replace(bare, by={"channel": "voice"}),)}
    told = render_friction(replace(detail, cuts=empty), form)
    cut = told[told.index("By channel") :].split("Compared")[0]

    assert "CSAT effect" not in cut.splitlines()[0]
    assert "Hours" not in cut.splitlines()[0]
    assert "Points" in cut.splitlines()[0]
    assert "CSAT effect" in (whole := render_friction(detail, form))
    assert "Hours" in whole[whole.index("By channel") :].splitlines()[0]


def test_what_it_rests_on_names_no_ratio_that_was_not_measured() -> None:
    notes = " ".join(rests_on(Assumptions(), [BARE], UNICODE))

    assert "associated with it" in notes
    assert "as long as" not in notes
    assert "Hours:" not in notes


def test_an_empty_ledger_is_a_page_all_the_same(ledger: Ledger) -> None:
    nobody = replace(
        ledger,
        journeys=0,
        horizon=None,
        now=datetime(2026, 10, 20, tzinfo=UTC),
        lines=(replace(BARE, points=0, journeys=0, share=None, contacts_after=0),),
    )

    for form in FORMS:
        assert render_ledger(nobody, form)
