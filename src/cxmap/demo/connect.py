"""The main hotline's exports: Amazon Connect contact records, a file a month."""

import gzip
import io
from collections import defaultdict
from datetime import datetime, timedelta

from cxmap.demo.clock import DAY, ZONE
from cxmap.demo.company import CONNECT, HOTLINE, word
from cxmap.demo.contacts import Contact
from cxmap.demo.reality import Reality
from cxmap.demo.writing import Row, call_number, compact, lines, stamp

INSTANCE = "arn:aws:connect:eu-central-1:123456789012:instance/lindenfunk"
SETTLES = timedelta(seconds=70)
"""How long after hang-up a record is first delivered."""
AGAIN = timedelta(seconds=3 * DAY)
"""How long after hang-up a record is delivered again, corrected."""
SURVEYED = 9
"""Every ninth answered call goes on into the survey after it."""
WITHHELD = "anonymous"


def connect_files(reality: Reality) -> dict[str, bytes]:
    """Return the contact records by the file of the month they were delivered in.

    The second month is compressed; the third holds its objects one behind the other
    with nothing between them, as a delivery stream leaves them.
    """
    months: dict[str, list[Row]] = defaultdict(list)
    for contact in reality.of(CONNECT):
        for delivered, record in _records(contact, reality.stage.ends_at):
            months[delivered.astimezone(ZONE).strftime("%Y-%m")].append(record)
    files: dict[str, bytes] = {}
    for place, (month, records) in enumerate(sorted(months.items())):
        records.sort(key=lambda record: (record["LastUpdateTimestamp"], str(record)))
        path = f"connect/contact_records-{month}"
        if place == 1:
            files[f"{path}.ndjson.gz"] = zipped(lines(records))
        elif place == 2:
            files[f"{path}.json"] = "".join(map(compact, records)).encode()
        else:
            files[f"{path}.ndjson"] = lines(records)

    return files


def zipped(content: bytes) -> bytes:
    """Return `content` compressed, without the name and time that gzip would add."""
    paper = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=paper, mtime=0) as file:
        file.write(content)

    return paper.getvalue()


def _records(contact: Contact, ends_at: datetime) -> list[tuple[datetime, Row]]:
    """Return the records of one contact, each with the time of its delivery."""
    legs = [_leg(contact, hand) for hand in range(contact.transfers + 1)]
    first = contact.touched_at + SETTLES
    delivered = [(first, leg) for leg in legs]
    asked = contact.channel == "voice" and contact.served
    if asked and int(contact.number[:2], 16) % SURVEYED == 0:
        delivered.append((first, _survey_flow(contact)))
    later = contact.touched_at + AGAIN
    if contact.resent and later < ends_at:
        corrected = legs[0] | {
            "LastUpdateTimestamp": stamp(later),
            "Attributes": legs[0]["Attributes"] | {"csatFlag": "Y"},
        }
        delivered.append((later, corrected))

    return delivered


def _number(contact: Contact, hand: int) -> str:
    return call_number(contact.number, hand) if hand else contact.number


def _leg(contact: Contact, hand: int) -> Row:
    """Return the record of one leg; a transferred call has one for each agent."""
    begins, ends = _span(contact, hand)
    starts = begins if hand else contact.started_at
    last = hand == contact.transfers

    return {
        "AWSAccountId": "123456789012",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": _agent(contact, hand, begins, ends) if contact.served else None,
        "AgentConnectionAttempts": 1 if contact.served else 0,
        "Attributes": _attributes(contact, last=last),
        "Channel": "VOICE" if contact.door == "voice" else "CHAT",
        "ConnectedToSystemTimestamp": stamp(starts),
        "ContactId": _number(contact, hand),
        **_ends(contact),
        "DisconnectReason": _reason(contact, last=last),
        "DisconnectTimestamp": stamp(ends),
        "InitialContactId": contact.number if hand else None,
        "InitiationMethod": _method(contact, hand),
        "InitiationTimestamp": stamp(starts),
        "InstanceARN": INSTANCE,
        "LastUpdateTimestamp": stamp(contact.touched_at + SETTLES),
        "NextContactId": None if last else _number(contact, hand + 1),
        "PreviousContactId": _number(contact, hand - 1) if hand else None,
        "Queue": None if hand else _queue(contact),
        "TransferCompletedTimestamp": None if last else stamp(ends),
    }


