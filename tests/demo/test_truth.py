"""How well cxmap finds people, needs and frictions: floors under what is measured."""

from collections.abc import Mapping
from itertools import combinations

import pytest

from cxmap.config import load_config
from cxmap.demo.world import World
from judging import chosen, pairwise
from reasons import why_apart, why_mixed
from worlds import Figures, Found, frictions, groups, identity, journeys, look_at


@pytest.fixture(scope="module")
def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> Found:
    config = load_config(world.config)

    return look_at(world.folder, tmp_path_factory.mktemp("home"), config, world.now)


@pytest.fixture(scope="module")
def people(found: Found) -> Figures:
    return identity(found)


@pytest.fixture(scope="module")
def needs(found: Found) -> Figures:
    return journeys(found)


def reaches(figure: float | None, floor: float) -> bool:
    return figure is not None and figure >= floor


@pytest.mark.parametrize(
    ("figure", "floor"),
    [
        ("pairs: precision", 0.988),
        ("recall ÷ ceiling", 0.99),
        ("B-cubed: precision", 0.993),
    ],
)
def test_customers_are_people(figure: str, floor: float, people: Figures) -> None:
    assert reaches(people[figure], floor)


@pytest.mark.parametrize(
    ("figure", "floor"),
    [("F1", 0.935), ("precision", 0.965), ("perfect identity, F1", 0.96)],
)
def test_journeys_are_needs(figure: str, floor: float, needs: Figures) -> None:
    assert reaches(needs[figure], floor)


def test_our_links_do_better_than_one_rule_for_all(needs: Figures) -> None:
    ours, single = needs["F1"], needs["one rule (7 d, any topic), F1"]

    assert ours is not None
    assert single is not None
    assert ours > single + 0.01


def test_no_journey_tool_does_better_than_perfect_links(needs: Figures) -> None:
    assert needs["perfect links, precision"] == 1
    assert reaches(needs["perfect links, recall"], needs["recall"] or 1)


@pytest.mark.parametrize(
    ("friction", "precision", "recall"),
    [
        ("abandon", 1.0, 1.0),
        ("long_wait", 1.0, 1.0),
        ("reopen", 1.0, 1.0),
        ("transfer", 1.0, 1.0),
        ("unanswered", 1.0, 1.0),
        ("slow_first_response", 0.99, 0.97),
        ("abandon_and_return", 0.98, 0.78),
        ("unidentified_contact", 0.85, 1.0),
        ("repeat_contact", 0.79, 0.65),
        ("restart", 0.81, 0.7),
        ("channel_switch", 0.84, 0.48),
        ("channel_ping_pong", 0.65, 0.48),
    ],
)
def test_frictions_are_those_of_the_truth(
    friction: str, precision: float, recall: float, found: Found
) -> None:
    marked = frictions(found, "world")[friction]
    agreement = chosen(marked.found, marked.true)

    assert reaches(agreement.precision, precision)
    assert reaches(agreement.recall, recall)


@pytest.mark.parametrize(
    ("friction", "precision", "recall"),
    [
        ("abandon_and_return", 0.98, 0.98),
        ("repeat_contact", 0.79, 0.9),
        ("restart", 0.84, 0.76),
        ("channel_switch", 0.87, 0.83),
        ("channel_ping_pong", 0.7, 0.74),
    ],
)
def test_frictions_are_those_of_the_truth_once_identity_is(
    friction: str, precision: float, recall: float, found: Found
) -> None:
    marked = frictions(found, "world")[friction]
    agreement = chosen(marked.perfect, marked.true)

    assert reaches(agreement.precision, precision)
    assert reaches(agreement.recall, recall)


def parted(groups: Mapping[str, str], others: Mapping[str, str]) -> int:
    """How many pairs of a group lie in two of the other groups."""
    members: dict[str, list[str]] = {}
    for item, group in groups.items():
        members.setdefault(group, []).append(item)

    return sum(
        others[one] != others[other]
        for items in members.values()
        for one, other in combinations(items, 2)
    )


def test_every_reason_is_counted_once(found: Found) -> None:
    customers = groups(found.tables["contacts"], "customer_id")
    persons = found.truth.persons

    assert why_apart(found).total() == parted(persons, customers)
    assert why_mixed(found).total() == parted(customers, persons)


def test_what_the_exports_allow_at_best_takes_nobody_for_another(found: Found) -> None:
    ceiling = pairwise(found.best, found.truth.persons)

    assert ceiling.precision == 1


def test_with_perfect_identity_customers_are_the_people(found: Found) -> None:
    customers = dict(
        found.perfect["contacts"].select("contact_id", "customer_id").iter_rows()
    )
    agreement = pairwise(customers, found.truth.persons)

    assert (agreement.precision, agreement.recall) == (1, 1)


def test_at_best_every_contact_of_the_truth_has_its_place(found: Found) -> None:
    assert found.best.keys() == found.truth.persons.keys()
