"""How sure a number is: 95 % intervals in closed form."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import polars as pl

Z = NormalDist().inv_cdf(0.975)
FEWEST = 10
"""Below this many rows no interval is given."""
ROUNDING = 1e-12
"""By how much a curve computed in floats may miss the level it reaches."""

Band = tuple[float | None, float | None]
NO_BAND: Band = (None, None)


@dataclass(frozen=True)
class Moments:
    """Integer sums over customers: x of what is measured, n of rows counted."""

    x: int
    n: int
    xx: int
    xn: int
    nn: int
    customers: int

    @property
    def once_each(self) -> bool:
        """Whether no customer counts more than once."""
        return self.nn == self.n

    @property
    def variance(self) -> float:
        """The variance of x ÷ n when the rows of one customer hang together."""
        n = self.n
        squared = self.xx * n**2 - 2 * self.x * n * self.xn + self.x**2 * self.nn
        return squared / n**4


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return the Wilson interval of a share seen in `n` independent rows.

    `n` may be an effective number, and need not be whole.
    """
    middle = share + Z**2 / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    base = 1 + Z**2 / n

    low, high = (middle - reach) / base, (middle + reach) / base
    return max(0.0, min(share, low)), min(1.0, max(share, high))


def of_share(moments: Moments) -> tuple[Band, str | None]:
    """Return the interval of a share and its name: wilson or clustered.

    Where the customers show no spread at all, the clustered variance says
    nothing, and the customers themselves count as the sample.
    """
    if moments.n < FEWEST:
        return NO_BAND, None

    share = moments.x / moments.n
    if moments.once_each or moments.variance <= 0:
        return wilson(share, moments.customers), "wilson"

    reach = Z * math.sqrt(moments.variance)
    return (max(0.0, share - reach), min(1.0, share + reach)), "clustered"


def of_mean(moments: Moments) -> tuple[Band, str | None]:
    """Return the interval of x ÷ n; one customer alone shows no spread, so none."""
    if moments.n < FEWEST or moments.customers < 2:
        return NO_BAND, None

    mean, reach = moments.x / moments.n, Z * math.sqrt(moments.variance)
    return (mean - reach, mean + reach), "clustered"


def of_ratio(moments: Moments) -> tuple[Band, str | None]:
    """Return the interval of a ratio of two sums over customers, never below nought.

    Below ten customers there is none: what stands below the line counts no rows.
    """
    if moments.customers < FEWEST:
        return NO_BAND, None

    (low, high), name = of_mean(moments)
    return (None if low is None else max(0.0, low), high), name


def of_balance(moments: Moments) -> tuple[Band, str | None]:
    """Return the interval of a balance between −1 and 1.

    Where every answer is alike the variance says nothing; the balance is then
    read as a share between the two ends.
    """
    if moments.n < FEWEST:
        return NO_BAND, None

    balance = moments.x / moments.n
    if moments.variance <= 0:
        low, high = wilson((balance + 1) / 2, moments.customers)
        return (2 * low - 1, 2 * high - 1), "wilson"

    reach = Z * math.sqrt(moments.variance)
    return (max(-1.0, balance - reach), min(1.0, balance + reach)), "clustered"


