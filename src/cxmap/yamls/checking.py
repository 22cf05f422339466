"""A document against a model: everything that is wrong, also behind what is wrong."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cxmap.yamls.complaints import Complaint, one_branch, without_near_misses
from cxmap.yamls.documents import DEPTH_CAP, Document, Problem
from cxmap.yamls.inside import Place, WrongInsideError

M = TypeVar("M", bound=BaseModel)


def check_document(
    document: Document, model: type[M]
) -> tuple[M | None, tuple[Problem, ...]]:
    """Return `document` as a `model`, or None and everything that is wrong.

    A check of a whole waits until its parts are right. So that its findings come at
    once, the document is read again without the parts that are wrong.
    """
    if document.problems:
        return None, document.problems
    try:
        return _read(document.root.value, model), ()
    except ValidationError as error:
        found = _found(document, error)

    behind = _behind(document, model, {_cut(complaint) for complaint in found})
    complaints = [*without_near_misses(found), *behind]
    return None, tuple(complaint.problem(model) for complaint in complaints)


def reasons(error: ValidationError) -> Iterator[str]:
    """Yield what a model complains of, in its own words alone."""
    for found in error.errors():
        reason = found.get("ctx", {}).get("error")
        if isinstance(reason, WrongInsideError):
            yield from (what for _, what in reason.found)
        else:
            yield str(reason or found["msg"])


def _read(value: Any, model: type[M]) -> M:
    return model.model_validate_json(json.dumps(value), strict=True)


def _found(document: Document, error: ValidationError) -> list[Complaint]:
    placed = [one for given in error.errors() for one in _placed(document, given)]
    return one_branch(placed)


def _placed(document: Document, given: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield the complaint, or one for each place that a check of a whole names."""
    whole = Complaint(document, given)
    reason = given.get("ctx", {}).get("error")
    if not isinstance(reason, WrongInsideError):
        yield whole
        return
    for place, what in reason.found:
        inside = _existing(document, (*whole.place, *place))
        yield Complaint(document, {**given, "loc": inside, "ctx": {"error": what}})


def _existing(document: Document, place: Place) -> Place:
    """Return as much of a place as is written in the document."""
    node = document.root
    for depth, step in enumerate(place):
        if step not in node.children:
            return place[:depth]
        node = node.children[step]

    return place


def _cut(complaint: Complaint) -> Place:
    """Return what to cut out: what is wrong, or else the map that lacks a key."""
    place = complaint.place
    return place[:-1] if complaint.kind == "missing" and len(place) > 1 else place


def _behind(
    document: Document, model: type[BaseModel], cuts: set[Place]
) -> list[Complaint]:
    """Return what else is wrong, once the places that are wrong are cut out.

    Where a cut leaves something that is wrong again, all around it is cut out, too.
    What is said of a place around a cut may be owed to the cut, and is dropped.
    """
    for _ in range(DEPTH_CAP):
        if () in cuts:
            break
        try:
            _read(_without(document.root.value, cuts), model)
            break
        except ValidationError as error:
            again = _found(document, error)
        wounds = {cut for cut in cuts for c in again if _is_at(c, cut)}
        if not wounds:
            return [c for c in again if not any(_is_around(c, cut) for cut in cuts)]
        cuts = (cuts - wounds) | {wound[:-1] for wound in wounds}

    return []


def _is_at(complaint: Complaint, cut: Place) -> bool:
    return complaint.place[: len(cut)] == cut


def _is_around(complaint: Complaint, cut: Place) -> bool:
    return complaint.place == cut[: len(complaint.place)]


def _without(value: Any, cuts: set[Place]) -> Any:
    """Return `value` without what is cut; a key the root lacks is an empty text.

    A list loses all of its items with one of them, so that the others keep places.
    """
    here = {cut[0] for cut in cuts if len(cut) == 1}
    below = {
        step: {cut[1:] for cut in cuts if len(cut) > 1 and cut[0] == step}
        for step in {cut[0] for cut in cuts if len(cut) > 1}
    }
    if isinstance(value, list):
        whole = [_without(one, below.get(at, set())) for at, one in enumerate(value)]
        return [] if here else whole
    if not isinstance(value, dict):
        return value
    kept = {
        key: _without(one, below.get(key, set()))
        for key, one in value.items()
        if key not in here
    }

    return kept | {str(key): "" for key in here if key not in value}
