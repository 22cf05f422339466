"""How much a scorecard hangs on who is taken for whom, and on how long is too long."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.config import Config
from cxmap.definitions import collect
from cxmap.desk.cells import Asked
from cxmap.desk.explaining import WHOLE, Explanation, explain_any
from cxmap.errors import UsageError
from cxmap.framing import chosen_period
from cxmap.journeys.coverage import coverage, horizon
from cxmap.options import LinkRules, RepeatRule, Window
from cxmap.pipeline import Request, derive_from, report
from cxmap.scorecard import Score, Scorecard, Variation
from cxmap.sources.fold import Folded
from cxmap.text import safe

Level = Literal["strict", "normal", "loose"]

LEVELS: tuple[Level, ...] = ("strict", "normal", "loose")
"""The values of identity.level."""

STRETCHES = {"half": 0.5, "double": 2.0}
"""By how much the windows are stretched."""

MEANT = {
    "strict": "identity.level strict",
    "normal": "identity.level normal",
    "loose": "identity.level loose",
    "half": "every window half as long as configured",
    "double": "every window twice as long as configured",
}
"""What a setting is, in words."""

OF_FRICTIONS = frozenset({"friction_journey_rate"})
"""KPIs that count what is flagged."""

KPI_WINDOW = "within"
"""What a KPI calls the option that is a window of its own."""


def with_sensitivity(
    card: Scorecard,
    folded: Folded,
    config: Config,
    request: Request,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Scorecard:
    """Return the scorecard of `request` with its KPIs under other settings beside.

    Over the same period, from the same contacts: who is one customer and what is
    linked is found anew under each setting, one at a time. Frictions are not: a KPI
    that counts them is not varied.
    """
    asked = replace(
        request,
        since=card.since.isoformat(),
        until=card.until.isoformat(),
        compare="none",
        by=(),
        running=False,
        findings=False,
    )
    found: list[Variation] = []
    for setting, other in varied(config).items():
        if setting == config.identity.level:
            again = card
        else:
            tables = derive_from(folded, other, now=now)
            again = report(tables, other, asked, now=now, zone=zone)
        found += _variations(setting, card, again)
    order = {score.kpi: place for place, score in enumerate(card.scores)}

    return replace(
        card,
        sensitivity=tuple(sorted(found, key=lambda one: order[one.kpi])),
        notes=(*card.notes, _note(config)),
    )


def explained(
    setting: str,
    folded: Folded,
    tables: Mapping[str, pl.DataFrame],
    config: Config,
    name: str,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
    zone: ZoneInfo,
    asked: Asked = WHOLE,
) -> Explanation:
    """Return what `explain_any` says of a KPI under another setting.

    `tables` are those as configured: undated, the period is theirs, as it is on the
    scorecard. Raises UsageError for a setting that does not exist, and for what is
    not varied: frictions and KPIs that count them.
    """
    settings = varied(config)
    if setting not in settings:
        raise UsageError(f"--under {safe(setting)}: write one of {', '.join(settings)}")
    if name in collect("frictions") or name in OF_FRICTIONS:
        raise UsageError(f"--under {setting}: {name} rests on frictions: not varied")
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    reach = horizon(coverage(contacts, config.coverage, now=now), now=now)
    period = chosen_period(contacts, since, until, horizon_at=reach, now=now, zone=zone)
    told = explain_any(
        derive_from(folded, settings[setting], now=now),
        settings[setting],
        name,
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        now=now,
        zone=zone,
        asked=asked,
    )

    return replace(told, settings={**told.settings, "under": MEANT[setting]})


def varied(config: Config) -> dict[str, Config]:
    """Return the configuration under each other setting, frictions switched off.

    strict, normal and loose set identity.level. half and double stretch every
    duration under `links:` and `repeat:` and each KPI's own `within`; `reopen:`,
    which says where one contact ends and the next begins, stays.
    """
    quiet = replace(
        config, frictions=replace(config.frictions, off=frozenset(collect("frictions")))
    )
    levels: dict[str, Config] = {
        level: replace(quiet, identity=replace(quiet.identity, level=level))
        for level in LEVELS
    }
    stretches = {name: _stretched(quiet, by) for name, by in STRETCHES.items()}

    return {**levels, **stretches}


def _stretched(config: Config, by: float) -> Config:
    own = {
        name: {**config.kpi_options.get(name, {}), KPI_WINDOW: window * by}
        for name, window in _own_windows(config).items()
    }
    options = {**config.kpis.options, **own}

    return replace(
        config,
        links=_links(config.links, by),
        repeat=_repeat(config.repeat, by),
        kpis=replace(config.kpis, options=options),
    )


def _own_windows(config: Config) -> dict[str, timedelta]:
    """Return the windows in force that are options of a KPI, by its name."""
    found = {}
    for name, kpi in collect("kpis").items():
        if KPI_WINDOW in kpi.options:
            default = kpi.options[KPI_WINDOW].default
            found[name] = config.kpi_options.get(name, {}).get(KPI_WINDOW, default)

    return {name: one for name, one in found.items() if isinstance(one, timedelta)}


def _links(links: LinkRules, by: float) -> LinkRules:
    after = links.unknown_topic_after_resolved
    return replace(
        links,
        same_topic=_window(links.same_topic, by),
        unknown_topic=_window(links.unknown_topic, by),
        unknown_topic_after_resolved=None if after is None else after * by,
        retry=_window(links.retry, by),
        farthest=links.farthest * by,
    )


def _repeat(repeat: RepeatRule, by: float) -> RepeatRule:
    return replace(
        repeat,
        within=_window(repeat.within, by),
        retry=repeat.retry * by,
        campaign_response=repeat.campaign_response * by,
        return_call=repeat.return_call * by,
    )


def _window(window: Window, by: float) -> Window:
    def stretched(spans: Mapping[str, timedelta]) -> dict[str, timedelta]:
        return {name: span * by for name, span in spans.items()}

    return replace(
        window,
        default=None if window.default is None else window.default * by,
        topics=stretched(window.topics),
        channel_groups=stretched(window.channel_groups),
    )


def _variations(setting: str, card: Scorecard, again: Scorecard) -> list[Variation]:
    """Return each KPI of the card that has its inputs, as the other card has it.

    Without those that count frictions, which the other card was derived without.
    """
    others = {score.kpi: score for score in again.scores if not score.by}
    pairs = [(score, others[score.kpi]) for score in card.scores if not score.by]

    return [
        Variation(
            kpi=score.kpi,
            setting=setting,
            value=other.value,
            n=other.n,
            low=other.low,
            high=other.high,
            pending=other.pending,
            change=_change(score, other),
            moved=_moved(score, other),
            suppressed=other.suppressed,
        )
        for score, other in pairs
        if not score.missing_inputs and score.kpi not in OF_FRICTIONS
    ]


def _change(score: Score, other: Score) -> float | None:
    if score.value is None or other.value is None:
        return None

    return other.value - score.value


def _moved(score: Score, other: Score) -> bool | None:
    if score.low is None or score.high is None or other.value is None:
        return None

    return not score.low <= other.value <= score.high


def _note(config: Config) -> str:
    own = ", ".join(sorted(_own_windows(config))) or "none"
    return (
        f"sensitivity: configured is identity.level {config.identity.level}; KPIs with "
        f"a window of their own: {own}; reopen:, hours: and all else are alike under "
        "every setting"
    )
