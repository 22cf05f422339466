"""Which contact with a topic each contact without one goes with."""

from collections.abc import Iterator

import polars as pl

from cxmap.journeys.reach import predecessors
from cxmap.journeys.related import Related, Tree, same_topic, unknown_topic


def nearest_topic(rows: pl.DataFrame, nodes: Tree) -> Iterator[Related]:
    """Yield what pairs tie of which one contact, or both, has no topic.

    `rows` (at, lane, start, clock, reach, topic, joins) are inbound contacts in order.
    A contact without a topic is tied to the one with a topic that is nearest in time,
    and to others without one, unless they go with different topics. So it holds no two
    topics together, but where a third, near none that has a topic, lies between two
    that go with different ones.
    """
    company = companions(rows)
    tied = pl.DataFrame({"one": rows["at"], "other": rows["at"].gather(company)})
    earlier, later = (
        pl.min_horizontal("one", "other"),
        pl.max_horizontal("one", "other"),
    )
    pairs = tied.drop_nulls().select(a=earlier, b=later)
    yield Related(pairs, pairs.select(at="b", from_at="a"))

    followed = rows["topic"].gather(company)
    bare = rows.with_columns(topic=followed).filter(rows["topic"].is_null())
    yield from same_topic(bare, nodes)
    yield unknown_topic(bare)


def companions(rows: pl.DataFrame) -> pl.Series:
    """Return, as a row number, the contact that each one without a topic goes with.

    Of the latest to begin before it that reaches it and the first after it that it
    reaches, the one with the shorter gap; the earlier where they are equal. Null:
    there is none, or the contact has a topic of its own.
    """
    known = rows["topic"].is_not_null()
    own_reach = pl.when(known).then("reach")
    telling = rows.with_columns(reach=own_reach, hub=pl.lit(value=True))
    before = predecessors(telling)
    after = _next(rows, known)
    gaps = pl.DataFrame(
        {
            "bare": ~known,
            "before": before,
            "after": after,
            "since": rows["start"] - rows["clock"].gather(before),
            "until": rows["start"].gather(after) - rows["clock"],
        }
    )
    since, until = (pl.col(name).clip(lower_bound=0) for name in ("since", "until"))
    sooner = (until < since).fill_null(pl.col("before").is_null())
    chosen = pl.when(sooner).then("after").otherwise("before")

    return gaps.select(pl.when("bare").then(chosen)).to_series()


def _next(rows: pl.DataFrame, known: pl.Series) -> pl.Series:
    """Return the first row with a topic after each row of its lane that it reaches."""
    number = pl.when(known).then(pl.int_range(pl.len(), dtype=pl.Int64()))
    following = rows.select(number.backward_fill()).to_series()
    later = pl.DataFrame(
        {
            "row": following,
            "home": rows["lane"].gather(following) == rows["lane"],
            "near": rows["start"].gather(following) <= rows["reach"],
        }
    )
    return later.select(
        pl.when(pl.col("home") & pl.col("near")).then("row")
    ).to_series()
