"""The papers beside the exports: a ready configuration, and who is planted where."""

from cxmap.demo.cast import cast
from cxmap.demo.casting import Member
from cxmap.demo.clock import OFFICE
from cxmap.demo.company import (
    BOT,
    BRANCHES,
    CALLCENTER,
    CONNECT,
    HOTLINE,
    NAME,
    REGION,
    SECOND_HOTLINE,
    SURVEYS,
    TOPICS,
    ZENDESK,
    ZONE_NAME,
)
from cxmap.demo.reality import Reality
from cxmap.demo.writing import wall
from cxmap.demo.zendesk import TOPIC_FIELD

CONFIG = f"""\
# {NAME}: a made-up company. `cxmap ingest` and `cxmap report` work as they stand.
timezone: {ZONE_NAME}

sources:
  {ZENDESK}:
    profile: zendesk_tickets
    files: [zendesk/*.ndjson]
    settings:
      region: {REGION}
      topic: "custom_fields[?id==`{TOPIC_FIELD}`].value | [0]"
  {CONNECT}:
    profile: amazon_connect
    files: [connect/*]
    settings:
      region: {REGION}
      own_numbers: ["{HOTLINE}"]
      topic: Attributes.contactReason
      customer: CustomerId || Attributes.customerId
      email: Attributes.email
  {CALLCENTER}:
    profile: asterisk_queue_log
    files: [callcenter/queue_log*]
    settings: {{region: {REGION}, own_numbers: ["{SECOND_HOTLINE}"]}}
  {BOT}:
    profile: generic_contacts
    files: [bot/*.csv]
  {BRANCHES}:
    profile: generic_contacts
    files: [branches/*.csv]
    settings: {{tz: {ZONE_NAME}, region: {REGION}}}
  {SURVEYS}:
    profile: generic_survey
    files: [surveys/*.csv]

hours: {{days: [mon, tue, wed, thu, fri], opens: "{OFFICE.opens:02d}:00", \
closes: "{OFFICE.closes:02d}:00"}}

kpis:
  first_contact_resolution: {{target: 0.75}}
  abandonment_rate: {{target: 0.05}}
  csat: {{target: 0.80}}

"""


def paper_files(reality: Reality) -> dict[str, bytes]:
    """Return the configuration and the README by their paths."""
    return {
        "cxmap.yaml": (CONFIG + _topics()).encode(),
        "README.md": _readme(reality).encode(),
    }


def _topics() -> str:
    """Return the topic tree: what each system calls each node."""
    sources = (ZENDESK, CONNECT, BOT, BRANCHES)
    nodes = [
        f"  {topic.node}:\n"
        + "".join(f'    {name}: ["{getattr(topic, name)}"]\n' for name in sources)
        for topic in TOPICS
    ]

    return "topics:\n" + "".join(nodes)


def _readme(reality: Reality) -> str:
    counts = "".join(
        f"| {source} | {len(reality.of(source)):,} |\n"
        for source in (ZENDESK, CONNECT, CALLCENTER, BOT, BRANCHES)
    )
    played = {person.person_id for person in reality.people}
    members = [m for m in cast(reality.stage.since) if m.person.person_id in played]

    return README.format(
        name=NAME,
        people=len(reality.people),
        needs=len(reality.needs),
        contacts=len(reality.contacts),
        answers=len(reality.answers),
        since=reality.stage.since,
        ends=wall(reality.stage.ends_at)[:10],
        counts=counts,
        cast="\n".join(_portrait(member, reality) for member in members),
    )


def _portrait(member: Member, reality: Reality) -> str:
    """Return one member of the cast: story, contacts, and what is to be found."""
    mine = {need.need_id for need in member.needs}
    rows = "".join(
        f"| {wall(contact.started_at)[:16]} | {contact.source}:{contact.number} "
        f"| {contact.channel} | {contact.topic} | {contact.need_id} |\n"
        for contact in reality.contacts
        if contact.need_id in mine
    )
    journeys = ", ".join(
        f"{len(need.contacts)} contact{'s' * (len(need.contacts) > 1)} "
        f"({rung if member.customers else 'left out of the ladder'})"
        for need, rung in zip(member.needs, member.ladder, strict=True)
    )
    found = ", ".join(f"{name} {n}" for name, n in sorted(member.frictions.items()))

    return PORTRAIT.format(
        name=member.person.name,
        story=member.story,
        rows=rows,
        customers=member.customers,
        journeys=journeys,
        frictions=found or "none",
    )


README = """\
# {name}: sample exports of a made-up company

Nobody here exists. Six systems saw the same people between {since} and {ends} (not
included, local midnight); `truth/` says who and what they really were
(docs/demo-world.md explains its tables). Written by `cxmap demo`; the same seed gives
the same bytes.

{people} people, {needs} needs, {contacts} contacts, {answers} survey answers.

| source | contacts |
|---|---|
{counts}
| folder | what it shows |
|---|---|
| `zendesk/` | tickets by e-mail, form, messaging and voicemail; users, groups and \
metrics apart; tickets that come twice; a sample ticket; follow-ups |
| `connect/` | calls and chats; one file a month, one of them compressed, one without \
line ends; a record per transferred leg; records delivered twice; flows after the call |
| `callcenter/` | a second hotline's queue_log, cut in two within a call; hidden \
numbers; a call without its first line |
| `bot/` | bot sessions with a card number or only a device; local time with offset |
| `branches/` | visits in cp1252, local time without zone, some showing no card |
| `surveys/` | CSAT, CES and NPS answers, some with a contact's number, some with an \
e-mail only |

## The cast

Fifteen people whose stories are written by hand. What stands under "to be found" was
counted by hand; of the frictions, cxmap finds those it has a detector for.

{cast}"""

PORTRAIT = """\
### {name}

{story}

| when (local) | contact | channel | topic | need |
|---|---|---|---|---|
{rows}
To be found: customers {customers}; journeys: {journeys}; frictions: {frictions}.
"""
