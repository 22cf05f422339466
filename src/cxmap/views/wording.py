"""How a number, a name or a score reads: units and signs, never more digits than sense.

Shares arrive as fractions and durations as seconds; here they become `61.6 %` and
`7.0 h`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from cxmap.scorecard import Score, Scorecard
from cxmap.text import safe
from cxmap.views.symbols import UNICODE, Symbols

ACRONYMS = {
    "csat": "CSAT",
    "nps": "NPS",
    "ces": "CES",
    "fcr": "FCR",
    "acw": "ACW",
    "frt": "FRT",
}
IN_WORDS = {
    "ladder_best": "One and done (ladder best)",
    "ladder_better": "Picked up (ladder better)",
    "ladder_good": "Begun again (ladder good)",
    "ladder_none": "Never met (ladder none)",
    "ladder_unproven": "Not told (ladder unproven)",
}
"""Names that say nothing to whoever does not know them, with what they mean."""

SECONDS = ((172_800, 86_400, "d"), (3_600, 3_600, "h"), (60, 60, "min"))


@dataclass(frozen=True)
class Wording:
    """Writes scores with one set of signs."""

    signs: Symbols = UNICODE
    min_cell: int = 10
    brief: bool = False
    """Whether missing inputs are named elsewhere, so that a status stays short."""

    def value(self, score: Score) -> str:
        """Return the value; `<10` where hidden, a dash where nobody counts."""
        if score.suppressed and score.value is None:
            return f"<{self.min_cell}"

        return self.number(score.value, score)

    def number(self, number: float | None, score: Score) -> str:
        """Return a number in the unit of its score."""
        if number is None:
            return self.signs.nothing

        like = number if score.value is None else score.value
        amount = _amount(number, score, like=like)
        if score.unit == "seconds" and number and amount.startswith("0.0 "):
            amount = _amount(number, score, like=number)

        return self._signed(amount, always=_signed(score))

    def size(self, amount: float, score: Score) -> str:
        """Return how large a difference is, in the unit of its score; shares in pp."""
        if score.unit == "share":
            return f"{100 * amount:.1f} pp"

        like = amount if score.value is None else score.value
        return _amount(amount, score, like=like)

    def interval(self, score: Score) -> str:
        """Return the 95 % interval; empty where there is none."""
        if score.low is None or score.high is None:
            return ""
        low, high = self.number(score.low, score), self.number(score.high, score)
        same_unit = low.rpartition(" ")[2] == high.rpartition(" ")[2] and " " in low
        short = low.rpartition(" ")[0] if same_unit else low

        return f"{short} {self.signs.dash} {high}"

    def target(self, score: Score) -> str:
        """Return the target with the side on which it is met."""
        if score.target is None:
            return ""
        side = self.signs.at_most if score.better == "lower" else self.signs.at_least

        return f"{side} {self.number(score.target, score)}"

    def change(self, score: Score) -> str:
        """Return the change; an arrow only where it is more than noise."""
        if score.change is None:
            return ""
        amount = self.size(score.change, score)
        arrow = self.signs.up if score.change > 0 else self.signs.down
        signed = self._signed(amount, always=True)

        return f"{arrow} {signed}" if score.marked else signed

    def status(self, score: Score) -> str:
        """Return symbol and word, or which inputs are missing."""
        if score.missing_inputs and self.brief:
            return "no input"
        if score.missing_inputs:
            return f"needs {', '.join(safe(name) for name in score.missing_inputs)}"
        named = {"on": self.signs.on, "close": self.signs.close, "off": self.signs.off}
        sign = named.get(score.status)

        return f"{sign} {score.status}" if sign else self.signs.nothing

    def counted(self, score: Score) -> str:
        """Return how many were counted, and how many cannot be judged yet."""
        if score.suppressed and score.value is None:
            return f"<{self.min_cell}"
        pending = f" +{score.pending:,}" if score.pending else ""

        return f"{score.n:,}{pending}"

    def parts(self, score: Score) -> str:
        """Return the confirmed and the presumed part of a resolution rate."""
        if not score.n or score.confirmed is None or score.presumed is None:
            return ""
        confirmed, presumed = (
            100 * part / score.n for part in (score.confirmed, score.presumed)
        )

        return f"{confirmed:.1f} + {presumed:.1f} %"

    def _signed(self, amount: str, *, always: bool) -> str:
        nought = not any(digit in amount for digit in "123456789")
        if amount.startswith("-"):
            return amount[1:] if nought else self.signs.minus + amount[1:]

        return f"+{amount}" if always and not nought else amount


def title(name: str) -> str:
    """Return a stable name as people read it: `first_contact_resolution` → words."""
    if name in IN_WORDS:
        return IN_WORDS[name]
    words = [ACRONYMS.get(word, word) for word in safe(name).split("_")]
    text = " ".join(words)

    return text[:1].upper() + text[1:]


def segment(values: Iterable[str | None]) -> str:
    """Return a segment's values as one label; unknown ones in brackets."""
    return " × ".join("(unknown)" if value is None else safe(value) for value in values)


