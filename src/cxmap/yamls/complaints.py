"""What pydantic complains of, in the words and at the place of the YAML file."""

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from rapidfuzz import fuzz, process

from cxmap.text import safe
from cxmap.yamls.documents import Document, Node, Problem
from cxmap.yamls.inside import Place

LISTED = 16
"""Up to how many names are listed beside the one that was probably meant."""

NEAR = 70
"""How alike (0–100) two names must be for one to be proposed for the other."""

SHAPES = {
    "model_type": "a map of keys",
    "dict_type": "a map of keys",
    "model_attributes_type": "a map of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
}
"""pydantic's complaints that only say which shape of value belongs here."""


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that `name` was probably meant to be, if any is near.

    A name that is spelled alike wins over a longer one that holds it.
    """
    for alike in (fuzz.ratio, fuzz.WRatio):
        found = process.extractOne(
            name.casefold(), known, scorer=alike, score_cutoff=NEAR
        )
        if found:
            return str(found[0])

    return None


def proposal(name: str, known: Sequence[str]) -> str:
    """Return the advice for an unknown name: the nearest one, and all there are."""
    near = nearest(name, known)
    listed = "one of: " + ", ".join(known) if known else "nothing is expected here"
    if near and len(known) > LISTED:
        return f"did you mean `{near}`?"

    return f"did you mean `{near}`? {listed}" if near else listed


class Complaint:
    """One error of pydantic, placed in the document."""

    def __init__(self, document: Document, given: Mapping[str, Any]) -> None:
        self.document = document
        self.kind: str = given["type"]
        self.text: str = given["msg"]
        self.context: Mapping[str, Any] = given.get("ctx", {})
        self.place: Place = ()
        self.branch: dict[int, str] = {}
        self._walk(tuple(given["loc"]))

    def _walk(self, steps: Place) -> None:
        """Part the error's way into steps of the document and names of branches."""
        node = self.document.root
        self.about_key = False
        for index, step in enumerate(steps):
            last = index == len(steps) - 1
            if step in node.children:
                node = node.children[step]
                self.place += (step,)
            elif last and self.kind == "missing":
                self.place += (step,)
            elif step == "[key]":
                self.about_key = True
            else:
                self.branch[len(self.place)] = str(step)

    @property
    def shape_only(self) -> bool:
        """Whether it says no more than that another kind of value belongs here."""
        return self.kind in SHAPES or self.kind == "literal_error"

    def problem(self, model: type[BaseModel]) -> Problem:
        """Return the complaint in words of the file."""
        known = _keys(model, self.place[:-1])
        if self.kind == "extra_forbidden":
            return self._at_key("unknown key", known)
        if self.kind == "missing":
            above = self.document.key(self.place[:-1])
            return Problem(above, f"missing key `{self.place[-1]}`")
        if self.about_key and self.kind == "literal_error":
            return self._at_key("unknown key", _choices(self.context))

        node = self.document.node(self.place)
        spot = self.document.key(self.place) if node.text is None else node.spot
        if self.about_key:
            spot = self.document.key(self.place)
            node = Node(self.place[-1], spot, text=str(self.place[-1]))
        return Problem(spot, *self._words(node, _keys(model, self.place)))

    def _at_key(self, what: str, known: Sequence[str]) -> Problem:
        name = str(self.place[-1])
        return Problem(
            self.document.key(self.place),
            f"{what} `{safe(name)}`",
            proposal(name, known),
        )

    def _words(self, node: Node, keys: list[str]) -> tuple[str, str | None]:
        written = f"`{_written(node)}`" if node.text is not None else "this"
        if self.kind == "literal_error":
            choices = _choices(self.context)
            return f"{written} is not allowed here", proposal(node.text or "", choices)
        if self.kind == "value_error":
            reason = str(self.context.get("error", self.text))
            named = node.text is None or reason.startswith(written)
            return (reason if named else f"{written}: {reason}"), None
        if self.kind not in SHAPES:
            reason = self.text.replace("Input", written, 1)
            return reason[:1].lower() + reason[1:], None

        wanted = SHAPES[self.kind]
        return f"{written} is not {wanted}", _cure(node, wanted, keys)


def _cure(node: Node, wanted: str, keys: list[str]) -> str | None:
    text = (node.text or "").strip()
    if wanted in ("a number", "a whole number") and text.endswith("%"):
        try:
            return f"write {float(text[:-1]) / 100:.6g}"
        except ValueError:
            return None
    if wanted == "text" and node.text is not None:
        return f'put it in quotes: "{_written(node)}"'
    if wanted == "a list" and node.text is not None:
        return f"put it in brackets: [{_written(node)}]"
    if wanted == "a map of keys" and keys:
        return "one of: " + ", ".join(keys)

    return None


def _choices(context: Mapping[str, Any]) -> list[str]:
    listed = str(context.get("expected", "")).replace(" or ", ", ")
    return [choice.strip(" '") for choice in listed.split(", ")]


def one_branch(found: list[Complaint]) -> list[Complaint]:
    """Keep, of a value that may have several shapes, the errors of the nearest.

    A complaint about the shape as a whole gives way to one about what is inside;
    of several shapes that fit from outside, the one with the fewest errors counts.
    """
    kept = list(found)
    for depth in sorted({d for c in found for d in c.branch}):
        for place in {c.place[:depth] for c in kept if depth in c.branch}:
            group = [c for c in kept if depth in c.branch and c.place[:depth] == place]
            branches: dict[str, list[Complaint]] = {}
            for complaint in group:
                branches.setdefault(complaint.branch[depth], []).append(complaint)
            best = min(branches.values(), key=lambda b: _distance(b, depth))
            dropped = {id(c) for c in group} - {id(c) for c in best}
            kept = [c for c in kept if id(c) not in dropped]

    return kept


def _distance(branch: list[Complaint], depth: int) -> tuple[bool, int, bool]:
    outside = any(c.shape_only and len(c.place) == depth for c in branch)
    return outside, len(branch), any(c.kind == "literal_error" for c in branch)


def without_near_misses(found: list[Complaint]) -> list[Complaint]:
    """Drop a missing key beside an unknown one that was meant to be it."""
    strangers = [c.place for c in found if c.kind == "extra_forbidden"]

    def explained(complaint: Complaint) -> bool:
        beside = [str(p[-1]) for p in strangers if p[:-1] == complaint.place[:-1]]
        wanted = str(complaint.place[-1]) if complaint.place else ""
        return any(nearest(name, [wanted]) for name in beside)

    return [c for c in found if c.kind != "missing" or not explained(c)]


def _keys(annotation: Any, place: Place) -> list[str]:
    """Return the keys that `annotation` knows at `place`, in their order."""
    found: list[str] = []
    for shape in _shapes(annotation):
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            fields = {f.alias or name: f for name, f in shape.model_fields.items()}
            if not place:
                found += fields
            elif place[0] in fields:
                found += _keys(fields[str(place[0])].annotation, place[1:])
        elif get_origin(shape) in (dict, Mapping):
            key, value = get_args(shape)
            found += _keys(value, place[1:]) if place else _literals(key)
        elif get_args(shape) and place and isinstance(place[0], int):
            found += _keys(get_args(shape)[0], place[1:])

    return list(dict.fromkeys(found))


def _literals(annotation: Any) -> list[str]:
    literal = get_origin(annotation) is Literal
    return [str(value) for value in get_args(annotation)] if literal else []


def _shapes(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _shapes(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [s for part in get_args(annotation) for s in _shapes(part)]

    return [annotation]


def _written(node: Node) -> str:
    text = safe(node.text or "")
    return text if len(text) <= 60 else text[:59] + "…"
