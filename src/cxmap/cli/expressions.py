"""`report --fail-on EXPRESSION`: checked before anything is counted, judged after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxmap.cli.words import Words
from cxmap.errors import GateInputError, UsageError

if TYPE_CHECKING:
    from cxmap.definitions import Kpi
    from cxmap.gates import Comparison, Condition, Figure, Find, Subject
    from cxmap.pipeline import Request
    from cxmap.scorecard import Score, Scorecard

Cell = tuple[str, frozenset[tuple[str, str | None]]]


@dataclass(frozen=True)
class Gate:
    """One expression: its text, what it means, and the KPIs there are."""

    text: str
    condition: "Condition"
    kpis: Mapping[str, "Kpi"]


def known_gate(text: str, request: "Request", words: Words) -> Gate:
    """Return the gate written; refuse one that could never be judged."""
    from cxmap.definitions import collect
    from cxmap.gates import comparisons, read_gate, settled

    kpis = collect("kpis")
    condition = settled(read_gate(text, kpis), kpis, text)
    for one in comparisons(condition):
        _can_be_judged(one, kpis, request, words)

    return Gate(text, condition, kpis)


def _can_be_judged(
    one: "Comparison", kpis: Mapping[str, "Kpi"], request: "Request", words: Words
) -> None:
    if one.subject.figure is None:
        return
    name, asked = one.subject.figure.kpi, one.subject.attribute
    if name in words.config.kpis.off:
        raise UsageError(f"--fail-on: {name} is switched off in the config")
    if asked == "change" and request.compare == "none":
        raise UsageError(
            "--fail-on: --compare none leaves nothing to compare with; say previous "
            "or year"
        )
    if asked != "status":
        return
    if kpis[name].better == "neither":
        raise UsageError(f"--fail-on: {name} has no better side, and so no status")
    if not {name} & {*words.config.targets, *words.config.segment_targets}:
        raise UsageError(f"--fail-on: {name}.status: kpis.{name}.target is not set")


def judge_expressions(
    card: "Scorecard", gates: Sequence[Gate], request: "Request", words: Words
) -> tuple[list[str], list[GateInputError]]:
    """Return the gates hit, with what they read, and those whose inputs are missing.

    What the card does not hold, other segments or KPIs, is counted for the gates and
    not shown.
    """
    hits, lacking = [], []
    scores = _counted(card, gates, request, words)
    for gate in gates:
        try:
            hits += _judged(gate, card, scores, words)
        except GateInputError as error:
            lacking.append(error)

    return hits, lacking


def _judged(
    gate: Gate, card: "Scorecard", scores: Mapping[Cell, "Score"], words: Words
) -> list[str]:
    from cxmap.gates import comparisons, judge

    def find(figure: "Figure") -> "Score | None":
        whole = scores[figure.kpi, frozenset()]
        return whole if whole.missing_inputs else scores.get(figure.cell)

    holds = judge(gate.condition, gate.kpis, find)
    every = tuple(comparisons(gate.condition))
    if holds:
        return [f"{gate.text} ({_readings(every, find)})"]
    gaps = dict.fromkeys(filter(None, (_gap(one, find, card) for one in every)))
    lacking = [gap for gap in gaps if "hold no" in gap]
    if holds is None and (lacking or card.horizon is None):
        why = ", ".join(lacking) if card.horizon else "no contacts are held yet"
        raise GateInputError(f"--fail-on {gate.text}: {why}")
    for gap in gaps:
        words.warn(f"--fail-on {gate.text}: {gap}")

    return []


def _counted(
    card: "Scorecard", gates: Sequence[Gate], request: "Request", words: Words
) -> dict[Cell, "Score"]:
    """Return every score the gates need, by KPI and segment."""
    from cxmap.gates import comparisons

    figures = [
        one.subject.figure
        for gate in gates
        for one in comparisons(gate.condition)
        if one.subject.figure is not None
    ]
    shown = {score.kpi for score in card.scores}
    wanted: dict[tuple[str, ...], set[str]] = {}
    for figure in figures:
        by = tuple(sorted(name for name, _ in figure.where))
        if figure.kpi not in shown or by not in ((), tuple(sorted(request.by))):
            wanted.setdefault(by, set()).add(figure.kpi)
    cards = [card]
    cards += [_further(card, by, kpis, request, words) for by, kpis in wanted.items()]

    return {
        (score.kpi, frozenset(score.by.items())): _honest(score, one)
        for one in cards
        for score in one.scores
    }


def _further(
    card: "Scorecard",
    by: tuple[str, ...],
    kpis: Iterable[str],
    request: "Request",
    words: Words,
) -> "Scorecard":
    """Return a card of other KPIs or segments over the same periods."""
    from cxmap.definitions import collect
    from cxmap.pipeline import report

    config = words.config
    quiet = replace(config.frictions, off=frozenset(collect("frictions")))
    asked = replace(
        request,
        since=card.since.isoformat(),
        until=card.until.isoformat(),
        by=by,
        kpis=tuple(sorted(kpis)),
        running=False,
    )

    return report(
        words.tables,
        replace(config, frictions=quiet),
        asked,
        now=words.now,
        zone=words.zone,
    )


def _honest(score: "Score", card: "Scorecard") -> "Score":
    """Return the score without a change that coverage could have made."""
    if score.kpi not in card.coverage_changed:
        return score

    return replace(score, change=None, change_low=None, change_high=None)


def _gap(one: "Comparison", find: "Find", card: "Scorecard") -> str | None:
    """Say why a comparison cannot be judged; None where it can."""
    from cxmap.gates import reading_of

    if reading_of(one.subject, find) is not None or one.subject.figure is None:
        return None
    score, where = find(one.subject.figure), _where(one.subject.figure)
    if score is not None and score.missing_inputs:
        return f"the data hold no {', '.join(score.missing_inputs)}"
    if score is None or not score.n:
        return f"nobody to count in this period for {where}"
    if one.subject.attribute == "change" and score.kpi in card.coverage_changed:
        why = card.coverage_changed[score.kpi]
        return f"{why}; no change can be told for {where}"

    return f"no {one.subject.attribute} can be told for {where}"


def _readings(every: Sequence["Comparison"], find: "Find") -> str:
    """Return what was found, in its unit; of several figures each with its name."""
    alone = len({one.subject.figure for one in every}) == 1
    named = {_named(one.subject, alone=alone): one.subject for one in every}

    return ", ".join(f"{name} is {_reading(s, find)}" for name, s in named.items())


def _named(subject: "Subject", *, alone: bool) -> str:
    name = _where(subject.figure) if subject.figure else ""
    if subject.attribute == "value":
        return "it" if alone else name

    return f"its {subject.attribute}" if alone else f"{name} {subject.attribute}"


def _reading(subject: "Subject", find: "Find") -> str:
    from cxmap.gates import reading_of
    from cxmap.views.wording import Wording

    found = reading_of(subject, find)
    score = find(subject.figure) if subject.figure else None
    if found is None or score is None:
        return "–" if found is None else str(found)
    if isinstance(found, str) or subject.attribute in ("n", "pending"):
        return str(found)
    if subject.attribute == "change":
        return Wording().change(replace(score, marked=False))

    return Wording().number(found, score)


def _where(figure: "Figure") -> str:
    from cxmap.text import safe

    segment = " ".join(f"{name} {safe(value)}" for name, value in figure.where)
    return f"{figure.kpi} ({segment})" if segment else figure.kpi
