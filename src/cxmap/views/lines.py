"""How a line of the friction ledger reads: its cells, and what they rest on."""

from collections.abc import Sequence
from dataclasses import replace

from cxmap.money import amount
from cxmap.scorecard import Assumptions, FrictionLine
from cxmap.text import safe
from cxmap.views.symbols import Symbols
from cxmap.views.wording import percent, span

LEAST_HOURS = 0.05
"""Less than this would read as 0.0 hours."""


def hidden_line(line: FrictionLine) -> FrictionLine:
    """Return a line without any figure, where it rests on too few customers."""
    if not line.suppressed:
        return line

    return FrictionLine(
        friction=line.friction,
        points=0,
        journeys=0,
        share=None,
        contacts_after=0,
        severity=line.severity,
        currency=line.currency,
        by=line.by,
        suppressed=True,
    )


def unhidden_line(line: FrictionLine) -> FrictionLine:
    """Return a line as its analyst sees it: small cells are no secret there."""
    return replace(line, suppressed=line.suppressed and not line.journeys)


def columns(
    lines: Sequence[FrictionLine], signs: Symbols, min_cell: int
) -> dict[str, list[str]]:
    """Return the cells of a ledger by heading; columns that say nothing are left out.

    Money only where the config names prices.
    """
    every = {
        "Journeys": [_journeys(line, min_cell) for line in lines],
        "Share": [_part(line.share, line, signs) for line in lines],
        "Points": [_number(line.points, line) for line in lines],
        "After": [_number(line.contacts_after, line) for line in lines],
        "CSAT effect": [effect(line, signs) for line in lines],
        "Hours": [hours(line, signs) for line in lines],
        "Of care": [_of_care(line, signs) for line in lines],
    }
    if any(line.currency for line in lines):
        every["Cost"] = [money(line.cost, line, signs) for line in lines]
        every["A year"] = [money(line.cost_year, line, signs) for line in lines]
    every["Severity"] = [safe(line.severity) for line in lines]
    silent = ("", signs.nothing)

    return {
        name: cells
        for name, cells in every.items()
        if name in ("Journeys", "Share") or any(cell not in silent for cell in cells)
    }


def effect(line: FrictionLine, signs: Symbols) -> str:
    """Return the CSAT effect in points with its interval: `−12 (−20 to −4)`."""
    if line.suppressed:
        return ""
    if line.csat_effect is None or line.csat_low is None or line.csat_high is None:
        return signs.nothing
    value, low, high = (
        points(number, signs)
        for number in (line.csat_effect, line.csat_low, line.csat_high)
    )

    return f"{value} ({low} to {high})"


def points(number: float, signs: Symbols) -> str:
    """Return a difference of shares in percentage points: `−12`, `+3`, `0`."""
    rounded = round(100 * number)
    sign = "+" if rounded > 0 else signs.minus if rounded < 0 else ""

    return f"{sign}{abs(rounded)}"


def hours(line: FrictionLine, signs: Symbols) -> str:
    """Return the hours that followed; at least so many where some are not known.

    A dash where none is known, and what would round to none in minutes or seconds.
    """
    if line.suppressed:
        return ""
    if not hours_known(line):
        return signs.nothing
    floor = f"{signs.at_least} " if line.contacts_untimed else ""
    seconds = line.handling_seconds or 0
    brief = 0 < seconds < LEAST_HOURS * 3600

    return floor + (span(seconds) if brief else f"{seconds / 3600:,.1f}")


def hours_known(line: FrictionLine) -> bool:
    """Return whether more is known of the hours than that they are at least none."""
    if line.handling_seconds == 0:
        return not line.contacts_untimed

    return line.handling_seconds is not None


def money(minor: int | None, line: FrictionLine, signs: Symbols) -> str:
    """Return an amount in the line's currency; at least so much where some is not."""
    if line.suppressed or line.currency is None:
        return ""
    if minor is None:
        return signs.nothing
    floor = f"{signs.at_least} " if line.contacts_unpriced else ""

    return floor + amount(minor, line.currency)


