"""Which contact a survey answer is about, and what it says of it."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import answer_height
from cxmap.journeys.standing import served
from cxmap.journeys.timeline import IN_ORDER, ROW
from cxmap.names import CHANNEL_GROUPS
from cxmap.tables import conform, empty

ASKED_WITHIN = timedelta(hours=72)
"""A survey without a contact's number is about one that ended this long before."""


def attribute(surveys: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return tables.SURVEYS: each answer with the contact it is about.

    `surveys` are survey records with survey_id and customer_id; `contacts` know
    their journeys. A contact or case the answer names comes first. Else it is the
    last served contact of the same customer and channel group (not asked: any)
    that ended at most 72 h before the survey was sent (not said: answered).
    Candidates in two journeys are ambiguous, and relationship surveys are about
    no contact at all. An unattributed answer stands for itself.
    """
    if surveys.is_empty():
        return empty("surveys")

    asked = _asked(surveys)
    served_contacts = _candidates(contacts)
    explicit = _explicit(asked, contacts)
    left = asked.join(explicit, on="survey", how="anti")
    found = pl.concat([explicit, _nearest(left, served_contacts)])
    told = asked.join(found, on="survey", how="left")
    return _described(told, contacts)


def named_contacts(surveys: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return `surveys` with contact_id: the contact or case they name, if held.

    An answer without identifiers becomes the customer of the contact it names, so
    that it is kept together with it.
    """
    asked = _asked(surveys)
    explicit = _explicit(asked, contacts)
    owners = contacts.select("contact_id", owner="customer_id")
    named = explicit.select("survey", "contact_id").join(owners, on="contact_id")
    return (
        asked.join(named, on="survey", how="left", maintain_order="left")
        .with_columns(
            customer_id=pl.when(pl.col("contact_id").is_not_null())
            .then(pl.coalesce("owner", "customer_id"))
            .otherwise("customer_id")
        )
        .select(*surveys.drop("contact_id", strict=False).columns, "contact_id")
    )


def with_answers(contacts: pl.DataFrame, surveys: pl.DataFrame) -> pl.DataFrame:
    """Return `contacts`, their `resolved` corrected by what the customers answered.

    "Not resolved" wins over any status; "resolved", and a CSAT of at most 2 of 5,
    only over silence. Of several answers about a contact the last one counts.
    """
    if surveys.is_empty():
        return contacts.with_columns(resolved_by_export="resolved")

    answered = surveys.filter(
        pl.col("contact_id").is_not_null() & pl.col("score").is_not_null()
    ).sort("contact_id", "responded_at", "survey_id")
    fcr = answered.filter(pl.col("survey_type") == "fcr").select(
        "contact_id", fcr=answer_height() >= 0.5
    )
    csat = answered.filter(pl.col("survey_type") == "csat").select(
        "contact_id", unhappy=answer_height() <= 0.25
    )
    resolved = (
        pl.when(~pl.col("fcr"))
        .then(pl.lit(value=False))
        .otherwise(
            pl.coalesce(
                "resolved",
                "fcr",
                pl.when("unhappy").then(pl.lit(value=False)),
            )
        )
    )
    told = answered.filter(pl.col("survey_type").is_in(["fcr", "csat"])).select(
        "contact_id", told_at="responded_at"
    )
    for answer in (fcr, csat, told):
        last = answer.unique("contact_id", keep="last", maintain_order=True)
        contacts = contacts.join(
            last, on="contact_id", how="left", maintain_order="left"
        )
    corrected = resolved.ne_missing(pl.col("resolved"))
    return contacts.with_columns(
        resolved=resolved,
        resolved_by_export=pl.col("resolved"),
        corrected_at=pl.when(corrected).then("told_at"),
    ).drop("fcr", "unhappy", "told_at")


def _asked(surveys: pl.DataFrame) -> pl.DataFrame:
    """Number the answers and say when and about which channel group they ask."""
    group = pl.lit(None, pl.String())
    for channel, name in CHANNEL_GROUPS.items():
        group = (
            pl.when(pl.col("channel") == channel).then(pl.lit(name)).otherwise(group)
        )

    return surveys.drop("contact_id", strict=False).with_columns(
        survey=pl.int_range(pl.len(), dtype=ROW),
        asked_group=group,
        asked_at=pl.coalesce("sent_at", "responded_at"),
        about=pl.concat_str(
            pl.coalesce("about_source", "source"), pl.lit(":"), pl.col("about_id")
        ),
        transactional=~pl.col("relationship").fill_null(value=False),
    )


def _candidates(contacts: pl.DataFrame) -> pl.DataFrame:
    answered = served() & pl.col("inbound") & pl.col("customer_id").is_not_null()
    return contacts.filter(answered).select(
        "contact_id",
        "customer_id",
        "journey_id",
        "started_at",
        group="channel_group",
        ended=pl.coalesce("last_touch_at", "started_at"),
    )


def _explicit(asked: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return survey, contact_id and attributed where the answer names its contact.

    Of a case with several contacts it is the last that began before the survey.
    """
    naming = asked.filter("transactional").select("survey", "about", "asked_at")
    naming = naming.drop_nulls("about")
    began = contacts.select("contact_id", "started_at", "case_id")
    meant = pl.concat(
        [
            began.select("contact_id", "started_at", about=name).drop_nulls("about")
            for name in ("contact_id", "case_id")
        ]
    )
    before = pl.col("started_at") <= pl.col("asked_at")
    found = (
        naming.join(meant, on="about")
        .with_columns(before=before.fill_null(value=True))
        .filter(pl.col("before") | (pl.col("contact_id") == pl.col("about")))
        .sort("survey", "before", "started_at", "contact_id")
        .unique("survey", keep="last", maintain_order=True)
    )

    return found.select("survey", "contact_id", attributed=pl.lit("explicit"))


def _nearest(asked: pl.DataFrame, served_contacts: pl.DataFrame) -> pl.DataFrame:
    """Return survey, contact_id and attributed for answers that name no contact."""
    open_answers = asked.filter("transactional").select(
        "survey", "customer_id", "asked_group", "asked_at"
    )
    pairs = open_answers.join(served_contacts, on="customer_id")
    gap = pl.col("asked_at") - pl.col("ended")
    asked_about = pl.col("asked_group").is_null() | (
        pl.col("asked_group") == pl.col("group")
    )
    recent = (gap >= timedelta()) & (gap <= ASKED_WITHIN)
    fitting = pairs.filter(recent & asked_about)
    found = (
        fitting.sort("survey", "ended", "started_at", "contact_id")
        .group_by("survey")
        .agg(pl.col("contact_id").last(), journeys=pl.col("journey_id").n_unique())
    )
    clear = pl.col("journeys") == 1
    return found.select(
        "survey",
        contact_id=pl.when(clear).then("contact_id"),
        attributed=pl.when(clear)
        .then(pl.lit("nearest"))
        .otherwise(pl.lit("ambiguous")),
    )


def _described(told: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    about = contacts.select(
        "contact_id",
        "journey_id",
        "started_at",
        "channel_group",
        "topic",
        "team",
        contact_source="source",
    )
    own_topic = "topic" if "topic" in told.columns else pl.lit(None, pl.String())
    answers = told.drop("journey_id", "channel_group", "team", strict=False)
    answers = answers.with_columns(own_topic=own_topic).drop("topic", strict=False)
    whole = answers.join(about, on="contact_id", how="left").with_columns(
        pl.col("attributed").fill_null("none"),
        at=pl.coalesce("started_at", "responded_at", "sent_at"),
        channel_group=pl.coalesce("channel_group", "asked_group"),
        topic=pl.coalesce("topic", "own_topic"),
    )
    ranked = whole.sort(*IN_ORDER[:1], "responded_at", "survey_id", nulls_last=True)
    answered = pl.col("score").is_not_null()
    last = (
        ranked.filter(answered & pl.col("journey_id").is_not_null())
        .unique(["journey_id", "survey_type"], keep="last", maintain_order=True)
        .select("survey", last=pl.lit(value=True))
    )
    alone = answered & pl.col("journey_id").is_null()
    marked = ranked.join(last, on="survey", how="left", maintain_order="left")
    whole = marked.with_columns(last_answer=pl.col("last").fill_null(alone))
    return conform(_followed_up(whole, contacts), "surveys")


def _followed_up(answers: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Add the seconds from each answer to our next contact with the customer.

    That is one we began ourselves, on any channel, and not as part of a campaign. An
    answer about a contact of nobody known has no customer to follow.
    """
    campaign = pl.col("initiation").eq_missing(pl.lit("campaign"))
    ours = ~pl.col("inbound") & (pl.col("direction") == "outbound") & ~campaign
    missed = pl.col("connected").eq_missing(pl.lit(value=False))
    begun = (
        contacts.filter(ours & ~missed)
        .drop_nulls("customer_id")
        .select("customer_id", moment="started_at", begun_at="started_at")
        .unique()
        .sort("moment")
    )
    owners = contacts.select("contact_id", owner="customer_id")
    told = answers.join(owners, on="contact_id", how="left", maintain_order="left")
    whose = (
        pl.when(pl.col("contact_id").is_null()).then("customer_id").otherwise("owner")
    )
    asked = told.with_row_index("answer").select(
        "answer", whose=whose, moment="responded_at"
    )
    found = (
        asked.drop_nulls()
        .sort("moment")
        .join_asof(
            begun,
            on="moment",
            by_left="whose",
            by_right="customer_id",
            strategy="forward",
            check_sortedness=False,
        )
    )
    after = (pl.col("begun_at") - pl.col("moment")).dt.total_seconds()
    placed = asked.select("answer").join(
        found.select("answer", followed_up_after_seconds=after),
        on="answer",
        how="left",
        maintain_order="left",
    )
    return answers.with_columns(placed["followed_up_after_seconds"])
