"""Who is asked for by any id, and read of the store as if all of it were read."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxmap.cli.words import Words
from cxmap.config import read_config
from cxmap.demo.world import write_world
from cxmap.desk.asking import Asked, customers_holding, read_asked
from cxmap.desk.people import Person, customers_asked, folded_around, person
from cxmap.errors import UsageError
from cxmap.intake.choosing import choose, profiles_of
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.sources.fold import Folded
from cxmap.store import Store
from cxmap.tables import conform, empty

NOW = datetime(2026, 8, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    words: Words
    whole: Folded
    store: Store

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        return self.words.tables

    def around(self, *customers: str) -> Folded:
        snapshot = self.store.snapshot()
        profiles = profiles_of(snapshot, self.words.config)
        return folded_around(
            snapshot, profiles, self.words.config, self.tables, customers
        )

    def person(self, customer: str, folded: Folded) -> Person:
        return person(self.tables, folded, self.words.config, customer)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)

    return Held(words, words.folded, store)


def test_reading_what_is_around_a_person_tells_what_reading_all_tells(
    held: Held,
) -> None:
    """Of those of most identifiers, of most contacts, and some others."""
    customers = held.tables["customers"]
    asked = pl.concat(
        [
            customers.sort("identifiers", "customer_id").tail(6),
            customers.sort("contacts", "customer_id").tail(6),
            customers.sort("customer_id").gather_every(25),
        ]
    )["customer_id"].unique(maintain_order=True)
    for customer in asked:
        folded = held.around(customer)
        told = held.person(customer, folded)
        whole = held.person(customer, held.whole)
        for field in fields(told.why):
            assert_frame_equal(
                getattr(told.why, field.name), getattr(whole.why, field.name)
            )
        assert told.why.records.height > 0
        assert folded.contacts.height < held.whole.contacts.height


def test_several_are_read_at_once(held: Held) -> None:
    some = held.tables["customers"]["customer_id"].sort().head(4).to_list()
    folded = held.around(*some)

    for customer in some:
        assert_frame_equal(
            held.person(customer, folded).why.edges,
            held.person(customer, held.whole).why.edges,
        )


def test_every_contact_is_among_the_records_of_its_person(held: Held) -> None:
    contacts = held.tables["contacts"].drop_nulls("customer_id")
    customer = contacts["customer_id"].mode().sort()[0]
    told = held.person(customer, held.around(customer))
    records = told.why.records.filter(pl.col("owner") == "contact")

    assert set(records["source"] + ":" + records["owner_id"]) == set(
        contacts.filter(pl.col("customer_id") == customer)["contact_id"]
    )
    assert told.contacts.height == records.height


def test_a_customer_is_found_by_any_id_of_theirs(held: Held) -> None:
    row = (
        held.tables["contacts"]
        .drop_nulls(["customer_id", "journey_id"])
        .row(0, named=True)
    )
    aliases = empty("aliases")

    for asked in (row["customer_id"], row["journey_id"], row["contact_id"]):
        found = customers_asked(held.tables, aliases, asked)
        assert found == (row["customer_id"],)


def test_an_old_id_leads_to_what_it_became_however_often(held: Held) -> None:
    one, two = held.tables["customers"]["customer_id"].sort().head(2)
    aliases = conform(
        pl.DataFrame(
            {
                "kind": ["customer"] * 3,
                "old_id": ["c_older", "c_old", "c_old"],
                "new_id": ["c_old", one, two],
            }
        ),
        "aliases",
    )

    assert customers_asked(held.tables, aliases, "c_older") == (one, two)


@pytest.mark.parametrize("asked", ["c_nobody", "zendesk:0", "j_nothing", ""])
def test_an_id_nobody_has_says_what_to_do(held: Held, asked: str) -> None:
    with pytest.raises(UsageError, match="cxmap customers"):
        customers_asked(held.tables, empty("aliases"), asked)


def test_a_contact_of_nobody_says_why(held: Held) -> None:
    unknown = held.tables["contacts"].filter(pl.col("customer_id").is_null())
    contact = unknown["contact_id"][0]

    with pytest.raises(UsageError, match="nobody is known"):
        customers_asked(held.tables, empty("aliases"), contact)


@pytest.mark.parametrize("asked", ["ana@example.test", "+49 151 234 567", "004915123"])
def test_what_may_be_an_identifier_is_never_repeated(held: Held, asked: str) -> None:
    with pytest.raises(UsageError, match="standard input") as raised:
        customers_asked(held.tables, empty("aliases"), asked)

    assert asked not in str(raised.value)


def test_lines_are_read_as_kind_and_value_or_by_their_looks() -> None:
    text = (
        "email Ana@Example.test\n\n  +49 (151) 234-567 \nb@x.test\n"
        "source_customer_id@zendesk 42\nexternal_id a b\n"
    )

    assert read_asked(text) == [
        Asked(1, "email", None, "Ana@Example.test"),
        Asked(3, "phone", None, "+49 (151) 234-567"),
        Asked(4, "email", None, "b@x.test"),
        Asked(5, "source_customer_id", "zendesk", "42"),
        Asked(6, "external_id", None, "a b"),
    ]


@pytest.mark.parametrize("line", ["ana", "mail a@b.test", "email", "42", "a b@c.test"])
def test_a_line_that_is_no_identifier_is_named_by_its_number(line: str) -> None:
    with pytest.raises(UsageError, match=r"^line 2: ") as raised:
        read_asked(f"email a@b.test\n{line}\n")

    assert line not in str(raised.value).replace("email", "").replace("phone", "") or (
        line == "email"
    )


def test_an_empty_input_asks_for_nobody() -> None:
    with pytest.raises(UsageError, match="standard input"):
        read_asked(" \n\n")


KEY = Key(DEMO_SECRET)
CONFIG = read_config(
    "sources: {a: {profile: generic_contacts, settings: {region: DE}}}\n", None
)


def listed() -> pl.DataFrame:
    rows = [
        ("c_1", "email", "", KEY.pseudonym("email", "ana@example.test"), None),
        ("c_1", "phone", "", KEY.pseudonym("phone", "+49151234567"), None),
        (
            "c_2",
            "source_customer_id",
            "a",
            KEY.pseudonym("source_customer_id", "7"),
            None,
        ),
        (
            "c_3",
            "source_customer_id",
            "b",
            KEY.pseudonym("source_customer_id", "7"),
            None,
        ),
        (None, "phone", "", KEY.pseudonym("phone", "+4930123456"), "shared_address"),
    ]
    names = ("customer_id", "kind", "namespace", "pseudonym", "cut")
    return conform(pl.DataFrame(rows, schema=names, orient="row"), "identifiers")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Ana <ANA@example.test>", ("c_1",)),
        ("0151 234567", ("c_1",)),
        ("source_customer_id 7", ("c_2", "c_3")),
        ("source_customer_id@b 7", ("c_3",)),
    ],
)
def test_an_identifier_is_made_comparable_as_its_source_does(
    line: str, found: tuple[str, ...]
) -> None:
    text = line if "<" not in line else f"email {line}"

    assert customers_holding(read_asked(text), listed(), CONFIG, KEY) == found


def test_lines_that_nobody_has_are_all_named_with_the_reason() -> None:
    asked = read_asked("ana@example.test\nbob@example.test\n030 123456\n")

    with pytest.raises(UsageError) as raised:
        customers_holding(asked, listed(), CONFIG, KEY)
    said = str(raised.value).splitlines()

    assert [line.split(":")[0] for line in said] == ["line 2", "line 3"]
    assert "no record holds this email" in said[0]
    assert "shared_address" in said[1]
    assert "bob" not in str(raised.value)
    assert "123456" not in str(raised.value)


def test_an_account_is_asked_for_only_where_accounts_are_customers() -> None:
    account = pl.DataFrame(
        {
            "customer_id": ["a_1"],
            "kind": ["account_id"],
            "namespace": [""],
            "pseudonym": [KEY.pseudonym("account_id", "acme")],
        }
    )
    asked = read_asked("account_id acme")
    told = pl.concat([listed(), conform(account, "identifiers")])

    assert customers_holding(asked, told, CONFIG, KEY) == ("a_1",)
    with pytest.raises(UsageError, match=r"identity\.unit"):
        customers_holding(asked, listed(), CONFIG, KEY)


def test_another_key_finds_nobody() -> None:
    with pytest.raises(UsageError, match="line 1"):
        customers_holding(
            read_asked("ana@example.test"), listed(), CONFIG, Key(bytes(32))
        )
