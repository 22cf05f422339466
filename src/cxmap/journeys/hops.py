"""The hop that leads to each step of a journey: from where, why, how continuous."""

import polars as pl

from cxmap.journeys.links import Evidence
from cxmap.journeys.standing import served, served_by
from cxmap.journeys.timeline import ROW
from cxmap.options import LinkRules
from cxmap.references import NO_LINK

KNOWN = (
    "source",
    "inbound",
    "channel",
    "channel_group",
    "agent_id",
    "agent_messages",
    "started_at",
    "last_touch_at",
    "served",
    "resolved",
    "answered_at",
    "first_response_at",
    "resolved_at",
    "ended_at",
)
"""What a hop must know of its two contacts."""

WORDS = ("same_case", "merged", "transfer")
"""What explicit groups can say of a hop; the first that is said holds."""

Pairs = frozenset[tuple[str, str]]
"""Sources from whose first to whose second a hop's continuity could be seen."""


def placed(contacts: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Return the steps: at, journey, inbound, step, from_at and rule, in order.

    from_at is the best predecessor, or, where none links directly, the nearest
    preceding contact of the journey (an inbound one, if there is one): `joined`.
    """
    members = evidence.predecessor.select(
        "from_at",
        "rule",
        at=pl.int_range(pl.len(), dtype=ROW),
        journey=evidence.journey,
        inbound=contacts["inbound"],
    ).filter(pl.col("journey").is_not_null())
    steps = members.sort("journey", "at")

    first = pl.col("journey").ne_missing(pl.col("journey").shift(1))
    begins = pl.when(first).then(pl.int_range(pl.len(), dtype=ROW)).forward_fill()
    inbound_at = pl.when("inbound").then("at").forward_fill().shift(1)
    inside = pl.when("inbound").then("journey").forward_fill().shift(1)
    near = pl.when(inside == pl.col("journey")).then(inbound_at)
    joined = pl.coalesce(near, pl.col("at").shift(1))
    unlinked = ~first & pl.col("from_at").is_null()

    return steps.with_columns(
        step=pl.int_range(pl.len(), dtype=ROW) - begins + 1,
        from_at=pl.when(unlinked).then(joined).otherwise("from_at"),
        rule=pl.when(unlinked).then(pl.lit("joined")).otherwise("rule"),
    )


def hops(
    contacts: pl.DataFrame,
    steps: pl.DataFrame,
    members: pl.DataFrame,
    *,
    links: LinkRules,
    provable: Pairs,
) -> pl.DataFrame:
    """Return `steps` from the second on with gap_seconds, continuity and switch.

    Only where the two sources are a pair of `provable` does silence mean a restart.
    Hops to or from outbound contacts are neither restarts nor switches (null).
    """
    taken = steps.filter(pl.col("from_at").is_not_null())
    origins = contacts.select(KNOWN)[taken["from_at"]]
    targets = contacts.select(*KNOWN, served_finally=served())[taken["at"]]
    hop = pl.concat(
        [
            taken.select("at", "journey", "step", "from_at", "rule"),
            origins,
            targets.rename(lambda name: f"to_{name}"),
            _said(taken, members),
        ],
        how="horizontal",
    )
    both_inbound = pl.col("inbound") & pl.col("to_inbound")
    moved = pl.col("channel_group").ne_missing(pl.col("to_channel_group"))
    return hop.select(
        "at",
        "journey",
        "step",
        "from_at",
        "rule",
        gap_seconds=_gap(links),
        continuity=_continuity(provable, both_inbound),
        switch=pl.when(both_inbound).then(moved),
    )


def _gap(links: LinkRules) -> pl.Expr:
    """Return the hop's gap by the clock of its rule; overlapping contacts have none."""
    from_start = [
        rule
        for rule in ("same_topic", "unknown_topic", "retry")
        if getattr(links, rule).start_clock == "start"
    ]
    touched = pl.coalesce("last_touch_at", "started_at")
    clock = pl.when(pl.col("rule").is_in(from_start)).then("started_at")
    gap = pl.col("to_started_at") - clock.otherwise(touched)
    return gap.dt.total_seconds().clip(lower_bound=0)


def _continuity(provable: Pairs, both_inbound: pl.Expr) -> pl.Expr:
    """Return the first of names.CONTINUITIES that holds.

    Agents are the same only within one source: numbers of two systems may meet by
    chance. A story is told again only to somebody who answers, after somebody did.
    """
    same_agent = (pl.col("agent_id") == pl.col("to_agent_id")) & (
        pl.col("source") == pl.col("to_source")
    )
    before = served_by(pl.col("to_started_at"))
    heard = pl.col("to_served_finally").ne_missing(pl.lit(value=False))
    return (
        pl.when(pl.col("says").is_not_null())
        .then("says")
        .when(same_agent)
        .then(pl.lit("same_agent"))
        .when(~before)
        .then(pl.lit("retry"))
        .when(both_inbound & before & heard & _shown(provable))
        .then(pl.lit("restart"))
        .otherwise(pl.lit("unknown"))
    )


def _shown(provable: Pairs) -> pl.Expr:
    """Tell whether the exports of both contacts could show that one led on."""
    partners: dict[str, list[str]] = {}
    for one, other in sorted(provable):
        partners.setdefault(one, []).append(other)
    return pl.any_horizontal(
        pl.lit(value=False),
        *(
            (pl.col("source") == one) & pl.col("to_source").is_in(others)
            for one, others in partners.items()
        ),
    )


def _said(taken: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return what the explicit groups say of each hop, in a column `says`."""
    groups = members.select("group", "says", at=pl.col("at").cast(ROW))
    shared = (
        taken.select("at", "from_at")
        .join(groups, on="at")
        .join(groups, left_on=["from_at", "group"], right_on=["at", "group"])
    )
    both = [pl.col("says"), pl.col("says_right")]
    named = pl.coalesce(
        *(pl.when(word.is_in(WORDS[1:])).then(word) for word in both),
        pl.lit(WORDS[0]),
    )
    said = shared.select("at", word=named).group_by("at").agg("word")
    first = pl.coalesce(
        pl.when(pl.col("word").list.contains(word)).then(pl.lit(word)) for word in WORDS
    )
    said = said.select("at", says=first)
    return taken.select("at").join(said, on="at", how="left", maintain_order="left")[
        ["says"]
    ]


def provable_pairs(contacts: pl.DataFrame, references: pl.DataFrame) -> Pairs:
    """Return the pairs of sources, in both orders, whose exports can show continuity.

    Within a source: it names agents, cases or other contacts at all. Between two:
    one names the other's cases or contacts, or both name those of a third. Two
    systems that each count for themselves would be silent even if a case had been
    carried on, so their silence proves nothing.
    """
    named = _namespaces(contacts, references)
    agents = contacts.filter(pl.col("agent_id").is_not_null())["source"].unique()
    alone = {(source, source) for source in [*agents, *named]}
    known = {source: {source, *spaces} for source, spaces in named.items()}
    everyone = {
        source: known.get(source, {source}) for source in contacts["source"].unique()
    }
    between = {
        (one, other)
        for one, spaces in everyone.items()
        for other, others in everyone.items()
        if one != other and spaces & others
    }

    return frozenset(alone | between)


def _namespaces(
    contacts: pl.DataFrame, references: pl.DataFrame
) -> dict[str, set[str]]:
    """Return, by source, in whose namespaces it names cases and contacts."""
    cases = contacts.select("source", space=pl.col("case_id").str.extract("^([^:]*):"))
    linking = pl.col("to_id").is_not_null() & ~pl.col("kind").is_in(NO_LINK)
    told = references.filter(linking).select(
        "source", space=pl.coalesce("to_source", "source")
    )
    spaces: dict[str, set[str]] = {}
    for source, space in pl.concat([cases, told]).drop_nulls().unique().iter_rows():
        spaces.setdefault(source, set()).add(space)

    return spaces
