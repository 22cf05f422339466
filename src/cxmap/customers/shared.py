"""Which e-mails, phones, devices and handles are shared, and so join nobody."""

from datetime import timedelta

import polars as pl

from cxmap.graph import components
from cxmap.options import IdentityRules


def shared_emails(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame, *, cap: int
) -> pl.Series:
    """Return the e-mails met with more than `cap` external ids.

    `met` (record, value), `values` (value, kind, cut), `links` (value, to_value).
    External ids that were merged explicitly count once.
    """
    trusted = values["cut"].is_null()
    people = components(values.height, links["value"], links["to_value"])
    held = met.select("record", "value")
    emails = held.filter((trusted & (values["kind"] == "email")).gather(held["value"]))
    known = trusted & (values["kind"] == "external_id")
    external = held.filter(known.gather(held["value"]))
    external = external.select("record", person=people.gather(external["value"]))
    met_with = emails.join(external, on="record").group_by("value")
    counted = met_with.agg(pl.col("person").n_unique())
    return counted.filter(pl.col("person") > cap)["value"]


def shared_addresses(
    meetings: pl.DataFrame, holds: pl.DataFrame, *, rules: IdentityRules
) -> pl.Series:
    """Return the phones, devices and handles that several people use.

    `meetings` (value, kind, group, seen_at): which address met which group of keys
    and e-mails, and when; `holds` (group, kind): what a group holds. Shared is what
    met more groups than its cap, or, but for the level `loose`, groups of which
    there is evidence that they are different people.
    """
    pairs = meetings.select("value", "kind", "group").unique()
    groups = pairs.group_by("value", "kind").agg(groups=pl.len())
    several = groups.filter(pl.col("groups") > 1)
    found = [_over_cap(several, rules)]
    if rules.level != "loose":
        contested = pairs.join(several, on="value", how="semi")
        found.append(_two_of(contested, _holding(holds, "external_id")))
        found.append(_never_near(meetings, several, rules.apart))
        if rules.weak_evidence:
            own = _own_phones(pairs, groups)
            reached = pl.concat([_holding(holds, "email"), own]).unique()
            found.append(_two_of(contested, reached))

    return pl.concat(found).unique()


def _over_cap(several: pl.DataFrame, rules: IdentityRules) -> pl.Series:
    over = pl.any_horizontal(
        pl.lit(value=False),
        *(
            (pl.col("kind") == kind) & (pl.col("groups") > cap)
            for kind, cap in rules.caps.items()
        ),
    )
    return several.filter(over)["value"]


def _holding(holds: pl.DataFrame, kind: str) -> pl.DataFrame:
    return holds.filter(pl.col("kind") == kind).select("group").unique()


def _own_phones(pairs: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return the groups that hold a phone no other group was met with."""
    single = groups.filter((pl.col("kind") == "phone") & (pl.col("groups") == 1))
    return pairs.join(single, on="value", how="semi").select("group").unique()


def _two_of(pairs: pl.DataFrame, groups: pl.DataFrame) -> pl.Series:
    """Return the values met with at least two of `groups`."""
    met = pairs.join(groups, on="group", how="semi").group_by("value")
    return met.agg(groups=pl.len()).filter(pl.col("groups") > 1)["value"]


def _never_near(
    meetings: pl.DataFrame, several: pl.DataFrame, apart: timedelta
) -> pl.Series:
    """Return the values that met two groups at times always more than `apart`."""
    seen = pl.col("seen_at")
    times = meetings.drop_nulls("seen_at").join(several, on="value", how="semi")
    long = times.group_by("value").agg(span=seen.max() - seen.min())
    long = long.filter(pl.col("span") > apart)
    times = times.join(long, on="value", how="semi")
    times = times.select("value", "group", "seen_at").sort("seen_at")
    others = times.select("value", other="group").unique()
    asked = times.join(others, on="value").filter(pl.col("group") != pl.col("other"))
    nearest = asked.sort("seen_at").join_asof(
        times.select("value", "seen_at", other="group", met_at="seen_at"),
        on="seen_at",
        by=["value", "other"],
        strategy="nearest",
        check_sortedness=False,
    )
    distance = (pl.col("met_at") - seen).abs().min()
    near = nearest.group_by("value", "group", "other").agg(distance=distance)
    return near.filter(pl.col("distance") > apart)["value"].unique()
