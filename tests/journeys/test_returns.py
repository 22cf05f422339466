"""How long until somebody comes back, whatever the window."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cxmap.journeys.repeats import returned_after
from cxmap.journeys.stitch import stitch
from cxmap.journeys.timeline import ordered
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import LinkRules, RepeatRule, Window
from cxmap.tables import conform, empty

Tell = Callable[..., Any]
NOW = datetime(2026, 12, 31, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)

TOPICS = (None, "bill", "bill/refund", "bill/refund/late", "move", "billing")


def after(story: Any, rule: RepeatRule) -> list[int | None]:
    """What `returned_after` says of each contact of a story, c1 first."""
    contacts = ordered(story.stitched.contacts)
    told = contacts.select("source_contact_id").with_columns(
        returned_after(contacts, rule)["after"]
    )
    return told.sort("source_contact_id")["after"].to_list()


def test_a_return_after_the_window_is_still_a_return(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-10_09:00  bill
    05-10_09:00  bill/refund
    """
    told = story()

    assert told.of("repeats_contact_id") == [None, None, None]
    assert after(told, RepeatRule()) == [9 * 86_400, 61 * 86_400, None]


def test_another_topic_is_no_return_however_soon(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-01_10:00  move
    03-09_09:00  bill
    """
    assert after(story(), RepeatRule()) == [8 * 86_400, None, None]


def test_a_redial_is_no_return_and_the_one_after_it_returns_to_the_redial(
    story: Tell,
) -> None:
    """
    started_at   served  topic
    03-01_09:00  no      –
    03-01_09:10  yes     –
    03-03_09:10  yes     –
    """
    assert after(story(), RepeatRule()) == [None, 2 * 86_400, None]


def test_nobody_unidentified_and_nothing_outbound_comes_back(story: Tell) -> None:
    """
    started_at   customer_id  direction
    03-01_09:00  –            inbound
    03-02_09:00  –            inbound
    03-01_09:00  ana          inbound
    03-02_09:00  ana          outbound
    03-01_09:00  ben          inbound
    """
    assert after(story(), RepeatRule()) == [None] * 5


def test_a_case_that_is_open_yet_says_nothing_where_no_topic_does(story: Tell) -> None:
    """
    started_at   answered_at  last_touch_at  channel  topic  customer_id
    03-01_09:00  03-01_09:00  03-20_09:00    email    –      ana
    03-11_09:00  –            –              email    –      ana
    03-01_09:00  03-01_09:00  03-20_09:00    email    bill   ben
    03-11_09:00  –            –              email    bill   ben
    """
    assert after(story(), RepeatRule()) == [10 * 86_400, None, 0, None]


def test_who_still_waits_for_an_answer_comes_back_at_once(story: Tell) -> None:
    """
    started_at   answered_at  last_touch_at  channel  topic  customer_id
    03-01_09:00  –            03-20_09:00    email    –      ana
    03-11_09:00  –            –              email    –      ana
    03-01_09:00  03-12_09:00  03-20_09:00    email    –      ben
    03-11_09:00  –            –              email    –      ben
    """
    assert after(story(), RepeatRule()) == [0, None, 0, None]


def test_the_clock_may_run_from_the_start(story: Tell) -> None:
    """
    started_at   last_touch_at
    03-01_09:00  03-05_09:00
    03-07_09:00  –
    """
    from_start = RepeatRule(within=Window(timedelta(days=7), start_clock="start"))

    assert after(story(), RepeatRule()) == [2 * 86_400, None]
    assert after(story(), from_start) == [6 * 86_400, None]


one_contact = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ana", "ben", None]),
        "hours": st.sampled_from([0, 0.25, 0.75, 5, 20, 21, 70, 200, 201, 900]),
        "lasts": st.sampled_from([0, 0, 1, 30]),
        "topic": st.sampled_from(TOPICS),
        "channel": st.sampled_from(["voice", "email", "chat"]),
        "direction": st.sampled_from(["inbound", "inbound", "inbound", "outbound"]),
        "initiation": st.sampled_from([None, "campaign"]),
        "served": st.sampled_from([True, False, None]),
    }
)


@given(st.lists(one_contact, max_size=14), st.sampled_from(["count", "ignore"]))
def test_it_is_what_looking_at_every_pair_finds(
    drawn: list[dict[str, Any]], unknown: Any
) -> None:
    rule = RepeatRule(unknown_topic=unknown)
    told = stitched(drawn, rule)
    rows = told.with_columns(returned_after(told, rule)).to_dicts()

    for row in rows:
        gaps = [
            _gap(row, later)
            for later in rows
            if _comes_back_to(later, rows, unknown) is row and _counts(later, row, rows)
        ]
        assert row["after"] == min(gaps, default=None)
        if row["by"] is not None:
            assert _gap(row, rows[row["by"]]) == row["after"]


@given(st.lists(one_contact, max_size=14))
def test_what_returns_within_the_window_is_what_is_repeated(
    drawn: list[dict[str, Any]],
) -> None:
    told = stitched(drawn, RepeatRule())
    after = returned_after(told, RepeatRule())["after"]
    within = after <= told["repeat_window_seconds"]
    known = told["repeated"].is_not_null()

    assert (
        within.fill_null(value=False).filter(known).to_list()
        == told["repeated"].filter(known).to_list()
    )


def stitched(drawn: list[dict[str, Any]], rule: RepeatRule) -> pl.DataFrame:
    rows = [
        {
            **{k: v for k, v in one.items() if k not in ("hours", "lasts")},
            "contact_id": f"a:{place:02}",
            "source_contact_id": f"{place:02}",
            "source": "a",
            "started_at": FIRST + timedelta(hours=one["hours"]),
            "last_touch_at": FIRST + timedelta(hours=one["hours"] + one["lasts"]),
            "channel_group": CHANNEL_GROUPS[one["channel"]],
            "inbound": one["direction"] == "inbound",
            "connected": False,
        }
        for place, one in enumerate(drawn)
    ]
    contacts = conform(
        pl.DataFrame(rows, infer_schema_length=None) if rows else empty("contacts"),
        "contacts",
    )
    told = stitch(
        contacts,
        empty("reference_records"),
        pl.DataFrame(schema={"contact_id": pl.String(), "pseudonym": pl.String()}),
        links=LinkRules(),
        repeat=rule,
        horizon_at=NOW,
        now=NOW,
    )
    return ordered(told.contacts)


def _comes_back_to(
    later: dict[str, Any], rows: list[dict[str, Any]], unknown: str
) -> dict[str, Any] | None:
    """The nearest comparable contact before one, found by looking at all."""
    if not later["inbound"] or later["customer_id"] is None:
        return None
    place = rows.index(later)
    before = [
        row
        for row in rows[:place]
        if row["customer_id"] == later["customer_id"]
        and row["inbound"]
        and _comparable(row["topic"], later["topic"], unknown)
    ]
    return before[-1] if before else None


def _comparable(one: str | None, other: str | None, unknown: str) -> bool:
    if one is None or other is None:
        return unknown == "count"
    short, long = sorted((one.split("/"), other.split("/")), key=len)

    return long[: len(short)] == short


def _counts(
    later: dict[str, Any], earlier: dict[str, Any], rows: list[dict[str, Any]]
) -> bool:
    """Who has another reason comes back on the same topic only; no retry to its try."""
    if later["return_of"] is None:
        return True
    same = later["topic"] is not None and later["topic"] == earlier["topic"]
    own = [
        row
        for row in rows[: rows.index(later)]
        if row["inbound"] and row["customer_id"] == later["customer_id"]
    ]
    return same and not (later["return_of"] == "retry" and own[-1] is earlier)


def _gap(earlier: dict[str, Any], later: dict[str, Any]) -> int:
    """From its last touch: of none drawn here is it said that it was answered."""
    since = earlier["last_touch_at"]
    return max(0, int((later["started_at"] - since).total_seconds()))
