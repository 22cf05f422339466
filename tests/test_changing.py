"""When drivers are looked for at all: only where something did change."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import polars as pl
import pytest

from cxmap import tables
from cxmap.changing import findings
from cxmap.definitions import collect
from cxmap.engines.local import Question, Tables, score_bucket
from cxmap.measures import Bound
from cxmap.options import Hours
from cxmap.scorecard import Finding, Score
from cxmap.scoring import scores

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = (datetime(2026, 2, 1, tzinfo=UTC), MARCH[0])
NAMES = ("identified_share", "comparable_topic_share")


def bound() -> Bound:
    kpis = collect("kpis")
    return {name: (kpis[name], kpis[name].bind({})) for name in NAMES}


def question(**given: Any) -> Question:
    return Question(
        kpis=bound(),
        periods={"current": MARCH, "previous": FEBRUARY, **given},
        by=(),
        zone="UTC",
        frictions=(),
        hours=Hours(),
    )


def world(known_in_march: float) -> Tables:
    """Chats and calls; of the chats of March only a part has a known customer."""
    luck = random.Random(1)  # noqa: S311
    rows = []
    for month, (since, _) in enumerate((FEBRUARY, MARCH)):
        for place in range(600):
            channel = ("voice", "voice", "chat")[place % 3]
            share = known_in_march if (month, channel) == (1, "chat") else 0.95
            known = luck.random() < share
            rows.append(
                {
                    "contact_id": f"{month}-{place}",
                    "customer_id": f"c{month}-{place}" if known else None,
                    "started_at": since + timedelta(hours=place % 600),
                    "inbound": True,
                    "channel": channel,
                    "topic": ("billing", "delivery")[place // 3 % 2],
                    "topic_raw": "x",
                }
            )
    names = ("links", "journeys", "surveys", "points")
    contacts = tables.conform(pl.DataFrame(rows), "contacts")

    return {"contacts": contacts, **{name: tables.empty(name) for name in names}}


def scored(held: Tables, changed: tuple[str, ...] = ()) -> list[Score]:
    answer = score_bucket(held, question())
    return scores(
        answer.partials, bound(), targets={}, missing={}, coverage_changed=changed
    )


def found(held: Tables, **given: Any) -> tuple[Finding, ...]:
    told = scored(held, given.pop("changed", ()))
    return findings([held], question(**given), told, min_cell=10)


def asked_in_vain() -> Iterator[NoReturn]:
    """Buckets that nobody may look into."""
    raise AssertionError
    yield


def test_the_channel_that_changed_is_found() -> None:
    (one,) = found(world(0.3))

    assert (one.kpi, one.by) == ("identified_share", {"channel": "chat"})
    assert one.weight == pytest.approx(1 / 3)
    assert one.value == pytest.approx(0.3, abs=0.1)
    assert one.change < 0
    assert one.share > 0.9


def test_another_period_counted_beside_changes_nothing() -> None:
    earlier = (FEBRUARY[0] - timedelta(days=31), FEBRUARY[0])

    assert found(world(0.3), earlier=earlier) == found(world(0.3))


def test_buckets_of_customers_find_the_same() -> None:
    held = world(0.3)
    told = scored(held)
    even = pl.col("contact_id").str.tail(1).is_in(list("02468"))
    parts = [
        {**held, "contacts": held["contacts"].filter(one)} for one in (even, ~even)
    ]

    assert findings(parts, question(), told, min_cell=10) == found(held)


def test_nothing_is_counted_where_nothing_changed() -> None:
    told = scored(world(0.95))

    assert findings(asked_in_vain(), question(), told, min_cell=10) == ()


def test_nothing_is_told_where_coverage_changed() -> None:
    told = scored(world(0.3), NAMES)

    assert findings(asked_in_vain(), question(), told, min_cell=10) == ()


def test_nothing_is_told_where_nothing_is_compared() -> None:
    assert findings(asked_in_vain(), question(), [], min_cell=10) == ()


def test_a_cell_below_the_least_is_not_told() -> None:
    assert findings([world(0.3)], question(), scored(world(0.3)), min_cell=201) == ()
