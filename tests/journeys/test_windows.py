"""Windows: the deepest topic, then the channel group, then the default."""

from datetime import timedelta

import polars as pl
import pytest

from cxmap.journeys.windows import window_seconds
from cxmap.options import Window

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("topic", "group", "hours"),
    [
        ("claims", "written", 2),
        ("claims/water", "written", 2),
        ("claims/fire", "written", 3),
        ("claims/fire/roof", "voice", 3),
        ("claims2", "written", 4),
        ("claims2", "voice", 1),
        (None, "written", 4),
        (None, None, 1),
    ],
)
def test_the_most_particular_window_wins(
    topic: str | None, group: str | None, hours: int
) -> None:
    window = Window(
        HOUR,
        topics={"claims": 2 * HOUR, "claims/fire": 3 * HOUR},
        channel_groups={"written": 4 * HOUR},
    )

    assert seconds(window, topic, group) == hours * 3600


def test_a_rule_that_is_off_is_on_only_where_it_is_named() -> None:
    window = Window(None, channel_groups={"written": timedelta()})

    assert seconds(window, "claims", "voice") is None
    assert seconds(window, "claims", "written") == 0


def seconds(window: Window, topic: str | None, group: str | None) -> int | None:
    contact = pl.DataFrame(
        {"topic": [topic], "channel_group": [group]},
        schema={"topic": pl.String(), "channel_group": pl.String()},
    )
    found = contact.select(window_seconds(window)).item()
    assert found is None or isinstance(found, int)
    return found
