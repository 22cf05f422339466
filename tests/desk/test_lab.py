"""Definitions side by side: each figure by a second route, and every difference."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.config import load_config
from cxmap.definitions import Measure, collect, kpi
from cxmap.desk.differing import COUNTED, PART, Judged, difference, paired
from cxmap.desk.families import (
    DAY,
    WINDOWS,
    Family,
    Repeats,
    Way,
    families,
    family_named,
    kpi_named,
)
from cxmap.desk.lab import Lab, Tried, try_all
from cxmap.desk.rejudging import rejudged, rule_of
from cxmap.desk.verdicts import IDS, KINDS
from cxmap.errors import UsageError
from cxmap.measures import share
from cxmap.options import RepeatRule, Window
from cxmap.pipeline import Request, derive_from, report
from cxmap.tables import conform, empty
from cxmap.views.lab import lab_schema

SINCE = "2026-03"
MARCH = (
    datetime(2026, 2, 28, 23, tzinfo=UTC),
    datetime(2026, 3, 31, 22, tzinfo=UTC),
)
"""The month in Berlin."""


def lab(world: Any, name: str) -> Lab:
    return try_all(
        world.tables,
        world.config,
        family_named(name),
        since=SINCE,
        until=None,
        now=world.now,
        zone=world.zone,
    )


@pytest.fixture(scope="session")
def fcr(world: Any) -> Lab:
    return lab(world, "fcr")


def way(told: Lab, label: str) -> Tried:
    return next(one for one in told.tried if one.label == label)


@pytest.mark.parametrize("name", families())
def test_the_first_way_is_what_the_scorecard_says(world: Any, name: str) -> None:
    told = lab(world, name)
    first = told.tried[0]
    asked = Request(since=SINCE, compare="none", kpis=(first.score.kpi,))
    card = report(world.tables, world.config, asked, now=world.now, zone=world.zone)
    [score] = card.scores

    assert first.difference is None
    assert (first.score.value, first.score.n) == (score.value, score.n)
    assert (first.score.low, first.score.high) == (score.low, score.high)
    assert (first.score.pending, first.score.excluded) == (
        score.pending,
        score.excluded,
    )


@pytest.mark.parametrize("name", families())
def test_what_was_kept_and_lost_makes_up_both_sides(world: Any, name: str) -> None:
    """Numerators differ by what was gained less what was lost, and nothing else."""
    told = lab(world, name)
    usual = told.tried[0]
    for one in told.tried[1:]:
        apart = one.difference
        if apart is None:
            assert one.score.missing_inputs or not one.score.n
            continue
        assert sum(reason.rows for reason in apart.reasons) == apart.differ
        assert told.rows.filter(pl.col("way") == one.label).height == apart.differ
        if one.over == usual.over and one.score.unit == usual.score.unit == "share":
            had, has = usual.score.numerator or 0, one.score.numerator or 0
            assert had - apart.lost + apart.gained == has


def test_over_one_table_every_row_of_either_side_is_paired(fcr: Lab) -> None:
    """Kept, failed, pending and left out, side by side, are all that either counts."""
    usual = fcr.tried[0].score
    for one in fcr.tried[1:]:
        apart = one.difference
        if one.over != "journeys" or apart is None:
            continue
        here = one.score.n + one.score.pending + sum(one.score.excluded.values())
        there = usual.n + usual.pending + sum(usual.excluded.values())
        assert apart.alike + apart.differ == here == there


def journeys_by_hand(
    journeys: list[dict[str, Any]], within: timedelta
) -> tuple[int, int, int]:
    """Return numerator, n and pending of first contact resolution."""
    met = counted = pending = 0
    for row in journeys:
        if not MARCH[0] <= row["started_at"] < MARCH[1]:
            continue
        if row["customer_id"] is None or row["trigger_id"] is None:
            continue
        if row["trigger_started_at"] - within < row["trigger_source_since_at"]:
            continue
        if row["trigger_touch_at"] + within > row["horizon_at"]:
            pending += 1
            continue
        counted += 1
        met += not (
            row["trigger_repeated"]
            or row["trigger_reopened"]
            or row["trigger_resolved"] is False
        )
    return met, counted, pending


@pytest.mark.parametrize("within", WINDOWS, ids=str)
def test_a_window_counts_what_a_config_of_that_window_counts(
    world: Any, fcr: Lab, within: timedelta
) -> None:
    """The same number as from records derived anew, and as counted row by row."""
    one = next(
        t
        for t, w in zip(fcr.tried, family_named("fcr").ways, strict=True)
        if w.repeat == Repeats(within)
    )
    rule = replace(world.config.repeat, within=Window(within))
    config = replace(world.config, repeat=rule)
    anew = derive_from(world.words.folded, config, now=world.now)
    by_hand = journeys_by_hand(anew["journeys"].to_dicts(), within)

    assert (one.score.numerator, one.score.n, one.score.pending) == by_hand


def test_as_configured_nothing_is_judged_otherwise(world: Any) -> None:
    again = rejudged(world.tables, world.config.repeat)

    assert again["contacts"].equals(world.tables["contacts"])
    assert again["journeys"].equals(world.tables["journeys"])


@pytest.mark.parametrize("within", [DAY, 30 * DAY], ids=str)
def test_repeats_are_what_a_derivation_from_scratch_finds(
    world: Any, within: timedelta
) -> None:
    rule = rule_of(world.config.repeat, Repeats(within))
    config = replace(world.config, repeat=rule)

    anew = derive_from(world.words.folded, config, now=world.now)
    found = rejudged(world.tables, rule)

    for name in ("contacts", "journeys"):
        flagged = [one for one in ("frictions",) if one in anew[name].columns]
        assert found[name].drop(flagged).equals(anew[name].drop(flagged))


def pair_of(topics: tuple[str | None, str | None], days: int) -> pl.DataFrame:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    rows = [
        {
            "contact_id": f"c{place}",
            "source": "a",
            "customer_id": "ana",
            "channel": "voice",
            "channel_group": "voice",
            "direction": "inbound",
            "inbound": True,
            "merged": False,
            "served": True,
            "disposition": "handled",
            "topic": topic,
            "started_at": start + timedelta(days=days * place),
            "ended_at": start + timedelta(days=days * place),
            "last_touch_at": start + timedelta(days=days * place),
        }
        for place, topic in enumerate(topics)
    ]
    return conform(pl.DataFrame(rows), "contacts")


@pytest.mark.parametrize(
    ("topics", "days", "same_topic", "any_topic"),
    [
        (("bill", "bill"), 2, True, True),
        (("bill", "move"), 2, False, True),
        (("bill", None), 2, True, True),
        (("bill", "move"), 4, False, False),
        (("bill", "bill"), 4, False, False),
        (("bill", "bill"), 3, True, True),
    ],
)
def test_without_topics_whoever_comes_back_at_all_repeats(
    topics: tuple[str | None, str | None], days: int, same_topic: bool, any_topic: bool
) -> None:
    tables = {
        "contacts": pair_of(topics, days),
        "links": empty("links"),
        "journeys": empty("journeys"),
    }
    rule = rule_of(RepeatRule(), Repeats(timedelta(days=3)))

    for told, expected in ((True, same_topic), (False, any_topic)):
        contacts = rejudged(tables, rule, topics=told)["contacts"]
        assert contacts["repeated"].to_list() == [expected, False]
        assert contacts["topic"].to_list() == list(topics)


def test_a_failure_says_on_which_channel_the_customer_came_back(
    world: Any, fcr: Lab
) -> None:
    """Of everybody who is back within a day, by hand: on which group they are."""
    contacts = {row["contact_id"]: row for row in world.tables["contacts"].to_dicts()}
    back = {
        row["repeats_contact_id"]: row["channel_group"]
        for row in sorted(
            contacts.values(), key=lambda r: r["started_at"], reverse=True
        )
        if row["repeats_contact_id"]
    }
    short = way(fcr, "1d, same topic").label
    rows = fcr.rows.filter((pl.col("way") == short) & (pl.col("there") == "no"))

    assert rows.height > 5
    for row in rows.to_dicts():
        if row["there_why"] in ("reopened", "unresolved"):
            continue
        same = contacts[row["contact_id"]]["channel_group"] == back[row["contact_id"]]
        assert row["there_why"] == f"came_back_{'same' if same else 'other'}_channel"


def test_the_ids_are_those_of_the_contacts_that_are_judged(
    world: Any, fcr: Lab
) -> None:
    triggers = dict(
        world.tables["journeys"].select("journey_id", "trigger_id").iter_rows()
    )
    rows = fcr.rows.filter(pl.col("way") == "7d, any topic").to_dicts()

    assert rows
    for row in rows:
        assert triggers[row["journey_id"]] == row["contact_id"]


def test_what_one_definition_never_looks_at_is_told_by_its_kind(fcr: Lab) -> None:
    apart = way(fcr, "Zammad 15 min").difference
    assert apart is not None
    outside = {r.here_why for r in apart.reasons if r.here == "outside"}

    assert "channel_group_voice" in outside
    assert "channel_group_written" not in outside


def test_a_definition_without_its_inputs_says_so_and_differs_on_nothing(
    fcr: Lab,
) -> None:
    told = way(fcr, "ServiceNow")

    assert told.score.missing_inputs == ("customer_messages",)
    assert (told.score.value, told.difference) == (None, None)
    assert "ServiceNow" not in set(fcr.rows["way"])


def test_options_are_tried_beside_what_is_configured(world: Any) -> None:
    told = lab(world, "abandonment")
    seconds = {one.label: one.options["short_abandon"] for one in told.tried}
    rows = world.tables["contacts"].to_dicts()

    assert seconds == {
        "as configured": timedelta(seconds=5),
        "every abandon": timedelta(),
        "after 5 s": timedelta(seconds=5),
        "after 10 s": timedelta(seconds=10),
    }
    for one in told.tried:
        gone = [
            row
            for row in rows
            if MARCH[0] <= row["started_at"] < MARCH[1]
            and row["inbound"]
            and row["disposition"] == "abandoned"
            and row["channel_group"] in ("voice", "chat")
            and (
                row["queue_seconds"] is None
                or timedelta(seconds=row["queue_seconds"]) > seconds[one.label]
            )
        ]
        assert one.score.numerator == len(gone)


def test_times_are_compared_only_with_times(world: Any) -> None:
    told = lab(world, "csat")
    mean = way(told, "mean").difference

    assert mean is not None
    assert (mean.differ, mean.median_change) == (0, None)


class TestFamilies:
    def test_a_kpi_finds_the_family_it_belongs_to(self) -> None:
        assert family_named("fcr_zammad").name == "fcr"
        assert kpi_named("fcr") == "first_contact_resolution"
        assert kpi_named("csat") == "csat"

    def test_declared_variants_make_a_family_of_their_own(self) -> None:
        kpis = dict(collect("kpis"))

        @kpi(over="contacts", unit="share", better="higher", section="speed")
        def answered_soon(
            *, variant: Literal["of_all", "of_answered"] = "of_all"
        ) -> Measure:
            """Whoever is answered soon."""
            return share(pl.lit(value=True))

        kpis["answered_soon"] = answered_soon

        found = families(kpis)["answered_soon"]

        assert found == Family(
            "answered_soon",
            (
                Way("as configured", "answered_soon"),
                Way("of all", "answered_soon", {"variant": "of_all"}),
                Way("of answered", "answered_soon", {"variant": "of_answered"}),
            ),
        )

    def test_what_does_not_exist_yet_is_left_out(self) -> None:
        few = {n: k for n, k in collect("kpis").items() if n == "csat"}

        assert families(few).keys() == {"csat"}
        assert [one.kpi for one in families(few)["csat"].ways] == ["csat"]

    @pytest.mark.parametrize("ask", [family_named, kpi_named])
    def test_a_slip_is_told_with_what_was_meant(self, ask: Any) -> None:
        with pytest.raises(UsageError, match="did you mean first_contact_resolution"):
            ask("first_contact_resolutoin")

    def test_a_kpi_of_one_definition_has_no_lab(self) -> None:
        with pytest.raises(UsageError, match="one definition of it only"):
            family_named("nps")

    def test_every_way_differs_from_every_other(self) -> None:
        for family in families().values():
            labels = [one.label for one in family.ways]
            assert len(labels) == len(set(labels))
            assert len({repr((w.kpi, w.options, w.repeat)) for w in family.ways}) == (
                len(labels)
            )


SHARE = ("yes", "no", "pending", "left_out")
drawn = st.dictionaries(
    st.sampled_from([f"c{n}" for n in range(12)]), st.sampled_from(SHARE), max_size=12
)
CONTACTS = conform(
    pl.DataFrame(
        {"contact_id": [f"c{n}" for n in range(12)], "channel_group": "voice"}
    ),
    "contacts",
)


def side(kinds: dict[str, str], over: str = "contacts") -> Judged:
    values = {"yes": 1, "no": 0}
    rows = [
        {
            **dict.fromkeys(IDS),
            "contact_id": contact,
            "kind": kind,
            "why": "reason" if kind == "left_out" else None,
            "value": values.get(kind),
        }
        for contact, kind in kinds.items()
    ]
    schema = {
        **dict.fromkeys((*IDS, "kind", "why"), pl.String()),
        "value": pl.Int64(),
    }
    return Judged(over, "share", True, pl.DataFrame(rows, schema=schema))


@given(there=drawn, here=drawn)
def test_differences_add_up_on_both_sides(
    there: dict[str, str], here: dict[str, str]
) -> None:
    one, other = side(there), side(here)
    pairs = paired(one, other, CONTACTS)
    told = difference(pairs, one, other)
    both = {
        c: (there.get(c, "outside"), here.get(c, "outside")) for c in {*there, *here}
    }

    def counts(kind: str) -> str | None:
        return kind if kind in COUNTED else None

    apart = {c: p for c, p in both.items() if counts(p[0]) != counts(p[1])}
    assert told.alike + told.differ == len(both) == pairs.height
    assert told.differ == len(apart) == sum(r.rows for r in told.reasons)
    assert Counter({(r.there, r.here): 0 for r in told.reasons}) + Counter(
        apart.values()
    ) == Counter(p for r in told.reasons for p in [(r.there, r.here)] * r.rows)
    kept = sum(p == ("yes", "yes") for p in both.values())
    assert kept + told.lost == sum(k == "yes" for k in there.values())
    assert kept + told.gained == sum(k == "yes" for k in here.values())


@given(kinds=drawn)
def test_a_definition_never_differs_from_itself(kinds: dict[str, str]) -> None:
    one = side(kinds)
    told = difference(paired(one, one, CONTACTS), one, one)

    assert (told.differ, told.gained, told.lost, told.reasons) == (0, 0, 0, ())


@given(there=drawn, here=drawn, seed=st.randoms())
def test_the_order_of_rows_never_matters(
    there: dict[str, str], here: dict[str, str], seed: Any
) -> None:
    def shuffled(kinds: dict[str, str]) -> Judged:
        items = list(kinds.items())
        seed.shuffle(items)
        return side(dict(items))

    whole = paired(side(there), side(here), CONTACTS)

    assert paired(shuffled(there), shuffled(here), CONTACTS).equals(whole)


def test_the_kinds_are_those_that_are_published() -> None:
    assert lab_schema()["$defs"]["verdict"]["enum"] == list(KINDS)
    assert set(PART) < {"rows", *lab_schema()["$defs"]["reason"]["properties"]}


def test_an_empty_store_has_a_lab_too() -> None:
    tables = {
        name: empty(name)
        for name in ("contacts", "links", "journeys", "surveys", "points", "events")
    }
    config = load_config(None)
    now = datetime(2026, 3, 1, tzinfo=UTC)

    told = try_all(
        {**tables, **{n: empty(n) for n in ("customers", "orders", "touchpoints")}},
        config,
        family_named("fcr"),
        since="2026-02",
        until=None,
        now=now,
        zone=ZoneInfo("UTC"),
    )

    assert {one.score.value for one in told.tried} == {None}
    assert told.rows.is_empty()
