"""A case becomes as many contacts as its messages show, and loses nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.names import CHANNEL_GROUPS
from cxmap.options import Hours, NamedSchedule, Schedule, every
from cxmap.sources.episodes import cut_cases
from cxmap.sources.touches import Cases
from cxmap.tables import FACTS, conform

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WITHIN = timedelta(days=7)
ALWAYS = Hours(Schedule(week=every(range(7), 0, 86_400)), assumed=False)
RULES = Cases(reopen_within=WITHIN, hours=ALWAYS)
DUE = {"chat": 60, "messaging": 900, "social": 4 * 3600, "written": 8 * 3600}
LIVE = {"voice", "chat", "in_person", "digital_self"}

Message = tuple[int, str, str]
"""Minutes after START, who, and (for customers) on which channel."""


@dataclass
class Piece:
    """What a plain walk through a case makes of one contact."""

    group: str
    inbound: bool
    at: list[datetime] = field(default_factory=list)
    customers: int = 0
    humans: int = 0
    chasers: int = 0
    reopens: int = 0
    answered: datetime | None = None
    asked: datetime | None = None


def is_thanks(at: datetime, later: Sequence[Message], solved: list[datetime]) -> bool:
    """Whether the case was solved again within a day, before anybody wrote back."""
    again = min((s for s in solved if s >= at), default=None)
    replies = [START + timedelta(minutes=m) for m, who, _ in later if who != "customer"]
    replied = min(replies, default=None)
    return (
        again is not None
        and again - at <= timedelta(days=1)
        and (replied is None or replied > again)
    )


def anew(piece: Piece, at: datetime, solve: datetime | None, idle: int | None) -> bool:
    """Whether what comes at this time begins another contact."""
    asked = piece.asked
    if solve and asked and solve >= asked and at - solve > WITHIN:
        return True
    if idle is None and piece.group not in LIVE:
        return False
    return at - piece.at[-1] > timedelta(hours=idle or 1)


def walked(
    messages: Sequence[Message],
    solves: Sequence[int],
    channel: str,
    *,
    outbound: bool = False,
    idle: int | None = None,
) -> list[Piece]:
    """The contacts of one case, message by message."""
    solved = sorted(START + timedelta(minutes=m) for m in solves)
    pieces: list[Piece] = []
    current: dict[str, Piece] = {}
    group = ""
    owed: datetime | None = None
    before: datetime | None = None
    asked: datetime | None = None
    ordered = sorted(messages, key=lambda m: m[0])
    for place, (minute, who, said_on) in enumerate(ordered):
        at = START + timedelta(minutes=minute)
        customer = who == "customer"
        opens = customer or (before is None and not outbound)
        if opens or before is None:
            group = CHANNEL_GROUPS[said_on if customer else channel]
        piece = current.get(group)
        last_solve = max((s for s in solved if s <= at), default=None)
        if piece is not None and opens and anew(piece, at, last_solve, idle):
            piece = None
        if piece is None:
            piece = Piece(group, opens)
            pieces.append(piece)
            current[group] = piece
        if customer:
            piece.customers += 1
            if asked is not None and last_solve is not None and last_solve >= asked:
                thanks = is_thanks(at, ordered[place + 1 :], solved)
                piece.reopens += at - last_solve <= WITHIN and not thanks
            if owed is None:
                owed = at
            elif (at - owed).total_seconds() > DUE.get(group, 8 * 3600):
                piece.chasers += 1
        else:
            owed = None
        if who == "human":
            piece.humans += 1
            unasked = opens and at - START <= timedelta(minutes=1)
            if piece.answered is None and not unasked:
                piece.answered = at
        piece.at.append(at)
        if opens:
            piece.asked = asked = at
        before = at

    return sorted(pieces, key=lambda p: p.at[0])


def cases(
    *given: tuple[str, Sequence[Message], Sequence[int]],
    channel: str = "email",
    direction: str = "inbound",
    idle: int | None = None,
    **facts: Any,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    contacts = pl.DataFrame(
        [
            {
                "source": "desk",
                "source_contact_id": name,
                "channel": channel,
                "direction": direction,
                "started_at": START,
                **facts,
            }
            for name, _, _ in given
        ]
    )
    events = [
        {
            "source": "desk",
            "source_contact_id": name,
            "record_key": f"{name}-{place:03}",
            "content": f"{place:03}",
            "at": START + timedelta(minutes=minute),
            "event_type": "message_sent",
            "actor_type": who,
            "actor_id": who if who == "human" else None,
            "channel": said_on if who == "customer" else None,
            "public": True,
        }
        for name, messages, _ in given
        for place, (minute, who, said_on) in enumerate(
            sorted(messages, key=lambda m: m[0])
        )
    ]
    events += [
        {
            "source": "desk",
            "source_contact_id": name,
            "record_key": f"{name}-s{minute}",
            "content": "",
            "at": START + timedelta(minutes=minute),
            "event_type": "solved",
        }
        for name, _, solves in given
        for minute in solves
    ]
    whole = conform(
        contacts.with_columns(pl.col("started_at").cast(pl.Datetime("us", "UTC"))),
        "contact_records",
    ).select("source", "source_contact_id", *FACTS)
    told = conform(pl.DataFrame(events, infer_schema_length=None), "event_records")
    named = whole.select(
        "source",
        "source_contact_id",
        idle_seconds=pl.lit(None if idle is None else idle * 3600, pl.Int64),
    )

    return whole, named, told


def cut(*given: Any, **told: Any) -> pl.DataFrame:
    return cut_cases(*cases(*given, **told), rules=RULES).contacts.sort(
        "source_contact_id"
    )


MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 30 * 24 * 60),
        st.sampled_from(["customer", "customer", "human", "bot"]),
        st.sampled_from(["email", "web_form", "chat", "social_private", "sms"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda m: m[0],
)
SOLVES = st.lists(st.integers(0, 30 * 24 * 60), max_size=3, unique=True)


@settings(max_examples=150, deadline=None)
@given(
    messages=MESSAGES,
    solves=SOLVES,
    channel=st.sampled_from(["email", "chat", "sms"]),
    outbound=st.booleans(),
    idle=st.sampled_from([None, 24]),
)
def test_cases_are_cut_as_a_plain_walk_through_their_messages_cuts_them(
    messages: list[Message],
    solves: list[int],
    channel: str,
    outbound: bool,
    idle: int | None,
) -> None:
    free = [s for s in solves if s not in {minute for minute, _, _ in messages}]
    made = cut(
        ("7", messages, free),
        ("8", messages, free),
        channel=channel,
        direction="outbound" if outbound else "inbound",
        idle=idle,
    )
    wanted = walked(messages, free, channel, outbound=outbound, idle=idle)

    for case in ("7", "8"):
        rows = made.filter(pl.col("case_id") == f"desk:{case}").sort("started_at")
        got = [
            (
                CHANNEL_GROUPS[row["channel"]],
                row["direction"],
                row["last_message_at"],
                row["customer_messages"],
                row["agent_messages"],
                row["chasers"],
                row["reopens"],
                row["first_response_at"],
            )
            for row in rows.iter_rows(named=True)
        ]
        assert sorted(got, key=str) == sorted(
            (
                (
                    p.group,
                    "inbound" if p.inbound else "outbound",
                    p.at[-1],
                    p.customers,
                    p.humans,
                    p.chasers,
                    p.reopens,
                    p.answered,
                )
                for p in wanted
            ),
            key=str,
        )
        assert rows["source_contact_id"][0] == case
        assert rows["source_contact_id"].n_unique() == rows.height


def test_silence_never_splits_a_pending_case() -> None:
    year = 365 * 24 * 60
    made = cut(("1", [(0, "customer", "email"), (year, "customer", "email")], []))

    assert made.height == 1


def test_a_case_on_two_channel_groups_is_two_contacts_of_one_case() -> None:
    made = cut(
        (
            "1",
            [
                (0, "customer", "email"),
                (30, "human", ""),
                (60, "customer", "chat"),
                (61, "human", ""),
                (90, "customer", "web_form"),
            ],
            [],
        ),
        status="solved",
        topic_raw="billing",
    )

    assert made.select(
        "source_contact_id", "channel", "case_id", "customer_messages", "status"
    ).rows() == [
        ("1", "email", "desk:1", 2, None),
        ("1#2", "chat", "desk:1", 1, "solved"),
    ]
    assert made["topic_raw"].to_list() == ["billing", "billing"]


def test_a_case_without_messages_stays_one_contact_and_is_named() -> None:
    made = cut(("1", [], [5]), status="closed", reopens=3)

    assert made.select("source_contact_id", "case_id", "status", "reopens").rows() == [
        ("1", "desk:1", "closed", 3)
    ]


def test_what_nobody_calls_a_case_is_left_as_it_is() -> None:
    whole, _, told = cases(
        ("1", [(0, "customer", "email"), (1, "customer", "chat")], [])
    )
    nothing = whole.head(0).select(
        "source", "source_contact_id", idle_seconds=pl.lit(None, pl.Int64)
    )

    assert cut_cases(whole, nothing, told, rules=RULES).contacts.equals(whole)


def test_a_message_of_nobody_knows_whom_may_be_an_answer() -> None:
    opened = (0, "customer", "email")
    whole, named, told = cases(
        ("1", [opened, (9, "human", "")], []), ("2", [opened, (9, "bot", "")], [])
    )
    stranger = pl.col("record_key") == "1-001"
    unknown = told.with_columns(actor_type=pl.when(~stranger).then("actor_type"))
    made = cut_cases(whole, named, unknown, rules=RULES).contacts.sort("case_id")

    assert made["disposition"].to_list() == [None, "bot_handled"]
    alone = told.filter(pl.col("record_key").str.ends_with("-000"))
    made = cut_cases(whole, named, alone, rules=RULES).contacts
    assert made["disposition"].to_list() == ["unanswered"] * 2


def calls(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Calls with the case they name: number, case, minute."""
    told = pl.DataFrame(
        [
            {
                "source": "desk",
                "source_contact_id": number,
                "case_id": f"desk:{case}",
                "channel": "voice",
                "direction": "inbound",
                "started_at": START + timedelta(minutes=minute),
            }
            for number, case, minute in rows
        ]
    ).with_columns(pl.col("started_at").cast(pl.Datetime("us", "UTC")))
    return conform(told, "contact_records").select(
        "source", "source_contact_id", *FACTS
    )


