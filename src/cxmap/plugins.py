"""Plug-ins: what installed packages offer under the entry-point groups of cxmap.

A package that is installed beside cxmap adds definitions or profiles without a line
of ours: it declares an entry point in one of `GROUPS`.
"""

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from cxmap.errors import ConfigError
from cxmap.text import safe

KPIS, FRICTIONS, SOURCES = GROUPS = ("cxmap.kpis", "cxmap.frictions", "cxmap.sources")

T = TypeVar("T")


@dataclass(frozen=True)
class PlugIn:
    """One entry point of an installed distribution."""

    group: str
    name: str
    distribution: str
    version: str
    entry: EntryPoint

    @property
    def words(self) -> str:
        """Which it is, for messages: `example 0.1.0: saved_calls (cxmap.kpis)`."""
        return safe(f"{self.distribution} {self.version}: {self.name} ({self.group})")

    @property
    def origin(self) -> str:
        """The distribution and its version."""
        return safe(f"{self.distribution} {self.version}".strip())

    def load(self) -> Any:
        """Return what it names: a module, with all modules below it, or an object.

        Raises PlugInError where that cannot be had.
        """
        try:
            thing = self.entry.load()
            if isinstance(thing, ModuleType):
                for module in modules(thing):
                    importlib.import_module(module)
        except (Exception, SystemExit) as error:
            raise PlugInError(self, _reason(error), _cause(error)) from error

        return thing


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a plug-in, and where in its code."""

    plug_in: PlugIn
    reason: str
    cause: str | None = None


class PlugInError(ConfigError):
    """A plug-in that cannot be used, and why."""

    def __init__(self, plug_in: PlugIn, reason: str, cause: str | None = None) -> None:
        super().__init__(f"plug-in {plug_in.words}: {reason}")
        self.wrong = Wrong(plug_in, reason, cause)


def modules(module: ModuleType) -> list[str]:
    """Return the names of a module and of those directly in it, in their order."""
    inside = pkgutil.iter_modules(getattr(module, "__path__", ()))
    names = sorted(f"{module.__name__}.{one.name}" for one in inside)

    return [module.__name__, *names]


@cache
def plug_ins(group: str) -> tuple[PlugIn, ...]:
    """Return the plug-ins of a group, by distribution and name; nothing is imported."""
    found = [
        PlugIn(
            group,
            entry.name,
            entry.dist.name if entry.dist else "an unnamed package",
            entry.dist.version if entry.dist else "",
            entry,
        )
        for entry in entry_points(group=group)
    ]

    return tuple(sorted(found, key=lambda one: (one.distribution, one.name)))


def gather(
    group: str, shipped: Mapping[str, T], held_by: Callable[[PlugIn], Mapping[str, T]]
) -> tuple[dict[str, tuple[T, PlugIn | None]], list[Wrong]]:
    """Return what is `shipped` and what plug-ins hold, by name; and what is wrong.

    Each stands beside the plug-in it comes from, None for ours. A plug-in that cannot
    be used is wrong, and so is a name that another thing bears already.
    """
    found: dict[str, tuple[T, PlugIn | None]] = {
        n: (o, None) for n, o in shipped.items()
    }
    wrong = []
    for plug_in in plug_ins(group):
        try:
            held = held_by(plug_in)
        except PlugInError as error:
            wrong.append(error.wrong)
            continue
        for name, one in held.items():
            there, owner = found.setdefault(name, (one, plug_in))
            if there is not one:
                whose = "cxmap" if owner is None else owner.origin
                reason = f"{safe(name)}: the name is taken by {whose}"
                wrong.append(Wrong(plug_in, reason))

    return dict(sorted(found.items())), wrong


def versions(*groups: str) -> list[str]:
    """Return which plug-ins of `groups` are installed, each with its version."""
    return [one.words for group in groups for one in plug_ins(group)]


def refusal(wrong: Iterable[Wrong], *, verbose: bool = False) -> ConfigError:
    """Return the error that tells all that is wrong, a line each.

    `verbose` adds the line of the plug-in's code that caused it.
    """
    lines = [line for one in wrong for line in _told(one, verbose=verbose)]
    advice = "mend or uninstall them; nothing was run"

    return ConfigError("\n".join([*lines, f"plug-ins: {advice}"]))


def _told(wrong: Wrong, *, verbose: bool) -> Iterator[str]:
    yield f"plug-in {wrong.plug_in.words}: {wrong.reason}"
    if verbose and wrong.cause is not None:
        yield f"  caused by {wrong.cause}"


def _reason(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"cannot be imported: no module {safe(error.name)}"
    if isinstance(error, AttributeError) and error.name:
        return f"cannot be imported: its module has no {safe(error.name)}"

    return f"cannot be imported: {type(error).__name__}"


def _cause(error: BaseException) -> str:
    """Return the error in one line, with the last place it passed through."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())

    return safe(
        f"{type(error).__name__}: {said} ({Path(last.filename).name}:{last.lineno})"
    )
