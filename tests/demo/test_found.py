"""What cxmap finds in the exports, held against what was planted there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxmap.accounting import bound_frictions
from cxmap.config import load_config
from cxmap.definitions import collect
from cxmap.demo.cast import cast
from cxmap.demo.casting import Member
from cxmap.demo.contacts import Contact
from cxmap.demo.world import SINCE, World
from cxmap.flagging import flag
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Ingested, Intake, ingest
from cxmap.journeys.steps import steps
from cxmap.journeys.stitch import stitch
from cxmap.keys import Key
from cxmap.options import LinkRules, Window
from cxmap.store import Store
from cxmap.tables import schema

MEMBERS = {member.person.name: member for member in cast(SINCE)}
DETECTED = set(collect("frictions"))
PLAIN = ("abandon", "long_wait", "reopen", "transfer", "transfer_chain")
"""Frictions that one contact shows by itself, so that nothing can hide them."""
BEHIND = (
    *("abandon_and_return", "channel_ping_pong", "channel_switch", "repeat_contact"),
    *("restart", "slow_first_response", "unanswered", "self_service_escape"),
    *("bot_dead_end", "low_score"),
)
"""Frictions that show only to who knows what belongs together, or how time runs."""

Truth = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Found:
    """The tables that cxmap derived of the default world."""

    contacts: pl.DataFrame
    journeys: dict[str, dict[str, Any]]
    points: dict[str, set[str]]
    """The contacts of each friction."""
    surveys: pl.DataFrame
    ingested: Ingested

    def of(self, contacts: Iterable[Contact], column: str) -> list[Any]:
        """Return what cxmap says of some of the truth's contacts, in their order."""
        rows = dict(
            self.contacts.select("contact_id", value=pl.col(column)).iter_rows()
        )

        return [rows[f"{c.source}:{c.number}"] for c in contacts]


def all_of(member: Member) -> list[Contact]:
    return [contact for need in member.needs for contact in need.contacts]


@pytest.fixture(scope="session")
def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> Found:
    home: Path = tmp_path_factory.mktemp("store")
    config = load_config(world.config)
    key = Key.create(home / "key")
    store = Store.create(home / "store", key_id=key.key_id)
    chosen, unmatched = choose(config, [])
    done = ingest(store, key, config, Intake(tuple(chosen)), now=world.now)
    snapshot = store.snapshot()
    names = ("contacts", "journeys", "points", "surveys")
    tables = {name: snapshot.derived(name, config.hash) for name in names}
    contacts, journeys, points, surveys = (tables[name] for name in names)
    assert not unmatched
    assert contacts is not None and journeys is not None
    assert points is not None and surveys is not None
    shown: dict[str, set[str]] = {name: set() for name in DETECTED}
    for friction, contact_id in points.select("friction", "contact_id").iter_rows():
        shown[friction].add(contact_id)
    by_id = {row["journey_id"]: row for row in journeys.to_dicts()}

    return Found(contacts, by_id, shown, surveys, done)


def planted(truth: Truth, friction: str) -> set[str]:
    return {
        f"{row['source']}:{row['source_contact_id']}"
        for row in truth["frictions"]
        if row["friction"] == friction
    }


by_name = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))


def test_every_file_is_read_and_no_row_refused(found: Found) -> None:
    files = found.ingested.report.files

    assert {file.state for file in files} == {"loaded"}
    assert sum(file.rejected + file.cell_rejects for file in files) == 0


def test_the_contacts_are_those_of_the_truth(found: Found, truth: Truth) -> None:
    known = {f"{r['source']}:{r['source_contact_id']}" for r in truth["contacts"]}

    assert set(found.contacts["contact_id"]) == known
    assert found.contacts.height == len(known)


def test_the_channels_are_those_of_the_truth_but_for_follow_ups(
    found: Found, world: World
) -> None:
    known = {f"{c.source}:{c.number}": c for c in world.reality.contacts}

    for contact_id, channel in found.contacts.select(
        "contact_id", "channel"
    ).iter_rows():
        contact = known[contact_id]
        assert channel == ("unknown" if contact.follows else contact.channel)


@pytest.mark.parametrize("friction", PLAIN)
def test_what_a_contact_shows_by_itself_is_found_exactly(
    friction: str, found: Found, truth: Truth
) -> None:
    assert found.points[friction] == planted(truth, friction)


def test_a_hold_is_found_that_was_long_or_much_of_the_conversation(
    found: Found, world: World, truth: Truth
) -> None:
    held = {
        f"{contact.source}:{contact.number}"
        for contact in world.reality.contacts
        if contact.hold_seconds > 120
        or (
            contact.hold_seconds > 60
            and contact.hold_seconds > 0.3 * contact.talk_seconds
        )
    }

    assert found.points["excessive_hold"] == held
    assert held > planted(truth, "excessive_hold")


@pytest.fixture(scope="module")
def points(found: Found, world: World) -> dict[str, set[str]]:
    """The contacts of each friction, the journeys being those of the truth."""
    config = load_config(world.config)
    known = {f"{c.source}:{c.number}": c.need_id for c in world.reality.contacts}
    owners = pl.DataFrame({"contact_id": known.keys(), "need": known.values()})
    bare = found.contacts.join(owners, on="contact_id").with_columns(
        customer_id="need", topic=pl.lit("need")
    )
    references = follow_ups(world)
    stitched = stitch(
        bare,
        references,
        pl.DataFrame(schema={"contact_id": pl.String(), "pseudonym": pl.String()}),
        links=LinkRules(same_topic=Window(timedelta(days=90))),
        repeat=config.repeat,
        horizon_at=world.now,
        now=world.now,
        surveys=answers_about_needs(found, world),
    )
    walked = steps(
        stitched.contacts,
        stitched.links,
        stitched.journeys,
        stitched.surveys,
        hours=config.hours,
    )
    shown: dict[str, set[str]] = {name: set() for name in DETECTED}
    by_itself = {n: p for n, p in bound_frictions(config).items() if not p[0].needs}
    flagged = flag(walked, by_itself)
    for friction, contact_id in flagged.select("friction", "contact_id").iter_rows():
        shown[friction].add(contact_id)

    return shown


