"""What is wrong with a condition, with a caret under the place."""

from cxmap.errors import UsageError
from cxmap.text import safe

OPTION = "--fail-on"


def wrong(text: str, at: int, what: str) -> UsageError:
    """Return the error that shows where in `text` something else was expected."""
    shown, before = safe(text), safe(text[:at])

    return UsageError(f"{OPTION}: {what}\n  {shown}\n  {' ' * len(before)}^")
