"""Stitches and flags anew only the customers that new records touch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import polars as pl

from cxmap.definitions import Baseline, Friction
from cxmap.engines.local import (
    Plan,
    Tables,
    cut,
    first_pass,
    flag_bucket,
    run,
    stitch_bucket,
    walked_once,
    with_owner,
)
from cxmap.journeys.inside import waits_inside
from cxmap.journeys.standing import served
from cxmap.journeys.summary import closings
from cxmap.names import LIVE_GROUPS
from cxmap.tables import RECORD, conform

STITCHED = ("contacts", "links", "journeys", "surveys")
"""What is stitched; points follow."""

FOLLOWING = ("source_horizon_at", "horizon_at")
"""Columns that move with every load and are only carried along."""

MOVING = (*FOLLOWING, "unanswered_business_seconds")
"""Columns that may move for anybody, whomever a load touches."""

READ = MappingProxyType(
    {
        "contacts": (),
        "references": ("source", "source_contact_id", "kind", "to_source", "to_id"),
        "same_orders": ("contact_id", "pseudonym"),
        "surveys": (),
    }
)
"""What stitching reads of its tables; nothing named: all but what says whence the
row came."""

WHENCE = tuple(name for name in RECORD if name != "source")


NAMED_BY = MappingProxyType(
    {
        "contacts": ("contact_id", "contact_id"),
        "links": ("to_contact_id", "contact_id"),
        "journeys": ("journey_id", "journey_id"),
        "points": ("contact_id", "contact_id"),
        "surveys": ("contact_id", "contact_id"),
    }
)
"""By which column a stitched row is known, and which of its contact it is."""


@dataclass(frozen=True)
class Touched:
    """Whose rows an earlier derivation no longer tells."""

    stitched: pl.DataFrame
    """`owner`: whose contacts are to be stitched anew."""
    flagged: pl.DataFrame
    """`owner`: whose points alone are to be found anew."""


def run_all(
    whole: Tables, plan: Plan, needs: Mapping[str, Baseline]
) -> dict[str, pl.DataFrame]:
    """Return contacts, links, journeys, points and surveys of `whole`, all stitched.

    Beside them `inputs`, by which `renew` tells later whom new records touch.
    """
    parts = run(cut(whole), plan, needs)
    names = (*STITCHED, "points")
    tables = {name: pl.concat([part[name] for part in parts]) for name in names}
    told = tables if len(parts) == 1 else in_order(tables)

    return {**told, "inputs": inputs(whole, plan)}


def renew(
    whole: Tables, plan: Plan, needs: Mapping[str, Baseline], earlier: Tables
) -> dict[str, pl.DataFrame]:
    """Return what `run_all` returns, computing anew only what `earlier` cannot tell.

    `earlier` are its tables of other records under the same configuration. Whoever
    has the inputs they had, and no journey that a moved horizon closes or opens,
    keeps the rows.
    """
    held = inputs(whole, plan)
    moved = _with_horizons(earlier, whole, plan)
    touched = _touched(held, moved, earlier, plan)
    gone = _of_owners(moved, touched.stitched)
    kept = {name: moved[name].filter(~rows) for name, rows in gone.items()}
    parts = _stitched_again(whole, touched.stitched, plan)
    tables = {
        name: pl.concat([kept[name], *(part[name] for part in parts)])
        for name in STITCHED
    }
    points = _flagged_again({**tables, "points": kept["points"]}, touched, plan, needs)

    return {**in_order({**tables, "points": points}), "inputs": held}


def _flagged_again(
    tables: Tables, touched: Touched, plan: Plan, needs: Mapping[str, Baseline]
) -> pl.DataFrame:
    """Return the points of all, anew where those in `tables` may no longer hold.

    Frictions that move with every load are sought in everybody's contacts, the others
    in those of the touched alone.
    """
    anew = pl.concat([touched.stitched, touched.flagged]).unique()
    marked = _of_owners(tables, anew)
    theirs = {name: tables[name].filter(marked[name]) for name in STITCHED}
    moving = {name: one for name, one in plan.frictions.items() if _moves(*one)}
    still = {name: one for name, one in plan.frictions.items() if name not in moving}
    points = _points(theirs, replace(plan, frictions=still))
    if moving:
        everybody = {name: tables[name] for name in STITCHED}
        walked = walked_once(everybody, plan.hours)
        told = first_pass(cut(walked), needs, hours=plan.hours) if needs else {}
        points += _points(walked, replace(plan, frictions=moving, baselines=told))
    standing = tables["points"].filter(
        ~marked["points"] & ~pl.col("friction").is_in(list(moving))
    )

    return pl.concat([standing, *points])


def _points(stitched: Tables, plan: Plan) -> list[pl.DataFrame]:
    return [flag_bucket(bucket, plan)["points"] for bucket in cut(stitched)]


def _moves(friction: Friction, condition: pl.Expr) -> bool:
    """Tell whether a friction may move with any load, whomever it touches.

    It reads how far we can see, or what is usual over all that is held.
    """
    read = condition.meta.root_names()

    return bool(friction.needs) or not set(MOVING).isdisjoint(read)


def _stitched_again(
    whole: Tables, owners: pl.DataFrame, plan: Plan
) -> list[dict[str, pl.DataFrame]]:
    again = {
        name: with_owner(rows, name, whole)
        .join(owners, on="owner", how="semi")
        .drop("owner")
        for name, rows in whole.items()
    }

    return [stitch_bucket(bucket, plan) for bucket in cut(again)]


def inputs(whole: Tables, plan: Plan) -> pl.DataFrame:
    """Return the table inputs: a digest of all that is stitched, by whose it is."""
    told = {**whole, "contacts": _with_partners(whole["contacts"], plan)}
    digests = [
        _digests(rows, name, whole, seed)
        for seed, (name, rows) in enumerate(sorted(told.items()))
    ]
    every = pl.concat(digests).group_by("owner", maintain_order=True)

    return conform(every.agg(pl.col("digest").sum()), "inputs")


def _with_partners(contacts: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the contacts with the sources that their own can prove a hop with."""
    partners: dict[str, list[str]] = {}
    for one, other in sorted(plan.provable):
        partners.setdefault(one, []).append(other)
    told = pl.DataFrame(
        [(one, "\0".join(others)) for one, others in partners.items()],
        schema={"source": pl.String(), "partners": pl.String()},
        orient="row",
    )

    return contacts.join(told, on="source", how="left", maintain_order="left")


