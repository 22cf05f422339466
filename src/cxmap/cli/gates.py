"""`report --fail-on`: which gates there are, and whether one of them was hit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from cxmap.cli.common import one_of
from cxmap.cli.expressions import Gate, judge_expressions, known_gate
from cxmap.cli.words import Words
from cxmap.errors import Exit, GateInputError, UsageError

if TYPE_CHECKING:
    from cxmap.definitions import Kpi
    from cxmap.pipeline import Request
    from cxmap.scorecard import Score, Scorecard

MISSED, WORSE = "missed", "worse"
ONE_WORD = re.compile(r"\s*[\w-]*\s*")


@dataclass(frozen=True)
class Gates:
    """What `--fail-on` says: words of ours, and expressions."""

    names: tuple[str, ...] = ()
    """missed, worse and names of KPIs."""
    expressions: tuple[Gate, ...] = ()


def known_gates(given: Sequence[str], request: "Request", words: Words) -> Gates:
    """Return the gates, each once; refuse one that could never be hit.

    Nothing is computed for that.
    """
    if not given:
        return Gates()
    from cxmap.definitions import collect

    single = [one for one in dict.fromkeys(given) if ONE_WORD.fullmatch(one)]
    names = [one.strip() for one in single]
    one_of("--fail-on", names, (MISSED, WORSE, *collect("kpis")))
    for name in names:
        if name == WORSE:
            _can_be_worse(request, words)
        elif name != MISSED:
            _can_be_missed(name, request, words)
    longer = [one for one in dict.fromkeys(given) if one not in single]
    expressions = (known_gate(one, request, words) for one in longer)

    return Gates(tuple(names), tuple(expressions))


def _can_be_missed(name: str, request: "Request", words: Words) -> None:
    if words.config.targets.get(name) is None:
        raise UsageError(f"--fail-on {name}: kpis.{name}.target is not set")
    if name not in (request.kpis or [name]) or name in words.config.kpis.off:
        raise UsageError(f"--fail-on {name}: this KPI is not on the scorecard")


def _can_be_worse(request: "Request", words: Words) -> None:
    from cxmap.pipeline import bound_kpis

    if request.compare == "none":
        raise UsageError(
            f"--fail-on {WORSE}: --compare none leaves nothing to compare with; "
            "say previous or year"
        )
    kpis = bound_kpis(words.config, request.kpis)
    if not any(_has_a_worse(kpi, measure.form) for kpi, measure in kpis.values()):
        raise UsageError(
            f"--fail-on {WORSE}: no KPI on the scorecard can be called worse; "
            "counts have no interval, and some KPIs no better side"
        )


def _has_a_worse(kpi: "Kpi", form: str) -> bool:
    return kpi.better != "neither" and form != "count"


def judge_gates(
    card: "Scorecard", gates: Gates, request: "Request", words: Words
) -> None:
    """Judge every gate; exit 1 where one was hit, and say on stderr by what.

    Raises GateInputError where none was, but the data hold nothing that one of them
    could be judged by; warns where there was nobody to count.
    """
    hits, lacking = judge_expressions(card, gates.expressions, request, words)
    for hit in hits:
        words.hit(hit)
    hit_by_name = False
    for name in gates.names:
        try:
            hit_by_name |= _hit(name, card, words)
        except GateInputError as error:
            lacking.append(error)
    reasons = [str(error) for error in lacking]
    if hits or hit_by_name:
        for reason in reasons:
            words.warn(reason)
        raise typer.Exit(Exit.GATE)
    if reasons:
        raise GateInputError("\n".join(reasons))


def _hit(gate: str, card: "Scorecard", words: Words) -> bool:
    whole = [score for score in card.scores if not score.by]
    if gate == WORSE:
        _inputs_are_held(gate, whole, card)
        return _worse(card, words)
    watched = [
        score
        for score in whole
        if score.kpi == gate or (gate == MISSED and score.target is not None)
    ]
    _inputs_are_held(gate, watched, card)
    for score in watched:
        if score.value is None:
            words.warn(f"--fail-on {gate}: {_why_none(score, gate)}")
    missed = [score.kpi for score in watched if score.status == "off"]
    if missed:
        words.hit(f"target missed: {', '.join(missed)}")

    return bool(missed)


def _inputs_are_held(gate: str, watched: Sequence["Score"], card: "Scorecard") -> None:
    if not watched or not all(score.missing_inputs for score in watched):
        return
    if card.horizon is None:
        raise GateInputError(f"--fail-on {gate}: no contacts are held yet")

    missing = dict.fromkeys(one for score in watched for one in score.missing_inputs)
    raise GateInputError(f"--fail-on {gate}: the data hold no {', '.join(missing)}")


def _why_none(score: "Score", gate: str) -> str:
    of = f" for {score.kpi}" if gate == MISSED else ""
    if score.missing_inputs:
        return f"the data hold no {', '.join(score.missing_inputs)}{of}"

    return f"nobody to count in this period{of}"


def _worse(card: "Scorecard", words: Words) -> bool:
    from cxmap.comparable import told

    for why, names in told(card.not_comparable, {one.kpi for one in card.scores}):
        who = f"{', '.join(names)} cannot" if names else "nothing can"
        words.warn(f"--fail-on {WORSE}: {why}; {who} be called worse")
    judged = [one for one in card.scores if one.kpi not in card.not_comparable]
    if judged and all(score.worse is None for score in judged):
        words.warn(
            f"--fail-on {WORSE}: nobody to count, or fewer than ten, in one of the "
            "three periods; nothing can be called worse"
        )
    worse = [score for score in card.scores if score.worse]
    for score in worse:
        words.hit(f"worse two periods running: {_fall(score)}")

    return bool(worse)


def _fall(score: "Score") -> str:
    """Return what became worse, and from what to what, the oldest value first."""
    from cxmap.views.wording import Wording, segment

    names = " × ".join(score.by)
    where = f", {names} {segment(score.by.values())}" if score.by else ""
    values = (score.earlier, score.previous, score.value)
    told = " → ".join(Wording().number(value, score) for value in values)

    return f"{score.kpi}{where}: {told}"
