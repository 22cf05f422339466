"""Conditions that several definitions share, each said once."""

from datetime import timedelta
from types import MappingProxyType

import polars as pl

from cxmap.names import DONE, LIVE_GROUPS

UNIDENTIFIED = pl.col("customer_id").is_null()
"""Nobody to follow: what the customer did before or after cannot be told."""

MACHINE_SESSION = (pl.col("channel_group") == "digital_self") | pl.col(
    "disposition"
).is_in(["bot_handled", "self_served"])
"""A session with a bot, a menu, a portal or an app, or one that a machine finished."""

BOT_SESSION = (
    (pl.col("channel") == "bot")
    | (pl.col("disposition") == "bot_handled")
    | pl.col("handed_off").is_not_null()
)
"""A conversation in which a bot took part, as far as the export says."""

TAKEN_OVER = pl.coalesce(
    "handed_off",
    pl.when(pl.col("disposition") == "handled").then(pl.lit(True)),
    pl.when(pl.col("next_continuity") == "transfer").then(pl.lit(True)),
    pl.when(pl.col("disposition") != "unknown").then(pl.lit(False)),
)
"""Whether a person took over what a bot had begun; null: nobody says."""

NO_CONTACT = pl.col("disposition").is_in(["merged", "spam"]).fill_null(False)
"""Not an occasion of its own: merged into another contact, or spam."""

WRITTEN = pl.col("channel_group").is_in(["written", "messaging", "social"])
"""Cases that go on in messages, until they are solved."""

CALL_OR_CHAT = pl.col("channel_group").is_in(["voice", "chat"]) & pl.col(
    "channel"
).ne_missing("voicemail")
"""What waits in a queue for a person. A voicemail is a message left, and no call
offered to anybody."""

OFFERED = pl.col("disposition").is_in(
    ["handled", "abandoned", "short_abandoned", "unanswered", "missed", "overflowed"]
)
"""Ends that only a contact offered to people can have."""

NOBODY_TOOK = pl.col("disposition").is_in(["unanswered", "missed", "overflowed"])
"""Ends in which it was we who did not answer, and not the customer who left."""

WAS_OFFERED = (
    pl.col("inbound")
    & CALL_OR_CHAT
    & pl.col("disposition").ne_missing(pl.lit("voicemail"))
    & (
        pl.col("queue_seconds").is_not_null()
        | pl.col("queued_at").is_not_null()
        | OFFERED
    )
)
"""An inbound call or chat offered to people: it queued, or ended as only such can. One
that ended as a voicemail left its message."""

CASE_OPEN = pl.col("status").is_in(["new", "open", "pending", "on_hold"])
CASE_OURS = pl.col("status").is_in(["new", "open", "on_hold"])
"""Cases in which the customer waits for the company, and not the other way round."""
CASE_DONE = pl.col("status").is_in(DONE)
MARKED_MERGED = (pl.col("disposition") == "merged").fill_null(False) | (
    pl.col("status") == "merged"
).fill_null(False)
"""What its export itself calls merged, whether or not it says into what."""

OCCASIONS = (pl.col("contacts") - pl.col("merged").fill_null(0)).clip(lower_bound=1)
"""How often a journey's customer got in touch: a contact that was merged into another
is one occasion with it."""

CASE_GONE = pl.col("status").is_in(["merged", "deleted"]).fill_null(False)

SERVED = pl.coalesce("served", pl.when(pl.col("resolved")).then(pl.lit(value=True)))
"""Whether somebody answered; solved counts as served. Null: cannot be told."""

NOT_SERVED = MappingProxyType(
    {"served_unknown": SERVED.is_null(), "not_served": ~SERVED}
)
"""Nobody answered, or the export cannot tell: not a contact that could resolve."""


CASE_TOLD = (
    pl.col("resolved_at").is_not_null()
    | pl.col("closed_at").is_not_null()
    | CASE_OPEN.fill_null(False)
    | CASE_DONE.fill_null(False)
)
"""Whether any export says how a case stands."""


def still_open(moment: str) -> pl.Expr:
    """Whether a case that had begun was still open at a moment's column.

    One solved earlier but open today was reopened and is open throughout; one that
    is over without a date never was.
    """
    ended = [pl.col(end) < pl.col(moment) for end in ("resolved_at", "closed_at")]
    over = pl.any_horizontal(ended).fill_null(False)
    dated = pl.col("resolved_at").is_not_null() | pl.col("closed_at").is_not_null()
    undated = (CASE_DONE & ~dated).fill_null(False)
    return CASE_OPEN.fill_null(False) | ~(over | undated)