def test_a_call_stands_for_the_case_it_opened() -> None:
    whole, named, told = cases(
        ("1", [], []), channel="voice", status="solved", topic_raw="billing"
    )
    both = pl.concat([whole, calls(("c1", "1", 0), ("c2", "1", 60))])
    made = cut_cases(both, named, told, rules=RULES)

    assert made.contacts.sort("source_contact_id").select(
        "source_contact_id", "status", "topic_raw"
    ).rows() == [("c1", None, "billing"), ("c2", "solved", "billing")]
    assert sorted(made.parts["part_id"]) == ["c1", "c2"]


def test_two_tickets_of_one_case_make_no_call_twice() -> None:
    whole, named, told = cases(("1", [], []), ("2", [], []), channel="voice")
    together = whole.with_columns(case_id=pl.lit("desk:1"))
    both = pl.concat([together, calls(("c1", "1", 0), ("c2", "1", 60))])
    made = cut_cases(both, named, told, rules=RULES).contacts

    assert sorted(made["source_contact_id"]) == ["c1", "c2"]


def test_a_call_about_a_mail_is_a_contact_beside_it() -> None:
    whole, named, told = cases(("1", [], []), channel="email")
    both = pl.concat([whole, calls(("c1", "1", 60))])
    made = cut_cases(both, named, told, rules=RULES).contacts

    assert sorted(made["source_contact_id"]) == ["1", "c1"]


