"""What a KPI, a friction, a baseline and a measure are, and how they are found.

A definition is one decorated function that returns expressions. Its name is the
file's name; its keyword-only arguments are its YAML options; its docstring is its
manual page. Nothing is registered: `collect` reads the room.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from cxmap.errors import ConfigError
from cxmap.plugins import (
    PlugIn,
    PlugInError,
    Wrong,
    gather,
    modules,
    plug_ins,
    refusal,
)

if TYPE_CHECKING:
    import polars as pl

Unit = Literal["share", "seconds", "count", "score", "points"]
Better = Literal["higher", "lower", "neither"]
Form = Literal[
    "share", "mean", "ratio", "balance", "quantile", "survival", "count", "gap"
]
Once = Literal["any", "all"]
Shown = Literal["card", "all", "lab"]
Membership = Literal["starts", "stock"]

PERIOD_COLUMNS = ("since_at", "until_at")
"""What scoring adds to every row it hands to a KPI: the period's two instants."""


@dataclass(frozen=True)
class Measure:
    """The expressions from which one number is computed, over one table.

    Every expression is evaluated on the rows of the KPI's table that fall into the
    period. Each row of the population is either left out for a stated reason,
    pending, or counted, judged in this order; one that would count but whose `of`
    is null is left out as `not_known`. So nothing of the population is lost.
    """

    form: Form
    of: "pl.Expr"
    """share: Boolean; mean and ratio: integer; balance: −1, 0 or 1; quantile and
    survival: whole seconds; count: Boolean or integer; gap: integer, in `scale`."""
    among: "pl.Expr"
    """The population; null is outside."""
    pending: "pl.Expr | None" = None
    """Rows that belong here but cannot be judged yet."""
    per: "pl.Expr | None" = None
    """For a ratio: the integer that each row adds below the line."""
    group: "pl.Expr | None" = None
    """For a gap: the text that says which rows are compared with which."""
    once: Once | None = None
    """Whether a customer counts once, however many rows: where any of them is `of`,
    or where all are."""
    confirmed: "pl.Expr | None" = None
    """For a share: the part of the numerator that a status or a survey confirms."""
    ended: "pl.Expr | None" = None
    """For survival: whether the time ended; false where it is still running."""
    quantile: tuple[int, int] = (1, 2)
    """For quantile and survival, as a fraction: (9, 10) is the 90th percentile."""
    scale: int = 1
    """What a mean or ratio is divided by at the end, so that partial sums stay
    integers."""
    excluded: Mapping[str, "pl.Expr"] = field(default_factory=dict)
    """Why a row is left out: reason → condition, first match counts."""
    failing: Mapping[str, "pl.Expr"] = field(default_factory=dict)
    """For a share: why a row that counts is not `of`, the first match; for telling
    only, nothing is counted by it."""
    variant: str = "default"
    """The rule set that was chosen, where the KPI has an option `variant`."""

    @property
    def timed(self) -> bool:
        """Whether n is a time in seconds: that of a ratio of a time to a time."""
        read = self.per.meta.root_names() if self.per is not None else []
        return bool(read) and all(name.endswith("_seconds") for name in read)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the expressions read."""
        several = (
            self.of,
            self.among,
            self.pending,
            self.per,
            self.group,
            self.confirmed,
            self.ended,
        )
        read = [
            *(e for e in several if e is not None),
            *self.excluded.values(),
            *self.failing.values(),
        ]
        return frozenset(name for e in read for name in e.meta.root_names())


@dataclass(frozen=True)
class Definition:
    """What KPIs and frictions share: a name, a manual page, options, a builder."""

    name: str
    over: str
    """The table whose rows are judged: journeys, steps, contacts, surveys, demand."""
    build: Callable[..., Any]
    doc: str
    options: Mapping[str, inspect.Parameter]
    inputs: tuple[str, ...] = ()
    """Columns that must hold something, else the definition "needs" them; `a|b`
    where either will do."""
    needs: tuple[str, ...] = ()
    """Names of baselines, whose values stand in `baseline_<name>`; most need none."""

    def bind(self, given: Mapping[str, Any]) -> Any:
        """Return the expressions, built with the options `given`.

        Raises ConfigError naming every option that does not exist.
        """
        unknown = [key for key in given if key not in self.options]
        if unknown:
            known = ", ".join(self.options) or "none"
            raise ConfigError(
                f"{self.name}: no option {', '.join(unknown)}; options: {known}"
            )

        return self.build(**given)

    @property
    def sentence(self) -> str:
        """The first sentence of the manual page."""
        return self.doc.split("\n\n", maxsplit=1)[0].replace("\n", " ")


@dataclass(frozen=True)
class Baseline(Definition):
    """A number over everything held, counted before what needs it is judged.

    It is counted as a KPI is, but over no period: every row of its table that its
    measure means, in every bucket. A row whose group has nobody to count has none.
    """

    by: tuple[str, ...] = ()
    """Text columns of its table: one number for each of their combinations. What
    needs it must have them too."""


@dataclass(frozen=True)
class Kpi(Definition):
    """A number worth watching."""

    unit: Unit = "share"
    better: Better = "higher"
    at: str = "started_at"
    """The column that decides to which period a row belongs."""
    membership: Membership = "starts"
    """starts: `at` falls into the period; stock: `at` lies before the period's end,
    and the row is judged as it stood then (`until_at`)."""
    section: str = "resolution"
    """Where it stands on the scorecard: resolution, speed, routing, perception,
    coverage."""
    shown: Shown = "all"
    """card: on every scorecard; all: where a reader asks for all of them, and in
    every form for machines; lab: only beside the definition it is a variant of, or
    by name."""

    @property
    def variants(self) -> tuple[str, ...]:
        """The rule sets that its option `variant` may name, as its type lists them."""
        choice = self.options.get("variant")
        return () if choice is None else tuple(map(str, get_args(choice.annotation)))

    def bind(self, given: Mapping[str, Any]) -> Any:
        """Return the measure, built with the options `given`; it knows its variant."""
        measure = super().bind(given)
        choice = self.options.get("variant")
        if choice is None:
            return measure

        return replace(measure, variant=given.get("variant", choice.default))


@dataclass(frozen=True)
class Friction(Definition):
    """A kind of trouble: where it shows, and why we say so."""

    severity: Literal["low", "medium", "high"] = "medium"
    because: str = ""
    """A sentence with `{column}` places, filled from the row that is flagged."""
    groups: tuple[str, ...] = ()
    """The channel groups in which it can show; empty: in any."""


def _options(build: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return MappingProxyType(dict(inspect.signature(build).parameters))


def baseline(
    *, over: str, by: tuple[str, ...] = ()
) -> Callable[[Callable[[], Measure]], Baseline]:
    """Declare the decorated function as a baseline; it has no options."""

    def declare(build: Callable[[], Measure]) -> Baseline:
        return Baseline(
            name=build.__name__,
            over=over,
            build=build,
            doc=inspect.getdoc(build) or "",
            options=_options(build),
            by=by,
        )

    return declare


def kpi(
    *,
    over: str,
    unit: Unit,
    better: Better,
    section: str,
    shown: Shown = "all",
    at: str = "started_at",
    membership: Membership = "starts",
    inputs: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Callable[[Callable[..., Measure]], Kpi]:
    """Declare the decorated function as a KPI; its name is the KPI's name."""

    def declare(build: Callable[..., Measure]) -> Kpi:
        return Kpi(
            name=build.__name__,
            over=over,
            build=build,
            doc=inspect.getdoc(build) or "",
            options=_options(build),
            inputs=inputs,
            needs=needs,
            unit=unit,
            better=better,
            at=at,
            membership=membership,
            section=section,
            shown=shown,
        )

    return declare


