"""One small nasty scorecard, and files that say what each view makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxmap.scorecard import (
    Assumptions,
    FrictionLine,
    Held,
    Score,
    Scorecard,
    SourceCoverage,
)

GOLDEN = Path(__file__).parents[1] / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite the files.")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a view with its file, byte by byte, or rewrite the file."""
    update = request.config.getoption("--update-golden", default=False)

    def compare(name: str, view: str) -> None:
        path = GOLDEN / name
        if update:
            path.write_bytes(view.encode())
        assert view.encode() == path.read_bytes(), f"{name}: pytest --update-golden"

    return compare


def score(kpi: str, value: float | None, n: int, **given: Any) -> Score:
    facts: dict[str, Any] = {
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
        "definition": "What it means.",
        "variant": "default",
        "interval": None,
    }
    return Score(kpi=kpi, value=value, n=n, **{**facts, **given})


RESOLUTION = (
    score(
        "first_contact_resolution",
        0.616,
        7132,
        numerator=4393,
        low=0.605,
        high=0.627,
        pending=510,
        confirmed=2940,
        presumed=1453,
        target=0.66,
        status="off",
        previous=0.643,
        change=-0.027,
        change_low=-0.043,
        change_high=-0.011,
        marked=True,
        interval="clustered",
        excluded={"not_served": 212},
    ),
    score("ladder_good", 0.184, 7132, numerator=1312, low=0.175, high=0.193),
    score(
        "repeat_contact_rate",
        0.156,
        10209,
        numerator=1593,
        low=0.149,
        high=0.163,
        better="lower",
        target=0.18,
        status="on",
        change=0.0004,
        interval="clustered",
    ),
    score("reopen_rate", None, 0, numerator=0, better="lower", target=0.05),
)
SPEED = (
    score(
        "resolution_time",
        25200.0,
        4100,
        low=23900.0,
        high=28800.0,
        unit="seconds",
        better="lower",
        target=14400.0,
        status="off",
        previous=23760.0,
        change=1440.0,
        interval="greenwood",
    ),
    score(
        "speed_of_answer",
        None,
        0,
        unit="seconds",
        better="lower",
        missing_inputs=("queue_seconds",),
    ),
    score("backlog", 1312.0, 1312, numerator=1312, unit="count", better="lower"),
)
PERCEPTION = (
    score(
        "nps",
        32.4,
        240,
        numerator=78,
        low=24.0,
        high=40.0,
        unit="points",
        target=30.0,
        status="close",
        change=-4.2,
    ),
)
TOPICS: tuple[str | None, ...] = (
    "請求|返金",
    "[red]=cmd()[/red] @team <b>",
    "a\x1b[31m\u202eb\n## c",
    None,
)
CELLS = tuple(
    score(
        "first_contact_resolution",
        value,
        n,
        by={"topic": topic},
        suppressed=suppressed,
        target=0.66,
        status=status,
    )
    for topic, value, n, status, suppressed in zip(
        TOPICS,
        (0.5, 0.25, None, 1.0),
        (40, 4, 0, 12),
        ("close", "close", "–", "on"),
        (False, True, False, False),
        strict=True,
    )
)


@pytest.fixture
def scorecard() -> Scorecard:
    return Scorecard(
        since=datetime(2026, 9, 6, 22, tzinfo=UTC),
        until=datetime(2026, 10, 4, 22, tzinfo=UTC),
        period="7 Sep – 4 Oct 2026",
        compared_with=(
            datetime(2026, 8, 9, 22, tzinfo=UTC),
            datetime(2026, 9, 6, 22, tzinfo=UTC),
        ),
        now=datetime(2026, 10, 20, 6, tzinfo=UTC),
        horizon=datetime(2026, 10, 19, 21, 30, tzinfo=UTC),
        zone="Europe/Berlin",
        coverage=Held(
            contacts=10209,
            identified=0.934,
            customers=6721,
            journeys=7132,
            sources=(
                SourceCoverage(
                    "calls",
                    8000,
                    0.9,
                    datetime(2026, 1, 1, tzinfo=UTC),
                    datetime(2026, 10, 19, 21, 30, tzinfo=UTC),
                    lags=False,
                    complete=False,
                ),
                SourceCoverage(
                    "=tickets", 2209, None, None, None, lags=True, complete=False
                ),
            ),
        ),
        scores=(*RESOLUTION, *SPEED, *PERCEPTION, *CELLS),
        frictions=(
            FrictionLine(
                "repeat_contact",
                1593,
                1200,
                0.168,
                1801,
                "medium",
                csat_effect=-0.124,
                csat_low=-0.2,
                csat_high=0.004,
                csat_n=110,
                csat_n_unflagged=320,
                csat_kinds=12,
                csat_kinds_dropped=2,
                csat_n_dropped=5,
                contacts_followed=3394,
                contacts_untimed=210,
                handling_seconds=1_234_567,
                handling_seconds_guessed=4_000,
                handling_share=0.2412,
                cost=1_234_567,
                currency="EUR",
                cost_share=0.23,
                cost_year=16_116_000,
                contacts_unpriced=210,
                customers=1100,
            ),
            FrictionLine(
                "long_wait",
                7,
                6,
                0.0008,
                0,
                "high",
                contacts_untimed=2,
                contacts_followed=2,
                currency="EUR",
                contacts_unpriced=2,
                customers=6,
                suppressed=True,
            ),
        ),
        assumptions=Assumptions(
            usual_handling_seconds={"chat": 787, "voice": 359},
            second_contact_ratio=1.31,
            second_contact_low=1.22,
            second_contact_high=1.41,
            second_contact_n=2140,
            first_contact_n=5212,
            currency="EUR",
            contact_prices={"written": 450},
            hour_price=3600,
            year_factor=13.0446,
        ),
        notes=("Business hours are assumed: Mon–Fri 09:00–17:00.",),
    )
