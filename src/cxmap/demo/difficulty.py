"""How hard the demo company makes it to see who is who and what is one need."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Difficulty:
    """Probabilities of everything that hides the truth; all are shares from 0 to 1."""

    withheld: float
    """Calls that show no number."""
    authenticated: float
    """Calls and chats in which the customer's card number was taken down."""
    linked: float
    """Helpdesk addresses to which the card number was added."""
    logged_in: float
    """Bot sessions of somebody who had signed in; the others show a device."""
    carded: float
    """Branch visits in which the card was read."""
    nameless: float
    """Branch visits without card that leave no phone number either."""
    second_email: float
    """People who write from two addresses."""
    shared_landline: float
    """People who live with another customer and share a line with them."""
    shared_email: float
    """Of those, couples who also share one address and write from it."""
    shared_device: float
    """Of those, couples who also share one device and chat with the bot from it."""
    role_mailbox: float
    """People who write from an office's info@ address at times."""
    switchboard: float
    """People who call through their employer's switchboard at times."""
    topic_missing: float
    """Contacts whose export holds no topic."""
    topic_wrong: float
    """Contacts filed under a neighbouring topic."""
    parallel: float
    """Needs that begin within three days of another need of the same person."""
    lookalike: float
    """Needs on the topic of an earlier one, nine days to three weeks after it."""
    resent: float
    """Records that their system delivers twice, the second time corrected."""
    skew: int
    """Seconds by which the second hotline's clock runs ahead, at most."""


LEVELS = MappingProxyType(
    {
        "easy": Difficulty(
            withheld=0.01,
            authenticated=0.90,
            linked=0.95,
            logged_in=0.90,
            carded=0.95,
            nameless=0.20,
            second_email=0.05,
            shared_landline=0.05,
            shared_email=0.0,
            shared_device=0.0,
            role_mailbox=0.0,
            switchboard=0.0,
            topic_missing=0.02,
            topic_wrong=0.01,
            parallel=0.05,
            lookalike=0.03,
            resent=0.02,
            skew=0,
        ),
        "middle": Difficulty(
            withheld=0.06,
            authenticated=0.60,
            linked=0.70,
            logged_in=0.55,
            carded=0.70,
            nameless=0.40,
            second_email=0.18,
            shared_landline=0.16,
            shared_email=0.10,
            shared_device=0.10,
            role_mailbox=0.02,
            switchboard=0.015,
            topic_missing=0.10,
            topic_wrong=0.05,
            parallel=0.12,
            lookalike=0.08,
            resent=0.06,
            skew=40,
        ),
        "hard": Difficulty(
            withheld=0.15,
            authenticated=0.35,
            linked=0.40,
            logged_in=0.30,
            carded=0.45,
            nameless=0.60,
            second_email=0.35,
            shared_landline=0.30,
            shared_email=0.25,
            shared_device=0.25,
            role_mailbox=0.05,
            switchboard=0.04,
            topic_missing=0.30,
            topic_wrong=0.12,
            parallel=0.25,
            lookalike=0.15,
            resent=0.15,
            skew=300,
        ),
    }
)
"""The three levels; `docs/demo-world.md` prints the same table."""