def test_messages_that_a_call_holds_already_are_no_second_call() -> None:
    whole, named, told = cases(
        ("1", [(0, "human", ""), (60, "customer", "email")], []), channel="voice"
    )
    both = pl.concat([whole, calls(("c1", "1", 0))])
    made = cut_cases(both, named, told, rules=RULES).contacts

    assert sorted(made.select("source_contact_id", "channel").rows()) == [
        ("1", "email"),
        ("c1", "voice"),
    ]


def shuffled(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for seed in range(3):
        yield frame.sample(fraction=1, shuffle=True, seed=seed)


def test_the_order_of_rows_changes_nothing() -> None:
    given_cases = [
        (
            "1",
            [(0, "customer", "email"), (9, "human", ""), (20, "customer", "chat")],
            [5],
        ),
        (
            "2",
            [(0, "human", ""), (9, "customer", "sms"), (20000, "customer", "sms")],
            [30],
        ),
    ]
    whole, named, told = cases(*given_cases)
    wanted = cut_cases(whole, named, told, rules=RULES)
    for a, b, c in zip(shuffled(whole), shuffled(named), shuffled(told), strict=True):
        again = cut_cases(a, b, c, rules=RULES)
        assert again.contacts.sort("source_contact_id").equals(
            wanted.contacts.sort("source_contact_id")
        )
        assert again.parts.sort("part_id").equals(wanted.parts.sort("part_id"))


def test_whether_we_owe_an_answer_yet_is_told_by_the_hours_of_the_team() -> None:
    """Nine hours pass in the night: in the hours of a team that is always there."""
    nine_hours = [(10 * 60, "customer", "email"), (19 * 60 + 1, "customer", "email")]
    never = Schedule(week=((),) * 7)
    round_the_clock = NamedSchedule("always", ALWAYS.usual, teams=("night",))
    rules = Cases(WITHIN, Hours(never, (round_the_clock,), assumed=False))

    def chasers(team: str | None, *handed: tuple[int, str]) -> list[int]:
        whole, named, told = cases(("1", nine_hours, []), team=team)
        moves = [
            {
                "source": "desk",
                "source_contact_id": "1",
                "record_key": f"m{minute}",
                "content": "",
                "at": START + timedelta(minutes=minute),
                "event_type": "transferred",
                "to_value": to,
            }
            for minute, to in handed
        ]
        more = pl.DataFrame(moves) if moves else told.clear()
        events = pl.concat([told, conform(more, "event_records")])
        return (
            cut_cases(whole, named, events, rules=rules).contacts["chasers"].to_list()
        )

    assert chasers("night") == [1]
    assert chasers("day") == chasers(None) == [0]
    assert chasers("night", (10 * 60, "night")) == [1]
    assert chasers("night", (12 * 60, "night")) == [0]