def _of_care(line: FrictionLine, signs: Symbols) -> str:
    return _part(line.handling_share if hours_known(line) else None, line, signs)


def _journeys(line: FrictionLine, min_cell: int) -> str:
    return f"<{min_cell}" if line.suppressed else f"{line.journeys:,}"


def _number(number: int, line: FrictionLine) -> str:
    return "" if line.suppressed else f"{number:,}"


def _part(share: float | None, line: FrictionLine, signs: Symbols) -> str:
    if line.suppressed:
        return ""

    return signs.nothing if share is None else percent(share)


def in_brief(
    told: Assumptions, lines: Sequence[FrictionLine], signs: Symbols
) -> list[str]:
    """Return what must be read under the ledger of a scorecard, no more.

    Of effects and hours nothing, where no line has any.
    """
    if not lines:
        return []
    said = [
        "Points: in journeys that began in the period.",
        "After: contacts after the first point.",
    ]
    silent = ("", signs.nothing)
    if any(effect(line, signs) not in silent for line in lines):
        said.append(
            "CSAT effect: points beside comparable journeys without it, 95 % interval: "
            "associated, not proven."
        )
    if any(hours(line, signs) not in silent for line in lines):
        said.append("Hours: handling time that followed.")
    if _floors(lines, signs):
        said.append(f"{signs.at_least}: some of it not recorded.")

    return [" ".join([*said, "How they come about: cxmap friction"]), *_prices(told)]


def rests_on(
    told: Assumptions, lines: Sequence[FrictionLine], signs: Symbols
) -> list[str]:
    """Return what must be read under a ledger: how its figures came about."""
    notes = [
        "After: customers' contacts after the first point. CSAT effect: percentage "
        "points by which fewer (or more) customers with the friction were satisfied "
        "than comparable ones without it, with its 95 % interval: associated with it, "
        "not proven to come of it, and true of those who answered alone. "
        f"{signs.nothing}: fewer than ten answers to compare."
    ]
    usual = ", ".join(
        f"{group.replace('_', ' ')} {span(seconds)}"
        for group, seconds in told.usual_handling_seconds.items()
    )
    if any(line.handling_seconds is not None for line in lines):
        borrowed = any(line.handling_seconds_guessed for line in lines)
        stand_in = f"; the median of the channel stands in: {usual}" if borrowed else ""
        notes.append(
            "Hours: talk, hold and wrap-up time of the contacts that followed, a "
            f"return itself and our own calls out included{stand_in}."
            + _floors(lines, signs)
        )
    if told.second_contact_ratio is not None:
        times = f"{told.second_contact_ratio:.2f} {signs.times}"
        low, high = told.second_contact_low, told.second_contact_high
        counts = f"n {told.second_contact_n:,} and {told.first_contact_n:,}"
        notes.append(
            f"Here later contacts take {times} as long as first ones of their channel "
            f"and topic (95 % {low:.2f} {signs.dash} {high:.2f}, {counts}): their own "
            "times count above, nothing is added."
        )

    return [*notes, *_prices(told)]


def _floors(lines: Sequence[FrictionLine], signs: Symbols) -> str:
    if not any(line.contacts_untimed and line.handling_seconds for line in lines):
        return ""

    return (
        f" {signs.at_least}: other contacts followed whose handling time is not "
        "recorded, nor usual on their channel."
    )


def _prices(told: Assumptions) -> list[str]:
    if told.currency is None:
        return []
    parts = [
        f"{amount(price, told.currency)} a contact by {group.replace('_', ' ')}"
        for group, price in told.contact_prices.items()
    ]
    if told.hour_price is not None:
        by_hour = f"{amount(told.hour_price, told.currency)} an hour"
        parts.append(f"{by_hour} of handling elsewhere" if parts else by_hour)
    year = (
        f"; a year is {told.year_factor:.2f} such periods" if told.year_factor else ""
    )

    return [f"Cost, from costs: in the config: {', '.join(parts)}{year}."]
