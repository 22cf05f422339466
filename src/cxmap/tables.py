"""The data dictionary: every table's columns, their types and what they mean.

All instants are UTC, kept to the second, and end in `_at`; all durations are whole
seconds and end in `_seconds`; counts are plain plurals; null means "the export does
not say", never zero.

Two kinds of tables: *records* are what the store keeps of the exports (a record is
one row of an export, extracted and pseudonymised); the rest is derived from them.
"""

from functools import cache
from types import MappingProxyType

import polars as pl

TEXT = pl.String()
WHEN = pl.Datetime("us", "UTC")
SECONDS = pl.Int64()
COUNT = pl.Int64()
FLAG = pl.Boolean()

Columns = dict[str, tuple[pl.DataType, str]]

RECORD: Columns = {
    "source": (TEXT, "The source's name in the config."),
    "part": (TEXT, "Which part of the profile read the row (tickets, metrics …)."),
    "record_key": (TEXT, "The row's own key within source and part; latest wins."),
    "version_at": (WHEN, "The source's own update time, by which latest is judged."),
    "version_no": (
        pl.Int64(),
        "The source's own running number of update; decides between equal times.",
    ),
    "content": (TEXT, "Digest of the extracted row; decides between equal versions."),
    "load_id": (TEXT, "The load that brought the row."),
    "row": (
        pl.Int64(),
        "The row's first physical line (or record number) in its file.",
    ),
}
"""What every record carries."""

FACTS: Columns = {
    "channel": (TEXT, "One of names.CHANNELS."),
    "channel_raw": (TEXT, "What the export calls the channel."),
    "direction": (TEXT, "inbound, outbound, internal or unknown (counts as inbound)."),
    "initiation": (TEXT, "Who or what began it: customer, agent, campaign …"),
    "started_at": (WHEN, "When the contact began; without it there is no contact."),
    "queued_at": (WHEN, "When it entered a queue."),
    "answered_at": (WHEN, "When a person (or a bot that finishes the job) took it."),
    "first_response_at": (WHEN, "First public answer by a person."),
    "resolved_at": (WHEN, "Last time it was solved."),
    "closed_at": (WHEN, "When it was closed, automatically or not."),
    "ended_at": (WHEN, "Hang-up or leave of a live contact."),
    "last_message_at": (WHEN, "Last public message of a written contact."),
    "updated_at": (WHEN, "The export's last change of it."),
    "time_precision": (TEXT, "second, minute, hour or day: the coarsest of its times."),
    "tz_source": (
        TEXT,
        "Whence the zone: offset, utc, header, column, profile, config, assumed.",
    ),
    "ivr_seconds": (SECONDS, "Time in the menu."),
    "queue_seconds": (SECONDS, "Time in the queue, until answered or given up."),
    "talk_seconds": (SECONDS, "Time in conversation."),
    "hold_seconds": (SECONDS, "Time on hold."),
    "wrap_up_seconds": (SECONDS, "After-contact work."),
    "duration_seconds": (SECONDS, "Whole length of a live contact."),
    "first_response_seconds": (SECONDS, "Calendar time to the first public answer."),
    "first_response_business_seconds": (
        SECONDS,
        "The same in opening time, as exported, else as the hours of the config say.",
    ),
    "asked_again_at": (
        WHEN,
        "When the customer came back after a machine had solved it: from then on a "
        "person's first answer is waited for; null: from the start.",
    ),
    "next_response_seconds": (
        SECONDS,
        "Median wait of what the customer wrote after the first answer by a person.",
    ),
    "longest_response_seconds": (SECONDS, "The longest of these waits, answered."),
    "longest_response_business_seconds": (
        SECONDS,
        "The longest of them in business hours; it may be another one.",
    ),
    "owed_since_at": (
        WHEN,
        "Since when what the customer wrote last waits for a person; null: nothing.",
    ),
    "resolution_seconds": (SECONDS, "Calendar time to the last solve."),
    "first_resolution_seconds": (SECONDS, "Calendar time to the first solve."),
    "requester_wait_seconds": (
        SECONDS,
        "Time new, open or on hold, up to the last change of status.",
    ),
    "agent_wait_seconds": (SECONDS, "Time pending, up to the last change of status."),
    "status_since_at": (WHEN, "The last change of status that is told."),
    "last_event_at": (WHEN, "The last thing that is told to have happened in it."),
    "longest_silence_seconds": (
        SECONDS,
        "Longest time between two events while it was new, open or on hold.",
    ),
    "longest_silence_business_seconds": (
        SECONDS,
        "The longest of them in business hours; it may be another one.",
    ),
    "customer_messages": (COUNT, "Messages the customer wrote."),
    "agent_messages": (COUNT, "Public answers by people."),
    "replies": (COUNT, "Answers by people; several messages in a row are one."),
    "messages_after_answer": (
        COUNT,
        "Messages the customer wrote after the first answer by a person.",
    ),
    "unreplied_runs": (
        COUNT,
        "Messages in a row of the customer that nobody answered.",
    ),
    "customer_spoke_last": (
        FLAG,
        "Whether the customer wrote last before it was solved; not solved: at all.",
    ),
    "auto_closed": (
        FLAG,
        "Whether a machine, and no person, solved or closed it last.",
    ),
    "pending_toggles": (
        COUNT,
        "Changes to pending though nobody had written since the change before.",
    ),
    "pending_before_due_seconds": (
        SECONDS,
        "Shortest time from such a change to what was then promised next; null: none "
        "before it, or not told. Also where no messages are shown.",
    ),
    "chasers": (COUNT, "Customer messages while we owed the answer."),
    "transfers": (COUNT, "Hand-overs between people or teams after the first person."),
    "reopens": (COUNT, "Times it went from solved back to open."),
    "status": (TEXT, "One of names.STATUSES."),
    "disposition": (TEXT, "How the contact itself ended: one of names.DISPOSITIONS."),
    "served": (FLAG, "Whether a person, or a bot that finished the job, answered."),
    "resolved": (FLAG, "True, false or null: what status, disposition or survey say."),
    "agent_id": (TEXT, "Pseudonym of the last person who handled it."),
    "agents": (COUNT, "Different people who handled it."),
    "team": (TEXT, "Team or group."),
    "queue": (TEXT, "Queue, inbox or line."),
    "topic_raw": (TEXT, "The export's own reason or category."),
    "case_id": (TEXT, "The case it belongs to, `namespace:number`."),
    "language": (TEXT, "Language, as the export writes it."),
    "priority": (TEXT, "Priority, as the export writes it."),
    "sentiment": (
        pl.Float64(),
        "How the customer sounded, -1 to 1, as the system that exports it judged.",
    ),
    "stations": (
        COUNT,
        "People or teams that had it one after the other; a return counts again.",
    ),
    "returned_to_team": (
        COUNT,
        "Times it came back to a team, or a person, that had had it before.",
    ),
    "escalations": (COUNT, "Times it was escalated, or its priority was raised."),
    "ended_by": (TEXT, "Who ended a live contact: one of names.ENDED_BY."),
    "dropped_on_hold": (FLAG, "Whether it ended while the customer was on hold."),
    "handed_off": (FLAG, "Whether a bot handed it to people."),
    "handoff_seconds": (
        SECONDS,
        "From a bot's hand-over until a person answered, or it ended without one.",
    ),
    "bot_repeats": (COUNT, "Most times a bot said or understood the same in it."),
    "due_at": (WHEN, "By when the next step, or a solution, is promised now."),
    "callback_due_at": (WHEN, "By when a call-back was promised."),
    "callback_attempts": (COUNT, "Calls made to call the customer back."),
}
"""What is known of a contact; every one may be null in a record."""

