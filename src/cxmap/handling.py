"""What a contact took: people's time, and money only where the company named prices."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED
from cxmap.config.settings import Costs
from cxmap.measures.intervals import FEWEST, Z, nearest_rank
from cxmap.money import digits
from cxmap.tables import conform, empty

MACHINES = ("digital_self", "internal")
"""Channel groups that take no time of the people who serve customers."""

ENOUGH = 30
"""So many first contacts and so many later ones, before their ratio is told."""

WORK = ("took_seconds", "guessed", "price")
"""What `handled` adds to contacts."""


@dataclass(frozen=True)
class Rates:
    """What a contact usually takes, and what the config says that it costs."""

    usual: Mapping[str, int] = field(default_factory=dict)
    """Median handling time in seconds, by channel group, where enough is recorded."""
    contact: Mapping[str, int] = field(default_factory=dict)
    """Minor units a contact, by channel group; wins over the hour."""
    hour: int | None = None
    """Minor units an hour of handling time."""
    currency: str | None = None


@dataclass(frozen=True)
class SecondContacts:
    """How much longer a contact takes that is not its journey's first."""

    value: float
    """Mean handling time of later contacts ÷ that of comparable first ones."""
    low: float
    high: float
    later: int
    first: int


def rates(counts: pl.DataFrame, costs: Costs | None) -> Rates:
    """Return what contacts usually take, by handling_counts, and what they cost."""
    times = usual(counts)
    if costs is None:
        return Rates(times)
    scale = 10 ** digits(costs.currency)
    minor = {str(group): round(one * scale) for group, one in costs.contact.items()}
    hour = None if costs.hour is None else round(costs.hour * scale)

    return Rates(times, minor, hour, costs.currency)


def own_seconds() -> pl.Expr:
    """Return a contact's recorded handling time: talk, hold and wrap-up.

    Null where the export does not say how long the two talked, for machines, and for
    what is no contact of its own.
    """
    extra = pl.sum_horizontal(pl.col("hold_seconds", "wrap_up_seconds").fill_null(0))
    of_people = ~pl.col("channel_group").is_in(MACHINES).fill_null(value=False)

    return pl.when(of_people & ~NO_CONTACT).then(pl.col("talk_seconds") + extra)


