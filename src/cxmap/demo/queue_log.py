"""The second hotline's export: Asterisk's queue_log, in two halves."""

from cxmap.demo.company import CALLCENTER, STAFF
from cxmap.demo.contacts import Contact
from cxmap.demo.reality import Reality
from cxmap.demo.writing import national

WITHHELD = ("anonymous", "", "Unknown")
"""What the exchange writes where a caller hides the number."""

Line = tuple[int, str]


def queue_log_files(reality: Reality) -> dict[str, bytes]:
    """Return the log, cut by the nightly rotation in the middle of a call."""
    began = int(reality.stage.since_at.timestamp())
    events = [(began, f"{began}|NONE|NONE|NONE|QUEUESTART|")]
    events += [
        (began, f"{began}|MANAGER|service|{member}|ADDMEMBER|")
        for member in STAFF[CALLCENTER]
    ]
    for contact in reality.of(CALLCENTER):
        events += _events(contact)
    events.sort(key=lambda event: event[0])
    text = [line + "\n" for _, line in events]
    cut = _within_a_call([line for _, line in events])

    return {
        "callcenter/queue_log.1": "".join(text[:cut]).encode(),
        "callcenter/queue_log": "".join(text[cut:]).encode(),
    }


def _within_a_call(log: list[str]) -> int:
    """Return the first line past the middle that belongs to the call before it."""
    calls = [line.split("|")[1] for line in log]
    middle = len(calls) // 2
    together = (n for n in range(middle, len(calls)) if calls[n] == calls[n - 1])

    return next(together, middle)


def _events(contact: Contact) -> list[Line]:
    """Return the lines of one call; each stands at its own second."""
    began, _, count = contact.number.partition(".")
    start, wait, talk = int(began), contact.wait_seconds, contact.talk_seconds
    agent = contact.agents[0] if contact.agents else "NONE"
    taken, over = start + wait, start + wait + talk
    bridge = f"{start}.{int(count) + 500_000}"
    entered = [(start, "NONE|ENTERQUEUE", f"|{_caller(contact)}|1")]
    rung = start % 4 == 0 and wait > 20
    tried = [(start + 15, f"{STAFF[CALLCENTER][0]}|RINGNOANSWER", "15000")]
    connected = (taken, f"{agent}|CONNECT", f"{wait}|{bridge}|{min(wait, 4)}")
    hangs_up = "COMPLETECALLER" if start % 3 else "COMPLETEAGENT"
    story = {
        "abandoned": [*entered, (taken, "NONE|ABANDON", f"1|1|{wait}")],
        "timeout": [*entered, (taken, "NONE|EXITWITHTIMEOUT", f"1|1|{wait}")],
        "key": [(taken, "NONE|EXITWITHKEY", f"9|1|1|{wait}")],
    }
    handed = (over, f"{agent}|BLINDTRANSFER", f"8100|from-internal|{wait}|{talk}|1")
    ended = (over, f"{agent}|{hangs_up}", f"{wait}|{talk}|1")
    answered = [*entered, *(tried if rung else []), connected]
    lines = story.get(
        contact.ending, [*answered, handed if contact.transfers else ended]
    )

    return [
        (at, f"{at}|{contact.number}|service|{happened}|{told}")
        for at, happened, told in lines
    ]


def _caller(contact: Contact) -> str:
    if contact.shown.phone is None:
        return WITHHELD[int(contact.number.partition(".")[0]) % len(WITHHELD)]

    return national(contact.shown.phone)
