"""The card that was published for a period, and why today's is not the same."""

import hashlib
import inspect
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from cxmap import __version__
from cxmap.config import Config
from cxmap.definitions import Kpi, collect
from cxmap.errors import UsageError
from cxmap.measures import Bound
from cxmap.periods import Period
from cxmap.pipeline import bound_kpis, derive
from cxmap.restating import causes
from cxmap.scorecard import Published, Restated, Score, Scorecard
from cxmap.sources.profile import Profile
from cxmap.store import Snapshot

SCHEMA = "cxmap.frozen/1"

Card = Mapping[str, Any]
"""A card as it is kept: JSON."""

NO_FIGURE = ("store", "annotations", "costs", "privacy")
"""Sections of the config that no figure depends on."""
NO_FIGURE_OF_A_SOURCE = ("files", "url")


@dataclass(frozen=True)
class Today:
    """What a card is computed from now."""

    tables: Mapping[str, pl.DataFrame]
    """Every derived table."""
    config: Config
    snapshot: Snapshot
    profiles: Mapping[str, Profile]


def name_of(card: Scorecard, unit: str) -> str:
    """Return under which name the card of a period and unit is kept."""
    ends = (f"{at:%Y-%m-%dT%H-%M-%SZ}" for at in (card.since, card.until))
    return f"{'_'.join(ends)}_{unit}"


def publishable(
    shared: Scorecard, config: Config, snapshot: Snapshot, before: Card | None
) -> dict[str, Any]:
    """Return what is kept of a card whose small cells are hidden.

    With it stand digests of settings and definitions, and which exports were held: so
    that later figures can be explained. `before` is the card that it replaces.
    Raises UsageError where the period is not over, or nothing is held of it.
    """
    if shared.until > shared.now:
        raise UsageError("--freeze: this period is not over; freeze one that is")
    if not shared.coverage.contacts:
        raise UsageError("--freeze: no contacts are held of this period")
    text = json.dumps(
        replace(shared, findings=(), published=None).as_json(), default=_iso
    )

    return {
        "schema": SCHEMA,
        "frozen_at": _iso(shared.now),
        "replaced": [*before["replaced"], before["frozen_at"]] if before else [],
        "cxmap": __version__,
        "unit": config.identity.unit,
        "loads": [load.load_id for load in snapshot.loads],
        "settings": settings_of(config),
        "definitions": {name: _digest_of(kpi) for name, kpi in collect("kpis").items()},
        "card": json.loads(text),
    }


def published(card: Scorecard, frozen: Card, today: Today) -> Published:
    """Return what was published for the card's period, and why it differs.

    Where a figure differs and exports were loaded since, the tables of then are
    derived once more from the exports of then, under the settings of today.
    """
    then = {_key(s["kpi"], s["by"]): s for s in frozen["card"]["scores"]}
    pairs = [
        (score, then[_key(score.kpi, score.by)])
        for score in card.scores
        if _key(score.kpi, score.by) in then
    ]
    differing = [(now, old) for now, old in pairs if _differs(now, old)]
    names = tuple(dict.fromkeys(now.kpi for now, _ in differing))
    kpis = bound_kpis(today.config, names) if names else {}
    reasons, notes = _reasons(card, frozen, today, kpis)
    changed = sorted(_changed(frozen["settings"], settings_of(today.config)))

    return Published(
        frozen_at=datetime.fromisoformat(frozen["frozen_at"]),
        version=frozen["cxmap"],
        restated=tuple(
            _restated(now, old, reasons, frozen, changed) for now, old in differing
        ),
        settings=tuple(changed),
        notes=tuple(notes),
    )


def settings_of(config: Config) -> dict[str, str]:
    """Return a digest of each setting that a figure or a status may depend on."""
    every = config.settings.model_dump(mode="json", by_alias=True)
    given = config.settings.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for room in ("kpis", "frictions"):
        every[room] = given.get(room, {})
    kept = {name: value for name, value in every.items() if name not in NO_FIGURE}
    leaves = {
        path: _digest(json.dumps(value, sort_keys=True, default=str))
        for path, value in _leaves(kept, ())
        if not (path.startswith("sources.") and path.endswith(NO_FIGURE_OF_A_SOURCE))
    }
    by_hand = _digest(repr(config.identity.by_hand))

    return {**leaves, "identity.rules": by_hand}


def _leaves(
    tree: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        path = (*above, str(name))
        if isinstance(value, Mapping) and (not value or len(path) < 4):
            yield from _leaves(value, path)
        else:
            yield ".".join(path), value


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    return {key for key in then.keys() | now.keys() if then.get(key) != now.get(key)}


def _key(kpi: str, by: Mapping[str, str | None]) -> tuple[str, str]:
    return kpi, json.dumps(dict(by), sort_keys=True)


def _differs(now: Score, old: Mapping[str, Any]) -> bool:
    """Tell whether a published figure is another one now; a hidden one is none."""
    if old["suppressed"] or old["n"] == now.n == 0:
        return False
    if old["n"] != now.n or (old["value"] is None) != (now.value is None):
        return True

    return now.value is not None and not math.isclose(
        old["value"], now.value, rel_tol=1e-12, abs_tol=1e-12
    )


def _reasons(
    card: Scorecard, frozen: Card, today: Today, kpis: Bound
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Return by KPI what changed in the records, and what cannot be told of it."""
    snapshot = today.snapshot
    held = {load.load_id: load for load in snapshot.loads}
    known = [held[name] for name in frozen["loads"] if name in held]
    if not kpis or {*frozen["loads"]} == {*held}:
        return {}, []
    lost = len(frozen["loads"]) - len(known)
    if lost:
        gone = (
            f"{lost} of the exports of then are" if lost > 1 else "1 export of then is"
        )
        return {}, [f"{gone} no longer held as read then: causes cannot be counted"]
    restricted = replace(
        snapshot,
        manifest=replace(snapshot.manifest, loads=tuple(known), derived=()),
    )
    of_then = {load.source for load in known}
    before = derive(
        restricted,
        {name: one for name, one in today.profiles.items() if name in of_then},
        today.config,
        now=datetime.fromisoformat(frozen["frozen_at"]),
    )
    period = Period(card.since, card.until, card.period)

    return causes(before, today.tables, kpis, period), []


def _restated(
    now: Score,
    old: Mapping[str, Any],
    reasons: Mapping[str, Mapping[str, int]],
    frozen: Card,
    changed: list[str],
) -> Restated:
    judged = old["pending"] - now.pending
    since = {"judged_since": judged} if judged > 0 else {}
    again = {"pending_again": -judged} if judged < 0 else {}
    definition = collect("kpis")[now.kpi]

    return Restated(
        kpi=now.kpi,
        by=now.by,
        unit=now.unit,
        published=old["value"],
        published_n=old["n"],
        value=now.value,
        n=now.n,
        because={**({} if now.by else reasons.get(now.kpi, {})), **since, **again},
        defined_anew=frozen["definitions"].get(now.kpi) != _digest_of(definition),
        settings=tuple(
            key
            for key in changed
            if key.startswith(f"kpis.{now.kpi}") and not key.endswith(".target")
        ),
    )


def _digest_of(kpi: Kpi) -> str:
    """A digest of a definition: its words and its code, whatever polars runs it."""
    try:
        source = inspect.getsource(kpi.build)
    except (OSError, TypeError):
        source = ""

    return _digest(kpi.doc + source)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(type(value).__name__)