def different_topic(one: str, other: str) -> pl.Expr:
    """Whether two topics are both known, and neither is at or above the other."""
    ours, theirs = pl.col(one), pl.col(other)
    below = ours.str.starts_with(pl.concat_str(theirs, pl.lit("/")))
    above = theirs.str.starts_with(pl.concat_str(ours, pl.lit("/")))
    return (ours != theirs) & ~below & ~above


NEXT_ISSUES = (
    "next_issues",
    "next_issues_after_topic",
    "next_issues_of_pair",
    "next_issues_of_topic",
)
"""The baselines by which a topic that follows another is no chance."""

NEXT_ISSUE = (
    pl.col("outcome").is_in(["resolved", "presumed"])
    & (pl.col("contacts_after") == 0)
    & pl.col("customer_id").is_not_null()
    & pl.col("topic").is_not_null()
    & pl.col("next_journey_topic").is_not_null()
    & (pl.col("next_journey_after_seconds") <= 7 * 86_400)
)
"""The last step of a resolved journey that another followed within a week."""


def next_issue_after(within: timedelta, at_least: int, percent: int) -> pl.Expr:
    """Whether the next journey of a last step's customer follows from this one.

    So soon, on a different topic, `at_least` so often over everything held, and at
    `percent` of how often that topic follows any.
    """
    pair, after, of, every = (
        pl.col(f"baseline_{name}")
        for name in (
            "next_issues_of_pair",
            "next_issues_after_topic",
            "next_issues_of_topic",
            "next_issues",
        )
    )
    soon = pl.col("next_journey_after_seconds") <= seconds(within)
    other = different_topic("topic", "next_journey_topic")
    often = (pair >= at_least) & (100 * pair * every >= percent * after * of)
    return (soon & other & often).fill_null(False)


def at_or_below(topic: str, nodes: str) -> pl.Expr:
    """Whether a topic is one of the `nodes`, written with commas, or below one."""
    named = [node.strip() for node in nodes.split(",") if node.strip()]
    place = pl.col(topic)
    found = [(place == node) | place.str.starts_with(f"{node}/") for node in named]
    return pl.any_horizontal(pl.lit(False), *found)


def seconds(duration: timedelta) -> int:
    """Return the whole seconds of a duration."""
    return duration // timedelta(seconds=1)


def seconds_between(start: str, end: str) -> pl.Expr:
    """Return the whole seconds from one moment's column to another's."""
    return (pl.col(end) - pl.col(start)).dt.total_seconds()


def not_yet_silent(touch: str, window: str) -> pl.Expr:
    """Whether the window after a touch reaches beyond the horizon.

    Until it does not, silence proves nothing. No horizon: nothing can be told.
    """
    until = pl.col(touch) + pl.duration(seconds=pl.col(window).fill_null(0))
    return (until > pl.col("horizon_at")).fill_null(True)


def before_history(start: str, window: str, since: str) -> pl.Expr:
    """Whether the window before a start reaches back beyond what the source holds.

    What looks like a first contact there may be a repeat of one never exported.
    """
    reach = pl.col(start) - pl.duration(seconds=pl.col(window).fill_null(0))
    return (reach < pl.col(since)).fill_null(False)


def reached_within(within: timedelta) -> pl.Expr:
    """Whether somebody was there for a step's customer so soon, inclusive.

    Of a live contact that was served: yes. Of a case: from its start to its answer. Of
    what nobody took: from its end until somebody was there in a later contact.
    Null where it cannot be told.
    """
    live = pl.col("channel_group").is_in(LIVE_GROUPS).fill_null(False)
    answered = pl.col("waited_seconds") <= seconds(within)
    rescued = (pl.col("served_after_seconds") <= seconds(within)).fill_null(False)
    in_time = pl.when(live).then(pl.lit(True)).otherwise(answered)
    return pl.when(SERVED).then(in_time).when(~SERVED).then(rescued)


def untold_attempts(within: timedelta) -> dict[str, pl.Expr]:
    """Why a step cannot say whether its customer was reached so soon."""
    return {
        "unidentified": UNIDENTIFIED,
        "merged_or_spam": NO_CONTACT,
        "served_unknown": SERVED.is_null(),
        "time_unknown": reached_within(within).is_null(),
    }


def waits_at_the_horizon(within: timedelta) -> pl.Expr:
    """Whether a step nobody has served may still be answered so soon."""
    until = pl.coalesce("last_touch_at", "started_at") + within
    beyond = (until > pl.col("horizon_at")).fill_null(True)
    return ~SERVED & ~reached_within(within) & beyond


def ever_answered() -> pl.Expr:
    """Whether the export tells of a first answer, by an instant or a duration."""
    told = ("answered_at", "first_response_at", "first_response_seconds")
    return pl.any_horizontal(pl.col(name).is_not_null() for name in told)


