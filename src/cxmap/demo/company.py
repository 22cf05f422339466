"""The demo company: Lindenfunk sells mobile and home internet in one country.

Nobody in it exists. E-mail domains end in `.test`; landlines lie in the ranges that
the German regulator reserves for fiction, mobile numbers behind the prefix 0154,
which no operator uses.
"""

from dataclasses import dataclass
from types import MappingProxyType

NAME = "Lindenfunk"
ZONE_NAME = "Europe/Berlin"
REGION = "DE"

HOTLINE = "+493023125900"
"""The number of the main hotline, whose calls Amazon Connect records."""
SECOND_HOTLINE = "+494066969900"
"""The number of the second hotline, which runs on Asterisk."""

ZENDESK = "zendesk"
CONNECT = "connect"
CALLCENTER = "callcenter"
BOT = "bot"
BRANCHES = "branches"
SURVEYS = "surveys"


@dataclass(frozen=True)
class Topic:
    """One node of the topic tree and what each system calls it."""

    node: str
    zendesk: str
    connect: str
    bot: str
    branches: str
    neighbour: str
    """The node that staff mistake it for."""
    weight: int


TOPICS = (
    Topic(
        "billing/invoice",
        "rechnung_frage",
        "Invoice question",
        "intent.invoice",
        "Rechnung",
        "billing/refund",
        16,
    ),
    Topic(
        "billing/refund",
        "erstattung",
        "Refund",
        "intent.refund",
        "Gutschrift",
        "billing/invoice",
        8,
    ),
    Topic(
        "billing/payment",
        "zahlung",
        "Payment",
        "intent.payment",
        "Bezahlung",
        "billing/invoice",
        7,
    ),
    Topic(
        "contract/cancel",
        "kuendigung",
        "Cancellation",
        "intent.cancel",
        "Kündigung",
        "contract/change",
        8,
    ),
    Topic(
        "contract/change",
        "tarifwechsel",
        "Plan change",
        "intent.plan",
        "Tarifwechsel",
        "contract/cancel",
        10,
    ),
    Topic(
        "contract/move",
        "umzug",
        "Moving house",
        "intent.move",
        "Umzug",
        "contract/change",
        5,
    ),
    Topic(
        "network/outage",
        "stoerung",
        "Outage",
        "intent.outage",
        "Störung",
        "network/slow",
        12,
    ),
    Topic(
        "network/slow",
        "langsam",
        "Slow connection",
        "intent.slow",
        "Geschwindigkeit",
        "network/outage",
        8,
    ),
    Topic(
        "device/repair",
        "reparatur",
        "Repair",
        "intent.repair",
        "Reparatur",
        "device/sim",
        7,
    ),
    Topic(
        "device/sim",
        "sim_karte",
        "SIM card",
        "intent.sim",
        "SIM-Karte",
        "device/repair",
        7,
    ),
    Topic(
        "order/delivery",
        "lieferung",
        "Delivery",
        "intent.delivery",
        "Lieferung",
        "order/return",
        8,
    ),
    Topic(
        "order/return",
        "ruecksendung",
        "Return",
        "intent.return",
        "Rücksendung",
        "order/delivery",
        4,
    ),
)

TREE = MappingProxyType({topic.node: topic for topic in TOPICS})


def word(source: str, node: str) -> str:
    """Return what `source` calls the topic `node`."""
    return str(getattr(TREE[node], source))


TEAMS = MappingProxyType(
    {"billing": 501, "contract": 502, "network": 503, "device": 504, "order": 505}
)
"""The teams, one for each branch of the topic tree, and their helpdesk numbers."""

STAFF = MappingProxyType(
    {
        ZENDESK: tuple(str(880_100 + n) for n in range(14)),
        CONNECT: tuple(f"agent.{n:02d}" for n in range(1, 19)),
        CALLCENTER: tuple(f"PJSIP/{2001 + n}" for n in range(9)),
        BRANCHES: tuple(f"shop-{n:02d}" for n in range(1, 13)),
        BOT: (),
    }
)
"""Who works behind each system, as that system names them."""

CITIES = ("Berlin", "Hamburg", "Köln", "München", "Frankfurt")