CONTACT_RECORDS: Columns = {
    **RECORD,
    "source_contact_id": (TEXT, "The number the source system shows; the fold key."),
    "order_at": (WHEN, "By what the records of one contact are ordered when folded."),
    **FACTS,
}

EVENT_RECORDS: Columns = {
    **RECORD,
    "source_contact_id": (TEXT, "The contact in which it happened."),
    "at": (WHEN, "When."),
    "event_type": (TEXT, "queued, answered, transferred, replied, reopened …"),
    "actor_type": (TEXT, "customer, human, bot, system, queue or ivr."),
    "actor_id": (TEXT, "Pseudonym of the person who did it."),
    "channel": (TEXT, "Where the event took place, if not on the contact's channel."),
    "public": (FLAG, "Whether the customer could see it."),
    "from_value": (TEXT, "State before, for changes of status, team or queue."),
    "to_value": (TEXT, "State after."),
    "duration_seconds": (SECONDS, "How long it took."),
}

SURVEY_RECORDS: Columns = {
    **RECORD,
    "source_survey_id": (TEXT, "The answer's own number."),
    "survey_type": (TEXT, "csat, nps, ces, fcr or other."),
    "score": (pl.Float64(), "The answer, on the scale below; null: not answered."),
    "scale_min": (pl.Float64(), "Lowest answer possible, as the profile declares it."),
    "scale_max": (pl.Float64(), "Highest answer possible."),
    "high_is_good": (FLAG, "Direction of the scale; false for effort scored 5 = high."),
    "sent_at": (WHEN, "When it was sent."),
    "responded_at": (WHEN, "When it was answered."),
    "about_source": (TEXT, "Source of the contact it names, if it names one."),
    "about_id": (TEXT, "That contact's source_contact_id or case number."),
    "channel": (TEXT, "The channel asked about, never the one that carried it."),
    "topic_raw": (TEXT, "The export's own reason."),
    "relationship": (FLAG, "A relationship survey: never attached to a contact."),
}

