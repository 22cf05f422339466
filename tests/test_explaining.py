"""Every number of a scorecard can be followed to the rows it was counted on."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.cli.words import Words
from cxmap.config import Config
from cxmap.definitions import Measure, collect
from cxmap.demo.world import write_world
from cxmap.desk.cells import Asked, read_where
from cxmap.desk.explaining import WHOLE, Explanation, explain_any
from cxmap.errors import UsageError
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.pipeline import Request, report
from cxmap.scorecard import FrictionLine, Score, Scorecard
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")

KPIS, FRICTIONS = tuple(collect("kpis")), tuple(collect("frictions"))

Held = tuple[Mapping[str, pl.DataFrame], Config, Scorecard]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)
    request = Request(since="2026-04", kpis=tuple(collect("kpis")))
    card = report(words.tables, words.config, request, now=NOW, zone=ZONE)

    return words.tables, words.config, card


def explained(held: Held, name: str, asked: Asked = WHOLE) -> Explanation:
    tables, config, _ = held

    return explain_any(
        tables,
        config,
        name,
        since="2026-04",
        until=None,
        now=NOW,
        zone=ZONE,
        asked=asked,
    )


def card_of(held: Held, since: str, *, by: tuple[str, ...] = ()) -> Scorecard:
    tables, config, _ = held
    request = Request(since=since, by=by, kpis=tuple(KPIS))

    return report(tables, config, request, now=NOW, zone=ZONE)


def assert_rows_add_up(told: Explanation, score: Score) -> None:
    """What is listed is what was counted: above and below the line, and beside it."""
    by_role: dict[str, int] = dict(told.rows.group_by("counted_as").len().iter_rows())
    among = told.rows.filter(pl.col("counted_as") == "counted").to_dicts()
    measure: Measure = told.bound
    left_out = {r: n for r, n in by_role.items() if r.startswith("left out: ")}

    assert told.score == score
    if score.missing_inputs:
        return
    assert left_out == {f"left out: {r}": n for r, n in score.excluded.items()}
    if measure.once:
        assert len({row["customer_id"] or id(row) for row in among}) == score.n
        return
    assert by_role.get("pending", 0) == score.pending
    worth = sum(row.get("weight", 1) for row in among)
    assert worth == score.n
    if measure.form in ("share", "count", "ratio"):
        assert sum(row["value"] for row in among) == (score.numerator or 0)
    if measure.form in ("mean", "balance") and score.n:
        scaled = 100 if measure.form == "balance" else 1 / measure.scale
        mean = sum(row["value"] for row in among) / score.n
        assert score.value == pytest.approx(mean * scaled)
    if score.confirmed is not None:
        assert sum(bool(row["confirmed"]) for row in among) == score.confirmed
    assert told.rows.height == sum(by_role.values())


@pytest.mark.parametrize("name", KPIS)
def test_a_kpi_counts_the_rows_it_lists(held: Held, name: str) -> None:
    score = next(score for score in held[2].scores if score.kpi == name)

    told = explained(held, name)
    assert_rows_add_up(told, score)
    assert bool(told.curves) == (name == "repeat_contact_rate")


@pytest.fixture(scope="module")
def cut(held: Held) -> dict[str, list[Score]]:
    """Every score of April by channel group, the whole ones aside."""
    cells: dict[str, list[Score]] = {name: [] for name in KPIS}
    for score in card_of(held, "2026-04", by=("channel_group",)).scores:
        if score.by:
            cells[score.kpi].append(score)

    return cells


@pytest.mark.parametrize("name", KPIS)
def test_a_segment_of_a_kpi_counts_the_rows_it_lists(
    held: Held, cut: dict[str, list[Score]], name: str
) -> None:
    """Of two segments of every KPI; and the segments are those that are listed.

    Of each KPI others: all segments have their turn.
    """
    known = cut[name]
    held_in = [one for one in known if one.n or one.pending or one.excluded]
    turn = KPIS.index(name)
    for score in (held_in[(turn + n) % len(held_in)] for n in (0, 2) if held_in):
        told = explained(held, name, Asked(where=score.by))
        assert_rows_add_up(told, score)
        assert told.cell == score.by
    listed = explained(held, name, Asked(by=("channel_group",))).segments

    assert [(s.by, s.value, s.n, s.pending) for s in listed] == [
        (s.by, s.value, s.n, s.pending) for s in known
    ]
    assert [s.left_out for s in listed] == [sum(s.excluded.values()) for s in known]


@pytest.mark.parametrize("name", ["first_contact_resolution", "backlog", "nps", "csat"])
def test_the_period_before_is_explained_as_it_was_counted(
    held: Held, name: str
) -> None:
    before = next(s for s in card_of(held, "2026-03").scores if s.kpi == name)
    told = explained(held, name, Asked(previous=True))
    [now] = (score for score in held[2].scores if score.kpi == name)

    assert_rows_add_up(told, before)
    assert isinstance(told.score, Score)
    assert told.score.value == now.previous


def test_the_rungs_of_the_ladder_are_reached_one_by_one(held: Held) -> None:
    """The five shares have one population, and their numerators make it up."""
    rungs = ("best", "better", "good", "unproven", "none")
    told = [explained(held, f"ladder_{rung}") for rung in rungs]
    of = [
        set(
            one.rows.filter(pl.col("counted_as") == "counted", pl.col("value") == 1)[
                "journey_id"
            ]
        )
        for one in told
    ]

    assert sum(map(len, of)) == len(set.union(*of)) == told[0].score.n


def test_a_cell_of_several_dimensions_is_reached(held: Held) -> None:
    cells = card_of(held, "2026-04", by=("channel", "team")).scores
    name = "identified_share"
    untold = [s for s in cells if s.kpi == name and None in s.by.values()]

    for score in untold:
        assert_rows_add_up(explained(held, name, Asked(where=score.by)), score)
    assert untold


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["channel"], "--where channel: did you mean channel=…? write a dimension"),
        (["chanel=voice"], "did you mean channel=…?"),
        (["colour=blue"], "--where colour=blue: write a dimension, = and a value"),
        (["channel=voice", "channel=email"], "--where channel: named twice"),
    ],
)
def test_what_is_no_segment_is_refused(given: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        read_where(given)


def test_a_segment_may_be_that_of_which_nothing_is_known() -> None:
    assert read_where(["team=(unknown)", "topic=", "channel=unknown"]) == {
        "team": None,
        "topic": None,
        "channel": "unknown",
    }


@pytest.mark.parametrize("name", ["identified_share", "repeat_contact"])
def test_a_segment_without_rows_is_refused_with_those_there_are(
    held: Held, name: str
) -> None:
    with pytest.raises(
        UsageError, match=r"=voce: did you mean channel=voice\? rows of"
    ):
        explained(held, name, Asked(where={"channel": "voce"}))
    with pytest.raises(UsageError, match="no row of the period is all of these"):
        explained(held, name, Asked(where={"channel": "voice", "source": "zendesk"}))


def test_a_period_compared_with_nothing_has_none_before(held: Held) -> None:
    with pytest.raises(UsageError, match="--compare none names no period before"):
        explained(held, "csat", Asked(previous=True, compare="none"))


def test_behind_the_repeat_rate_lies_a_curve(held: Held) -> None:
    """Of the contacts that it counts, as far as they can be watched."""
    told = explained(held, "repeat_contact_rate")
    tables = held[0]
    whole = told.curves[0]
    ids = told.rows.filter(pl.col("counted_as") == "counted")
    contacts = tables["contacts"].join(ids, on="contact_id", how="semi")
    watched = contacts.filter(pl.col("last_touch_at") <= pl.col("horizon_at"))
    assert whole.contacts == watched.height > 0
    repeated = watched.filter(
        "repeated", pl.col("repeat_window_seconds") <= 7 * 86_400
    ).height
    assert 0 < repeated <= whole.repeats


def assert_points_add_up(told: Explanation) -> FrictionLine:
    line = told.score

    assert isinstance(line, FrictionLine)
    assert told.rows.height == line.points
    assert told.rows["journey_id"].n_unique() == line.journeys
    assert told.rows["because"].null_count() == 0
    if told.began:
        assert line.share == line.journeys / told.began

    return line


@pytest.mark.parametrize("name", FRICTIONS)
def test_a_friction_lists_its_points(held: Held, name: str) -> None:
    line = next(line for line in held[2].frictions if line.friction == name)

    assert assert_points_add_up(explained(held, name)) == line


@pytest.mark.parametrize("name", FRICTIONS)
def test_a_segment_of_a_friction_lists_its_points(held: Held, name: str) -> None:
    """The segments make up the whole: points, flagged journeys and all that began."""
    whole = explained(held, name, Asked(by=("channel_group",)))
    line = whole.score
    assert isinstance(line, FrictionLine)
    rubbed = [segment for segment in whole.segments if segment.numerator]
    parts = [explained(held, name, Asked(where=segment.by)) for segment in rubbed]

    lines = [assert_points_add_up(part) for part in parts]
    assert sum(segment.n for segment in whole.segments) == whole.began
    for total in ("points", "journeys", "contacts_after"):
        assert sum(getattr(one, total) for one in lines) == getattr(line, total)
    assert [(s.numerator, s.n) for s in rubbed] == [
        (one.journeys, part.began) for one, part in zip(lines, parts, strict=True)
    ]


AGENTS_OFF = "numbers are not broken down by the people who do the work"


def test_no_number_is_broken_down_by_agent_unless_the_config_allows_it(
    held: Held,
) -> None:
    for asked in (Asked(by=("agent",)), Asked(where={"agent": "somebody"})):
        with pytest.raises(UsageError, match=AGENTS_OFF):
            explained(held, "csat", asked)
    with pytest.raises(UsageError, match=r"privacy: {agents: on}"):
        card_of(held, "2026-04", by=("channel", "agent"))


@pytest.fixture(scope="module")
def allowed(held: Held) -> Held:
    tables, config, card = held

    return tables, replace(config, privacy=replace(config.privacy, agents=True)), card


def test_journeys_are_cut_by_the_agent_of_their_first_inbound_contact(
    allowed: Held,
) -> None:
    """Against plain Python over the contacts of April's journeys."""
    tables = allowed[0]
    since, until = (datetime(2026, month, 1, tzinfo=ZONE) for month in (4, 5))
    inbound = sorted(
        (row for row in tables["contacts"].to_dicts() if row["inbound"]),
        key=lambda row: (row["started_at"], row["contact_id"]),
    )
    first: dict[str, Any] = {}
    for row in inbound:
        first.setdefault(row["journey_id"], row)
    began = [
        row
        for row in tables["journeys"].to_dicts()
        if since <= row["started_at"] < until and row["customer_id"]
    ]
    expected: dict[str | None, int] = {}
    for row in began:
        if row["ladder"] != "open":
            agent = first[row["journey_id"]]["agent_id"]
            expected[agent] = expected.get(agent, 0) + 1
    cells = card_of(allowed, "2026-04", by=("agent",)).scores
    told = {s.by["agent"]: s.n for s in cells if s.kpi == "ladder_best" and s.by}

    assert {agent: n for agent, n in told.items() if n} == expected
    assert len(expected) > 3