def answers_about_needs(found: Found, world: World) -> pl.DataFrame:
    """The answers that were read, given by the need each is truly about.

    Those that name their contact still do.
    """
    contacts = world.reality.contacts
    needs = {contact.key: contact.need_id for contact in contacts}
    rated = {f"{one.source}:{one.number}": one.need_id for one in contacts}
    asked = {
        f"surveys:{answer.survey_id}": needs.get(answer.about or "")
        for answer in world.reality.answers
    }
    owners = {**rated, **asked}
    told = pl.DataFrame({"survey_id": owners.keys(), "need": owners.values()})
    named = pl.when(pl.col("attributed") == "explicit").then("contact_id")
    number = named.str.split_exact(":", 1).struct

    return (
        found.surveys.join(told, on="survey_id")
        .with_columns(
            customer_id="need",
            about_source=number.field("field_0"),
            about_id=number.field("field_1"),
            relationship=pl.col("need").is_null(),
        )
        .drop("need", "contact_id")
    )


def follow_ups(world: World) -> pl.DataFrame:
    """What the exports' follow-ups refer to, from the truth."""
    numbers = {contact.key: contact.number for contact in world.reality.contacts}
    rows = [
        {
            "source": contact.source,
            "source_contact_id": contact.number,
            "kind": "follow_up_of",
            "to_id": numbers[contact.follows],
        }
        for contact in world.reality.contacts
        if contact.follows
    ]
    return pl.DataFrame(rows, schema=schema("reference_records"))


@pytest.mark.parametrize("friction", [*PLAIN, *BEHIND])
def test_with_the_true_journeys_a_detector_finds_what_was_planted(
    friction: str, points: dict[str, set[str]], truth: Truth
) -> None:
    shown, meant = points[friction], planted(truth, friction)
    right = len(shown & meant)

    assert meant
    assert right / len(shown) >= 0.95
    assert right / len(meant) >= 0.95


def test_nobody_who_shows_nothing_is_placed(found: Found, truth: Truth) -> None:
    nameless = found.contacts.filter(
        pl.col("contact_id").is_in(list(planted(truth, "unidentified_contact")))
    )

    assert nameless.height > 0
    assert nameless["customer_id"].null_count() == nameless.height
    assert nameless["journey_id"].n_unique() == nameless.height


@by_name
def test_the_cast_are_as_many_customers_as_was_counted(
    member: Member, found: Found
) -> None:
    customers = set(found.of(all_of(member), "customer_id")) - {None}

    assert len(customers) == member.customers


@by_name
def test_the_needs_of_the_cast_are_their_journeys(member: Member, found: Found) -> None:
    journeys = [set(found.of(need.contacts, "journey_id")) for need in member.needs]

    assert all(len(journey) == 1 for journey in journeys)
    assert len(set.union(*journeys)) == len(member.needs)


@by_name
def test_the_rungs_of_the_cast_are_those_counted(member: Member, found: Found) -> None:
    journeys = dict.fromkeys(found.of(all_of(member), "journey_id"))
    rungs = tuple(found.journeys[journey]["ladder"] for journey in journeys)
    left_out = (None,) * len(member.ladder)

    assert rungs == (member.ladder if member.customers else left_out)


@by_name
def test_the_frictions_of_the_cast_are_those_counted(
    member: Member, found: Found, truth: Truth
) -> None:
    mine = [f"{c.source}:{c.number}" for c in all_of(member)]
    told = {row["friction"] for row in truth["frictions"]}
    shown = Counter(name for name in told for one in mine if one in found.points[name])

    assert shown == {n: c for n, c in member.frictions.items() if n in DETECTED}


def test_a_couple_with_one_line_stays_two_people(found: Found) -> None:
    ben, bea = (
        found.of(all_of(MEMBERS[name]), "customer_id")
        for name in ("Ben Adler", "Bea Adler")
    )

    assert None not in (*ben, *bea)
    assert set(ben).isdisjoint(bea)


def test_no_hidden_number_makes_a_customer(found: Found) -> None:
    hidden = found.contacts.filter(pl.col("unidentified") == "flagged")

    assert hidden.height > 10
    assert hidden["customer_id"].null_count() == hidden.height


def test_a_chat_without_card_is_known_by_its_address(
    found: Found, world: World
) -> None:
    bare = {
        f"{contact.source}:{contact.number}"
        for contact in world.reality.contacts
        if contact.door == "chat" and contact.shown.card is None
    }
    chats = found.contacts.filter(pl.col("contact_id").is_in(list(bare)))
    placed = chats.filter(pl.col("customer_id").is_not_null())

    assert placed.height > chats.height * 0.9


def test_customers_seldom_hold_two_people(found: Found, truth: Truth) -> None:
    people = {
        f"{row['source']}:{row['source_contact_id']}": row["person_id"]
        for row in truth["contacts"]
    }
    mixed: dict[str, set[str]] = {}
    for contact_id, customer in found.contacts.select(
        "contact_id", "customer_id"
    ).iter_rows():
        if customer is not None:
            mixed.setdefault(customer, set()).add(people[contact_id])
    two = sum(len(persons) > 1 for persons in mixed.values())

    assert two / len(mixed) < 0.02