def handled(contacts: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """Return contacts with took_seconds, guessed and price (minor units).

    A contact without a time of its own takes what is usual in its channel group
    (`guessed`); one that nobody served, and a machine, take nobody's time; null: not
    to be told. The price is that of the contact in its channel group, else that of
    its time; null without either.
    """
    group = pl.col("channel_group")
    idle = ~SERVED.fill_null(value=True) | NO_CONTACT
    own = own_seconds()
    none = own.is_null() & (idle | group.is_in(MACHINES).fill_null(value=False))
    usual = _by_group(group, rates.usual)
    took = pl.when(none).then(0).otherwise(pl.coalesce(own, usual))
    a_contact = _by_group(group, rates.contact)
    timed = pl.lit(None, pl.Int64)
    if rates.hour is not None:
        timed = (pl.col("took_seconds") * rates.hour + 1800) // 3600
    price = (
        pl.when(a_contact.is_null()).then(timed).when(idle).then(0).otherwise(a_contact)
    )

    return contacts.with_columns(
        took_seconds=took.cast(pl.Int64),
        guessed=~none & own.is_null() & usual.is_not_null(),
    ).with_columns(price=price.cast(pl.Int64))


def _by_group(group: pl.Expr, numbers: Mapping[str, int]) -> pl.Expr:
    if not numbers:
        return pl.lit(None, pl.Int64)

    return group.replace_strict(dict(numbers), default=None, return_dtype=pl.Int64)


def handling_counts(contacts: pl.DataFrame) -> pl.DataFrame:
    """Count recorded handling times: the table handling_counts, which adds up.

    Only contacts that somebody served, or whose export cannot tell.
    """
    later = pl.when("inbound").then(pl.col("step") > 1)
    rows = (
        contacts.lazy()
        .filter(SERVED.fill_null(value=True))
        .select(
            "channel_group",
            topic=pl.col("topic").str.split("/").list.first(),
            later=later,
            seconds=own_seconds(),
        )
        .filter(pl.col("seconds") > 0)
        .collect()
    )

    return merge_counts([conform(rows.with_columns(rows=1), "handling_counts")])


def merge_counts(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the handling_counts of several buckets, in a total order."""
    keys = ["channel_group", "topic", "later", "seconds"]
    every = pl.concat([empty("handling_counts"), *parts])

    return every.group_by(keys).agg(pl.col("rows").sum()).sort(keys)


def usual(counts: pl.DataFrame) -> dict[str, int]:
    """Return the nearest-rank median by channel group, of ten contacts or more."""
    found = {}
    for (group,), rows in counts.group_by("channel_group"):
        times = rows.group_by("seconds").agg(pl.col("rows").sum()).sort("seconds")
        n = int(times["rows"].sum())
        if group is not None and n >= FEWEST:
            reached = times["rows"].cum_sum() >= nearest_rank(n, (1, 2))
            found[str(group)] = int(times["seconds"].filter(reached)[0])

    return dict(sorted(found.items()))


def second_contacts(counts: pl.DataFrame) -> SecondContacts | None:
    """Return how much longer later contacts take than first ones; None: too few.

    The mean over the later contacts, against the mean that first contacts of the same
    channel group and topic would have in the same mixture. Kinds without a first
    contact drop out. The interval takes contacts as independent, on the log scale.
    """
    kinds = _kinds(counts)
    later, first = int(kinds["n"].sum()), int(kinds["n_first"].sum())
    if later < ENOUGH or first < ENOUGH:
        return None

    took, usual, spread, spread_usual = 0.0, 0.0, 0.0, 0.0
    for row in kinds.iter_rows(named=True):
        weight = row["n"] / later
        took += row["x"] / later
        usual += weight * row["x_first"] / row["n_first"]
        spread += (row["xx"] - row["x"] ** 2 / row["n"]) / later**2
        own = row["xx_first"] / row["n_first"] - (row["x_first"] / row["n_first"]) ** 2
        spread_usual += weight**2 * own / row["n_first"]
    ratio = took / usual
    reach = math.exp(Z * math.sqrt(spread / took**2 + spread_usual / usual**2))

    return SecondContacts(ratio, ratio / reach, ratio * reach, later, first)


def _kinds(counts: pl.DataFrame) -> pl.DataFrame:
    """Channel groups and topics that have both: sums of later and of first contacts."""
    seconds, rows = pl.col("seconds").cast(pl.Int128), pl.col("rows")
    key = ["channel_group", "topic"]
    sums = (
        counts.drop_nulls("later")
        .group_by(*key, "later")
        .agg(
            n=rows.sum(),
            x=(seconds * rows).sum(),
            xx=(seconds * seconds * rows).sum(),
        )
    )
    first = sums.filter(~pl.col("later"))
    both = sums.filter("later").join(first, on=key, nulls_equal=True, suffix="_first")

    return both.sort(key)


def in_turn(
    contacts: pl.DataFrame, journeys: pl.DataFrame, rates: Rates
) -> pl.DataFrame:
    """Return the contacts of these journeys as `handled` tells them, numbered.

    `journey` is the number that `journeys` give, `turn` the contact's place in the
    total order of all: numbers are joined and compared faster than ids.
    """
    theirs = contacts.join(journeys.select("journey_id", "journey"), on="journey_id")

    return (
        handled(theirs, rates)
        .select("journey", "contact_id", "started_at", *WORK)
        .sort("started_at", "contact_id")
        .with_row_index("turn")
        .drop("started_at")
    )


def following(
    worked: pl.DataFrame, points: pl.DataFrame, returns: Collection[str]
) -> pl.DataFrame:
    """Return the contacts that follow each point in its journey, a row a pair.

    `worked` as `in_turn` returns them; `points` with journey, turn and friction. A
    point of a friction in `returns` belongs to the contact that came back, which is
    itself what followed.
    """
    after = pl.col("turn_after") > pl.col("turn")
    came_back = pl.col("friction").is_in(list(returns))
    itself = came_back & (pl.col("turn_after") == pl.col("turn"))
    contacts = worked.select("journey", *WORK, turn_after="turn")

    return points.join(contacts, on="journey").filter(after | itself)


def priced(
    contacts: pl.DataFrame,
    journeys: pl.DataFrame,
    points: pl.DataFrame,
    *,
    rates: Rates,
    returns: Collection[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return journeys and points with their cost in minor units.

    A journey costs what its contacts cost, our own calls out included; a point what
    the contacts that follow it do. Null where none of them has a price.
    """
    numbered = journeys.drop("cost").with_row_index("journey")
    worked = in_turn(contacts, numbered, rates)
    price = pl.col("price")
    cost = pl.when(price.is_not_null().any()).then(price.sum())
    total = worked.group_by("journey").agg(cost=cost)
    of_journeys = numbered.join(total, on="journey", how="left", maintain_order="left")
    placed = points.drop("cost").with_row_index("place")
    known = placed.join(worked.select("contact_id", "journey", "turn"), on="contact_id")
    after = following(
        worked, known.select("place", "friction", "journey", "turn"), returns
    )
    of_points = placed.join(
        after.group_by("place").agg(cost=cost),
        on="place",
        how="left",
        maintain_order="left",
    )

    return conform(of_journeys, "journeys"), conform(of_points, "points")