def test_every_table_is_cut_by_agent_and_small_cells_are_marked(allowed: Held) -> None:
    cells = [s for s in card_of(allowed, "2026-04", by=("agent",)).scores if s.by]
    contacts = [s for s in cells if s.kpi == "transfer_rate"]
    answers = [s for s in cells if s.kpi == "csat"]

    assert any(s.by["agent"] for s in contacts)
    assert any(s.by["agent"] for s in answers)
    assert all(s.suppressed == (0 < s.customers < 10) for s in cells)
    for score in (*contacts[:3], *answers[:3]):
        assert_rows_add_up(explained(allowed, score.kpi, Asked(where=score.by)), score)


def test_with_a_url_every_row_leads_to_its_system(held: Held) -> None:
    tables, config, card = held
    place = "https://desk.test/t/{source_contact_id}?x"
    linked = replace(config.sources["zendesk"], url=place)
    sources = replace(config, sources={**config.sources, "zendesk": linked})
    of_cases = explained((tables, sources, card), "backlog").rows
    of_journeys = explained((tables, sources, card), "ladder_best").rows
    known = tables["contacts"].filter(source="zendesk").to_dicts()
    numbers = {row["contact_id"]: row["source_contact_id"] for row in known}

    assert "url" not in explained(held, "backlog").rows.columns
    for row in of_cases.to_dicts():
        number = numbers.get(row["contact_id"])
        assert row["url"] == (f"https://desk.test/t/{number}?x" if number else None)
    assert 0 < of_journeys["url"].count() < of_journeys.height


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("first_contact_resolution", "up to which every source is held"),
        ("ladder_best", "up to which every source is held"),
        ("first_response_time", "up to which its own source is held"),
        ("unanswered", "up to which its own source is held"),
        ("transfer_rate", None),
        ("abandon", None),
    ],
)
def test_it_says_up_to_when_silence_was_believed(
    held: Held, name: str, words: str | None
) -> None:
    told = explained(held, name)

    assert told.settings.get("horizon") == words
