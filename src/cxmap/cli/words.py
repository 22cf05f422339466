"""What every command is told: config, store, clock, zone, and how loud to be."""

import os
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

from cxmap.errors import ConfigError, UsageError
from cxmap.options import Unit, read_zone
from cxmap.text import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from cxmap.config import Config
    from cxmap.periods import Period
    from cxmap.sources.fold import Folded
    from cxmap.store import Store

STORE = ".cxmap"
KEY = "cxmap.key"


@dataclass
class Words:
    """The global options; files are opened only when a command asks for them."""

    config_path: Path | None = None
    store_path: Path | None = None
    now_text: str | None = None
    tz: str | None = None
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    unit: Unit | None = None
    """Whose journeys are told, where a command says so; else the config does."""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The clock enters here and nowhere else."""

    @cached_property
    def config(self) -> "Config":
        """The configuration: flag, else CXMAP_CONFIG, else the nearest file upward."""
        from cxmap.config import find_config, load_config
        from cxmap.intake.inspecting import wrong_sources

        path = self.config_path
        if path is None and (named := os.environ.get("CXMAP_CONFIG")):
            path = Path(named)
        path = path or find_config(Path.cwd())
        self.tell(f"config: {path or 'none found; defaults'}")

        config = load_config(path, inspect=wrong_sources)
        if self.unit is None:
            return config

        return replace(config, identity=replace(config.identity, unit=self.unit))

    def telling(self, unit: str | None) -> "Words":
        """Return the same words, with journeys told of the `unit` that was named."""
        if unit is None:
            return self
        named = next((known for known in get_args(Unit) if known == unit), None)
        if named is None:
            raise UsageError(
                f"--unit {safe(unit)}: write one of {', '.join(get_args(Unit))}"
            )

        return replace(self, unit=named)

    @property
    def folder(self) -> Path:
        """Where the config lives, else where the command was started."""
        origin = self.config.origin
        return origin.parent if origin else Path.cwd()

    @property
    def store_folder(self) -> Path:
        """The store: flag, else the config's, else `.cxmap` beside the config."""
        if self.store_path is not None:
            return self.store_path

        return self.config.store or self.folder / STORE

    @property
    def key_path(self) -> Path:
        """The pseudonym key: the config's, else beside the config or the store."""
        if self.config.key_path is not None:
            return self.config.key_path
        if self.config.origin is None:
            return self.store_folder.parent / KEY

        return self.folder / KEY

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which days are cut: flag, else the config's, else UTC."""
        name = self.tz or self.config.timezone
        try:
            return read_zone(name)
        except ValueError as error:
            raise UsageError(f"--tz {safe(name)}: {error}") from None

    @cached_property
    def now(self) -> datetime:
        """The instant as of which the command speaks, in whole seconds."""
        if self.now_text is None:
            return self.started.replace(microsecond=0)
        try:
            given = datetime.fromisoformat(self.now_text)
        except ValueError:
            raise UsageError(
                "--now: write an instant such as 2026-07-01 or 2026-07-01T06:00:00Z"
            ) from None
        if given.tzinfo is None:
            given = given.replace(tzinfo=self.zone)

        return given.astimezone(UTC).replace(microsecond=0)

    def require_sound_plug_ins(self) -> None:
        """Raise ConfigError for plug-ins that cannot be used; cheap without any."""
        from cxmap.plugins import GROUPS, plug_ins

        if any(plug_ins(group) for group in GROUPS):
            from cxmap.intake.plugged import require_sound_plug_ins

            require_sound_plug_ins(verbose=self.verbose)

    def opened(self) -> "Store":
        """Return the store; ConfigError where there is none yet."""
        from cxmap.store import Store

        if not Store.exists(self.store_folder):
            raise ConfigError(
                f"{self.store_folder}: no store here yet; run `cxmap ingest` first, "
                "or name one with --store"
            )

        self.tell(f"store: {self.store_folder}")

        return Store.open(self.store_folder)

    @cached_property
    def tables(self) -> "Mapping[str, pl.DataFrame]":
        """Every derived table of the store, as of `now`."""
        from cxmap.accounting import laid_on
        from cxmap.intake.choosing import profiles_of
        from cxmap.pipeline import derive, stored_tables

        snapshot = self.opened().snapshot()
        held = stored_tables(snapshot, self.config, now=self.now)
        if held is None:
            profiles = profiles_of(snapshot, self.config)
            held = derive(snapshot, profiles, self.config, now=self.now)

        return laid_on(held, self.config)

    @property
    def folded(self) -> "Folded":
        """What the records of the store fold into, before anybody is joined."""
        from cxmap.intake.choosing import profiles_of
        from cxmap.pipeline import folded_of

        snapshot = self.opened().snapshot()

        return folded_of(snapshot, profiles_of(snapshot, self.config), self.config)

    def table(self, name: str) -> "pl.DataFrame":
        """One table: a derived one, or the rejects of all loads."""
        if name in self.tables:
            return self.tables[name]
        snapshot = self.opened().snapshot()

        return snapshot.collect(snapshot.records(name))

    @property
    def aliases(self) -> "pl.DataFrame":
        """Ids that later data superseded, and what they became."""
        return self.opened().snapshot().aliases()

    def period(self, since: str | None, until: str | None) -> "Period | None":
        """The period asked for; None: no period was named."""
        from cxmap.journeys.coverage import coverage, horizon
        from cxmap.periods import read_period

        if since is None and until is None:
            return None

        contacts = self.tables["contacts"]
        held = coverage(contacts, self.config.coverage, now=self.now)
        end = horizon(held, now=self.now)

        return read_period(since, until, now=self.now, zone=self.zone, held_until=end)

    def say(self, message: str) -> None:
        """Tell the person at the terminal; silent with -q."""
        if not self.quiet:
            sys.stderr.write(f"{safe(message)}\n")

    def tell(self, decision: str) -> None:
        """Say what was decided and why; only with -v."""
        if self.verbose:
            self.say(decision)

    def warn(self, message: str) -> None:
        """Warn on stderr, also with -q: cron mails what matters."""
        sys.stderr.write(f"cxmap: warning: {safe(message)}\n")

    def hit(self, gate: str) -> None:
        """Say on stderr which gate was hit, also with -q: it is why the code is 1."""
        sys.stderr.write(f"cxmap: gate hit: {safe(gate)}\n")