CUSTOMER_RECORDS: Columns = {
    **RECORD,
    "source_customer_id": (TEXT, "Pseudonym of the customer's own number."),
    "segment": (TEXT, "Customer segment."),
    "country": (TEXT, "Country."),
    "language": (TEXT, "Language."),
    "since_at": (WHEN, "Customer since."),
}

ORDER_RECORDS: Columns = {
    **RECORD,
    "source_order_id": (TEXT, "The number the shop shows."),
    "ordered_at": (WHEN, "When it was placed."),
    "paid_at": (WHEN, "When it was paid."),
    "fulfilled_at": (WHEN, "When it left."),
    "delivered_at": (WHEN, "When it arrived."),
    "cancelled_at": (WHEN, "When it was cancelled."),
    "status": (TEXT, "State, as the export writes it."),
    "channel": (TEXT, "Where it was placed, as the export writes it."),
    "currency": (TEXT, "ISO 4217, three capital letters."),
    "total": (pl.Int64(), "What was charged, in minor units."),
    "refunded": (pl.Int64(), "What was given back, in minor units."),
    "items": (COUNT, "Items."),
}

TOUCHPOINT_RECORDS: Columns = {
    **RECORD,
    "source_touchpoint_id": (TEXT, "The event's own number."),
    "at": (WHEN, "When."),
    "session_id": (TEXT, "The visit, as the export numbers it."),
    "name": (TEXT, "What happened: page_view, search …, as the export writes it."),
    "page": (TEXT, "Page or screen, without its query."),
}

NAME_RECORDS: Columns = {
    **RECORD,
    "kind": (TEXT, "What is named: team, queue, status …"),
    "key": (TEXT, "The code other rows use."),
    "name": (TEXT, "What people call it."),
}

IDENTIFIER_RECORDS: Columns = {
    "source": (TEXT, "As in the record."),
    "part": (TEXT, "As in the record."),
    "record_key": (TEXT, "As in the record."),
    "content": (TEXT, "As in the record: identifiers of superseded rows fall away."),
    "owner": (TEXT, "contact, survey, order, touchpoint or customer: whose it is."),
    "owner_id": (TEXT, "The number of that within its source, or its record_key."),
    "kind": (TEXT, "One of names.IDENTIFIER_KINDS."),
    "namespace": (TEXT, "The source for source_customer_id and handles; else ''."),
    "pseudonym": (TEXT, "Keyed digest of kind and normalised value."),
    "flag": (TEXT, "Why it must not join people: one of names.IDENTIFIER_FLAGS."),
    "seen_at": (WHEN, "When the record that holds it took place."),
}

REFERENCE_RECORDS: Columns = {
    "source": (TEXT, "As in the record."),
    "part": (TEXT, "As in the record."),
    "record_key": (TEXT, "As in the record."),
    "content": (TEXT, "As in the record."),
    "source_contact_id": (TEXT, "The contact that refers."),
    "kind": (TEXT, "One of names.REFERENCES."),
    "to_source": (TEXT, "Namespace of the number referred to; the source by default."),
    "to_id": (TEXT, "The contact or group referred to."),
}

IDENTITY_LINK_RECORDS: Columns = {
    "source": (TEXT, "As in the record."),
    "part": (TEXT, "As in the record."),
    "record_key": (TEXT, "As in the record."),
    "content": (TEXT, "As in the record."),
    "kind": (TEXT, "Kind of both identifiers."),
    "namespace": (TEXT, "Namespace of both."),
    "pseudonym": (TEXT, "The one that was merged away."),
    "to_pseudonym": (TEXT, "The one it became."),
    "seen_at": (WHEN, "When they were merged."),
}

VOCABULARY_RECORDS: Columns = {
    "source": (TEXT, "The source's name in the config."),
    "part": (TEXT, "Which part of the profile read the rows."),
    "load_id": (TEXT, "The load that brought them."),
    "column": (TEXT, "The column whose words the profile maps."),
    "value": (TEXT, "A word it does not map: a category, as the export writes it."),
    "rows": (COUNT, "Rows of the load that hold it."),
}

REJECTS: Columns = {
    "load_id": (TEXT, "The load."),
    "file": (TEXT, "The file's name, without its folder."),
    "row": (pl.Int64(), "Physical line (or record number), from 1."),
    "column": (TEXT, "The column, where one cell is to blame; else null."),
    "reason": (TEXT, "One of names.REJECT_REASONS."),
    "whole_row": (FLAG, "Whether the row is lost, or only the cell."),
}

TOMBSTONES: Columns = {
    "pseudonym": (TEXT, "An identifier of a forgotten person."),
    "forgotten_at": (WHEN, "Records of them up to this time never come back."),
}

ALIASES: Columns = {
    "kind": (TEXT, "customer or journey."),
    "old_id": (TEXT, "An id that later data superseded."),
    "new_id": (TEXT, "What it became; several rows after a split."),
    "generation": (pl.Int64(), "The manifest in which it was superseded."),
}

