"""Who wrote in a contact, whom that answered, and how long it was waited for."""

import polars as pl

from cxmap.names import DONE
from cxmap.sources.clock import Clock
from cxmap.sources.touches import TAKEN_DOWN_WITHIN

TOLD = (
    "asked_again_at",
    "next_response_seconds",
    "longest_response_seconds",
    "longest_response_business_seconds",
    "owed_since_at",
    "replies",
    "messages_after_answer",
    "unreplied_runs",
    "customer_spoke_last",
)
"""Columns of contacts that their messages tell."""

CUSTOMER, PERSON, MACHINE, STRANGER, ENDED = range(5)
"""Who wrote a line; or that the contact was solved there."""


def conversations(
    events: pl.DataFrame, contacts: pl.DataFrame, *, clock: Clock
) -> pl.DataFrame:
    """Return `place`, `answered_at_told` and TOLD, a row a contact that messages tell.

    `events` are events of the `contacts`, with their `place` among these and with
    `taken_down`. Contacts with a message of nobody knows whom, which may be an
    answer, are left out, and those whose export knows of an answer that no message
    shows; so are all contacts of a source that shows the messages of one side only.
    """
    lines = _lines(events, contacts)
    told = _told(lines, contacts)
    lines = lines.filter(pl.col("place").is_in(told["place"].implode()))
    runs = _runs(lines, clock)

    return (
        told.join(_last_word(lines, contacts), on="place", how="left")
        .join(runs, on="place", how="left")
        .with_columns(pl.col("replies", "unreplied_runs").fill_null(0))
        .select("place", "answered_at_told", *TOLD)
    )


