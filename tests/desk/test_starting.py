"""The starter configurations: they load, and every target names its source."""

from pathlib import Path

import pytest

from cxmap.config.reading import read_config
from cxmap.desk.starting import starter, starters
from cxmap.errors import UsageError

NAMES = ("bank", "ecommerce", "municipal", "saas", "telecom")


def test_there_is_one_for_each_industry() -> None:
    assert tuple(starters()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_without_problems(name: str) -> None:
    read = read_config(starter(name), Path("cxmap.yaml"))

    assert not read.hours.assumed
    assert read.repeat.within.topics == read.links.same_topic.topics != {}
    assert read.targets or read.segment_targets


@pytest.mark.parametrize("name", NAMES)
def test_every_target_has_an_address_above_it(name: str) -> None:
    lines = starter(name).splitlines()

    for place, line in enumerate(lines):
        if "target:" in line and not line.lstrip().startswith("#"):
            assert lines[place - 1].lstrip().startswith("# http"), line


def test_an_unknown_one_is_refused_with_the_names() -> None:
    with pytest.raises(UsageError, match=r"did you mean telecom.*bank, ecommerce"):
        starter("telcom")