CONTACTS: Columns = {
    "contact_id": (TEXT, "`source:source_contact_id`."),
    "source": (TEXT, "The source's name."),
    "source_contact_id": (TEXT, "The number its system shows."),
    "customer_id": (TEXT, "The person; null where unidentified."),
    "unidentified": (
        TEXT,
        "Why: no_identifier, shared_identifier, flagged; else null.",
    ),
    "journey_id": (TEXT, "The journey; null for lone outbound and internal contacts."),
    "step": (pl.Int64(), "Its place in the journey, from 1."),
    "channel_group": (TEXT, "Group of `channel`; null channels are `other`."),
    "inbound": (FLAG, "Whether it counts: direction inbound or unknown."),
    "topic": (TEXT, "Node of the topic tree, `a/b/c`; null: unknown."),
    "last_touch_at": (WHEN, "End of a live one; last message, solve or start else."),
    **FACTS,
    "resolved_by_export": (FLAG, "`resolved` before survey answers corrected it."),
    "corrected_at": (WHEN, "When a survey answer corrected `resolved`."),
    "connected": (FLAG, "An outbound contact that reached the customer."),
    "schedules": (
        TEXT,
        "Names of the opening hours it fell under, with the instants of change; null: "
        "the usual ones.",
    ),
    "in_hours": (
        FLAG,
        "Whether it began in opening hours; null: only its day is told.",
    ),
    "answered_in_hours": (FLAG, "Whether its first public answer came in them."),
    "reopened_after_seconds": (
        SECONDS,
        "From a solve to the soonest reopening; null: none, or not all dated.",
    ),
    "reopened": (FLAG, "Reopened within reopen.within of a solve, or undated."),
    "merged": (FLAG, "Merged into another contact: one occasion with that one."),
    "pages_alone": (
        TEXT,
        "Touchpoints after it and before the next contact, by name and page, one a "
        "line, after which for 48 h nobody got in touch and for a week nothing was "
        "bought.",
    ),
    "left_alone": (
        FLAG,
        "Whether for 48 h nobody answered it nor got in touch, and for a week nothing "
        "was bought; null: it was answered, has no topic, or cannot be told.",
    ),
    "repeats_contact_id": (TEXT, "The contact this one repeats."),
    "repeat_gap_seconds": (SECONDS, "Gap to the contact it repeats."),
    "repeated": (FLAG, "Whether a later contact repeats this one."),
    "repeat_window_seconds": (SECONDS, "The window within which it could be repeated."),
    "return_of": (TEXT, "retry, campaign_response or return_call; else null."),
    "source_since_at": (WHEN, "From when its source's exports are held."),
    "source_horizon_at": (
        WHEN,
        "Up to when its own source is held: how far its own silence can be believed.",
    ),
    "horizon_at": (WHEN, "Up to when silence in every source can be believed."),
}
"""One occasion on which customer and company meet on one channel."""

OF_EVENT_RECORDS = (*RECORD, "source_contact_id")

EVENTS: Columns = {
    "contact_id": (TEXT, "The contact."),
    **{n: EVENT_RECORDS[n] for n in EVENT_RECORDS if n not in OF_EVENT_RECORDS},
}

CUSTOMERS: Columns = {
    "customer_id": (
        TEXT,
        "Digest of the smallest (first seen, pseudonym): c_… a person, a_… an account.",
    ),
    "first_seen_at": (WHEN, "First record."),
    "last_seen_at": (WHEN, "Last record."),
    "identifiers": (COUNT, "Identifiers that proved to be this person."),
    "sources": (COUNT, "Sources they met in."),
    "contacts": (COUNT, "Contacts."),
    "segment": (TEXT, "Segment, from customer records."),
}

IDENTIFIERS: Columns = {
    "customer_id": (TEXT, "Whose it is; null when it was cut."),
    "kind": (TEXT, "Kind; `manual`: what a rule file merges holds it."),
    "namespace": (TEXT, "Namespace."),
    "pseudonym": (TEXT, "Pseudonym."),
    "first_seen_at": (WHEN, "First met."),
    "last_seen_at": (WHEN, "Last met."),
    "records": (COUNT, "Records that hold it."),
    "cut": (TEXT, "Why it joins nobody: one of names.CUTS; null where it joins."),
}

LINKS: Columns = {
    "journey_id": (TEXT, "The journey."),
    "from_contact_id": (TEXT, "Best predecessor."),
    "to_contact_id": (TEXT, "The step it leads to."),
    "rule": (TEXT, "One of names.LINK_RULES."),
    "gap_seconds": (SECONDS, "From the predecessor's clock to the step's start; ≥ 0."),
    "continuity": (TEXT, "One of names.CONTINUITIES."),
    "switch": (FLAG, "Whether the hop changes the channel group; null: outbound hop."),
}

