"""What is wrong with the sources a configuration names, told before data is read."""

from collections.abc import Iterator
from pathlib import Path

from cxmap.sources.profile import (
    Profile,
    load_profile,
    settings_of,
    shipped_names,
)
from cxmap.sources.settings import unfit, wrong_setting
from cxmap.text import safe
from cxmap.yamls.documents import Document, Node, Problem, read_document
from cxmap.yamls.inside import Place
from cxmap.yamls.problems import Flaws, check_document, proposal

OWN = (".yaml", ".yml")
"""How the name of a profile ends that is a file of the user's own."""


def wrong_sources(document: Document) -> list[Flaws]:
    """Return what is wrong with profiles, settings and patterns of every source.

    Its own profile files are read, each once, and stand there with their own
    mistakes.
    """
    listed = document.root.children.get("sources")
    flaws: dict[Path, Flaws] = {}
    problems: list[Problem] = []
    for name, source in listed.children.items() if listed else ():
        place = ("sources", name)
        problems += _wrong_patterns(source)
        found, own, problem = _profile(document, source)
        if own is not None:
            flaws[own[0].path] = own
        if problem is not None:
            problems.append(problem)
        problems += _wrong_settings(document, place, found)

    return [(document, tuple(problems)), *flaws.values()]


def _profile(
    document: Document, source: Node
) -> tuple[Profile | None, Flaws | None, Problem | None]:
    """Return the profile, what is wrong in its file, and with the name of it."""
    named = source.children.get("profile")
    if named is None or not isinstance(named.value, str):
        return None, None, None
    if named.value.endswith(OWN):
        return _own_profile(document.path.parent / named.value, named)
    if named.value in shipped_names():
        return load_profile(named.value), None, None

    advice = f"{proposal(named.value, shipped_names())}; or the path of a .yaml"
    message = f"unknown profile `{safe(named.value)}`"
    return None, None, Problem(named.spot, message, advice)


def _own_profile(
    path: Path, named: Node
) -> tuple[Profile | None, Flaws | None, Problem | None]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, ValueError) else error.strerror
        message = f"`{safe(named.value)}`: cannot be read: {reason}"
        return None, None, Problem(named.spot, message, "give a YAML file in UTF-8")

    document = read_document(text, path)
    profile, problems = check_document(document, Profile)
    if profile is not None:
        spot = document.key(("settings",))
        problems = tuple(Problem(spot, reason) for reason in unfit(profile))

    return profile, (document, problems), None


def _wrong_settings(
    document: Document, place: Place, profile: Profile | None
) -> Iterator[Problem]:
    """Yield what is wrong with the settings; without a profile, with those of all."""
    place = (*place, "settings")
    given = document.node(place)
    if given is document.node(place[:-1]) or not isinstance(given.value, dict):
        return
    known = list(settings_of(profile)) if profile else []
    for name, value in given.value.items():
        if profile and name not in known:
            message = f"unknown setting `{safe(name)}`"
            advice = proposal(name, known)
            yield Problem(document.key((*place, name)), message, advice)
            continue
        for wrong in wrong_setting(profile, name, value):
            node = document.node((*place, name, *wrong.place))
            where = document.key((*place, name)) if node.text is None else node.spot
            yield Problem(where, _said(node, wrong.reason), wrong.help)


def _said(node: Node, reason: str) -> str:
    written = "this" if node.text is None else f"`{safe(node.text)}`"
    if reason.startswith(written):
        return reason
    return f"{written} {reason}" if reason.startswith("is ") else f"{written}: {reason}"


def _wrong_patterns(source: Node) -> Iterator[Problem]:
    """Yield the patterns that could never name a file."""
    given = source.children.get("files")
    for node in [given, *given.children.values()] if given else ():
        if not isinstance(node.value, str):
            continue
        if not node.value.strip():
            yield Problem(node.spot, "names no file", "write a path or a pattern")
        elif any("**" in step and step != "**" for step in Path(node.value).parts):
            message = f"`{safe(node.value)}`: ** must stand alone between slashes"
            yield Problem(node.spot, message, "such as exports/**/*.csv")