def _lines(events: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Public messages and solves in order: `place`, `at`, `who`; equals by content."""
    kind = pl.col("event_type")
    said = (kind == "message_sent") & pl.col("public").fill_null(value=True)
    ended = kind.is_in(DONE) | (
        (kind == "status_changed") & pl.col("to_value").is_in(DONE)
    )
    actor = pl.col("actor_type")
    who = (
        pl.when(~said)
        .then(ENDED)
        .when((actor == "customer") | pl.col("noted"))
        .then(CUSTOMER)
        .when(actor == "human")
        .then(PERSON)
        .when(actor == "bot")
        .then(MACHINE)
        .when(actor.is_null())
        .then(STRANGER)
    )
    written = contacts.select("place", "source", "started_at", "outbound", "live")
    lines = (
        events.filter(said | ended)
        .join(written, on="place", how="inner")
        .sort("place", "at", ~said, "record_key", "content")
        .with_columns(first=said & (said.cum_sum().over("place") == 1))
        .with_columns(noted=_noted())
    )

    return lines.select("place", "source", "at", who=who.cast(pl.Int8)).drop_nulls(
        "who"
    )


def _noted() -> pl.Expr:
    """Whether an agent only wrote down what a customer said, who came to them."""
    soon = pl.col("at") - pl.col("started_at") <= TAKEN_DOWN_WITHIN
    opening = pl.col("first") & ~pl.col("outbound") & ~pl.col("live") & soon
    human = (pl.col("actor_type") == "human").fill_null(value=False)

    return pl.coalesce("taken_down", human & opening).fill_null(value=False)


def _is(*who: int) -> pl.Expr:
    return pl.col("who").is_in(list(who))


def _told(lines: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return `place`, `answered_at_told` of contacts that messages tell all of."""
    person, customer = _is(PERSON), _is(CUSTOMER)
    both = lines.group_by("source").agg(both=person.any() & customer.any())
    seen = lines.group_by("place", "source").agg(
        answered_at=pl.col("at").filter(person).min(),
        known=~_is(STRANGER).any() & ~_is(ENDED).all(),
    )
    own = contacts.select(
        "place",
        elsewhere=pl.col("first_response_at").is_not_null()
        | (pl.col("agent_messages") > 0).fill_null(value=False),
    )
    shown = pl.col("answered_at").is_not_null() | ~pl.col("elsewhere")

    return (
        seen.join(both.filter("both"), on="source", how="semi")
        .join(own, on="place", how="left")
        .filter("known", shown)
        .select("place", answered_at_told="answered_at")
        .sort("place")
    )


def _last_word(lines: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return `place`, `customer_spoke_last`: before the last solve, if there is one."""
    solved = lines.filter(_is(ENDED)).group_by("place").agg(ended=pl.col("at").max())
    own = contacts.select("place", own=pl.max_horizontal("resolved_at", "closed_at"))
    until = pl.max_horizontal("ended", "own")
    said = (
        lines.filter(~_is(ENDED))
        .join(solved, on="place", how="left", maintain_order="left")
        .join(own, on="place", how="left", maintain_order="left")
        .filter((pl.col("at") <= until).fill_null(value=True))
    )

    return said.group_by("place").agg(
        customer_spoke_last=_is(CUSTOMER).last(),
    )


def _runs(lines: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Return `place` and what is counted of the customer's runs of messages.

    A run is what the customer wrote without an answer by a person; what came after a
    solve is another one.
    """
    customer, person = _is(CUSTOMER), _is(PERSON)
    turns = lines.with_columns(
        machines=_is(MACHINE).cum_sum().over("place"),
        answers=person.cum_sum().over("place"),
    ).filter(~_is(MACHINE))
    begins = customer & (_before(ENDED) != CUSTOMER)
    turns = turns.with_columns(begins=begins, last=pl.col("place") != _next("place"))
    said = turns.filter(customer | person).with_columns(before=_before(ENDED))
    answered = pl.col("answers") > 0
    counted = said.group_by("place").agg(
        replies=(person & (pl.col("before") != PERSON)).sum(),
        messages_after_answer=pl.when(answered.any()).then((customer & answered).sum()),
        owed=(customer & pl.col("last").fill_null(value=True)).any(),
    )
    heads = turns.filter(pl.col("begins") | person)

    return counted.join(_waits(heads, clock), on="place", how="left").with_columns(
        pl.col("replies", "messages_after_answer", "unreplied_runs").cast(pl.Int64),
        owed_since_at=pl.when("owed").then("begun_at"),
    )


def _waits(heads: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Return `place` and the waits: of heads of runs, and of answers by people."""
    customer = _is(CUSTOMER)
    same_next = pl.col("place") == _next("place")
    answer_at = pl.when(customer & same_next & (_next("who") == PERSON)).then(
        _next("at")
    )
    back = customer & (_before(PERSON) == CUSTOMER)
    again = back & (pl.col("machines") > pl.col("machines").shift())
    told = heads.with_columns(
        answer_at=answer_at, again=again & (pl.col("answers") == 0)
    )
    wait = (pl.col("answer_at") - pl.col("at")).dt.total_seconds()
    later = (pl.col("answers") > 0) & pl.col("answer_at").is_not_null()
    open_for = clock.open_seconds(told, "at", "answer_at")

    return (
        told.with_columns(wait=wait, open_for=open_for)
        .group_by("place")
        .agg(
            asked_again_at=pl.col("at").filter("again").last(),
            begun_at=pl.col("at").filter(customer).last(),
            unreplied_runs=(customer & pl.col("answer_at").is_null()).sum(),
            next_response_seconds=pl.col("wait")
            .filter(later)
            .quantile(0.5, "lower")
            .cast(pl.Int64),
            longest_response_seconds=pl.col("wait").filter(later).max(),
            longest_response_business_seconds=pl.col("open_for").filter(later).max(),
        )
    )


def _before(nobody: int) -> pl.Expr:
    """Who stands on the line before, in the same contact; else `nobody`."""
    same = pl.col("place") == pl.col("place").shift()
    return pl.when(same).then(pl.col("who").shift()).otherwise(nobody)


def _next(column: str) -> pl.Expr:
    return pl.col(column).shift(-1)
