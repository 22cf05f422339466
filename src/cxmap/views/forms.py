"""The forms that a view comes in, and those of them that are data."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cxmap.errors import UsageError
from cxmap.text import safe
from cxmap.views.plain import json_text

FORMS = ("table", "md", "csv", "json", "jsonl")


def as_data(
    form: str,
    *,
    whole: Callable[[], Mapping[str, Any]],
    lines: Callable[[], Iterable[Mapping[str, Any]]],
    csv: Callable[[], str],
    ascii: bool = False,
) -> str | None:
    """Return the `whole` as JSON, its `lines` as JSON lines, or CSV; None: for people.

    Raises UsageError for a form that does not exist.
    """
    if form not in FORMS:
        raise UsageError(f"-f {safe(form)}: write one of {', '.join(FORMS)}")
    if form == "json":
        return json_text(whole(), ascii_only=ascii) + "\n"
    if form == "jsonl":
        texts = (json_text(one, indent=None, ascii_only=ascii) for one in lines())
        return "".join(f"{text}\n" for text in texts)

    return csv() if form == "csv" else None