JOURNEYS: Columns = {
    "journey_id": (TEXT, "Digest of its first inbound contact."),
    "customer_id": (TEXT, "The person; null: unidentified, a journey of one."),
    "started_at": (WHEN, "Start of the first inbound contact."),
    "ended_at": (WHEN, "Latest last touch."),
    "contacts": (COUNT, "Inbound contacts."),
    "channels": (COUNT, "Different channel groups of them."),
    "first_channel": (TEXT, "Channel of the first inbound contact."),
    "first_channel_group": (TEXT, "Its group."),
    "last_channel": (TEXT, "Channel of the last inbound contact."),
    "source": (TEXT, "Source of the first inbound contact."),
    "team": (TEXT, "Team of the first inbound contact."),
    "agent_id": (TEXT, "Pseudonym of who handled it last, the first inbound contact."),
    "path": (TEXT, "Channels in order, `voice > email`."),
    "topic": (TEXT, "First known topic."),
    "outcome": (TEXT, "One of names.OUTCOMES or the last disposition."),
    "confirmed": (FLAG, "Whether a status, disposition or survey says so."),
    "ladder": (TEXT, "One of names.LADDER."),
    "closed": (FLAG, "Nothing more can link to it."),
    "systems": (COUNT, "Different sources of its inbound contacts."),
    "restarts": (COUNT, "Hops where the customer began again."),
    "switches": (COUNT, "Hops that change the channel group."),
    "transfers": (COUNT, "Transfers in all its contacts."),
    "reopens": (COUNT, "Reopens in all its contacts."),
    "reopened": (FLAG, "Whether any of them was reopened within reopen.within."),
    "merged": (COUNT, "Inbound contacts of it that were merged into another."),
    "served": (FLAG, "Whether any contact was served; null: cannot be told."),
    "duration_seconds": (SECONDS, "Start to ended_at."),
    "resolution_seconds": (
        SECONDS,
        "Start to the last resolution (presumed: answer); none where it ended without.",
    ),
    "next_journey_topic": (TEXT, "Topic of the customer's next journey after its end."),
    "next_journey_after_seconds": (SECONDS, "From its end to the start of that one."),
    "frictions": (COUNT, "Different frictions that show in it."),
    "cost": (
        pl.Int64(),
        "What its contacts cost, in minor units, laid on when read; null without "
        "`costs:`.",
    ),
    "friction_score": (
        pl.Float64(),
        "Weights of its frictions, laid on when read; null without weights.",
    ),
    "horizon_at": (WHEN, "Up to when silence in every source can be believed."),
    "trigger_id": (
        TEXT,
        "First served contact not merged: what first contact resolution judges.",
    ),
    "trigger_touch_at": (WHEN, "Its last touch."),
    "trigger_window_seconds": (SECONDS, "Its repeat window."),
    "trigger_repeated": (FLAG, "Whether a contact repeats it."),
    "trigger_reopened": (FLAG, "Whether it was reopened within reopen.within."),
    "trigger_resolved": (FLAG, "Its own `resolved`."),
    "trigger_started_at": (WHEN, "Its start."),
    "trigger_source_since_at": (WHEN, "From when its source's exports are held."),
}

