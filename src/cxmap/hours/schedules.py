"""Under which opening hours a contact falls, and what passes of them over changes."""

from collections.abc import Sequence

import polars as pl

from cxmap.hours.openings import business_seconds
from cxmap.options import Hours, NamedSchedule

USUAL = "usual"
"""How the text `schedules` calls the hours that have no name."""

HANDED_OVER = ("assigned", "transferred")

INSTANT = "%Y-%m-%dT%H:%M:%SZ"

ROW = "row_of_schedules"


def with_schedules(
    rows: pl.DataFrame, events: pl.DataFrame, hours: Hours, *, key: Sequence[str]
) -> pl.DataFrame:
    """Return the rows with `schedules`: the names of the hours they fall under.

    `rows` have `source`, `channel_group`, `team`, `queue`, `started_at` and the `key`
    by which the table `events` belongs to them. A text of names, the instant of each
    change between two of them; null: the usual hours throughout. The schedule changes
    with the team, as hand-overs whose values name teams say; else the row's own team
    has it all along.
    """
    own = _first_holding(hours)
    if not any(one.teams for one in hours.schedules):
        return rows.with_columns(schedules=own)

    moves = _moves(events, rows, hours, key)
    numbered = rows.with_row_index(ROW)
    moved = _told(numbered, moves, hours, key)

    return (
        numbered.with_columns(own=own)
        .join(moved, on=ROW, how="left", maintain_order="left")
        .with_columns(
            schedules=pl.when(pl.col("told").is_null())
            .then("own")
            .when(pl.col("told") != USUAL)
            .then("told")
        )
        .drop(ROW, "own", "told")
    )


def held_seconds(rows: pl.DataFrame, start: str, end: str, hours: Hours) -> pl.Series:
    """Return the opening seconds from one instant's column to another's.

    `rows` have `schedules`, as `with_schedules` leaves them, where the hours have any.
    Where several held, the convention of the hours decides: each stretch by its own,
    or all by the last.
    """
    if not hours.schedules:
        usual = business_seconds(pl.col(start), pl.col(end), hours)
        return rows.select(usual).to_series()

    moved = _moved(rows)
    if not moved.any() or hours.convention == "last":
        named = rows.with_columns(schedule=schedule_at(rows, end))
        whole = business_seconds(pl.col(start), pl.col(end), hours, pl.col("schedule"))
        return named.select(whole).to_series()

    plain = business_seconds(
        pl.col(start), pl.col(end), hours, pl.when(~moved).then("schedules")
    )
    pieces = _stretches(rows.with_columns(begins=start, ends=end), "begins", "ends")
    stretch = business_seconds(
        pl.max_horizontal("begins", "since_at"),
        pl.min_horizontal("ends", "until_at"),
        hours,
        pl.col("schedule"),
    )
    summed = (
        pieces.drop_nulls(["begins", "ends"])
        .select(ROW, several=stretch)
        .group_by(ROW)
        .agg(pl.col("several").sum())
    )
    told = (
        rows.select(plain=plain)
        .with_row_index(ROW)
        .join(summed, on=ROW, how="left", maintain_order="left")
    )

    return told.select(pl.coalesce("several", "plain")).to_series()


def schedule_at(rows: pl.DataFrame, at: str) -> pl.Series:
    """Return the name of the schedule in force at an instant; null: the usual one."""
    if not _moved(rows).any():
        return rows["schedules"]

    begun = pl.col("since_at").is_null() | (pl.col("since_at") <= pl.col("instant"))
    pieces = _stretches(rows.with_columns(instant=at), "instant").filter(begun)
    latest = pieces.group_by(ROW, maintain_order=True).agg(pl.col("schedule").last())
    told = (
        rows.select("schedules")
        .with_row_index(ROW)
        .join(latest, on=ROW, how="left", maintain_order="left")
    )
    several = pl.col("schedules").str.contains(" ", literal=True)

    return told.select(
        pl.when(several).then("schedule").otherwise("schedules")
    ).to_series()


def _moved(rows: pl.DataFrame) -> pl.Series:
    several = pl.col("schedules").str.contains(" ", literal=True)

    return rows.select(several.fill_null(value=False)).to_series()


