"""`report --freeze` and `--frozen`: the cards that were published."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from cxmap.cli.output import deliver
from cxmap.cli.words import Words
from cxmap.errors import UsageError

if TYPE_CHECKING:
    from cxmap.cli.common import Outputs
    from cxmap.scorecard import Scorecard

UNTIL = "until: the period ends just before it."


def frozen_period(
    freeze: str | None,
    since: str | None,
    until: str | None,
    kpi: list[str] | None,
    *,
    again: bool,
) -> str | None:
    """Return since when the card is asked for; UsageError for words that clash."""
    if freeze is None:
        if again:
            raise UsageError("--again: belongs to --freeze PERIOD")
        return since
    if since or until:
        raise UsageError("--freeze: names the period; leave out --since and --until")
    if kpi:
        raise UsageError("--freeze: keeps the whole card; leave out --kpi")

    return freeze


def keep_card(card: "Scorecard", words: Words, *, again: bool) -> None:
    """Keep the card as published; UsageError where one is kept already."""
    from cxmap.desk.publishing import name_of, publishable
    from cxmap.views.render import shareable

    store = words.opened()
    name = name_of(card, words.config.identity.unit)
    before = store.frozen().get(name)
    kept = publishable(shareable(card), words.config, store.snapshot(), before)
    if not store.freeze(name, kept, again=again):
        raise UsageError(
            "--freeze: this period was published before"
            + (f", as of {_when(before['frozen_at'], words)}" if before else "")
            + "; to replace that card say --again"
        )
    words.say(f"frozen: {card.period}, as of {_when(kept['frozen_at'], words)}")
    pending = sum(score.pending > 0 for score in card.scores if not score.by)
    if pending:
        words.say(f"{pending} KPIs have rows that cannot be judged yet")


def _when(frozen_at: str, words: Words) -> str:
    from cxmap.views.wording import moment

    return f"{moment(datetime.fromisoformat(frozen_at), words.zone)} ({words.zone.key})"


def beside_published(card: "Scorecard", words: Words) -> "Scorecard":
    """Return the card with the one that was published for its period, if any."""
    from cxmap.desk.publishing import Today, name_of, published
    from cxmap.intake.choosing import profiles_of

    store = words.opened()
    frozen = store.frozen().get(name_of(card, words.config.identity.unit))
    if frozen is None:
        return card
    snapshot = store.snapshot()
    profiles = profiles_of(snapshot, words.config)
    today = Today(words.tables, words.config, snapshot, profiles)

    return replace(card, published=published(card, frozen, today))


def list_frozen(words: Words, form: str, output: "Outputs") -> None:
    """List the cards that are kept, the oldest period first."""
    import polars as pl

    from cxmap.tables import TEXT, WHEN
    from cxmap.views.listing import render_table

    columns = {
        "period": TEXT,
        "since": WHEN,
        "until": WHEN,
        "unit": TEXT,
        "frozen_at": WHEN,
        "cxmap": TEXT,
    }
    rows = [
        {
            "period": card["card"]["period"]["chosen"],
            "since": datetime.fromisoformat(card["card"]["period"]["since"]),
            "until": datetime.fromisoformat(card["card"]["period"]["until"]),
            "unit": card["unit"],
            "frozen_at": datetime.fromisoformat(card["frozen_at"]),
            "cxmap": card["cxmap"],
        }
        for card in words.opened().frozen().values()
    ]
    told = pl.DataFrame(rows, schema=columns)
    notes = () if told.is_empty() else (UNTIL,)
    if told.is_empty():
        words.say("no card was frozen; `cxmap report --freeze 2026-05` keeps one")
    deliver(
        lambda f, look: render_table(
            told, f, notes=notes, zone=words.zone, **look._asdict()
        ),
        form=form,
        outputs=output or [],
        color=words.color,
    )
