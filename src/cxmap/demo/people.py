"""The people of the demo company and every identifier that is theirs."""

from dataclasses import dataclass, replace

from cxmap.demo.company import CITIES
from cxmap.demo.dice import Dice
from cxmap.demo.difficulty import Difficulty

FIRST_NAMES = (
    "Ada Alma Amir Anja Anton Arda Bela Birgit Bruno Carla Cem Clara Dana David "
    "Edda Elif Emil Erik Esra Eva Felix Finn Frida Georg Greta Hanna Hasan Heidi "
    "Ida Igor Ilse Imke Jan Jana Jakob Jonas Julia Karl Katja Kemal Klara Lars "
    "Lea Lena Leon Lina Lotte Luca Maja Malte Marek Marie Mehmet Mia Milan Mira "
    "Nele Nico Nina Nora Olga Ole Oskar Otto Paul Paula Peer Petra Rana Rosa "
    "Sami Sara Selin Sofia Stine Svea Tara Theo Tilda Timo Tom Ute Vera Willi "
    "Yara Yusuf Zoe Änne Özlem Jürgen Jörg Günter"
)
LAST_NAMES = (
    "Albers Arnold Aydin Bach Bauer Becker Berg Böhm Brandl Braun Busch Demir "
    "Dietz Ebert Engel Ernst Fink Franke Frey Fuchs Funk Geiger Graf Groß Haas "
    "Hahn Hansen Hartig Heinz Herzog Hoppe Huber Jahn Jensen Kaiser Kaya Keller "
    "Klein Koch König Kowalski Kraus Krüger Kuhn Lang Lehner Lorenz Ludwig Marx "
    "Maurer Mayer Meissner Möller Nagel Neumann Novak Otten Peters Pohl Popov "
    "Probst Rauch Reuter Richter Roth Sahin Sauer Schenk Scholz Schulte Seidel "
    "Simon Sommer Stein Sturm Thiel Ulrich Vogel Voss Wagner Weber Winter Wolff "
    "Yilmaz Ziegler Zimmer"
)
MAILBOXES = ("mail.test", "post.test", "web.test", "inbox.test")
PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"}
)

CAST_SIZE = 100
"""The first numbers are kept for the hand-written cast."""
OFFICE_SIZE = 3
"""People who share one role mailbox."""
EXCHANGE_SIZE = 8
"""People who call through one switchboard: more than may share a phone."""


@dataclass(frozen=True)
class Person:
    """One human being: the truth that identity stitching has to find."""

    person_id: str
    name: str
    emails: tuple[str, ...]
    mobile: str
    card: str
    """The customer card: the external id of the CRM."""
    account: str
    device: str
    city: str
    linked: tuple[bool, ...]
    """For each e-mail: whether the helpdesk knows the card of its owner."""
    reachable: bool
    """Whether the helpdesk knows the mobile number."""
    landline: str | None = None
    """The line of the home, shared where two customers live together."""
    role_mailbox: str | None = None
    switchboard: str | None = None

    @property
    def number(self) -> int:
        """The figures of the person's id."""
        return int(self.person_id[1:])


def draw_people(seed: int, people: int, level: Difficulty) -> tuple[Person, ...]:
    """Return `people` persons; who shares what follows `level`."""
    singles = [_person(seed, CAST_SIZE + n, level) for n in range(people)]
    housed = _couples(seed, singles, level)
    offices = _grouped(housed, int(people * level.role_mailbox), OFFICE_SIZE, at=0)
    exchanges = _grouped(
        housed, int(people * level.switchboard), EXCHANGE_SIZE, at=len(housed) // 2
    )
    return tuple(
        replace(
            person,
            role_mailbox=_office(offices.get(person.person_id)),
            switchboard=_exchange(exchanges.get(person.person_id)),
        )
        for person in housed
    )


def _person(seed: int, number: int, level: Difficulty) -> Person:
    dice = Dice("person", seed, number)
    first, last = dice.pick(FIRST_NAMES.split()), dice.pick(LAST_NAMES.split())
    emails = [address(f"{first}.{last}.{number}", dice.pick(MAILBOXES))]
    if dice.chance(level.second_email):
        emails.append(address(f"{first[0]}{last}{number}", "work.test"))

    return Person(
        person_id=f"p{number:05d}",
        name=f"{first} {last}",
        emails=tuple(emails),
        mobile=mobile(number),
        card=f"LF-{200_000 + 7 * number}",
        account=f"A-{50_000 + number}",
        device=f"dev-{(number * 2_654_435_761) % 2**32:08x}",
        city=dice.pick(CITIES),
        linked=tuple(dice.chance(level.linked) for _ in emails),
        reachable=dice.chance(0.4),
    )


def address(words: str, domain: str) -> str:
    """Return an e-mail address in plain letters."""
    return f"{words.translate(PLAIN).casefold()}@{domain}"


def mobile(number: int) -> str:
    """Return the mobile number of person `number`, in E.164."""
    return f"+49154{10_000_000 + 6_007 * number:08d}"


def landline(home: int) -> str:
    """Return the line of home number `home`, in E.164."""
    if home < 900:
        return f"+496990009{home:03d}"

    return f"+49154{90_000_000 + home}"


def _couples(seed: int, singles: list[Person], level: Difficulty) -> list[Person]:
    housed: list[Person] = []
    at, homes = 0, 0
    while at < len(singles):
        dice = Dice("home", seed, singles[at].person_id)
        one = singles[at]
        paired = dice.chance(level.shared_landline / (2 - level.shared_landline))
        if not paired or at + 1 == len(singles):
            housed.append(one)
            at += 1
            continue
        home = landline(homes)
        other = replace(singles[at + 1], landline=home, account=one.account)
        one = replace(one, landline=home)
        if dice.chance(level.shared_email):
            family = address(
                f"familie.{one.name.split()[-1]}.{one.number}", "mail.test"
            )
            one = replace(one, emails=(family,), linked=one.linked[:1])
            other = replace(other, emails=(family,), linked=one.linked)
        if dice.chance(level.shared_device):
            other = replace(other, device=one.device)
        housed += [one, other]
        at, homes = at + 2, homes + 1

    return housed


def _grouped(
    people: list[Person], members: int, size: int, *, at: int
) -> dict[str, int]:
    """Return the group of each member: `members` people in whole groups of `size`."""
    whole = members // size * size
    chosen = people[at : at + whole]

    return {person.person_id: n // size for n, person in enumerate(chosen)}


def _office(group: int | None) -> str | None:
    return None if group is None else f"info@kanzlei-{group + 1}.test"


def _exchange(group: int | None) -> str | None:
    return None if group is None else f"+496990009{900 + group}"