def _stretches(rows: pl.DataFrame, *kept: str) -> pl.DataFrame:
    """Return from when to when each schedule held, of rows that several held for.

    `row_of_schedules` is the row's place; the first has no `since_at`, the last no
    `until_at`, and the usual schedule no name.
    """
    words = pl.col("schedules").str.split(" ")
    zone = pl.Datetime("us", "UTC")
    told = (
        rows.with_row_index(ROW)
        .filter(_moved(rows))
        .select(
            ROW,
            *kept,
            schedule=words.list.gather_every(2),
            since_at=pl.concat_list(
                pl.lit(None, pl.String), words.list.gather_every(2, 1)
            ),
        )
        .explode("schedule", "since_at")
    )
    since = pl.col("since_at").str.to_datetime(INSTANT, time_unit="us", time_zone="UTC")

    return told.with_columns(
        since_at=since.cast(zone),
        schedule=pl.when(pl.col("schedule") != USUAL).then("schedule"),
    ).with_columns(until_at=pl.col("since_at").shift(-1).over(ROW))


def _first_holding(hours: Hours) -> pl.Expr:
    """Return the name of the first schedule that holds for a row; null: none does."""
    found = pl.lit(None, pl.String)
    for one in reversed(hours.schedules):
        found = pl.when(_holds(one)).then(pl.lit(one.name)).otherwise(found)

    return found


def _holds(one: NamedSchedule) -> pl.Expr:
    asked = {
        "channel_group": one.channel_groups,
        "source": one.sources,
        "team": one.teams,
        "queue": one.queues,
    }
    met = [
        pl.col(column).is_in(list(values)).fill_null(value=False)
        for column, values in asked.items()
        if values
    ]

    return pl.all_horizontal(pl.lit(value=True), *met)


def _moves(
    events: pl.DataFrame, rows: pl.DataFrame, hours: Hours, key: Sequence[str]
) -> pl.DataFrame:
    """Return from when each team had a case: the `key`, `team` and `since_at`.

    Before the first hand-over, `since_at` is null, it was with the team it came from,
    if that is known, else with none.
    """
    named = sorted({team for one in hours.schedules for team in one.teams})
    known = pl.concat(
        [rows["team"].drop_nulls().unique(), pl.Series(named, dtype=pl.String)]
    )
    teams = known.unique().implode()
    given = {
        name: pl.when(pl.col(name).is_in(teams)).then(name)
        for name in ("from_value", "to_value")
    }
    handed = (
        events.filter(pl.col("event_type").is_in(HANDED_OVER))
        .with_columns(**given)
        .filter(pl.col("to_value").is_not_null())
        .sort(*key, "at", "from_value", "to_value")
    )
    before = handed.unique(key, keep="first", maintain_order=True).select(
        *key, team="from_value", since_at=pl.lit(None, pl.Datetime("us", "UTC"))
    )

    return pl.concat([before, handed.select(*key, team="to_value", since_at="at")])


def _told(
    numbered: pl.DataFrame, moves: pl.DataFrame, hours: Hours, key: Sequence[str]
) -> pl.DataFrame:
    """Return row and `told`, the text of the schedules, of rows handed over.

    What ended before a row began is none of its own.
    """
    columns = {ROW, *key, "source", "channel_group", "queue", "started_at"}
    until = pl.col("since_at").shift(-1).over(ROW)
    over = (until <= pl.col("started_at")).fill_null(value=False)
    stretches = (
        numbered.select(sorted(columns))
        .join(moves, on=list(key), maintain_order="left_right")
        .filter(~over)
        .with_columns(schedule=_first_holding(hours).fill_null(USUAL))
    )
    first = pl.col(ROW).is_first_distinct()
    changed = first | (pl.col("schedule") != pl.col("schedule").shift())
    since = pl.col("since_at").dt.strftime(INSTANT)
    word = (
        pl.when(first)
        .then("schedule")
        .otherwise(pl.concat_str(since, "schedule", separator=" "))
    )

    return (
        stretches.filter(changed)
        .with_columns(word=word)
        .group_by(ROW, maintain_order=True)
        .agg(told=pl.col("word").str.join(" "))
    )