def friction(
    *,
    because: str,
    over: str = "steps",
    severity: Literal["low", "medium", "high"] = "medium",
    groups: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Callable[[Callable[..., "pl.Expr"]], Friction]:
    """Declare the decorated function as a friction: an expression over `steps`."""

    def declare(build: Callable[..., "pl.Expr"]) -> Friction:
        return Friction(
            name=build.__name__,
            over=over,
            build=build,
            doc=inspect.getdoc(build) or "",
            options=_options(build),
            inputs=inputs,
            needs=needs,
            severity=severity,
            because=because,
            groups=groups,
        )

    return declare


ROOMS: Mapping[str, type[Definition]] = {"kpis": Kpi, "frictions": Friction}
"""What each room holds."""


def collect(room: str) -> dict[str, Any]:
    """Return the definitions of `cxmap.kpis` or `cxmap.frictions`, by name.

    Each module of the room holds definitions under their own names; a module that
    holds none is a mistake and raises ConfigError. Those of plug-ins stand among
    them; plug-ins that cannot be used raise ConfigError, all at once.
    """
    found, wrong = offered(room)
    if wrong:
        raise refusal(wrong)

    return {name: one for name, (one, _) in found.items()}


def offered(room: str) -> tuple[dict[str, tuple[Any, PlugIn | None]], list[Wrong]]:
    """Return the definitions of a room, each with the plug-in that it comes from.

    And what is wrong with plug-ins: one cannot be imported, names no KPI (in the room
    of the KPIs) or friction, or one whose name is taken.
    """
    shipped: dict[str, Definition] = {}
    for module, held in _held(room).items():
        here = _judging(held)
        if not here:
            raise ConfigError(f"{module}: holds no definition")
        shipped |= here

    return gather(f"cxmap.{room}", shipped, lambda one: _judging(_held_by(one, room)))


def collect_baselines() -> dict[str, Baseline]:
    """Return the baselines of both rooms, and of plug-ins, by name.

    A baseline stands beside the definition it was made for, and any other may need
    it too; two of one name are a mistake and raise ConfigError.
    """
    found: dict[str, Baseline] = {}
    for room in ROOMS:
        plugged = {o.words: _held_by(o, room) for o in plug_ins(f"cxmap.{room}")}
        for where, held in (_held(room) | plugged).items():
            here = {n: one for n, one in held.items() if isinstance(one, Baseline)}
            twice = sorted(n for n in here if found.get(n, here[n]) is not here[n])
            if twice:
                raise ConfigError(
                    f"{where}: a second baseline {', '.join(twice)}; "
                    "give it a name of its own, or need the first one"
                )
            found |= here

    return found


def _judging(held: Mapping[str, Definition]) -> dict[str, Definition]:
    return {n: one for n, one in held.items() if not isinstance(one, Baseline)}


def _held_by(plug_in: PlugIn, room: str) -> dict[str, Definition]:
    """The definitions that a plug-in names; PlugInError where it names none.

    A definition, with the baselines of its module, or all of a module or package.
    """
    kind, thing = ROOMS[room], plug_in.load()
    held: dict[str, Definition] = {}
    if isinstance(thing, ModuleType):
        for name in modules(thing):
            held |= _own(sys.modules[name])
    elif isinstance(thing, Definition):
        near = _own(sys.modules[thing.build.__module__])
        held = {n: one for n, one in near.items() if isinstance(one, Baseline)}
        held[thing.name] = thing
    strange = [n for n, one in _judging(held).items() if not isinstance(one, kind)]
    if strange or not _judging(held):
        found = ", ".join(strange) or "no definition"
        wanted = "a KPI" if kind is Kpi else "a friction"
        reason = f"names {found}; {wanted}, or a module with some, is expected"
        raise PlugInError(plug_in, reason)

    return held


def _held(room: str) -> dict[str, dict[str, Definition]]:
    """The definitions of each module of a room, in order of the modules' names."""
    package = importlib.import_module(f"cxmap.{room}")
    held: dict[str, dict[str, Definition]] = {}
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"cxmap.{room}.{entry.name}")
        held[module.__name__] = _own(module)

    return held


def _own(module: ModuleType) -> dict[str, Definition]:
    """The definitions that a module declares itself."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, Definition) and value.build.__module__ == module.__name__
    }