def nearest_rank(n: int, quantile: tuple[int, int]) -> int:
    """Return the rank, from 1, of a quantile among `n` values: ⌈p·n⌉."""
    part, whole = quantile
    return max(1, -(-part * n // whole))


def order_ranks(n: int, quantile: tuple[int, int]) -> tuple[int | None, int | None]:
    """Return the ranks between which a quantile lies with 95 % confidence.

    From the binomial distribution; None where `n` values do not reach that far.
    """
    below = _binomial_below(n, quantile[0] / quantile[1])
    low = max((rank for rank, sure in below.items() if sure <= 0.025), default=None)
    high = min((rank for rank, sure in below.items() if sure >= 0.975), default=None)

    return low if low else None, high if high is not None and high <= n else None


def _binomial_below(n: int, p: float) -> dict[int, float]:
    """P(fewer than rank successes), for the ranks within ten deviations."""
    reach = 10 * math.sqrt(n * p * (1 - p)) + 10
    first, last = max(0, int(n * p - reach)), min(n, int(n * p + reach))
    below, total = {first: 0.0}, 0.0
    for successes in range(first, last + 1):
        ways = math.lgamma(n + 1) - math.lgamma(successes + 1)
        ways -= math.lgamma(n - successes + 1)
        chance = successes * math.log(p) + (n - successes) * math.log1p(-p)
        total += math.exp(ways + chance)
        below[successes + 1] = total

    return below


def of_quantile(
    values: pl.DataFrame, quantile: tuple[int, int]
) -> tuple[int | None, Band]:
    """Return a quantile and its interval from rows of (value, rows)."""
    counts = values.group_by("value").agg(pl.col("rows").sum()).sort("value")
    reached = counts.select("value", upto=pl.col("rows").cum_sum())
    n = int(counts["rows"].sum())

    def at(rank: int | None) -> int | None:
        if rank is None:
            return None
        return _first(reached, pl.col("upto") >= rank)

    if n == 0:
        return None, NO_BAND
    low, high = order_ranks(n, quantile) if n >= FEWEST else (None, None)
    return at(nearest_rank(n, quantile)), (at(low), at(high))


def of_survival(
    values: pl.DataFrame, quantile: tuple[int, int]
) -> tuple[int | None, Band]:
    """Return a quantile of times of which some still run, and its interval.

    Takes rows of (value, ended, rows). Kaplan–Meier; the interval is where
    Greenwood's band on the log-log scale crosses the level; None where the
    curve or its band does not come down that far.
    """
    level = 1 - quantile[0] / quantile[1] + ROUNDING
    curve = survival_curve(values)
    value = _first(curve, pl.col("alive") <= level)
    if int(values["rows"].sum()) < FEWEST:
        return value, NO_BAND

    low = _first(curve, pl.col("lower") <= level)
    return value, (low, _first(curve, pl.col("upper") <= level))


def of_gap(values: pl.DataFrame) -> tuple[float | None, Band]:
    """Return the highest median of any group by the lowest, and its interval.

    Takes rows of (group, value, ended, rows). The interval is MOVER's, on logarithms,
    from those of the two medians; it says how sure the two are, not how they were
    picked. None below two groups of ten rows with a median above nought.
    """
    groups = values.drop_nulls("group").partition_by("group")
    many = [rows for rows in groups if int(rows["rows"].sum()) >= FEWEST]
    told = [of_survival(rows, (1, 2)) for rows in many]
    medians = [(median, band) for median, band in told if median]
    if len(medians) < 2:
        return None, NO_BAND

    low, low_band = min(medians, key=lambda one: one[0])
    high, high_band = max(medians, key=lambda one: one[0])
    band = of_difference(
        math.log(high), _logs(high_band), math.log(low), _logs(low_band)
    )
    return high / low, NO_BAND if band is None else _powers(band)


def _logs(band: Band) -> Band:
    low, high = (math.log(end) if end else None for end in band)
    return low, high


def _powers(band: tuple[float, float]) -> Band:
    return math.exp(band[0]), math.exp(band[1])


def survival_curve(values: pl.DataFrame) -> pl.DataFrame:
    """Return what share is still alive after each time: the product-limit estimate.

    Takes rows of (value, ended, rows); returns value (rising), at_risk (whose time is
    no shorter), alive, and Greenwood's 95 % band of it on the log-log scale, lower and
    upper; a null upper end is not known.
    """
    ended, gone, at_risk = pl.col("ended"), pl.col("gone"), pl.col("at_risk")
    alive, spread = pl.col("alive"), pl.col("spread")
    stretch = (Z * spread.sqrt() / alive.log().abs()).exp()
    none_ended, all_ended = ended.cum_sum() == 0, alive <= ROUNDING

    return (
        values.group_by("value")
        .agg(ended=pl.col("rows").filter("ended").sum(), gone=pl.col("rows").sum())
        .sort("value")
        .with_columns(at_risk=gone.sum() - gone.cum_sum() + gone)
        .with_columns(
            alive=(1 - ended / at_risk).cum_prod(),
            spread=(ended / (at_risk * (at_risk - ended))).cum_sum(),
        )
        .select(
            "value",
            "at_risk",
            "alive",
            lower=pl.when(none_ended)
            .then(1.0)
            .when(all_ended)
            .then(0.0)
            .otherwise(alive.pow(stretch)),
            upper=pl.when(none_ended)
            .then(1.0)
            .when(~all_ended)
            .then(alive.pow(1 / stretch)),
        )
    )


def _first(curve: pl.DataFrame, reached: pl.Expr) -> int | None:
    found = curve.filter(reached)["value"]
    return int(found[0]) if len(found) else None


def of_difference(
    value: float, band: Band, before: float, band_before: Band
) -> tuple[float, float] | None:
    """Return the interval of value − before, from the two intervals (MOVER).

    None where either interval is open or missing.
    """
    low, high = band
    low_before, high_before = band_before
    if low is None or high is None or low_before is None or high_before is None:
        return None

    change = value - before
    down = math.hypot(value - low, high_before - before)
    up = math.hypot(high - value, before - low_before)
    return change - down, change + up
