"""Scores as a scorecard holds them, made from a few facts."""

from collections.abc import Callable

import pytest

from cxmap.scorecard import Score

Make = Callable[..., Score]


@pytest.fixture(scope="session")
def make() -> Make:
    def made(kpi: str, value: float | None, n: int = 100, **facts: object) -> Score:
        usual: dict[str, object] = {
            "by": {},
            "numerator": None,
            "low": None,
            "high": None,
            "pending": 0,
            "excluded": {},
            "confirmed": None,
            "presumed": None,
            "unit": "share",
            "better": "higher",
            "target": None,
            "status": "–",
            "previous": None,
            "change": None,
            "change_low": None,
            "change_high": None,
            "marked": False,
            "definition": "",
            "variant": "default",
            "interval": None,
        }
        return Score(kpi=kpi, value=value, n=n, **{**usual, **facts})  # type: ignore[arg-type]

    return made
