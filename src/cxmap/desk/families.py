"""Which definitions of one number stand side by side: families, each said as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from cxmap.definitions import Kpi, collect
from cxmap.errors import UsageError
from cxmap.options import write_duration
from cxmap.text import nearest, safe

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

WINDOWS = (DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
"""Windows within which somebody who comes back was not helped, as vendors have them."""


@dataclass(frozen=True)
class Repeats:
    """Another rule by which a contact repeats the one before it."""

    within: timedelta
    topics: bool = True
    """Whether a contact about something else is no repeat."""

    @property
    def words(self) -> Mapping[str, str]:
        """The settings as the config would write them."""
        said = {"repeat.within": write_duration(self.within)}
        return said if self.topics else {**said, "topics": "ignored"}


@dataclass(frozen=True)
class Way:
    """One way to define the number: a KPI with options, or under other settings."""

    label: str
    kpi: str
    options: Mapping[str, Any] = field(default_factory=dict)
    repeat: Repeats | None = None


@dataclass(frozen=True)
class Family:
    """Definitions that claim to be the same number; the first one is ours."""

    name: str
    ways: tuple[Way, ...]


def _as_configured(kpi: str) -> Way:
    return Way("as configured", kpi)


def _windows(kpi: str) -> Iterator[Way]:
    for within in WINDOWS:
        yield Way(f"{write_duration(within)}, same topic", kpi, repeat=Repeats(within))
        ignored = Repeats(within, topics=False)
        yield Way(f"{write_duration(within)}, any topic", kpi, repeat=ignored)


def _tries(kpi: str, option: str, tried: Mapping[str, Any]) -> Iterator[Way]:
    for label, value in tried.items():
        yield Way(label, kpi, {option: value})


def _variants(kpi: str, *names: str) -> Iterator[Way]:
    yield from _tries(kpi, "variant", {name.replace("_", " "): name for name in names})


DECLARED = (
    Family(
        "fcr",
        (
            _as_configured("first_contact_resolution"),
            *_windows("first_contact_resolution"),
            Way("every contact", "next_contact_avoidance"),
            Way("one contact only", "one_contact_resolution"),
            Way("Zendesk one touch", "fcr_zendesk_one_touch"),
            Way("dbt one reply", "fcr_dbt_one_reply"),
            Way("Intercom", "fcr_intercom"),
            Way("ServiceNow", "fcr_servicenow"),
            Way("Zammad 15 min", "fcr_zammad"),
            Way("survey", "fcr_survey"),
        ),
    ),
    Family(
        "frt",
        (
            _as_configured("first_response_time"),
            Way("business hours", "first_response_time_business"),
            Way("answered only, median", "frt_answered_median"),
            Way("answered only, mean", "frt_answered_mean"),
        ),
    ),
    Family(
        "service_level",
        (
            _as_configured("service_level"),
            *_variants(
                "service_level",
                "answered_offered",
                "answered_answered",
                "with_abandons",
                "without_short",
            ),
        ),
    ),
    Family(
        "abandonment",
        (
            _as_configured("abandonment_rate"),
            *_tries(
                "abandonment_rate",
                "short_abandon",
                {
                    "every abandon": timedelta(),
                    "after 5 s": timedelta(seconds=5),
                    "after 10 s": timedelta(seconds=10),
                },
            ),
        ),
    ),
    Family(
        "containment",
        (
            _as_configured("containment_rate"),
            *_tries(
                "true_containment_rate",
                "within",
                {
                    "true, 24 h": 24 * HOUR,
                    "true, 72 h": 72 * HOUR,
                    "true, 7 d": 7 * DAY,
                },
            ),
        ),
    ),
    Family(
        "csat",
        (
            _as_configured("csat"),
            Way("Zendesk good and bad", "csat_good_or_bad"),
            Way("mean", "csat_mean"),
            Way("percent of maximum", "csat_percent_of_maximum"),
        ),
    ),
    Family(
        "reopen",
        (
            _as_configured("reopen_rate"),
            *_tries(
                "reopen_rate",
                "within",
                {"24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY},
            ),
            Way("any time, thank-yous too", "reopen_rate_counted"),
        ),
    ),
)
"""Every family; a definition that is not there yet is left out of it."""


def families(kpis: Mapping[str, Kpi] | None = None) -> Mapping[str, Family]:
    """Return the families that the KPIs at hand make up, by name.

    Of a declared family the ways stay whose KPI and options exist. A KPI of none of
    them whose option `variant` lists its values is a family of its own.
    """
    known: Mapping[str, Kpi] = collect("kpis") if kpis is None else kpis
    found = {}
    for family in DECLARED:
        ways = tuple(way for way in family.ways if _exists(way, known))
        if ways:
            found[family.name] = Family(family.name, ways)
    covered = {way.kpi for family in found.values() for way in family.ways}
    own = {
        name: Family(name, (_as_configured(name), *_variants(name, *kpi.variants)))
        for name, kpi in known.items()
        if kpi.variants and name not in covered
    }

    return MappingProxyType({**found, **own})


def _exists(way: Way, known: Mapping[str, Kpi]) -> bool:
    kpi = known.get(way.kpi)
    if kpi is None or not way.options.keys() <= kpi.options.keys():
        return False
    variant = way.options.get("variant")

    return variant is None or not kpi.variants or variant in kpi.variants


def family_named(name: str) -> Family:
    """Return the family of that name, or the one that the KPI of that name is in.

    Raises UsageError for a name that is neither, or a KPI of one definition only.
    """
    known = families()
    if name in known:
        return known[name]
    for family in known.values():
        if any(way.kpi == name for way in family.ways):
            return family
    if name in collect("kpis"):
        raise UsageError(
            f"{name} --lab: there is one definition of it only; families: "
            f"{', '.join(known)}"
        )
    raise _unknown(name)


def kpi_named(name: str) -> str:
    """Return the KPI of that name, or the one that the family of that name is ours by.

    Raises UsageError for a name that is neither, with the nearest that is.
    """
    if name in collect("kpis"):
        return name
    known = families()
    if name in known:
        return known[name].ways[0].kpi
    raise _unknown(name)


def _unknown(name: str) -> UsageError:
    kpis, known = collect("kpis"), families()
    near = nearest(name, [*kpis, *known])
    hint = f"did you mean {near}? " if near else ""

    return UsageError(
        f"{safe(name)}: no KPI of that name; {hint}KPIs: {', '.join(kpis)}; families "
        f"of them: {', '.join(known)}"
    )