def first_answer_seconds() -> pl.Expr:
    """Return the calendar time to a person's first answer; null: none, or not said."""
    said = seconds_between("started_at", "first_response_at")
    return pl.coalesce("first_response_seconds", said)


def first_wait_seconds() -> pl.Expr:
    """Return how long an unanswered case has waited, as far as its source is held.

    The wait ends without an answer when the case is closed or the customer leaves.
    """
    ends = ("source_horizon_at", "resolved_at", "closed_at", "ended_at")
    waited = pl.min_horizontal(*ends) - pl.col("started_at")
    return waited.dt.total_seconds().clip(lower_bound=0)


def reopened_within(within: timedelta) -> pl.Expr:
    """Whether a case was reopened so soon after a solve, inclusive.

    One whose export counts reopenings without dating them counts whatever its age.
    Null where the export says nothing of reopenings.
    """
    after = pl.col("reopened_after_seconds")
    soon = after <= seconds(within)
    return pl.when(after.is_not_null()).then(soon).otherwise(pl.col("reopens") > 0)


def left_the_queue(short: timedelta) -> pl.Expr:
    """Whether the customer gave up waiting, later than a `short` abandon.

    A wait the export does not say is taken for a long one.
    """
    patient = pl.col("queue_seconds").fill_null(seconds(short) + 1) > seconds(short)
    return (pl.col("disposition") == "abandoned") & patient


def past_the_horizon(within: timedelta) -> pl.Expr:
    """Whether so long after a contact's end lies beyond the horizon; unknown: yes."""
    until = pl.coalesce("last_touch_at", "started_at") + within
    return (until > pl.col("horizon_at")).fill_null(True)


def left_at_once(short: timedelta) -> pl.Expr:
    """Whether the customer left the queue so soon that it was a misdial."""
    end = pl.col("disposition")
    gone = end.is_in(["abandoned", "short_abandoned"])
    return gone & ~left_the_queue(short)


def gave_up() -> pl.Expr:
    """Whether the customer left before anybody answered; unknown: no."""
    left = pl.col("disposition").is_in(["abandoned", "short_abandoned"])
    return left.fill_null(False)


def never_answered(
    written_days: int, messaging: timedelta, social: timedelta
) -> pl.Expr:
    """Whether a step has waited so long that it counts as unanswered.

    A written one for business days, one on a messenger or social media for calendar
    time; a call or chat that nobody took, when it ended.
    """
    group, waited = pl.col("channel_group"), pl.col("waited_seconds")
    days = pl.col("waited_business_days")
    too_long = (
        ((group == "written") & (days >= written_days))
        | ((group == "messaging") & (waited > seconds(messaging)))
        | ((group == "social") & (waited > seconds(social)))
    )
    rang_out = group.is_in(["voice", "chat"]) & NOBODY_TOOK

    return ~SERVED & ~gave_up() & ~NO_CONTACT & (too_long | rang_out)


def handle_seconds() -> pl.Expr:
    """Return talk, hold and after-contact work together; null: not all told.

    Hold that the export does not tell apart is part of its talk.
    """
    held = pl.col("hold_seconds").fill_null(0)
    return pl.col("talk_seconds") + held + pl.col("wrap_up_seconds")


def about_one_need(
    rule: str, gap: str, within: timedelta, unknown_topic: timedelta
) -> pl.Expr:
    """Whether a hop is too soon to be chance: its columns `rule` and `gap` say.

    `within` (inclusive) where both contacts are about one topic or are tied together
    explicitly, `unknown_topic` where nothing says what one of them was about.
    """
    shown = pl.col(rule).is_in(["reference", "same_topic"])
    limit = pl.when(shown).then(seconds(within)).otherwise(seconds(unknown_topic))
    return pl.col(gap) <= limit


def answer_height() -> pl.Expr:
    """Return how good an answer is, from 0 (worst possible) to 1 (best).

    A scale on which high is bad is turned round. Null where there is no answer, or
    no scale that it stands on.
    """
    lowest, width = pl.col("scale_min"), pl.col("scale_max") - pl.col("scale_min")
    part = (pl.col("score") - lowest) / pl.when(width > 0).then(width)
    good = pl.col("high_is_good").fill_null(True)
    return pl.when(good).then(part).otherwise(1 - part)


def rated_badly(*, csat: int = 2, ces: int = 3, nps: int = 6) -> pl.Expr:
    """Whether an answer about the contact is at most so high: of 5, of 7, of 10."""
    low = (
        pl.col("csat_answer") <= (csat - 1) / 4,
        pl.col("ces_answer") <= (ces - 1) / 6,
        pl.col("nps_answer") <= nps / 10,
    )
    return pl.any_horizontal(low)
