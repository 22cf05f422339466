"""The whole of stitching against an oracle that looks at every pair of contacts."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxmap.journeys.hops import Pairs
from cxmap.journeys.stitch import Stitched, stitch
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import LinkRules, RepeatRule, Window
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
HOUR = 3600

Contact = dict[str, Any]
Told = tuple[str, str, str]
"""contact_id, kind of reference, group."""
Bought = tuple[str, str]
"""contact_id, order."""

TOLD = (
    "topic",
    "case_id",
    "served",
    "resolved",
    "answered_at",
    "first_response_at",
    "resolved_at",
    "ended_at",
)


def at(hours: float) -> datetime:
    return START + timedelta(seconds=round(hours * HOUR))


def contact(number: int, **facts: Any) -> Contact:
    """Return a contact; `start` and `touch` are hours since the world began."""
    source = facts.pop("source", "a")
    start = facts.pop("start", 0.0)
    touch = facts.pop("touch", start)
    channel = facts.pop("channel", "voice")
    direction = facts.pop("direction", "inbound")
    return {
        "contact_id": f"{source}:{number}",
        "source": source,
        "source_contact_id": str(number),
        "customer_id": "ana",
        "channel": channel,
        "channel_group": CHANNEL_GROUPS[channel],
        "direction": direction,
        "inbound": direction in ("inbound", "unknown"),
        "started_at": at(start),
        "last_touch_at": at(max(start, touch)),
        **dict.fromkeys(TOLD),
        **facts,
    }


def frame(rows: list[Contact]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema("contacts"))


def references(rows: list[Told]) -> pl.DataFrame:
    """Return references from (contact_id, kind, group), both ids with a namespace.

    A follow-up within one source does not name the source.
    """
    columns = ("source", "source_contact_id", "kind", "to_source", "to_id")
    told = [
        dict(zip(columns, [*origin.split(":"), kind, *group.split(":")], strict=True))
        for origin, kind, group in rows
    ]
    for row in told:
        own = row["kind"] == "follow_up_of" and row["source"] == row["to_source"]
        row["to_source"] = None if own else row["to_source"]
    return pl.DataFrame(told, schema=schema("reference_records"))


def orders(rows: list[Bought]) -> pl.DataFrame:
    columns = {"contact_id": pl.String(), "pseudonym": pl.String()}
    return pl.DataFrame(rows, schema=columns, orient="row")


TOPICS = (None, None, "bill", "bill/refund", "bill/refund/late", "bill2", "move")


def quarter(dice: random.Random, most: float = 15) -> float:
    """A quarter of an hour: starts tie, and gaps fall exactly on windows' edges."""
    return dice.randrange(int(most * 4) + 1) / 4


def contacts(dice: random.Random, customers: int, most: int) -> list[Contact]:
    """Contacts of some customers, and of nobody, within fifteen hours."""
    who = [None, *(f"c{place}" for place in range(customers))]
    return [
        one_contact(dice, number, customer)
        for number, customer in enumerate(
            dice.choice(who) for _ in range(dice.randrange(customers * most + 1))
        )
    ]


CHANNELS = (
    *("voice", "email", "bot", "chat", "voice", "email", "bot", "chat"),
    *("voicemail", "ivr", "sms", "in_person", "social_public", "app", "unknown"),
)
DIRECTIONS = (*["inbound"] * 5, "unknown", *["outbound"] * 3, "internal")


def one_contact(dice: random.Random, number: int, customer: str | None) -> Contact:
    start = quarter(dice)
    moments = {
        name: at(start + quarter(dice) / 2) if dice.random() < 0.5 else None
        for name in ("resolved_at", "answered_at", "first_response_at", "ended_at")
    }
    return contact(
        number,
        source=dice.choice("ab"),
        start=start,
        touch=start + dice.choice([0, 0, 0.25, 1, 9]),
        channel=dice.choice(CHANNELS),
        direction=dice.choice(DIRECTIONS),
        initiation=dice.choice([None, "agent", "campaign"]),
        customer_id=customer,
        topic=dice.choice(TOPICS),
        case_id=dice.choice([None] * 8 + ["a:1", "a:c1"]),
        agent_id=dice.choice([None, None, "x", "y"]),
        served=dice.choice([None, True, False]),
        resolved=dice.choice([None, True, False]),
        agent_messages=dice.choice([None, 0, 2]),
        connected=dice.choice([None, True, False]),
        reopens=dice.choice([None, 0, 1]),
        chasers=dice.choice([None, 0, 1]),
        transfers=dice.choice([None, 0, 1]),
        disposition=dice.choice([None, "handled", "abandoned", "missed", "merged"]),
        status=dice.choice([None, None, "solved", "merged"]),
        **moments,
    )


