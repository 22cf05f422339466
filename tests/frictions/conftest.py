"""A friction flagged on the steps that the test draws."""

from collections.abc import Callable, Mapping

import polars as pl
import pytest

from cxmap.baselines import beside, count, needed, settle
from cxmap.definitions import collect, collect_baselines
from cxmap.flagging import flag


@pytest.fixture
def flagged(
    drawn: Callable[[str], pl.DataFrame],
) -> Callable[..., Mapping[str, str]]:
    """Return a function from a friction's name and options to its points."""

    def points(name: str, **options: object) -> Mapping[str, str]:
        friction, steps = collect("frictions")[name], drawn("steps")
        needs = needed([friction], collect_baselines())
        told = beside(steps, needs, settle([count({"steps": steps}, needs)], needs))
        found = flag(told, {name: (friction, friction.bind(options))})
        return dict(found.select("contact_id", "because").iter_rows())

    return points