STEPS: Columns = {
    **CONTACTS,
    "journey_contacts": (COUNT, "Inbound contacts of its journey."),
    "outcome": (TEXT, "Outcome of its journey."),
    "next_journey_topic": (
        TEXT,
        "Of a journey's last step: topic of the customer's next journey.",
    ),
    "next_journey_after_seconds": (SECONDS, "From its journey's end to that one."),
    "journey_ended_at": (WHEN, "When its journey ended."),
    "rule": (TEXT, "Rule of the hop that leads here; null on the first step."),
    "gap_seconds": (SECONDS, "Gap of that hop."),
    "continuity": (TEXT, "Continuity of that hop."),
    "switch": (FLAG, "Whether that hop changes the channel group."),
    "previous_contact_id": (TEXT, "The hop's predecessor."),
    "previous_channel": (TEXT, "Its channel."),
    "previous_channel_group": (TEXT, "Its channel group."),
    "previous_served": (FLAG, "Whether it was served when this one began."),
    "previous_resolved": (FLAG, "Whether it was resolved when this one began."),
    "previous_agent_id": (TEXT, "Pseudonym of the person who handled it."),
    "previous_open": (FLAG, "Whether it was not over when this one began."),
    "since_previous_seconds": (SECONDS, "From its start to the start of this one."),
    "since_last_seconds": (
        SECONDS,
        "From the customer's inbound contact before, on any need, to this one.",
    ),
    "channel_group_last": (TEXT, "Channel group one inbound step back."),
    "channel_group_before": (TEXT, "Channel group two inbound steps back."),
    "returned_after_seconds": (SECONDS, "From an unserved end to the next contact."),
    "served_after_seconds": (
        SECONDS,
        "From an unserved end until somebody was there in a later contact.",
    ),
    "waited_seconds": (
        SECONDS,
        "Start to first answer; none: to its source's horizon.",
    ),
    "waited_business_seconds": (SECONDS, "The same in opening time."),
    "waited_business_days": (COUNT, "Whole business days of that, of usual length."),
    "unanswered_business_seconds": (
        SECONDS,
        "Opening time from its start until it was over, or its source's horizon.",
    ),
    "longest_wait_seconds": (
        SECONDS,
        "Longest wait after the first answer; one that still runs: to its source's "
        "horizon.",
    ),
    "longest_wait_business_seconds": (
        SECONDS,
        "Longest such wait in business hours; it may be another one.",
    ),
    "quiet_seconds": (
        SECONDS,
        "Longest time without an event while it was open, and not pending; one that "
        "still is: to its source's horizon.",
    ),
    "quiet_business_days": (
        COUNT,
        "Longest such time in whole business days of full length.",
    ),
    "unsaid_seconds": (
        SECONDS,
        "First answer to its source's horizon, where the customer said no more.",
    ),
    "repeated_after_seconds": (
        SECONDS,
        "From its solve or close to the start of the contact that repeats it.",
    ),
    "contacts_after": (COUNT, "Inbound contacts of the journey after this one."),
    "hands": (COUNT, "Different people met in the journey, up to and with this one."),
    "hands_before": (COUNT, "Different people met in it before this one."),
    "called_back_at": (
        WHEN,
        "When a call of ours first reached the customer after this one began.",
    ),
    "next_rule": (TEXT, "Rule of the soonest inbound hop that leads on from here."),
    "next_gap_seconds": (SECONDS, "Gap of that hop."),
    "next_continuity": (TEXT, "Continuity of that hop."),
    "next_channel_group": (TEXT, "Channel group it leads to."),
    "next_started_at": (WHEN, "When the contact began to which it leads."),
    "again_after_seconds": (
        SECONDS,
        "Of a machine's session, from its end to the customer's next contact about "
        "the same or an unknown topic.",
    ),
    **{
        f"{kind}_answer": (
            pl.Float64(),
            f"Worst {kind} answer about it, 0 (worst possible) to 1; null: none.",
        )
        for kind in ("csat", "ces", "nps")
    },
}
"""Inbound contacts of journeys, each with the hop that leads to it: what
frictions read. Derived when needed, never stored."""

POINTS: Columns = {
    "friction": (TEXT, "Name of the friction."),
    "journey_id": (TEXT, "Where it shows."),
    "contact_id": (TEXT, "The contact it belongs to."),
    "at": (WHEN, "When."),
    "because": (TEXT, "The sentence that says why."),
    "severity": (TEXT, "low, medium or high."),
    "cost": (
        pl.Int64(),
        "What the contacts that followed cost, in minor units, laid on when read; "
        "null without `costs:`.",
    ),
}

SURVEYS: Columns = {
    "survey_id": (TEXT, "`source:source_survey_id`."),
    "source": (TEXT, "Source of the answer."),
    "customer_id": (TEXT, "Who answered; null: unidentified."),
    "contact_id": (TEXT, "The contact it is about; null: unattributed."),
    "journey_id": (TEXT, "That contact's journey."),
    "attributed": (TEXT, "explicit, nearest, ambiguous or none."),
    "at": (WHEN, "Start of the contact; unattributed: time of the answer."),
    "last_answer": (FLAG, "Whether it is its journey's last answer of that type."),
    **{
        name: SURVEY_RECORDS[name]
        for name in (
            "survey_type",
            "score",
            "scale_min",
            "scale_max",
            "high_is_good",
            "sent_at",
            "responded_at",
            "channel",
        )
    },
    "channel_group": (TEXT, "Group of the contact's channel, else of the one asked."),
    "topic": (TEXT, "Topic of the contact, else of the answer."),
    "team": (TEXT, "Team of the contact."),
    "contact_source": (TEXT, "Source of the contact."),
    "followed_up_after_seconds": (
        SECONDS,
        "From the answer to our next contact with the customer, of our own accord.",
    ),
    "horizon_at": (WHEN, "Up to when silence in every source can be believed."),
}

ORDERS: Columns = {
    "order_id": (TEXT, "`source:source_order_id`."),
    "source": (TEXT, "The source's name."),
    "customer_id": (TEXT, "Who ordered; null: unidentified."),
    **{n: ORDER_RECORDS[n] for n in ORDER_RECORDS if n not in RECORD},
}

TOUCHPOINTS: Columns = {
    "touchpoint_id": (TEXT, "`source:source_touchpoint_id`."),
    "source": (TEXT, "The source's name."),
    "customer_id": (TEXT, "Whose it is; null: unidentified."),
    **{n: TOUCHPOINT_RECORDS[n] for n in TOUCHPOINT_RECORDS if n not in RECORD},
}
"""What a customer did where nobody met them: page views, searches, visits."""

