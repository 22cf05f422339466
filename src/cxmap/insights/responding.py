"""Who answers a survey: the response of every class of journeys, beside all others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import polars as pl

from cxmap.measures.discovery import believed
from cxmap.measures.intervals import (
    NO_BAND,
    Band,
    Moments,
    of_difference,
    of_share,
)

ORDERED = {
    "contacts": ("unknown", "1", "2", "3", "4+"),
    "frictions": ("0", "1", "2", "3+"),
}
"""Classes that have an order, in it; of `unknown` the customer is not known."""

STRATA = ("channel_group", "contacts", "frictions")
"""What journeys are sorted by."""

EXPECTED = 5
"""How many answers and silences must be expected where a class is tested."""

FRICTION = "friction"
"""What the classes are called that are told apart by one friction each."""


@dataclass(frozen=True)
class Response:
    """How many journeys of one class have an answer, and how others do."""

    by: str
    """One of STRATA, or `friction`."""
    kind: str
    """The class; for `friction` the journeys that met the friction so named."""
    journeys: int
    answered: int
    customers: int
    response: float
    low: float | None
    high: float | None
    difference: float | None
    """Response − that of all other journeys; None where there are no others."""
    difference_low: float | None
    difference_high: float | None
    believed: bool
    """Whether it differs, beside all other classes looked at (Benjamini–Hochberg)."""
    of_journeys: float
    """The class's share of all journeys."""
    of_answers: float | None
    """The class's share of all answers; None without any."""
    value: float | None
    """The mean of its answers, in the KPI's unit; None without any."""


