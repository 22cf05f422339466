"""What the demo company's systems will tell of one contact."""

from dataclasses import dataclass, field
from datetime import datetime

from cxmap.demo.company import BOT, BRANCHES, CALLCENTER, CONNECT, ZENDESK
from cxmap.demo.plots import Door, Ending

CHANNELS: dict[Door, tuple[str, str]] = {
    "voice": (CONNECT, "voice"),
    "hotline": (CALLCENTER, "voice"),
    "mail": (ZENDESK, "email"),
    "form": (ZENDESK, "web_form"),
    "messaging": (ZENDESK, "messaging"),
    "voicemail": (ZENDESK, "voicemail"),
    "chat": (CONNECT, "chat"),
    "bot": (BOT, "bot"),
    "branch": (BRANCHES, "in_person"),
}
"""For each door: the system behind it and the channel."""

GROUPS = {
    "voice": "voice",
    "voicemail": "voice",
    "email": "written",
    "web_form": "written",
    "messaging": "messaging",
    "chat": "chat",
    "bot": "digital_self",
    "in_person": "in_person",
}
"""The channel groups of the demo's channels."""


UNSERVED = ("abandoned", "timeout", "key")
"""Endings of calls and chats that nobody answered."""


@dataclass(frozen=True)
class Shown:
    """What a contact shows of who the person is; None: nothing of that kind."""

    email: str | None = None
    phone: str | None = None
    card: str | None = None
    device: str | None = None
    account: str | None = None
    order: str | None = None
    withheld: bool = False
    """A call whose caller hid the number."""

    @property
    def usable(self) -> bool:
        """Whether anything in it could identify a person."""
        return any((self.email, self.phone, self.card, self.device))


@dataclass(frozen=True)
class Contact:
    """One contact as it truly was; the exports tell parts of it."""

    key: str
    """Its place in the world, `need/step`."""
    person_id: str
    need_id: str
    door: Door
    ending: Ending
    topic: str
    recorded: str | None
    """The topic the export states: the true one, a neighbour's, or none."""
    started_at: datetime
    touched_at: datetime
    """End of a live contact; last public message of a written one."""
    number: str = ""
    """The number its system shows."""
    wait_seconds: int = 0
    talk_seconds: int = 0
    hold_seconds: int = 0
    wrap_up_seconds: int = 0
    replied_at: datetime | None = None
    solved_at: datetime | None = None
    reopened_at: datetime | None = None
    transfers: int = 0
    agents: tuple[str, ...] = ()
    follows: str | None = None
    """Key of the contact that this one follows up by reference."""
    resent: bool = False
    """Whether its system delivers it twice."""
    rated: bool | None = None
    """The answer to the helpdesk's two-button survey; None: none was given."""
    frictions: tuple[str, ...] = ()
    pains: int = 0
    """Frictions the person suffered, also those that no export could show."""
    shown: Shown = field(default_factory=Shown)

    @property
    def source(self) -> str:
        """The system behind the door."""
        return CHANNELS[self.door][0]

    @property
    def channel(self) -> str:
        """The channel, by the name that cxmap gives it."""
        return CHANNELS[self.door][1]

    @property
    def group(self) -> str:
        """The channel group."""
        return GROUPS[self.channel]

    @property
    def live(self) -> bool:
        """Whether it ends at hang-up or leave; the others are written cases."""
        return self.source != ZENDESK

    @property
    def served(self) -> bool | None:
        """Whether somebody answered; None: a bot, and nobody knows if it helped."""
        if self.door == "bot":
            return True if self.ending == "settled" else None
        if self.live:
            return self.ending not in UNSERVED

        return self.replied_at is not None

    @property
    def stated(self) -> bool | None:
        """What its export says of success: solved, not solved, or nothing."""
        if self.door == "branch":
            return self.ending == "settled"
        if self.door == "bot":
            return True if self.ending == "settled" else None

        return True if self.solved_at else None


@dataclass(frozen=True)
class Need:
    """What one person wants: the truth that stitching has to find."""

    need_id: str
    person_id: str
    topic: str
    plot: str
    contacts: tuple[Contact, ...]

    @property
    def resolved(self) -> bool:
        """Whether the person got what they wanted in the end."""
        return self.contacts[-1].ending in ("settled", "reopened", "waiting")