def held(scorecard: Scorecard, signs: Symbols) -> str:
    """Return the line that says what the numbers rest on."""
    coverage = scorecard.coverage
    parts = [
        counted(coverage.journeys, "journey"),
        counted(coverage.contacts, "contact"),
        counted(coverage.customers, "customer"),
    ]
    if coverage.identified is not None:
        parts.append(f"{100 * coverage.identified:.1f} % identified")

    return f" {signs.dot} ".join(parts)


def moment(at: datetime, zone: tzinfo) -> str:
    """Return an instant in a zone, to the minute: `2026-09-01 10:04`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def counted(number: int, thing: str) -> str:
    """Return so many of a thing: `1 journey`, `8,363 journeys`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def percent(share: float) -> str:
    """Return a share as people read it: `78.5 %`."""
    return f"{100 * share:.1f} %"


def figure(number: float | None, unit: str) -> str | None:
    """Return a KPI's number in its unit; None stays None."""
    if number is None:
        return None
    if unit == "share":
        return percent(number)
    if unit == "seconds":
        return span(number)

    return f"{number:.0f}" if unit == "points" else f"{number:,.2f}"


def times_in(zone: tzinfo) -> str:
    """Return the note that says in which zone the times shown are."""
    return f"Times in {getattr(zone, 'key', None) or zone}."


def runs(path: str, times: str = "×") -> str:
    """Return a path whose repeated channels are counted: `email > voice ×3`."""
    counted = [
        (channel, len(list(again))) for channel, again in groupby(path.split(" > "))
    ]
    return " > ".join(
        f"{channel} {times}{count}" if count > 1 else channel
        for channel, count in counted
    )


def span(seconds: float, *, like: float | None = None) -> str:
    """Return a duration in the unit that suits it (or suits `like`)."""
    size = abs(seconds if like is None else like)
    for least, unit, name in SECONDS:
        if size >= least:
            return f"{seconds / unit:.1f} {name}"

    return f"{seconds:.0f} s"


def _amount(number: float, score: Score, *, like: float) -> str:
    if score.unit == "share":
        return f"{100 * number:.1f} %"
    if score.unit == "seconds":
        return span(number, like=like)
    if score.unit == "points":
        return f"{number:.0f}"
    if score.unit == "count" and score.value == score.numerator:
        return f"{number:,.0f}"

    return f"{number:,.2f}"


def _signed(score: Score) -> bool:
    return score.unit == "points"


def spelled(number: float | None, unit: str, signs: Symbols = UNICODE) -> str:
    """Return a KPI's number in its unit, its sign as people write it."""
    text = figure(number, unit)
    if text is None:
        return signs.nothing
    if unit == "count" and text.endswith(".00"):
        text = text.removesuffix(".00")

    return text.replace("-", signs.minus, 1)


def sized(amount: float, unit: str, *, like: float | None = None) -> str:
    """Return how large a difference is, in a KPI's unit; shares in pp."""
    if unit == "share":
        return f"{100 * amount:.1f} pp"
    if unit == "seconds":
        return span(amount, like=like)
    if unit == "points":
        return f"{amount:.0f} points"
    if unit == "count" and amount == int(amount):
        return f"{amount:,.0f}"

    return f"{amount:,.2f}"
