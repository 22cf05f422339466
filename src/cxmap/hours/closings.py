"""Days on which nobody is there: public holidays of a country, and the company's own.

The library of the world's holidays is heavy, so that it is loaded only where a
country is named.
"""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from cxmap.options import Holidays, Hours
from cxmap.text import nearest

YEARS = range(1970, 2071)


def closed_days(holidays: Holidays) -> list[date]:
    """Return every day on which nobody is there, in order."""
    days = set(holidays.dates)
    if holidays.country:
        from holidays import country_holidays

        days |= set(
            country_holidays(holidays.country, subdiv=holidays.subdivision, years=YEARS)
        )

    return sorted(days)


def wrong_place(country: str, subdivision: str | None) -> tuple[str, str] | None:
    """Return which of both, `country` or `subdivision`, nobody knows, and what is."""
    from holidays import list_supported_countries

    known = list_supported_countries()
    if country not in known:
        meant = country.upper() if country.upper() in known else "DE"
        return "country", (
            "no country whose holidays are known; write its two letters of "
            f"ISO 3166, such as {meant}"
        )
    parts = list_supported_countries(include_aliases=True)[country]
    if subdivision is None or subdivision in parts:
        return None
    if not parts:
        return "subdivision", f"{country} has no holidays of its parts; leave it out"

    return "subdivision", f"no part of {country}; {_meant(subdivision, parts)}"


def edition(hours: Hours) -> str | None:
    """Return the edition of the world's holidays by which the hours are reckoned."""
    every = (hours.usual, *(one.schedule for one in hours.schedules))
    named = any(schedule.holidays.country for schedule in every)

    return version("holidays") if named else None


def _meant(name: str, parts: Sequence[str]) -> str:
    near = nearest(name, parts)
    meant = f"did you mean {near}? " if near else ""

    return f"{meant}one of: {', '.join(parts)}"
