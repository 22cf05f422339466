"""Opening time inside contacts: under whose hours each falls, and what passes then."""

from dataclasses import dataclass

import polars as pl

from cxmap.hours import held_seconds, with_schedules
from cxmap.options import Hours
from cxmap.sources.channels import channel_group
from cxmap.sources.touches import CASE


@dataclass(frozen=True)
class Clock:
    """The opening hours, and which of them each contact falls under."""

    hours: Hours
    under: pl.DataFrame | None = None
    """`place` of each contact and its `schedules`; null: the usual hours for all."""

    def open_seconds(self, rows: pl.DataFrame, start: str, end: str) -> pl.Series:
        """Return the opening seconds between two instants of rows with a `place`."""
        if self.under is None:
            return held_seconds(rows, start, end, self.hours)
        placed = rows.select("place", start, end).join(
            self.under, on="place", how="left", maintain_order="left"
        )

        return held_seconds(placed, start, end, self.hours)


def clock_of(placed: pl.DataFrame, events: pl.DataFrame, hours: Hours) -> Clock:
    """Return the clock of the contacts that `events` belong to.

    `placed` are contacts (tables.FACTS) with their `place`. With the team that has a
    contact its hours change, as everywhere.
    """
    if not hours.schedules:
        return Clock(hours)
    told = placed.join(events.select(CASE).unique(), on=CASE, how="semi").select(
        "place",
        *CASE,
        "team",
        "queue",
        "started_at",
        channel_group=channel_group(pl.col("channel")),
    )
    under = with_schedules(told, events, hours, key=CASE)

    return Clock(hours, under.select("place", "schedules"))