DEMAND: Columns = {
    "contact_id": (TEXT, "The contact; null for an order."),
    "order_id": (TEXT, "The order; null for a contact."),
    "customer_id": (TEXT, "Whose it is; null: unidentified."),
    "at": (WHEN, "When the contact began, or the order was placed."),
    "contacts": (COUNT, "1 for a contact; null for an order."),
    "orders": (COUNT, "1 for an order; null for a contact."),
    **{
        name: CONTACTS[name]
        for name in ("channel", "channel_group", "topic", "source", "team", "agent_id")
    },
}
"""Inbound contacts and orders on one time line. Derived when needed, never stored."""

SUMS: Columns = {
    "kpi": (TEXT, "Name of the KPI."),
    "period": (TEXT, "current, previous …"),
    "cell": (TEXT, "Segment, as JSON with sorted keys; `{}` is the whole."),
    "x": (pl.Int128(), "Σ of what is measured."),
    "n": (pl.Int128(), "Σ of rows counted."),
    "xx": (pl.Int128(), "Σ over customers of x²."),
    "xn": (pl.Int128(), "Σ over customers of x·n."),
    "nn": (pl.Int128(), "Σ over customers of n²."),
    "customers": (COUNT, "Customers counted; an unidentified row is one."),
    "confirmed": (COUNT, "Rows of the numerator that are confirmed."),
    "pending": (COUNT, "Rows that cannot be judged yet."),
}
"""Partial results that add up over buckets of customers, one row a KPI and cell."""

VALUES: Columns = {
    "kpi": (TEXT, "Name of the KPI."),
    "period": (TEXT, "current, previous …"),
    "cell": (TEXT, "Segment."),
    "group": (TEXT, "What is compared with what, for gaps; else null."),
    "value": (pl.Int64(), "The value, in whole seconds."),
    "ended": (FLAG, "False where the time was still running at the horizon."),
    "rows": (COUNT, "Rows with it."),
}
"""Value→count tables: percentiles and survival curves that add up exactly."""

EXCLUSIONS: Columns = {
    "kpi": (TEXT, "Name of the KPI."),
    "period": (TEXT, "current, previous …"),
    "cell": (TEXT, "Segment."),
    "reason": (TEXT, "Why the rows were left out."),
    "rows": (COUNT, "How many."),
}

CROSSINGS: Columns = {
    "kpi": (TEXT, "Name of the KPI."),
    "period": (TEXT, "current, previous."),
    "cell": (TEXT, "Segment, as JSON with sorted keys."),
    "other": (TEXT, "The same, another in which its customers count, or `{}`: any."),
    "x": (pl.Int128(), "Σ of what is measured in the cell; 0 beside another."),
    "n": (
        pl.Int128(),
        "Σ of rows counted in the cell, of a ratio of what stands below the line; 0 "
        "beside another.",
    ),
    "xx": (pl.Int128(), "Σ over customers of the cell's x times the other's x."),
    "xn": (pl.Int128(), "Σ over customers of the cell's x times the other's n."),
    "nx": (pl.Int128(), "Σ over customers of the cell's n times the other's x."),
    "nn": (pl.Int128(), "Σ over customers of the cell's n times the other's n."),
    "customers": (COUNT, "Customers who count in both."),
}
"""How the cells of a KPI hang together: partial results that add up over buckets."""

TIMINGS: Columns = {
    "kpi": (TEXT, "Name of the KPI."),
    "period": (TEXT, "current, previous."),
    "cell": (TEXT, "Segment, as JSON with sorted keys."),
    "draw": (pl.Int64(), "Which part of the customers, drawn by their names."),
    "value": (pl.Int64(), "The time, in whole seconds."),
    "ended": (FLAG, "Whether it ended, or still ran when the data end."),
    "rows": (COUNT, "How many counted rows have it."),
}
"""The times of a KPI's cells: partial results that add up over buckets."""

FRICTION_SUMS: Columns = {
    "friction": (TEXT, "Name of the friction."),
    "period": (TEXT, "current, previous …"),
    "cell": (TEXT, "Segment, as JSON with sorted keys; `{}` is the whole."),
    "points": (COUNT, "Points of journeys that began in the period."),
    "flagged": (COUNT, "Journeys of the period with at least one point."),
    "customers": (COUNT, "Customers of those; an unidentified journey is one."),
    "journeys": (COUNT, "Journeys that began in the period."),
    "contacts_after": (COUNT, "Contacts after the first point, over those journeys."),
    "followed": (
        COUNT,
        "Contacts that followed it, our own calls out and a return itself included.",
    ),
    "untimed": (COUNT, "Of these, those whose handling time cannot be told."),
    "took_seconds": (SECONDS, "Σ handling time of the others."),
    "guessed_seconds": (SECONDS, "Part of it that is what is usual on the channel."),
    "cost": (pl.Int64(), "Σ minor units of those that have a price."),
    "unpriced": (COUNT, "Contacts that followed and have none."),
    "care_seconds": (SECONDS, "Σ handling time of all contacts of all the journeys."),
    "care_cost": (pl.Int64(), "Σ minor units of the same."),
}
"""Partial results of the friction ledger; a row also where nothing was flagged."""

