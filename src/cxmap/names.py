"""The closed vocabularies: one word for one thing, in columns, YAML and docs."""

from types import MappingProxyType

CHANNEL_GROUPS = MappingProxyType(
    {
        "voice": "voice",
        "callback": "voice",
        "voicemail": "voice",
        "email": "written",
        "web_form": "written",
        "letter": "written",
        "fax": "written",
        "chat": "chat",
        "video": "chat",
        "messaging": "messaging",
        "sms": "messaging",
        "social_public": "social",
        "social_private": "social",
        "bot": "digital_self",
        "ivr": "digital_self",
        "self_service": "digital_self",
        "app": "digital_self",
        "in_person": "in_person",
        "internal": "internal",
        "other": "other",
        "unknown": "other",
    }
)
"""Each channel and the group in which moving about is no channel switch."""

CHANNELS = tuple(CHANNEL_GROUPS)

LIVE_GROUPS = ("voice", "chat", "digital_self", "in_person")
"""Groups whose contacts end at hang-up or leave; the others are written cases."""

DIRECTIONS = ("inbound", "outbound", "internal", "unknown")

INITIATIONS = (
    "customer",
    "agent",
    "system",
    "campaign",
    "callback",
    "transfer",
    "follow_up",
    "post_contact",
    "unknown",
)

DISPOSITIONS = (
    "handled",
    "bot_handled",
    "self_served",
    "abandoned",
    "short_abandoned",
    "unanswered",
    "missed",
    "voicemail",
    "overflowed",
    "opted_out",
    "failed",
    "merged",
    "spam",
    "unknown",
)

STATUSES = (
    "new",
    "open",
    "pending",
    "on_hold",
    "solved",
    "closed",
    "merged",
    "deleted",
    "unknown",
)

EVENT_TYPES = (
    "queued",
    "rang",
    "answered",
    "held",
    "resumed",
    "transferred",
    "ended",
    "abandoned",
    "message_sent",
    "note_added",
    "assigned",
    "escalated",
    "priority_changed",
    "status_changed",
    "solved",
    "reopened",
    "closed",
    "merged",
    "promised",
    "sla_breached",
    "survey_sent",
    "bot_handoff",
    "other",
)
"""What can happen inside a contact. A `message_sent` that is public is a touch."""

ENDED_BY = ("customer", "agent", "system", "line")
"""Who hung up or left: the customer, our person, the system (a flow, a clock), or
nobody: the line broke."""

DONE = ("solved", "closed")
"""Statuses, and the events of that name, by which a case is over."""

OUTCOMES = (
    "resolved",
    "presumed",
    "contained_unknown",
    "unresolved",
    "abandoned",
    "unanswered",
    "unknown",
    "open",
)
"""How a journey ended. `unknown`: its exports cannot tell."""

LADDER = ("best", "better", "good", "unproven", "none", "open")

CONTINUITIES = (
    "same_case",
    "merged",
    "transfer",
    "same_agent",
    "retry",
    "restart",
    "unknown",
)

LINK_RULES = ("reference", "same_topic", "unknown_topic", "retry", "joined")

REFERENCES = (
    "follow_up_of",
    "child_of",
    "merged_into",
    "transferred_from",
    "chain",
    "same_case",
    "related_to",
    "callback_of",
)
"""What an export may say of two of its contacts. `chain` and `same_case` name a
group of contacts; the others point at one contact."""

KEYS = ("source_customer_id", "external_id")
ADDRESSES = ("email", "phone", "device", "anonymous_id", "social_handle")
GROUPING = ("account_id", "order_number")
BY_HAND = "manual"
"""The kind of an identifier that a rule file made: what it merges all hold it."""

IDENTIFIER_KINDS = (*KEYS, *ADDRESSES, *GROUPING)
"""Keys and addresses can prove that two records are one person; grouping
identifiers never do."""

IDENTIFIER_FLAGS = (
    "placeholder",
    "role_mailbox",
    "own_line",
    "withheld",
    "precision_lost",
    "mixed_script",
    "malformed",
)
"""Why a value was not trusted to join people. Flagged at ingest, because it
cannot be told from a pseudonym."""

CUTS = (
    *IDENTIFIER_FLAGS,
    "not_a_key",
    "shared_email",
    "shared_address",
    "too_large",
    "manual",
    "apart",
    "large_account",
)
"""Why an identifier joins nobody. `not_a_key`: only keys join under `strict`;
`too_large`: it belonged to somebody with more identifiers than one person has;
`manual` and `apart`: a rule file says so; `large_account`: of too many people to be
the unit whose journeys are told."""

IDENTITY_LEVELS = ("strict", "normal", "loose")

SURVEY_TYPES = ("csat", "nps", "ces", "fcr", "other")

AGENT = "agent"
DIMENSIONS = (
    "channel",
    "channel_group",
    "topic",
    "segment",
    "source",
    "team",
    "month",
    AGENT,
)
"""What a scorecard can be cut by; by agent only where the config allows it."""

FRICTION_CODES = MappingProxyType(
    {
        "repeat_contact": "F01",
        "channel_switch": "F02",
        "self_service_escape": "F03",
        "channel_ping_pong": "F04",
        "channel_spray": "F05",
        "transfer": "F06",
        "transfer_chain": "F07",
        "transfer_ping_pong": "F08",
        "restart": "F09",
        "long_wait": "F10",
        "abandon": "F11",
        "abandon_and_return": "F12",
        "silent_abandon": "F13",
        "unanswered": "F14",
        "slow_first_response": "F15",
        "slow_next_response": "F16",
        "chaser": "F17",
        "reopen": "F18",
        "premature_close": "F19",
        "stall": "F20",
        "excessive_hold": "F21",
        "dropped_by_us": "F22",
        "bot_dead_end": "F23",
        "bot_loop": "F24",
        "handoff_stall": "F25",
        "escalation": "F26",
        "complaint_after_contact": "F27",
        "missed_callback": "F28",
        "out_of_hours": "F29",
        "many_hands": "F30",
        "waiting_misuse": "F31",
        "low_score": "F32",
        "next_issue": "F33",
        "after_contact_work_overload": "F34",
        "inconsistent_handling": "F35",
        "switching_intent": "F36",
        "store_handoff_break": "F37",
        "duplicate_work": "F38",
        "direct_close": "F39",
        "unidentified_contact": "F40",
    }
)
"""The frictions of the catalogue and the code of each, whether or not it is found."""

LEFT_OUT = ("no_start", "deleted", "spam", "not_yet")
"""Why records make no contact: none says when it began, the system or an agent threw
it away, or it begins after now."""

REJECT_REASONS = (
    "encoding",
    "nul_byte",
    "torn_tail",
    "too_few_fields",
    "too_many_fields",
    "unclosed_quote",
    "stray_quote",
    "field_too_long",
    "cell_error",
    "not_calculated",
    "truncated",
    "not_json",
    "not_an_object",
    "duplicate_key",
    "too_deep",
    "missing_key",
    "bad_time",
    "implausible_time",
    "nonexistent_time",
    "ambiguous_time",
    "bad_number",
    "bad_flag",
    "bad_duration",
    "negative_duration",
    "unknown_kind",
    "precision_lost",
)
"""Why a row or a cell could not be used. A reason never holds a value."""

EXPORTABLE = (
    "contacts",
    "events",
    "customers",
    "identifiers",
    "links",
    "journeys",
    "points",
    "surveys",
    "orders",
    "touchpoints",
    "rejects",
)
"""The tables `cxmap export` writes."""
