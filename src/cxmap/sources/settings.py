"""What a profile's settings may be, told one by one before any data is read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import phonenumbers
from pydantic import ValidationError

from cxmap.errors import ConfigError
from cxmap.options import read_zone
from cxmap.sources.profile import Given, Profile, resolve, settings_of
from cxmap.yamls.checking import reasons
from cxmap.yamls.inside import Place

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with a setting, and what would be right."""

    place: Place
    """Inside the setting; empty: the whole of it."""
    reason: str
    help: str | None = None


def wrong_setting(profile: Profile | None, name: str, given: object) -> Iterator[Wrong]:
    """Yield what is wrong with one setting of those that the profile takes.

    Without a profile only settings that every profile takes can be judged. Null is
    never wrong: it leaves the setting out.
    """
    if given is None:
        return
    if name in KNOWN:
        yield from KNOWN[name](given)
    elif profile is not None:
        wrong = list(_of_type(given, settings_of(profile).get(name)))
        yield from wrong or (
            Wrong((), reason) for reason in unfit(profile, {name: _plain(given)})
        )


def unfit(profile: Profile, settings: Mapping[str, Given] | None = None) -> list[str]:
    """Return why the profile is wrong with these settings; empty where it is not."""
    try:
        resolve(profile, settings)
    except ConfigError as error:
        if isinstance(error.__cause__, ValidationError):
            return list(dict.fromkeys(reasons(error.__cause__)))
        return [str(error)]

    return []


def _plain(given: object) -> Given:
    return tuple(given) if isinstance(given, list) else given  # type: ignore[return-value]


def _zone(given: object) -> Iterator[Wrong]:
    try:
        read_zone(str(given))
    except ValueError as error:
        yield Wrong((), str(error))


def _region(given: object) -> Iterator[Wrong]:
    code = str(given)
    if code in REGIONS:
        return

    near = code.upper() if code.upper() in REGIONS else None
    advice = "write two letters of ISO 3166, such as DE, GB or US"
    yield Wrong(
        (), "no country code", f"did you mean `{near}`? {advice}" if near else advice
    )


def _numbers(given: object) -> Iterator[Wrong]:
    if not isinstance(given, list):
        yield Wrong((), "is not a list", f'put it in brackets: ["{given}"]')
        return
    for at, number in enumerate(given):
        if not isinstance(number, str):
            yield Wrong((at,), "is not text", f'put it in quotes: "{number}"')
        elif not any(character.isdigit() for character in number):
            yield Wrong((at,), "is no phone number", "write it as +49 30 1234567")


def _of_type(given: object, default: Given) -> Iterator[Wrong]:
    """Yield what is wrong with the kind of value; without a default it is text."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if isinstance(default, bool):
        if not isinstance(given, bool):
            yield Wrong((), "is not true or false")
    elif isinstance(default, int | float):
        if not number:
            yield Wrong((), "is not a number")
    elif isinstance(default, tuple):
        if not isinstance(given, list):
            yield Wrong((), "is not a list", f'put it in brackets: ["{given}"]')
    elif not isinstance(given, str):
        scalar = number or isinstance(given, bool)
        yield Wrong(
            (), "is not text", f'put it in quotes: "{given}"' if scalar else None
        )


KNOWN: Mapping[str, Callable[[object], Iterator[Wrong]]] = MappingProxyType(
    {"tz": _zone, "region": _region, "own_numbers": _numbers}
)
"""Settings of every profile whose values are of a kind of their own."""