FRICTION_ANSWERS: Columns = {
    "friction": (TEXT, "Name of the friction."),
    "period": (TEXT, "current, previous …"),
    "cell": (TEXT, "Segment, as JSON with sorted keys; `{}` is the whole."),
    "entry": (TEXT, "Channel group of the journey's first contact."),
    "topic": (TEXT, "Top of its topic; null: unknown."),
    "segment": (TEXT, "The customer's segment; null: unknown."),
    "contacts": (
        COUNT,
        "Contacts, 4 means more; null where the flag says nothing of others.",
    ),
    "flagged": (FLAG, "Whether the friction showed."),
    "answers": (COUNT, "Journeys whose last CSAT answer counts."),
    "satisfied": (COUNT, "Of these, satisfied ones."),
    "customers": (COUNT, "Customers who gave them; an unidentified one is one."),
}
"""What flagged and comparable unflagged journeys answered; adds up over buckets."""

HANDLING_COUNTS: Columns = {
    "channel_group": (TEXT, "Channel group."),
    "topic": (TEXT, "Top of the topic; null: unknown."),
    "later": (FLAG, "Whether it came after its journey's first; null: outbound."),
    "seconds": (SECONDS, "Recorded handling time."),
    "rows": (COUNT, "Contacts with it."),
}
"""Value→count table of what contacts took, over everything held."""

LEFT_OUT: Columns = {
    "contact_id": (TEXT, "`source:source_contact_id`."),
    "source": (TEXT, "The source's name."),
    "reason": (TEXT, "One of names.LEFT_OUT."),
}
"""What the records hold that is no contact, or none yet."""

CONFLICTS: Columns = {
    "contact_id": (TEXT, "The contact."),
    "customer_id": (TEXT, "Whose it is; null: unidentified."),
    "group": (TEXT, "Case, chain or contact in which several customers meet."),
}
"""References that lead across customers: listed, and nobody is joined."""

INPUTS: Columns = {
    "owner": (TEXT, "The customer; nobody's contact or answer stands for itself."),
    "digest": (pl.UInt64(), "Digest of all that the owner's journeys follow from."),
}
"""By what a later derivation tells whose journeys have to be stitched anew."""

RECORD_TABLES = MappingProxyType(
    {
        "contact_records": CONTACT_RECORDS,
        "event_records": EVENT_RECORDS,
        "survey_records": SURVEY_RECORDS,
        "customer_records": CUSTOMER_RECORDS,
        "order_records": ORDER_RECORDS,
        "touchpoint_records": TOUCHPOINT_RECORDS,
        "name_records": NAME_RECORDS,
        "identifier_records": IDENTIFIER_RECORDS,
        "reference_records": REFERENCE_RECORDS,
        "identity_link_records": IDENTITY_LINK_RECORDS,
        "vocabulary_records": VOCABULARY_RECORDS,
        "rejects": REJECTS,
    }
)
"""What a load brings to the store."""

DERIVED_TABLES = MappingProxyType(
    {
        "contacts": CONTACTS,
        "events": EVENTS,
        "customers": CUSTOMERS,
        "identifiers": IDENTIFIERS,
        "links": LINKS,
        "journeys": JOURNEYS,
        "points": POINTS,
        "surveys": SURVEYS,
        "orders": ORDERS,
        "touchpoints": TOUCHPOINTS,
        "left_out": LEFT_OUT,
        "conflicts": CONFLICTS,
        "inputs": INPUTS,
    }
)
"""What is computed from the records, and may be dropped at any time."""

TABLES = MappingProxyType(
    {
        **RECORD_TABLES,
        **DERIVED_TABLES,
        "steps": STEPS,
        "demand": DEMAND,
        "tombstones": TOMBSTONES,
        "aliases": ALIASES,
        "sums": SUMS,
        "values": VALUES,
        "exclusions": EXCLUSIONS,
        "friction_sums": FRICTION_SUMS,
        "friction_answers": FRICTION_ANSWERS,
        "handling_counts": HANDLING_COUNTS,
        "crossings": CROSSINGS,
        "timings": TIMINGS,
    }
)


@cache
def schema(table: str) -> pl.Schema:
    """Return the columns and types of a table."""
    return pl.Schema({name: dtype for name, (dtype, _) in TABLES[table].items()})


def empty(table: str) -> pl.DataFrame:
    """Return the table without rows."""
    return _nothing(table).clone()


@cache
def _nothing(table: str) -> pl.DataFrame:
    return pl.DataFrame(schema=schema(table))


def conform(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return `frame` with exactly the table's columns, in order and type.

    Missing columns are null; others are dropped.
    """
    return frame.select(
        pl.col(name).cast(dtype)
        if name in frame.columns
        else pl.lit(None, dtype).alias(name)
        for name, dtype in schema(table).items()
    )
