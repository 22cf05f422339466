"""Whatever comes, goes or changes: renewing gives what deriving from scratch gives."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxmap import pipeline
from cxmap.config import Config, load_config
from cxmap.definitions import Measure, baseline, friction
from cxmap.engines import local, renewing
from cxmap.measures import mean
from cxmap.pipeline import Tables, derive_from
from cxmap.sources.fold import fold
from cxmap.tables import conform, empty

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = 60 * 24 * 60
"""Minutes over which the contacts are spread."""

PEOPLE = 12

CHANNELS = ("voice", "email", "chat", "bot", "email")
DISPOSITIONS = (None, "handled", "abandoned", "unanswered", None)
FILLED = (
    "contact_records",
    "identifier_records",
    "reference_records",
    "survey_records",
)
Rows = list[dict[str, object]]
Records = dict[str, Rows]


def record(dice: random.Random, source: str, key: str, load: int) -> dict[str, object]:
    return {
        "source": source,
        "part": "rows",
        "record_key": key,
        "content": f"{key}/{load}/{dice.random()}",
        "version_at": START + timedelta(days=load),
        "load_id": f"load{load}",
        "row": 1,
    }


def a_load(dice: random.Random, load: int) -> Records:
    """Some contacts: many at first, then a few later ones and versions of earlier."""
    tables: Records = {name: [] for name in FILLED}
    for _ in range(dice.randint(15, 25) if load == 0 else dice.randint(1, 4)):
        number = dice.randint(1, 40)
        source = dice.choice(["desk", "desk", "calls"])
        row = record(dice, source, f"{number}", load)
        at = START + timedelta(minutes=dice.randrange(SPAN) * (load + 1) // 4)
        answered = at + timedelta(minutes=dice.randint(0, 3000))
        tables["contact_records"].append(
            {
                **row,
                "source_contact_id": f"{number}",
                "order_at": at,
                "started_at": at,
                "direction": dice.choice(["inbound", "inbound", "outbound"]),
                "channel": dice.choice(CHANNELS),
                "disposition": dice.choice(DISPOSITIONS),
                "answered_at": dice.choice([None, answered]),
                "resolved_at": dice.choice([None, None, answered]),
                "resolved": dice.choice([None, True, False]),
                "topic_raw": dice.choice([None, "bill", "bill/late", "card"]),
                "case_id": dice.choice([None, None, f"{source}:k{number % 4}"]),
                "agent_id": dice.choice([None, "a_1", "a_2"]),
                "status": dice.choice([None, None, "merged", "deleted"]),
            }
        )
        tables["identifier_records"] += identifiers(dice, row, "contact", f"{number}")
        if dice.random() < 0.3:
            tables["reference_records"].append(
                {
                    **row,
                    "source_contact_id": f"{number}",
                    "kind": dice.choice(["follow_up_of", "merged_into"]),
                    "to_id": f"{dice.randint(1, 40)}",
                }
            )
    for _ in range(dice.randint(0, 3)):
        number = dice.randint(1, 40)
        row = record(dice, "asked", f"s{number}", load)
        tables["survey_records"].append(
            {
                **row,
                "source_survey_id": f"s{number}",
                "survey_type": dice.choice(["csat", "fcr", "nps"]),
                "score": float(dice.randint(1, 5)),
                "scale_min": 1.0,
                "scale_max": 5.0,
                "responded_at": START + timedelta(minutes=dice.randrange(SPAN)),
                "about_source": dice.choice([None, "desk"]),
                "about_id": dice.choice([None, f"{dice.randint(1, 9)}"]),
            }
        )
        tables["identifier_records"] += identifiers(dice, row, "survey", f"s{number}")

    return tables


def identifiers(
    dice: random.Random, row: dict[str, object], owner: str, number: str
) -> Iterator[dict[str, object]]:
    person = dice.randint(1, PEOPLE)
    for kind in ("email", "phone", "external_id"):
        if dice.random() < 0.4:
            other = dice.randint(1, PEOPLE) if dice.random() < 0.1 else person
            yield {
                **row,
                "owner": owner,
                "owner_id": number,
                "kind": kind,
                "namespace": "",
                "pseudonym": f"{kind}{other}",
                "flag": "placeholder" if dice.random() < 0.05 else None,
                "seen_at": START,
            }


def tables_of(loads: Mapping[int, Records]) -> dict[str, pl.DataFrame]:
    tables = {name: empty(name) for name in FILLED}
    for load in loads.values():
        for name, rows in load.items():
            if rows:
                added = conform(pl.DataFrame(rows, infer_schema_length=None), name)
                tables[name] = tables[name].vstack(added)

    return tables


def derived(
    loads: Mapping[int, Records], settled: Config, earlier: Tables | None = None
) -> Tables:
    folded = fold(tables_of(loads), {})
    return derive_from(folded, settled, now=NOW, earlier=earlier)


def same(one: Tables, other: Tables) -> None:
    """The same rows in the same order, whatever table."""
    for name, rows in one.items():
        ordered = name not in ("events", "conflicts")
        assert_frame_equal(rows, other[name], check_exact=True, check_row_order=ordered)


@settings(max_examples=8)
@given(st.integers(0, 1 << 30))
def test_any_sequence_of_loads_and_removals_gives_the_same(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    all_loads = {n: a_load(dice, n) for n in range(4)}
    plain = load_config(None)
    earlier = None
    for _ in range(3):
        kept = [0, *dice.sample(range(1, 4), dice.randint(0, 3))]
        held = {n: all_loads[n] for n in kept if n or dice.random() < 0.9}
        renewed = derived(held, plain, earlier)
        same(renewed, derived(held, plain))
        earlier = renewed


@pytest.mark.parametrize("seed", [22, 23, 24])
def test_small_buckets_give_the_same_rows_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    loads = {n: a_load(dice, n) for n in range(3)}
    plain = load_config(None)
    before = derived({0: loads[0]}, plain)
    whole = derived(loads, plain)

    monkeypatch.setattr(renewing, "cut", partial(local.cut, at_most=4))
    same(derived(loads, plain), whole)
    same(derived(loads, plain, before), whole)


def test_an_answer_of_a_customer_about_a_contact_of_nobody_keeps_its_contact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(1)  # noqa: S311
    loads = {0: a_load(dice, 0)}
    nobody = record(dice, "desk", "nobody", 0)
    called = {**nobody, "source_contact_id": "nobody", "started_at": START}
    answer = record(dice, "asked", "answer", 0)
    about = {"about_source": "desk", "about_id": "nobody", "survey_type": "csat"}
    told = {**answer, **about, "source_survey_id": "answer", "responded_at": NOW}
    whose = {"owner": "survey", "owner_id": "answer", "kind": "email"}
    loads[0]["contact_records"].append({**called, "direction": "inbound"})
    loads[0]["survey_records"].append(told)
    loads[0]["identifier_records"].append(
        {**answer, **whose, "namespace": "", "pseudonym": "known", "seen_at": NOW}
    )
    monkeypatch.setattr(renewing, "cut", partial(local.cut, at_most=1))
    surveys = derived(loads, load_config(None))["surveys"]

    (row,) = surveys.filter(survey_id="asked:answer").to_dicts()
    assert row["contact_id"] == "desk:nobody"
    assert row["customer_id"] is not None


def test_only_the_customer_who_writes_again_is_stitched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(5)  # noqa: S311
    plain = load_config(None)
    first = {0: a_load(dice, 0)}
    earlier = derived(first, plain)
    again = one_more(dice, first, earlier)
    stitched: list[pl.DataFrame] = []

    def watched(tables: Tables, plan: local.Plan) -> dict[str, pl.DataFrame]:
        stitched.append(tables["contacts"])
        return local.stitch_bucket(tables, plan)

    monkeypatch.setattr(renewing, "stitch_bucket", watched)
    renewed = derived(again, plain, earlier)

    customers = pl.concat(stitched)["customer_id"].drop_nulls().unique().to_list()
    assert len(customers) == 1
    assert renewed["contacts"]["customer_id"].n_unique() > 3
    same(renewed, derived(again, plain))


def test_only_what_needs_a_baseline_is_sought_with_those_whom_nothing_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(5)  # noqa: S311
    plain = load_config(None)
    first = {0: a_load(dice, 0)}
    earlier = derived(first, plain)
    again = one_more(dice, first, earlier)
    sought: list[tuple[bool, int]] = []

    def watched(tables: Tables, plan: local.Plan) -> dict[str, pl.DataFrame]:
        needy = any(one.needs for one, _ in plan.frictions.values())
        customers = tables["contacts"]["customer_id"].drop_nulls().n_unique()
        sought.append((needy, customers))
        return local.flag_bucket(tables, plan)

    monkeypatch.setattr(renewing, "flag_bucket", watched)
    renewed = derived(again, plain, earlier)

    everybody = renewed["contacts"]["customer_id"].drop_nulls().n_unique()
    assert dict(sought)[True] == everybody > 3
    assert dict(sought)[False] < everybody
    same(renewed, derived(again, plain))


def test_a_late_answer_flags_its_customer_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(5)  # noqa: S311
    plain = load_config(None)
    first = {0: a_load(dice, 0)}
    earlier = derived(first, plain)
    rated = low_scores(earlier)
    known = earlier["contacts"].filter(
        pl.col("inbound") & pl.col("customer_id").is_not_null() & ~rated
    )
    contact = known.sort("contact_id").row(0, named=True)
    bad = {**record(dice, "asked", "late", 1), "source_survey_id": "late"}
    number = contact["source_contact_id"]
    about = {"about_source": contact["source"], "about_id": number}
    scale = {"survey_type": "csat", "score": 1.0, "scale_min": 1.0, "scale_max": 5.0}
    added: Records = {name: [] for name in FILLED}
    added["survey_records"] = [{**bad, **about, **scale}]
    stitched: list[pl.DataFrame] = []

    def watched(tables: Tables, plan: local.Plan) -> dict[str, pl.DataFrame]:
        stitched.append(tables["contacts"])
        return local.stitch_bucket(tables, plan)

    monkeypatch.setattr(renewing, "stitch_bucket", watched)
    renewed = derived({**first, 1: added}, plain, earlier)

    customers = pl.concat(stitched)["customer_id"].unique().to_list()
    assert customers == [contact["customer_id"]]
    flagged = renewed["contacts"].filter(low_scores(renewed))["contact_id"]
    assert contact["contact_id"] in flagged
    same(renewed, derived({**first, 1: added}, plain))


def low_scores(tables: Tables) -> pl.Expr:
    """Tell which contacts show a low score."""
    points = tables["points"].filter(friction="low_score")

    return pl.col("contact_id").is_in(points["contact_id"].implode())


def one_more(
    dice: random.Random, first: Mapping[int, Records], earlier: Tables
) -> dict[int, Records]:
    """The load, and one more contact of the first customer, before the last one."""
    (row, *_) = (
        row
        for row in first[0]["identifier_records"]
        if row["owner"] == "contact" and row["flag"] is None
    )
    last = earlier["contacts"]["started_at"].max()
    assert isinstance(last, datetime)
    own = {**record(dice, "desk", "new", 1), "source_contact_id": "new"}
    at = {"started_at": last - timedelta(hours=1), "channel": "voice"}
    named = {**row, **own, "owner": "contact", "owner_id": "new"}
    added: Records = {name: [] for name in FILLED}
    added["contact_records"] = [{**own, **at, "direction": "inbound"}]
    added["identifier_records"] = [named]

    return {**first, 1: added}


@pytest.mark.parametrize("reads", ["horizon_at", "source_horizon_at"])
@pytest.mark.parametrize("seed", range(2))
def test_a_friction_that_reads_the_horizon_is_found_anew_everywhere(
    monkeypatch: pytest.MonkeyPatch, reads: str, seed: int
) -> None:
    long_silent = pl.col(reads) - pl.col("started_at") > timedelta(days=20)

    @friction(because="silent for long")
    def long_ago() -> pl.Expr:
        """Nothing was heard for long."""
        return long_silent

    bound = {"long_ago": (long_ago, long_ago.bind({}))}
    monkeypatch.setattr(pipeline, "bound_frictions", lambda _: bound)

    every_load_gives_the_same(seed)


@pytest.mark.parametrize("seed", range(2))
def test_a_friction_that_needs_a_baseline_is_found_anew_everywhere(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    @baseline(over="contacts")
    def usual_day() -> Measure:
        """The day of the month on which contacts come."""
        return mean(pl.col("started_at").dt.day().cast(pl.Int64))

    @friction(because="late in the month", needs=("usual_day",))
    def late_day() -> pl.Expr:
        """Later in the month than others."""
        return pl.col("started_at").dt.day() > pl.col("baseline_usual_day")

    bound = {"late_day": (late_day, late_day.bind({}))}
    known = {"usual_day": usual_day}
    monkeypatch.setattr(pipeline, "bound_frictions", lambda _: bound)
    monkeypatch.setattr(pipeline, "collect_baselines", lambda: known)

    every_load_gives_the_same(seed)


def every_load_gives_the_same(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    loads = {n: a_load(dice, n) for n in range(3)}
    plain = load_config(None)
    earlier = None
    for last in range(3):
        held = {n: loads[n] for n in range(last + 1)}
        earlier = derived(held, plain, earlier)
        same(earlier, derived(held, plain))
    assert not earlier["points"].is_empty()