KINDS = (
    *("follow_up_of", "child_of", "callback_of", "merged_into", "transferred_from"),
    *("same_case", "chain", "related_to"),
)


@dataclass(frozen=True)
class Drawn:
    """A random world: contacts, what refers to what, what was ordered, and rules."""

    rows: list[Contact]
    told: list[Told]
    bought: list[Bought]
    links: LinkRules
    repeat: RepeatRule
    provable: Pairs


def draw(seed: int, customers: int = 12, most: int = 9) -> Drawn:
    dice = random.Random(seed)  # noqa: S311
    rows = contacts(dice, customers, most)
    ids = [row["contact_id"] for row in rows]
    groups = [*ids, "a:1", "a:c1", "a:999"]
    few = range(len(ids) // 4)
    return Drawn(
        rows,
        [(dice.choice(ids), dice.choice(KINDS), dice.choice(groups)) for _ in few],
        [(dice.choice(ids), dice.choice("pq")) for _ in few],
        link_rules(dice),
        repeat_rules(dice),
        frozenset(pair for pair in product("ab", "ab") if dice.random() < 0.5),
    )


SPANS = tuple(timedelta(hours=hours) for hours in (0, 0.25, 1, 3, 24))


def window(dice: random.Random) -> Window:
    return Window(
        dice.choice([None, *SPANS]),
        topics={
            node: dice.choice(SPANS)
            for node in ("bill", "bill/refund")
            if dice.random() < 0.3
        },
        channel_groups={
            group: dice.choice(SPANS)
            for group in ("voice", "written", "digital_self", "other")
            if dice.random() < 0.2
        },
        start_clock="start" if dice.random() < 0.3 else "last_touch",
    )


def link_rules(dice: random.Random) -> LinkRules:
    return LinkRules(
        reference=dice.random() < 0.8,
        same_topic=window(dice),
        unknown_topic=window(dice),
        unknown_topic_after_resolved=dice.choice([None, *SPANS]),
        unknown_topic_to=dice.choice(["nearest", "nearest", "all"]),
        retry=window(dice),
        farthest=timedelta(hours=5) if dice.random() < 0.3 else timedelta(days=90),
    )


def repeat_rules(dice: random.Random) -> RepeatRule:
    return RepeatRule(
        within=window(dice),
        unknown_topic="ignore" if dice.random() < 0.3 else "count",
        retry=timedelta(minutes=30),
        campaign_response=timedelta(hours=2),
        return_call=timedelta(hours=1),
    )


def span(window: Window, row: Contact) -> timedelta | None:
    """The deepest topic at or above the contact's, then its group, then the default."""
    levels = (row["topic"] or "").split("/")
    for depth in range(len(levels), 0, -1):
        node = "/".join(levels[:depth])
        if row["topic"] is not None and node in window.topics:
            return window.topics[node]
    return window.channel_groups.get(row["channel_group"], window.default)


def kin(one: str | None, other: str | None) -> str:
    if one is None or other is None:
        return "unknown"
    a, b = one.split("/"), other.split("/")
    depth = min(len(a), len(b))
    return "same" if a[:depth] == b[:depth] else "different"


def gap(window: Window, i: Contact, j: Contact) -> timedelta:
    clock = i["started_at"] if window.start_clock == "start" else i["last_touch_at"]
    return max(timedelta(), j["started_at"] - clock)


LIVE = ("voice", "chat", "digital_self", "in_person")


def was_served(i: Contact, instant: datetime | None = None) -> bool | None:
    """Whether `i` was served by `instant`; in the end, without one."""
    served, when = i["served"], None
    told = [t for t in (i["answered_at"], i["first_response_at"]) if t is not None]
    if told:
        when = min(told)
    waits = i["channel_group"] not in LIVE or i["channel"] == "voicemail"
    solved_at = i["resolved_at"] or i["ended_at"]
    if served is None and i["resolved"] is True:
        served = True
        when = when or solved_at
    elif served is True and when is None and waits and solved_at is not None:
        untold = instant is not None and instant < solved_at
        if untold:
            return False if i["agent_messages"] == 0 else None
    if served is True and instant is not None and when is not None and when > instant:
        return False
    return served


def was_resolved(i: Contact, instant: datetime) -> bool | None:
    when = i["resolved_at"] or i["ended_at"]
    if i["resolved"] is True and when is not None and when > instant:
        return False
    return i["resolved"]


def attempt(i: Contact, j: Contact) -> bool:
    """Whether `i` was a live or bot contact not yet served when `j` began."""
    if i["channel_group"] not in LIVE:
        return False
    served = was_served(i, j["started_at"])
    return served is False or (served is None and i["channel"] in ("bot", "ivr"))


def since_attempt(window: Window, i: Contact, j: Contact) -> timedelta:
    """The gap from the end of an attempt; a voicemail's is the end of the message."""
    if i["channel"] == "voicemail":
        return j["started_at"] - i["started_at"]
    return gap(window, i, j)


def reaches_topicless(i: Contact, j: Contact, links: LinkRules) -> bool:
    """Whether the window over unknown topics from `i` holds the later `j`."""
    if j["started_at"] - i["started_at"] > links.farthest:
        return False
    longest = span(links.unknown_topic, i)
    after = links.unknown_topic_after_resolved
    if longest is not None and after is not None:
        resolved = was_resolved(i, j["started_at"])
        longest = min(longest, after) if resolved is True else longest
    return longest is not None and silence(links.unknown_topic, i, j) <= longest


def silence(window: Window, i: Contact, j: Contact) -> timedelta:
    """The gap since the last touch, or since the first answer if all fell silent."""
    told = [t for t in (i["answered_at"], i["first_response_at"]) if t is not None]
    heard = max(i["started_at"], min(told)) if told else i["started_at"]
    longest, last = span(window, i), i["last_touch_at"]
    live = i["channel_group"] in LIVE and i["channel"] != "voicemail"
    if live or longest is None or window.start_clock == "start":
        return gap(window, i, j)
    clock = heard if last - heard > longest else last
    return max(timedelta(), j["started_at"] - clock)


def company(seen: "World", u: Contact, links: LinkRules) -> Contact | None:
    """The contact with a topic that `u`, which has none, goes with."""
    place = seen.rows.index(u)
    telling = [
        row
        for row in seen.rows
        if row["customer_id"] == u["customer_id"]
        and row["inbound"]
        and row["topic"] is not None
    ]
    before = [i for i in telling if seen.rows.index(i) < place]
    before = [i for i in before if reaches_topicless(i, u, links)][-1:]
    after = [j for j in telling if seen.rows.index(j) > place][:1]
    after = [j for j in after if reaches_topicless(u, j, links)]
    ranked = [(silence(links.unknown_topic, i, u), 0, i) for i in before]
    ranked += [(silence(links.unknown_topic, u, j), 1, j) for j in after]
    return min(ranked, key=lambda one: one[:2])[2] if ranked else None


def together(seen: "World", i: Contact, j: Contact, links: LinkRules) -> bool:
    """Whether two contacts, at least one without topic, go with the same topic."""
    if links.unknown_topic_to == "all" or not j["inbound"]:
        return True
    ends = [
        company(seen, row, links) if row["topic"] is None else row for row in (i, j)
    ]
    if i["topic"] is not None or j["topic"] is not None:
        return ends[0] is ends[1]
    topics = [None if end is None else end["topic"] for end in ends]
    return kin(topics[0], topics[1]) != "different"


def inferred(seen: "World", i: Contact, j: Contact, links: LinkRules) -> str | None:
    """The first rule by which inbound `i` links to the later `j`."""
    if j["started_at"] - i["started_at"] > links.farthest:
        return None
    related = kin(i["topic"], j["topic"])
    if related == "same":
        longest = span(links.same_topic, i)
        if longest is not None and gap(links.same_topic, i, j) <= longest:
            return "same_topic"
    if related == "unknown":
        near = reaches_topicless(i, j, links)
        if near and together(seen, i, j, links):
            return "unknown_topic"
    longest = span(links.retry, i)
    tried = longest is not None and since_attempt(links.retry, i, j) <= longest
    return "retry" if tried and attempt(i, j) else None


@dataclass(frozen=True)
class World:
    """Contacts in order with their explicit groups, all by brute force."""

    rows: list[Contact]
    groups: dict[str, set[str]]
    says: dict[tuple[str, str], set[str]]
    bought: dict[str, set[str]]

    def explicit(self, i: Contact, j: Contact) -> bool:
        one, other = i["contact_id"], j["contact_id"]
        if self.groups[one] & self.groups[other]:
            return True
        both_bought = self.bought[one] & self.bought[other]
        return bool(both_bought) and kin(i["topic"], j["topic"]) != "different"


def world(drawn: Drawn) -> World:
    rows = drawn.rows
    tied = [
        row
        for row in rows
        if row["customer_id"] is not None and row["direction"] != "internal"
    ]
    groups: dict[str, set[str]] = {row["contact_id"]: set() for row in rows}
    says: dict[tuple[str, str], set[str]] = {}
    words = {"merged_into": "merged", "transferred_from": "transfer"}
    named = [(row["contact_id"], "case", row["case_id"]) for row in rows]
    for origin, kind, group in [*drawn.told, *(name for name in named if name[2])]:
        if origin == group or kind == "related_to":
            continue
        groups[origin].add(group)
        says.setdefault((origin, group), set()).add(words.get(kind, "same_case"))
    for row in rows:
        if any(row["contact_id"] in of for of in list(groups.values())):
            groups[row["contact_id"]] = groups[row["contact_id"]] | {row["contact_id"]}
    orders_of: dict[str, set[str]] = {row["contact_id"]: set() for row in rows}
    for contact_id, order in drawn.bought:
        orders_of[contact_id].add(order)
    return World(
        sorted(tied, key=lambda row: (row["started_at"], row["contact_id"])),
        groups,
        says,
        orders_of,
    )


def partition(seen: World, links: LinkRules) -> list[set[str]]:
    """Every pair, one graph, networkx's components; then outbound leaves."""
    graph = nx.Graph()
    graph.add_nodes_from(row["contact_id"] for row in seen.rows)
    for i, j in combinations(seen.rows, 2):
        if i["customer_id"] != j["customer_id"]:
            continue
        both = i["inbound"] and j["inbound"]
        tied = links.reference and seen.explicit(i, j)
        if tied or (both and inferred(seen, i, j, links)):
            graph.add_edge(i["contact_id"], j["contact_id"])
    inbound = {row["contact_id"] for row in seen.rows if row["inbound"]}
    for part in list(nx.connected_components(graph)):
        if part & inbound:
            continue
        for row in seen.rows:
            origin = nearest(seen, row, links) if row["contact_id"] in part else None
            if origin is not None:
                graph.add_edge(origin["contact_id"], row["contact_id"])
                break
    return [part for part in nx.connected_components(graph) if part & inbound]


def nearest(seen: World, j: Contact, links: LinkRules) -> Contact | None:
    """The latest earlier inbound contact that a rule links to `j`."""
    if not j["inbound"] and j["initiation"] == "campaign":
        return None
    place = seen.rows.index(j)
    for i in reversed(seen.rows[:place]):
        same = i["customer_id"] == j["customer_id"]
        if same and i["inbound"] and inferred(seen, i, j, links):
            return i
    return None


def names(parts: list[set[str]]) -> set[frozenset[str]]:
    return {frozenset(part) for part in parts}


def told_journeys(stitched: Stitched) -> set[frozenset[str]]:
    identified = stitched.contacts.filter(
        pl.col("journey_id").is_not_null() & pl.col("customer_id").is_not_null()
    )
    members = identified.group_by("journey_id").agg("contact_id")
    return {frozenset(part) for part in members["contact_id"].to_list()}


def run(drawn: Drawn, horizon: datetime | None = NOW) -> Stitched:
    return stitch(
        frame(drawn.rows),
        references(drawn.told),
        orders(drawn.bought),
        links=drawn.links,
        repeat=drawn.repeat,
        horizon_at=horizon,
        now=NOW,
        provable=drawn.provable,
    )


seeds = st.integers(0, 2**32)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_journeys_are_the_components_of_the_full_link_graph(seed: int) -> None:
    drawn = draw(seed)

    parts = partition(world(drawn), drawn.links)

    assert told_journeys(run(drawn)) == names(parts)


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_one_busy_customer_is_no_different(seed: int) -> None:
    drawn = draw(seed, customers=1, most=120)

    parts = partition(world(drawn), drawn.links)

    assert told_journeys(run(drawn)) == names(parts)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_each_hop_comes_from_the_best_predecessor(seed: int) -> None:
    drawn = draw(seed)
    seen = world(drawn)
    expected = {}
    for part in partition(seen, drawn.links):
        steps = [row for row in seen.rows if row["contact_id"] in part]
        for place, j in enumerate(steps[1:], start=1):
            expected[j["contact_id"]] = best(seen, steps[:place], j, drawn.links)

    found = run(drawn).links

    assert {
        to: (origin, rule)
        for origin, to, rule in found.select(
            "from_contact_id", "to_contact_id", "rule"
        ).iter_rows()
    } == expected


def best(
    seen: World, earlier: list[Contact], j: Contact, links: LinkRules
) -> tuple[str, str]:
    for i in reversed(earlier):
        if links.reference and seen.explicit(i, j):
            return i["contact_id"], "reference"
    barred = not j["inbound"] and j["initiation"] == "campaign"
    for i in reversed(earlier):
        rule = inferred(seen, i, j, links)
        if rule and i["inbound"] and not barred:
            return i["contact_id"], rule
    inbound = [i for i in earlier if i["inbound"]]
    return (inbound or earlier)[-1]["contact_id"], "joined"


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_gap_continuity_and_switch_of_each_hop(seed: int) -> None:
    drawn = draw(seed)
    seen = world(drawn)
    by_id = {row["contact_id"]: row for row in seen.rows}

    for hop in run(drawn).links.iter_rows(named=True):
        i, j = by_id[hop["from_contact_id"]], by_id[hop["to_contact_id"]]
        rule = getattr(drawn.links, hop["rule"], None)
        clock = rule if isinstance(rule, Window) else Window(None)
        assert hop["gap_seconds"] == gap(clock, i, j).total_seconds()
        inbound = i["inbound"] and j["inbound"]
        switched = i["channel_group"] != j["channel_group"]
        assert hop["switch"] == (switched if inbound else None)
        assert hop["continuity"] == continuity(seen, i, j, drawn.provable)


def continuity(seen: World, i: Contact, j: Contact, provable: Pairs) -> str:
    one, other = i["contact_id"], j["contact_id"]
    said: set[str] = set()
    for group in seen.groups[one] & seen.groups[other]:
        for a in seen.says.get((one, group), {None}):
            for b in seen.says.get((other, group), {None}):
                words = [w for w in (b, a) if w in ("merged", "transfer")]
                said.add(words[0] if words else "same_case")
    for word in ("same_case", "merged", "transfer"):
        if word in said:
            return word
    same_source = i["source"] == j["source"]
    if i["agent_id"] is not None and i["agent_id"] == j["agent_id"] and same_source:
        return "same_agent"
    if was_served(i, j["started_at"]) is False:
        return "retry"
    shown = (i["source"], j["source"]) in provable and was_served(j) is not False
    shown = shown and was_served(i, j["started_at"]) is True
    return "restart" if shown and i["inbound"] and j["inbound"] else "unknown"


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_repeats_are_those_of_the_nearest_comparable_contact(seed: int) -> None:
    drawn = draw(seed)
    seen = world(drawn)
    done = run(drawn)
    legs = set(done.links.filter(continuity="transfer")["to_contact_id"])
    gone = {row["contact_id"] for row in drawn.rows if merged(row, drawn)}
    expected = {}
    for place, j in enumerate(seen.rows):
        if j["inbound"]:
            who = j["customer_id"]
            earlier = [i for i in seen.rows[:place] if i["customer_id"] == who]
            told = repeated(earlier, j, drawn.repeat, gone)
            none = j["contact_id"] in legs | gone
            expected[j["contact_id"]] = (None, None, told[2]) if none else told

    found = done.contacts.filter(
        pl.col("inbound") & pl.col("customer_id").is_not_null()
    )

    assert {
        name: (origin, seconds, why)
        for name, origin, seconds, why in found.select(
            "contact_id", "repeats_contact_id", "repeat_gap_seconds", "return_of"
        ).iter_rows()
    } == expected
    origins = {origin for origin, _, _ in expected.values() if origin}
    assert set(found.filter("repeated")["contact_id"]) == origins
    judged = found.filter(pl.col("repeated").is_not_null())["contact_id"]
    assert gone.isdisjoint(origins)
    assert set(judged) == expected.keys() - gone


def merged(row: Contact, drawn: Drawn) -> bool:
    """Whether its export calls it merged, or names a held partner it went into."""
    partners = {
        other["contact_id"]
        for other in drawn.rows
        if other["customer_id"] == row["customer_id"] is not None and other["inbound"]
    }
    into = {
        to
        for origin, kind, to in drawn.told
        if kind == "merged_into" and origin == row["contact_id"] != to
    }
    return "merged" in (row["disposition"], row["status"]) or bool(into & partners)


def repeated(
    earlier: list[Contact], j: Contact, rule: RepeatRule, gone: set[str]
) -> tuple[str | None, float | None, str | None]:
    why = return_of(earlier, j, rule)
    wanted = ["same"] if rule.unknown_topic == "ignore" else ["same", "unknown"]
    inbound = [i for i in earlier if i["inbound"]]
    own = [i for i in inbound if i["contact_id"] not in gone]
    comparable = [i for i in own if kin(i["topic"], j["topic"]) in wanted]
    if not comparable:
        return None, None, why
    i = comparable[-1]
    longest = span(rule.within, i)
    late = longest is None or stood(rule.within, i, j) > longest
    equal = j["topic"] is not None and j["topic"] == i["topic"]
    again = why == "retry" and i is inbound[-1]
    excused = why is not None and (not equal or again)
    if late or excused:
        return None, None, why
    return i["contact_id"], stood(rule.within, i, j).total_seconds(), why


def stood(window: Window, i: Contact, j: Contact) -> timedelta:
    """The gap; without topics, that since the first answer while the case is open."""
    live = i["channel_group"] in LIVE and i["channel"] != "voicemail"
    open_yet = j["started_at"] < i["last_touch_at"]
    known = kin(i["topic"], j["topic"]) == "same"
    if live or known or not open_yet or window.start_clock == "start":
        return gap(window, i, j)
    told = [t for t in (i["answered_at"], i["first_response_at"]) if t is not None]
    if not told or min(told) > j["started_at"]:
        return gap(window, i, j)
    return j["started_at"] - max(i["started_at"], min(told))


def return_of(earlier: list[Contact], j: Contact, rule: RepeatRule) -> str | None:
    last_touch = Window(None)
    inbound = [i for i in earlier if i["inbound"]]
    alone = inbound and inbound[-1]["channel"] in ("bot", "app")
    tried = inbound and not alone and attempt(inbound[-1], j)
    if tried and since_attempt(last_touch, inbound[-1], j) <= rule.retry:
        return "retry"
    for i in earlier:
        campaign = not i["inbound"] and i["initiation"] == "campaign"
        if campaign and gap(last_touch, i, j) <= rule.campaign_response:
            return "campaign_response"
    for i in earlier:
        missed = i["channel_group"] == "voice" and i["connected"] is False
        if not i["inbound"] and missed and gap(last_touch, i, j) <= rule.return_call:
            return "return_call"
    return None


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_neither_order_nor_the_bucket_of_a_customer_changes_a_row(seed: int) -> None:
    drawn = draw(seed, customers=5)
    dice = random.Random(seed)  # noqa: S311
    whole = run(drawn)
    parts = (drawn.rows, drawn.told, drawn.bought)
    rows, told, bought = (dice.sample(part, len(part)) for part in parts)
    again = run(replace(drawn, rows=rows, told=told, bought=bought))
    bucket = {row["customer_id"]: dice.randrange(3) for row in rows}
    pieces = [
        run(replace(drawn, rows=[r for r in rows if bucket[r["customer_id"]] == n]))
        for n in range(3)
    ]

    for name, key in (
        ("contacts", "contact_id"),
        ("links", "to_contact_id"),
        ("journeys", "journey_id"),
    ):
        table = getattr(whole, name)
        assert_frame_equal(getattr(again, name), table)
        together = pl.concat([getattr(piece, name) for piece in pieces])
        assert_frame_equal(together.sort(key), table.sort(key))


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_every_inbound_contact_is_in_one_journey_and_steps_count_from_one(
    seed: int,
) -> None:
    stitched = run(draw(seed))
    inbound = stitched.contacts.filter("inbound")

    assert inbound["journey_id"].null_count() == 0
    assert stitched.journeys["contacts"].sum() == inbound.height
    assert stitched.journeys["journey_id"].is_unique().all()
    strangers = stitched.contacts.filter(pl.col("customer_id").is_null())
    assert strangers.drop_nulls("journey_id")["journey_id"].is_unique().all()
    internal = stitched.contacts.filter(pl.col("direction") == "internal")
    assert internal["journey_id"].null_count() == internal.height
    for steps in stitched.contacts.drop_nulls("journey_id").partition_by("journey_id"):
        assert sorted(steps["step"]) == list(range(1, steps.height + 1))