def asked(journeys: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Return a row a journey: journey_id, who, STRATA and value; null: no answer.

    `journeys` has journey_id, customer_id, first_channel_group, contacts and
    frictions; `answers` a row a journey: journey_id and value, an integer. Four
    contacts and three frictions stand for more. Sorted by who and journey.
    """
    unknown = pl.col("customer_id").is_null()
    frictions = pl.col("frictions").fill_null(0)

    return (
        journeys.select(
            "journey_id",
            who=pl.coalesce("customer_id", "journey_id"),
            channel_group=pl.col("first_channel_group").fill_null("unknown"),
            contacts=pl.when(unknown)
            .then(pl.lit("unknown"))
            .otherwise(_up_to(pl.col("contacts"), 4)),
            frictions=_up_to(frictions, 3),
        )
        .join(answers, on="journey_id", how="left", validate="1:1")
        .sort("who", "journey_id")
    )


def _up_to(count: pl.Expr, most: int) -> pl.Expr:
    """Return the class of a count: `most` and more are one, as in `4+`."""
    return (
        pl.when(count >= most)
        .then(pl.lit(f"{most}+"))
        .otherwise(count.clip(0, most).cast(pl.String))
    )


def responses(
    rows: pl.DataFrame, met: Mapping[str, pl.Series], *, scale: float = 1
) -> tuple[Response, ...]:
    """Return the response of every class of the rows of `asked`.

    `met` says by friction which journey_ids have it. A customer's journeys hang
    together, in every interval and every test. Values are divided by `scale`.
    """
    if rows.is_empty():
        return ()
    kinds = list(_kinds(rows, met))
    crowding = _crowding(rows)
    found = [
        _counted(rows.with_columns(inside=inside), crowding) for _, _, inside in kinds
    ]
    tested = [one.chance for one in found if one.chance is not None]
    sure = iter(believed(tested))

    return tuple(
        one.told(by, kind, scale=scale, believed=one.chance is not None and next(sure))
        for (by, kind, _), one in zip(kinds, found, strict=True)
    )


def _kinds(
    rows: pl.DataFrame, met: Mapping[str, pl.Series]
) -> Iterator[tuple[str, str, pl.Expr]]:
    """Yield the classes: what they are by, their name, and which journeys they hold."""
    for by in STRATA:
        held = set(rows[by])
        for kind in ORDERED.get(by, sorted(held)):
            if kind in held:
                yield by, kind, pl.col(by) == kind
    for name, journeys in sorted(met.items()):
        inside = pl.col("journey_id").is_in(journeys.implode())
        if rows.select(inside.any()).item():
            yield FRICTION, name, inside


@dataclass(frozen=True)
class _Counted:
    """A class and all other journeys, as sums over customers."""

    here: Moments
    others: Moments
    total: int
    """The sum of the answers here."""
    chance: float | None
    """How likely chance alone brings the difference (a p-value); None: not tested."""

    def told(self, by: str, kind: str, *, scale: float, believed: bool) -> Response:
        here, others = self.here, self.others
        band, difference = _band(here), _difference(here, others)
        (low, high), (down, up) = band, difference or NO_BAND
        answers = here.x + others.x
        return Response(
            by=by,
            kind=kind,
            journeys=here.n,
            answered=here.x,
            customers=here.customers,
            response=here.x / here.n,
            low=low,
            high=high,
            difference=here.x / here.n - others.x / others.n if others.n else None,
            difference_low=down,
            difference_high=up,
            believed=believed,
            of_journeys=here.n / (here.n + others.n),
            of_answers=here.x / answers if answers else None,
            value=self.total / here.x / scale if here.x else None,
        )


def _counted(rows: pl.DataFrame, crowding: float) -> _Counted:
    """Count the rows that are `inside`, and the others, by customer."""
    answered, inside = pl.col("value").is_not_null(), pl.col("inside")
    sums = rows.group_by("who").agg(
        x=(answered & inside).sum().cast(pl.Int64),
        n=inside.sum().cast(pl.Int64),
        x_not=(answered & ~inside).sum().cast(pl.Int64),
        n_not=(~inside).sum().cast(pl.Int64),
    )
    here = _moments(sums, "x", "n")
    others = _moments(sums, "x_not", "n_not")

    total = int(rows.filter("inside")["value"].sum() or 0)
    return _Counted(here, others, total, _chance(here, others, crowding))


def _moments(sums: pl.DataFrame, x: str, n: str) -> Moments:
    a, b = pl.col(x), pl.col(n)
    one = sums.select(
        x=a.sum(),
        n=b.sum(),
        xx=(a * a).sum(),
        xn=(a * b).sum(),
        nn=(b * b).sum(),
        customers=(b > 0).sum(),
    ).row(0, named=True)

    return Moments(**one)


def _chance(here: Moments, others: Moments, crowding: float) -> float | None:
    """Return the p-value of the difference; None where there is too little to test.

    The pooled z-test of two shares, its spread multiplied by how much more the shares
    vary since journeys of one customer hang together (Rao & Scott 1981). Tested are
    classes of which at least five answers and five silences would be expected on
    either side (Cochran).
    """
    common = (here.x + others.x) / (here.n + others.n)
    expected = min(common, 1 - common) * min(here.n, others.n)
    if expected < EXPECTED:
        return None
    difference = here.x / here.n - others.x / others.n
    spread = sqrt(common * (1 - common) * (1 / here.n + 1 / others.n) * crowding)

    return 2 * NormalDist().cdf(-abs(difference) / spread)


def _crowding(rows: pl.DataFrame) -> float:
    """Return how much more the share of answers varies than independent rows would."""
    sums = rows.group_by("who").agg(
        x=pl.col("value").count().cast(pl.Int64), n=pl.len().cast(pl.Int64)
    )
    whole = _moments(sums, "x", "n")
    share = whole.x / whole.n
    alone = share * (1 - share) / whole.n

    return max(1.0, whole.variance / alone) if alone else 1.0


def _band(moments: Moments) -> Band:
    return of_share(moments)[0]


def _difference(here: Moments, others: Moments) -> tuple[float, float] | None:
    if not others.n:
        return None

    return of_difference(
        here.x / here.n, _band(here), others.x / others.n, _band(others)
    )