def _span(contact: Contact, hand: int) -> tuple[datetime, datetime]:
    """Return when the agent of a leg took it and when the leg ended."""
    answered = contact.started_at + timedelta(seconds=contact.wait_seconds)
    if not contact.served:
        return answered, contact.touched_at
    parts = contact.transfers + 1
    talked = [contact.talk_seconds * leg // parts for leg in range(1, parts + 1)]
    cuts = [0, *(contact.hold_seconds + seconds for seconds in talked)]
    begins, ends = (timedelta(seconds=cut) for cut in cuts[hand : hand + 2])

    return answered + begins, answered + ends


def _ends(contact: Contact) -> Row:
    """Return both ends of the line; a chat has neither, but may know a customer."""
    if contact.door == "chat":
        card = contact.shown.card
        return {"CustomerEndpoint": None, "CustomerId": card, "SystemEndpoint": None}
    address = WITHHELD if contact.shown.withheld else contact.shown.phone

    return {
        "CustomerEndpoint": {"Address": address, "Type": "TELEPHONE_NUMBER"},
        "CustomerId": None,
        "SystemEndpoint": {"Address": HOTLINE, "Type": "TELEPHONE_NUMBER"},
    }


def _method(contact: Contact, hand: int) -> str:
    first = "INBOUND" if contact.door == "voice" else "API"

    return "TRANSFER" if hand else first


def _reason(contact: Contact, *, last: bool) -> str:
    by_agent = contact.served and int(contact.number[0], 16) < 3
    if not last:
        return "OTHER"

    return "AGENT_DISCONNECT" if by_agent else "CUSTOMER_DISCONNECT"


def _attributes(contact: Contact, *, last: bool) -> Row:
    """Return the free fields: what the flow and the agent wrote down, as text."""
    shown = contact.shown
    told = {
        "customerId": shown.card if contact.door == "voice" else None,
        "email": shown.email,
        "contactReason": word(CONNECT, contact.recorded)
        if contact.recorded and last
        else None,
    }

    return {"language": "de"} | {key: text for key, text in told.items() if text}


def _agent(contact: Contact, hand: int, begins: datetime, ends: datetime) -> Row:
    held = contact.hold_seconds if hand == 0 else 0
    after = contact.wrap_up_seconds if hand == contact.transfers else 0
    talked = int((ends - begins).total_seconds()) - held
    name = contact.agents[hand]

    return {
        "ARN": f"{INSTANCE}/agent/{name}",
        "AfterContactWorkDuration": after,
        "AgentInteractionDuration": talked,
        "ConnectedToAgentTimestamp": stamp(begins),
        "CustomerHoldDuration": held,
        "LongestHoldDuration": held,
        "NumberOfHolds": int(held > 0),
        "RoutingProfile": {"Name": f"{contact.topic.split('/')[0]} voice"},
        "Username": name,
    }


def _queue(contact: Contact) -> Row:
    left = contact.started_at + timedelta(seconds=contact.wait_seconds)

    return {
        "ARN": f"{INSTANCE}/queue/main",
        "DequeueTimestamp": stamp(left),
        "Duration": contact.wait_seconds,
        "EnqueueTimestamp": stamp(contact.started_at),
        "Name": f"Lindenfunk {contact.door}",
    }


def _survey_flow(contact: Contact) -> Row:
    """Return the record of the survey into which a call went on: no new demand."""
    ends = contact.touched_at + timedelta(seconds=45)
    last = _number(contact, contact.transfers)

    return _leg(contact, 0) | {
        "Agent": None,
        "AgentConnectionAttempts": 0,
        "ContactId": call_number(contact.number, "survey"),
        "DisconnectTimestamp": stamp(ends),
        "InitialContactId": contact.number,
        "InitiationMethod": "DISCONNECT",
        "InitiationTimestamp": stamp(contact.touched_at),
        "NextContactId": None,
        "PreviousContactId": last,
        "Queue": None,
        "TransferCompletedTimestamp": None,
    }