def _digests(rows: pl.DataFrame, name: str, whole: Tables, seed: int) -> pl.DataFrame:
    """Return owner and digest of every row."""
    owned = with_owner(rows, name, whole)
    every = [one for one in rows.columns if one not in (*FOLLOWING, *WHENCE)]
    read = owned.select(READ[name] or every)

    return owned.select("owner", digest=read.hash_rows(seed))


def in_order(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return stitched tables as one bucket would have them, in its order of rows."""
    contacts = tables["contacts"].sort(
        "customer_id", "started_at", "contact_id", nulls_last=True
    )
    starts = contacts.filter("inbound").select("journey_id").drop_nulls()
    firsts = starts.unique(maintain_order=True)
    steps = contacts.select(to_contact_id="contact_id")
    links, journeys = tables["links"], tables["journeys"]

    return {
        "contacts": contacts,
        "links": steps.join(links, on="to_contact_id", maintain_order="left").select(
            links.columns
        ),
        "journeys": firsts.join(
            journeys, on="journey_id", maintain_order="left"
        ).select(journeys.columns),
        "points": tables["points"].sort("friction", "journey_id", "at", "contact_id"),
        "surveys": tables["surveys"].sort(
            "customer_id", "responded_at", "survey_id", nulls_last=True
        ),
    }


def _of_owners(tables: Tables, owners: pl.DataFrame) -> dict[str, pl.Series]:
    """Tell, by stitched table, which rows are of `owners`."""
    theirs = _of(tables["contacts"]).join(owners, on="owner", how="semi")

    return {
        name: _belonging(tables[name], name, theirs, owners["owner"])
        for name in (*STITCHED, "points")
    }


def _belonging(
    rows: pl.DataFrame, name: str, theirs: pl.DataFrame, owners: pl.Series
) -> pl.Series:
    """Tell which rows of a stitched table are of `theirs`, the owners' contacts."""
    column, same = NAMED_BY[name]
    marks = _among(rows[column], theirs[same])
    if name != "surveys":
        return marks

    unattributed = pl.col("contact_id").is_null()
    own = rows.select(
        pl.when(unattributed).then(pl.coalesce("customer_id", "survey_id"))
    )
    return marks | _among(own.to_series(), owners)


def _among(names: pl.Series, some: pl.Series) -> pl.Series:
    return names.is_in(some.drop_nulls().implode()).fill_null(value=False)


def _of(contacts: pl.DataFrame) -> pl.DataFrame:
    return contacts.select(
        "contact_id", "journey_id", owner=pl.coalesce("customer_id", "contact_id")
    )


def _with_horizons(
    earlier: Tables, whole: Tables, plan: Plan
) -> dict[str, pl.DataFrame]:
    """Return the earlier tables, what is carried along as it stands by now."""
    ends = whole["contacts"].select("source", "source_horizon_at").unique()
    at = pl.lit(plan.horizon_at, pl.Datetime("us", "UTC"))
    contacts = earlier["contacts"]
    placed = contacts.drop("source_horizon_at").join(
        ends, on="source", how="left", maintain_order="left"
    )

    return {
        **earlier,
        "contacts": placed.with_columns(horizon_at=at).select(contacts.columns),
        "journeys": earlier["journeys"].with_columns(horizon_at=at),
        "surveys": earlier["surveys"].with_columns(horizon_at=at),
    }


def _touched(held: pl.DataFrame, moved: Tables, earlier: Tables, plan: Plan) -> Touched:
    known = earlier["inputs"]
    same = held.join(known, on=["owner", "digest"], how="semi")
    either = pl.concat([held.select("owner"), known.select("owner")]).unique()
    changed = either.join(same, on="owner", how="anti")
    stitched = pl.concat([changed, _turned(moved, earlier, plan)]).unique()

    return Touched(stitched, _waiting(moved, earlier))


def _turned(moved: Tables, earlier: Tables, plan: Plan) -> pl.DataFrame:
    """Return `owner` of journeys that the horizon, where it is now, closes or opens."""
    contacts, journeys = moved["contacts"], earlier["journeys"]
    then, now = journeys["horizon_at"].max(), moved["journeys"]["horizon_at"].max()
    if then == now:
        return _of(contacts).clear().select("owner")
    onward = isinstance(then, datetime) and isinstance(now, datetime) and now > then
    # A horizon that moves on opens no journey.
    asked = journeys.filter(~pl.col("closed")) if onward else journeys
    theirs = contacts.join(asked, on="journey_id", how="semi")
    closed = closings(theirs, links=plan.links, horizon_at=plan.horizon_at)
    turned = asked.join(closed, on="journey_id").filter(
        pl.col("closed") != pl.col("closed_now")
    )

    return _of(theirs).join(turned, on="journey_id", how="semi").select("owner")


def _waiting(moved: Tables, earlier: Tables) -> pl.DataFrame:
    """Return `owner` of contacts where somebody waits to the end of their source."""
    now = moved["contacts"]
    then = earlier["contacts"]["source_horizon_at"]
    further = then.ne_missing(now["source_horizon_at"])
    live = pl.col("channel_group").is_in(LIVE_GROUPS).fill_null(value=False)
    waits = (served() == pl.lit(value=False)) & ~live
    waits = waits | waits_inside()

    return _of(now.filter(further).filter(waits)).select("owner")
