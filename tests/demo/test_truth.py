"""How well cxmap finds people, needs and frictions: floors under what is measured."""

import pytest

from cxmap.config import load_config
from cxmap.demo.world import World
from judging import chosen, pairwise
from worlds import Figures, Found, frictions, identity, journeys, look_at


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
        ("recall ÷ ceiling", 0.985),
        ("B-cubed: precision", 0.99),
    ],
)
def test_customers_are_people(figure: str, floor: float, people: Figures) -> None:
    assert reaches(people[figure], floor)


@pytest.mark.parametrize(
    ("figure", "floor"),
    [("F1", 0.93), ("precision", 0.95), ("perfect identity, F1", 0.95)],
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
        ("slow_first_response", 0.99, 0.97),
    ],
)
def test_frictions_are_those_of_the_truth(
    friction: str, precision: float, recall: float, found: Found
) -> None:
    marked = frictions(found, "world")[friction]
    agreement = chosen(marked.found, marked.true)

    assert reaches(agreement.precision, precision)
    assert reaches(agreement.recall, recall)


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
