"""What rests on a contact's own source is judged as far as that source is held."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import collect
from cxmap.engines.local import Plan, Question, run_bucket, score_bucket
from cxmap.journeys.coverage import coverage, horizon, with_coverage
from cxmap.options import Hours, LinkRules, RepeatRule
from cxmap.scoring import scores

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OWN = ("backlog", "first_response_time", "reopen_rate", "resolution_time")
KPIS = {name: (kpi, kpi.bind({})) for name, kpi in collect("kpis").items()}
FRICTIONS = {
    name: (one, one.bind({}))
    for name, one in collect("frictions").items()
    if not one.needs
}
SILENT = ("unanswered", "slow_first_response")


class Case(NamedTuple):
    """A case: its start, and after how many hours it was answered and solved."""

    day: int
    answered: int | None
    solved: int | None
    reopens: int | None


cases = st.lists(
    st.builds(
        Case,
        day=st.integers(0, 100),
        answered=st.none() | st.integers(0, 400),
        solved=st.none() | st.integers(0, 400),
        reopens=st.none() | st.integers(0, 1),
    ),
    min_size=1,
    max_size=12,
)


def written(source: str, listed: list[Case]) -> list[dict[str, Any]]:
    rows = []
    for place, case in enumerate(listed):
        began = START + DAY * case.day
        answer = None if case.answered is None else timedelta(hours=case.answered)
        solve = None if case.solved is None else timedelta(hours=case.solved)
        rows.append(
            {
                "contact_id": f"{source}:{place}",
                "source": source,
                "source_contact_id": str(place),
                "customer_id": f"p{place % 4}",
                "channel": "email",
                "channel_group": "written",
                "direction": "inbound",
                "inbound": True,
                "started_at": began,
                "last_touch_at": began,
                "first_response_at": None if answer is None else began + answer,
                "resolved_at": None if solve is None else began + solve,
                "status": "open" if solve is None else "solved",
                "served": answer is not None,
                "resolved": None if solve is None else True,
                "reopens": case.reopens,
            }
        )

    return rows


def judged(*sources: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    rows = [row for listed in sources for row in listed]
    contacts = tables.conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")
    held = coverage(contacts, {}, now=NOW)
    plan = Plan(
        links=LinkRules(),
        repeat=RepeatRule(),
        hours=Hours(),
        horizon_at=horizon(held, now=NOW),
        now=NOW,
        provable=frozenset(),
        frictions=FRICTIONS,
    )
    pseudonyms = {"contact_id": pl.String(), "pseudonym": pl.String()}

    return run_bucket(
        {
            "contacts": with_coverage(contacts, held, now=NOW),
            "references": tables.empty("reference_records"),
            "same_orders": pl.DataFrame(schema=pseudonyms),
            "surveys": tables.empty("survey_records").with_columns(
                survey_id=pl.lit(None, pl.String()),
                customer_id=pl.lit(None, pl.String()),
            ),
        },
        plan,
    )


def own_scores(stitched: dict[str, pl.DataFrame], source: str) -> list[str]:
    asked = {name: KPIS[name] for name in OWN}
    question = Question(
        kpis=asked,
        periods={"current": (START, NOW)},
        by=("source",),
        zone="UTC",
        frictions={},
        hours=Hours(),
    )
    answer = score_bucket(stitched, question)
    told = scores(answer.partials, asked, targets={}, missing={})

    return [repr(score) for score in told if score.by == {"source": source}]


def silences(stitched: dict[str, pl.DataFrame], source: str) -> list[Any]:
    points = stitched["points"].filter(
        pl.col("friction").is_in(SILENT)
        & pl.col("contact_id").str.starts_with(f"{source}:")
    )
    return points.select("friction", "contact_id", "because").sort(pl.all()).rows()


@settings(max_examples=12, deadline=None)
@given(mine=cases, theirs=cases, later=st.integers(-60, 60))
def test_another_source_changes_nothing_that_rests_on_ones_own(
    mine: list[Case], theirs: list[Case], later: int
) -> None:
    moved = [case._replace(day=max(0, case.day + later)) for case in theirs]
    alone, beside, shifted = (
        judged(written("mine", mine), *others)
        for others in ([], [written("theirs", theirs)], [written("theirs", moved)])
    )

    assert (
        own_scores(alone, "mine")
        == own_scores(beside, "mine")
        == own_scores(shifted, "mine")
    )
    assert (
        silences(alone, "mine") == silences(beside, "mine") == silences(shifted, "mine")
    )


def test_a_source_months_behind_does_not_look_unanswered_since() -> None:
    fresh = Case(day=0, answered=None, solved=None, reopens=None)
    behind = written("behind", [fresh, Case(1, 2, 3, 0)])
    ahead = written("ahead", [Case(day, 2, 3, 0) for day in range(120)])

    assert silences(judged(behind, ahead), "behind") == []
    assert own_scores(judged(behind, ahead), "behind") == own_scores(
        judged(behind), "behind"
    )


def test_what_needs_silence_everywhere_waits_for_every_source() -> None:
    one = written("one", [Case(0, 2, 3, 0), Case(60, 2, 3, 0)])
    ends_early = judged(one, written("two", [Case(58, 2, 3, 0), Case(59, 2, 3, 0)]))
    last = (
        ends_early["contacts"]
        .filter(pl.col("contact_id") == "one:1")
        .row(0, named=True)
    )

    assert last["source_horizon_at"] == START + 60 * DAY
    assert last["horizon_at"] == START + 59 * DAY
