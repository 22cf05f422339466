"""The plots of which the customers' needs are made: who turns where, and why again."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cxmap.demo.clock import DAY, HOUR

Door = Literal[
    "voice",
    "hotline",
    "voicemail",
    "mail",
    "form",
    "messaging",
    "chat",
    "bot",
    "branch",
]
Ending = Literal[
    "settled",
    "unsettled",
    "abandoned",
    "timeout",
    "key",
    "waiting",
    "ignored",
    "reopened",
]
"""How a contact ends: helped or not; hung up, sent away or pressed out of the queue;
answered late, never answered, or solved, opened again and solved again."""
Pause = tuple[int, int]

MINUTE = 60
AT_ONCE: Pause = (4 * MINUTE, 20 * MINUTE)
SOON: Pause = (HOUR, 6 * HOUR)
NEXT_DAY: Pause = (18 * HOUR, 2 * DAY)
DAYS: Pause = (DAY, 5 * DAY)
LATER: Pause = (3 * DAY, 6 * DAY)


@dataclass(frozen=True)
class Beat:
    """One contact of a plot: through which door, how it ends, how long after."""

    door: Door
    ending: Ending = "settled"
    after: Pause = (0, 0)
    """Shortest and longest pause since the contact before ended."""
    transfers: int = 0
    follow_up: bool = False
    """Whether it is a follow-up of the contact before, and the export says so."""


@dataclass(frozen=True)
class Plot:
    """How one need runs, contact by contact, and how often it is played."""

    weight: float
    beats: tuple[Beat, ...]


def _plot(weight: float, *beats: Beat) -> Plot:
    return Plot(weight, beats)


PLOTS = MappingProxyType(
    {
        "one call": _plot(15, Beat("voice")),
        "one hotline call": _plot(7, Beat("hotline")),
        "one mail": _plot(11, Beat("mail")),
        "one form": _plot(5, Beat("form")),
        "one chat": _plot(7, Beat("chat")),
        "one message": _plot(5, Beat("messaging")),
        "one voicemail": _plot(1, Beat("voicemail")),
        "bot settles it": _plot(6, Beat("bot")),
        "one visit": _plot(6, Beat("branch")),
        "calls again": _plot(5, Beat("voice", "unsettled"), Beat("voice", after=DAYS)),
        "calls a third time": _plot(
            1,
            Beat("voice", "unsettled"),
            Beat("voice", "unsettled", DAYS),
            Beat("hotline", after=DAYS),
        ),
        "writes again": _plot(3, Beat("mail", "unsettled"), Beat("mail", after=DAYS)),
        "waits for mail, calls": _plot(
            4, Beat("mail", "waiting"), Beat("voice", after=NEXT_DAY)
        ),
        "form, then hotline": _plot(
            2, Beat("form", "waiting"), Beat("hotline", after=NEXT_DAY)
        ),
        "chat did not help": _plot(
            2, Beat("chat", "unsettled"), Beat("mail", after=SOON)
        ),
        "bot gives up, calls": _plot(
            4, Beat("bot", "unsettled"), Beat("voice", after=AT_ONCE)
        ),
        "bot gives up, chats": _plot(
            2, Beat("bot", "unsettled"), Beat("chat", after=AT_ONCE)
        ),
        "bot, call, mail": _plot(
            1,
            Beat("bot", "unsettled"),
            Beat("voice", "unsettled", SOON),
            Beat("mail", after=NEXT_DAY),
        ),
        "bot, then silence": _plot(1.5, Beat("bot", "unsettled")),
        "transferred": _plot(4, Beat("voice", transfers=1)),
        "transferred twice": _plot(1.5, Beat("voice", transfers=2)),
        "hotline transfer": _plot(1, Beat("hotline", transfers=1)),
        "chat handed over": _plot(1, Beat("chat", transfers=1)),
        "redials": _plot(3, Beat("voice", "abandoned"), Beat("voice", after=AT_ONCE)),
        "returns in hours": _plot(
            1.5, Beat("hotline", "abandoned"), Beat("hotline", after=SOON)
        ),
        "gives up, writes": _plot(
            1.5, Beat("voice", "abandoned"), Beat("mail", after=SOON)
        ),
        "gives up for good": _plot(1, Beat("voice", "abandoned")),
        "hotline full, main line": _plot(
            1, Beat("hotline", "timeout"), Beat("voice", after=AT_ONCE)
        ),
        "reopened": _plot(3, Beat("mail", "reopened")),
        "follow-up": _plot(
            2, Beat("mail", "unsettled"), Beat("mail", after=LATER, follow_up=True)
        ),
        "ping-pong": _plot(
            1.5,
            Beat("mail", "unsettled"),
            Beat("voice", "unsettled", NEXT_DAY),
            Beat("mail", after=NEXT_DAY),
        ),
        "call, then branch": _plot(
            2, Beat("voice", "unsettled"), Beat("branch", after=NEXT_DAY)
        ),
        "branch, then call": _plot(
            1, Beat("branch", "unsettled"), Beat("voice", after=NEXT_DAY)
        ),
        "nobody answers": _plot(1.5, Beat("mail", "ignored")),
        "nobody answers, calls": _plot(
            1, Beat("form", "ignored"), Beat("voice", after=LATER)
        ),
        "message, then branch": _plot(
            1, Beat("messaging", "unsettled"), Beat("branch", after=NEXT_DAY)
        ),
        "call within a long case": _plot(
            1.5, Beat("form", "waiting"), Beat("voice", "unsettled", NEXT_DAY)
        ),
    }
)
"""Every plot by its name; the weights add up to little more than a hundred."""
