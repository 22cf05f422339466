"""What holds of who is who whatever the exports hold: dirt, levels, later records."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.customers.identify import Identified, identify
from cxmap.names import CUTS
from cxmap.names import IDENTIFIER_FLAGS as FLAGS
from cxmap.options import IdentityRules
from cxmap.sources.emails import ROLE_LOCALS
from cxmap.sources.identifiers import judge
from cxmap.tables import schema

REAL = Path(__file__).parents[2] / "../shared/data/real"
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("owner", "source", "owner_id", "kind", "namespace", "pseudonym", "flag")
FREE = IdentityRules(level="loose", caps={}, email_cap=10**6, largest=None)

Value = tuple[str, str]
Record = tuple[int, list[Value]]
"""When it was seen, in days, and what it holds."""

seeds = st.integers(0, 2**32)


def table(records: list[Record], *, first: int = 0) -> pl.DataFrame:
    """Return the identifiers of records; values are judged as they are at ingest."""
    rows = [
        ("contact", "s", str(first + number), kind, "", value, START + timedelta(days))
        for number, (days, values) in enumerate(records)
        for kind, value in values
    ]
    space = {n: schema("identifier_records")[n] for n in NAMES if n != "flag"}
    told = pl.DataFrame(
        rows, schema={**space, "seen_at": pl.Datetime("us", "UTC")}, orient="row"
    ).with_columns(value="pseudonym")
    judged = [
        judge(
            kind,
            told.filter(kind=kind)["value"].unique(),
            region="GB",
            own_numbers=["+44 20 7946 0000"],
            own_addresses=["desk@shop.test", "@care.test"],
        ).with_columns(kind=pl.lit(kind))
        for kind in told["kind"].unique().sort()
    ]
    if not judged:
        return told.with_columns(flag=pl.lit(None, pl.String())).drop("value")
    known = told.join(pl.concat(judged), on=["kind", "value"]).drop("value")
    return known.with_columns(pseudonym="normalised").select(*NAMES, "seen_at")


def met(
    records: list[Record] | pl.DataFrame, rules: IdentityRules | None = None
) -> Identified:
    rows = records if isinstance(records, pl.DataFrame) else table(records)
    links = pl.DataFrame(schema=schema("identity_link_records"))
    return identify(rows, links, rules=rules or IdentityRules())


def whose(found: Identified) -> dict[str, str | None]:
    return dict(found.owners.select("owner_id", "customer_id").iter_rows())


def parts(found: Identified) -> set[frozenset[str]]:
    people: dict[str, set[str]] = defaultdict(set)
    for record, customer in whose(found).items():
        if customer is not None:
            people[customer].add(record)
    return {frozenset(part) for part in people.values()}


def somebody(dice: random.Random, number: int) -> list[Value]:
    """Return some of the identifiers of one person, an own e-mail or id among them."""
    own = [("external_id", f"X{number}"), ("email", f"ann{number}@home.test")]
    more = [("phone", f"+4479460{number:05}"), ("social_handle", f"@ann{number}")]
    return [dice.choice(own), *dice.sample([*own, *more], dice.randrange(3))]


def people(dice: random.Random) -> list[Record]:
    return [
        (dice.randrange(100), somebody(dice, dice.randrange(8)))
        for _ in range(dice.randrange(1, 25))
    ]


def dirt(dice: random.Random) -> Value:
    """Return what people and systems write where no person is to be found."""
    return dice.choice(
        [
            ("email", f"{dice.choice(sorted(ROLE_LOCALS))}@{dice.choice('abc')}.test"),
            ("email", f"{dice.choice(sorted(ROLE_LOCALS))}+x@example.com"),
            ("email", f"{dice.choice(['noreply', 'no-reply', 'donotreply'])}@a.test"),
            ("email", dice.choice(["n/a", "none", "-", "nobody@b.test", "anonymous"])),
            ("email", f"аnn{dice.randrange(8)}@home.test"),
            ("email", f"anη{dice.randrange(8)}@home.test"),
            ("email", dice.choice(["desk@shop.test", "Desk@Shop.test"])),
            ("email", f"{dice.choice('abc')}@care.test"),
            (
                "phone",
                dice.choice(["anonymous", "Restricted", "+266696687", "unknown"]),
            ),
            ("phone", dice.choice(["sip:anonymous@anonymous.invalid", "Unavailable"])),
            ("phone", f"4.4{dice.randrange(10000):04}E+11"),
            ("phone", dice.choice(["0000000000", "N/A", "-", "00000", "tel:0"])),
            ("phone", dice.choice(["+442079460000", "020 7946 0000"])),
            ("external_id", f"{dice.randrange(1, 9)}.2{dice.randrange(99)}E+15"),
            (
                "external_id",
                f"{dice.randrange(1, 10**6):015}".replace("0", "1") + "000",
            ),
            ("external_id", dice.choice(["0", "null", "#N/A", "unknown", "undefined"])),
        ]
    )


@settings(max_examples=50, deadline=None)
@given(seeds, st.sampled_from(["strict", "normal", "loose"]))
def test_dirt_never_joins_anybody(seed: int, level: str) -> None:
    dice = random.Random(seed)  # noqa: S311
    clean = people(dice)
    some = [dirt(dice) for _ in range(3)]
    dirty = [
        (days, [*values, *dice.sample(some, dice.randrange(3))])
        for days, values in clean
    ]
    rules = IdentityRules(level=level)  # type: ignore[arg-type]

    found = met(dirty, rules)

    assert parts(found) == parts(met(clean, rules))
    flags = table(dirty).filter(pl.col("flag").is_not_null())
    assert set(flags["flag"]) <= set(CUTS)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_all_dirt_is_flagged(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    records = [(0, [dirt(dice)]) for _ in range(12)]

    assert table(records)["flag"].null_count() == 0
    assert parts(met(records, FREE)) == set()


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_switchboard_that_everybody_calls_from_merges_nobody(seed: int) -> None:
    """Everybody has an own e-mail or customer number; the switchboard is unknown."""
    dice = random.Random(seed)  # noqa: S311
    alone = [(0, [("email", f"{n}@home.test")]) for n in range(dice.randrange(2, 9))]
    clean = [*people(dice), *alone]
    number = ("phone", "+442079460111")
    called = [(days, [*values, number]) for days, values in clean]
    if dice.random() < 0.5:
        called += [(0, [number])] * 3
    found = met(called)

    joined = {frozenset(r for r in p if int(r) < len(clean)) for p in parts(found)}
    assert {part for part in joined if part} == parts(met(clean))


@pytest.mark.parametrize("count", [5, 6, 40])
def test_a_number_of_more_than_its_cap_merges_nobody_without_any_evidence(
    count: int,
) -> None:
    ids = [
        (0, [("source_customer_id", f"7{n}"), ("phone", "+442079460111")])
        for n in range(count)
    ]

    assert len(parts(met(ids))) == count


def refines(fine: set[frozenset[str]], coarse: set[frozenset[str]]) -> bool:
    return all(any(part <= whole for whole in coarse) for part in fine)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_strict_refines_normal_and_normal_refines_loose(seed: int) -> None:
    """So long as nobody is too large, which is judged after the addresses joined."""
    dice = random.Random(seed)  # noqa: S311
    records = [
        (
            dice.randrange(1500),
            [
                (
                    dice.choice(["external_id", "email", "phone", "phone", "device"]),
                    f"+4479460{dice.randrange(9):05}",
                )
                for _ in range(dice.randrange(1, 4))
            ],
        )
        for _ in range(dice.randrange(30))
    ]
    rows = table(records).with_columns(flag=pl.lit(None, pl.String()))
    strict, normal, loose = (
        parts(met(rows, IdentityRules(level=level, largest=None)))
        for level in ("strict", "normal", "loose")
    )

    assert refines(strict, normal)
    assert refines(normal, loose)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_later_records_rename_nobody_but_who_joins_somebody_earlier(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    records = [
        (
            day,
            [
                (dice.choice(["external_id", "email", "phone"]), f"+44794600{n:04}")
                for n in [dice.randrange(12), dice.randrange(12)]
            ],
        )
        for day in range(dice.randrange(1, 20))
    ]
    cut = dice.randrange(len(records)) + 1
    rows = table(records).with_columns(flag=pl.lit(None, pl.String()))
    early = rows.filter(pl.col("owner_id").cast(pl.Int64) < cut)
    before, after = met(early, FREE), met(rows, FREE)
    since = dict(before.customers.select("customer_id", "first_seen_at").iter_rows())

    old, new = whose(before), whose(after)
    became: dict[str | None, set[str]] = defaultdict(set)
    for record, customer in old.items():
        assert customer is not None
        became[new[record]].add(customer)
    for customer, ancestors in became.items():
        assert customer in ancestors
        assert since[customer] == min(since[one] for one in ancestors)


MESSAGING = {
    "whatsapp": "GB.1A2B3C4D5E6F",
    "line": "U4af4980629f1c4f0a1b2c3d4e5f60718",
    "messenger": "psid-2948571038",
}


@pytest.mark.parametrize("level", ["strict", "normal", "loose"])
def test_messaging_ids_without_a_number_stay_apart_unless_a_link_says_otherwise(
    level: str,
) -> None:
    """Each knows a number of its own, and all of them happen to know a 42."""
    rules = IdentityRules(level=level)  # type: ignore[arg-type]
    held = [
        ("contact", service, "1", "source_customer_id", service, number, None, START)
        for service, number in MESSAGING.items()
    ]
    held += [
        ("contact", service, "2", "source_customer_id", service, "42", None, START)
        for service in MESSAGING
    ]
    space = {n: schema("identifier_records")[n] for n in [*NAMES, "seen_at"]}
    rows = pl.DataFrame(held, schema=space, orient="row")
    nothing = pl.DataFrame(schema=schema("identity_link_records"))

    apart = identify(rows, nothing, rules=rules)
    assert apart.owners["customer_id"].n_unique() == len(held)

    one = [("line", "source_customer_id", "line", "42", MESSAGING["line"], START)]
    names = ["source", "kind", "namespace", "pseudonym", "to_pseudonym", "seen_at"]
    space = {n: schema("identity_link_records")[n] for n in names}
    linked = identify(rows, pl.DataFrame(one, schema=space, orient="row"), rules=rules)
    assert linked.owners["customer_id"].n_unique() == len(held) - 1


REAL_COLUMNS = (
    ("BPI2016_Complaints.csv", ";", ("CustomerID", "ComplaintDossierID", "Office_U")),
    ("receipt.csv", ",", ("case:concept:name", "concept:instance", "org:resource")),
    (
        "boston311_animal_2013_2014.csv",
        ",",
        ("case_enquiry_id", "location", "location_street_name"),
    ),
)


def real(name: str, separator: str, columns: tuple[str, ...]) -> Iterator[Record]:
    kinds = ("external_id", "device", "social_handle")
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout")
    with path.open(encoding="latin-1", newline="") as file:
        for row in islice(csv.DictReader(file, delimiter=separator), 2500):
            yield (
                0,
                [(k, row[c]) for k, c in zip(kinds, columns, strict=True) if row[c]],
            )


@pytest.mark.parametrize(("name", "separator", "columns"), REAL_COLUMNS)
@pytest.mark.parametrize("level", ["normal", "free"])
def test_customers_of_real_exports_are_what_networkx_finds(
    name: str, separator: str, columns: tuple[str, ...], level: str
) -> None:
    """Their columns are taken for identifiers, as skewed as real ones are."""
    records = list(real(name, separator, columns))
    rules = FREE if level == "free" else IdentityRules(level=level)  # type: ignore[arg-type]

    rows = table(records)
    found = met(rows, rules)

    cut = found.identifiers.drop_nulls("cut").select("kind", "pseudonym")
    joining = rows.join(cut, on=["kind", "pseudonym"], how="anti")
    if level == "free":
        assert set(rows.join(cut, on=cut.columns, how="semi")["flag"]) <= set(FLAGS)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(
        (record, f"{kind} {value}")
        for record, kind, value in joining.select(
            "owner_id", "kind", "pseudonym"
        ).iter_rows()
    )
    expected = {
        frozenset(node for node in part if node.isdigit())
        for part in nx.connected_components(graph)
    }
    assert parts(found) == expected
