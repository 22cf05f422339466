"""Switching intent."""

import re

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="then looked at prices or at leaving, and nobody got in touch",
    inputs=("customer_id",),
)
def switching_intent(
    *,
    pages: str = "cancel, cancellation, terminate, price, prices, pricing, rate, "
    "rates, rate card, tariff, tariffs, switch, compare, competitor",
) -> pl.Expr:
    """The customer looks round for another offer, and nobody gets in touch.

    After the contact, within a month and before the customer's next one, a page or an
    event of the web shop or app whose name or path holds one of the `pages` (written
    with commas; whole words, whatever stands between them), after which for 48 hours
    there was no contact in either direction, nor anything more in this one, and for a
    week no order. What was looked at less than 48 hours before the horizon is not
    judged; an order that comes later takes the point back. The point belongs to the
    contact before; without exports of touchpoints it never shows.

    Source: cxmap; views of the rate card as a sign of leaving, to be met with a
    message in time.
    """
    words = [re.split(r"[\s_-]+", one.strip()) for one in pages.split(",")]
    spelt = [r"[\s_-]?".join(map(re.escape, parts)) for parts in words if any(parts)]
    if not spelt:
        return pl.lit(False)
    named = rf"(?i)(?:^|[^a-z0-9])(?:{'|'.join(spelt)})(?:$|[^a-z0-9])"

    return pl.col("pages_alone").str.contains(named)
