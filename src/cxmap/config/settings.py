"""The shape of `cxmap.yaml`: its keys, the values they take and their defaults."""

from datetime import timedelta
from string import Formatter
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from cxmap.config.identity import Identity
from cxmap.config.opening import OpeningHours
from cxmap.config.sections import Section, Shorthand
from cxmap.config.spelling import (
    Duration,
    Group,
    Moment,
    SourceName,
    Span,
    Switch,
    Texts,
    Topic,
    Words,
    Zone,
    instant,
)
from cxmap.options import (
    Clock,
    Coverage,
    LinkRules,
    RepeatRule,
    Window,
)

LINKS, REPEAT = LinkRules(), RepeatRule()


def _slow_channels() -> dict[Group, timedelta]:
    found = REPEAT.within.channel_groups
    return {group: found[group] for group in get_args(Group) if group in found}


class Rule(Shorthand):
    """A window: `off`, a bare duration for everything, or a map with exceptions."""

    within: Span = None
    start_clock: Clock = Field("last_touch", alias="from")
    topics: dict[Topic, Duration] = Field({})
    channel_groups: dict[Group, Duration] = Field({})

    def window(self) -> Window:
        """Return the rule as the rooms take it."""
        return Window(
            self.within,
            topics=dict(self.topics),
            channel_groups={str(name): w for name, w in self.channel_groups.items()},
            start_clock=self.start_clock,
        )


class SameTopic(Rule):
    """When two contacts on the same topic are about one need."""

    within: Span = LINKS.same_topic.default


class UnknownTopic(Rule):
    """When two contacts, of which one has no topic, are about one need."""

    within: Span = LINKS.unknown_topic.default
    after_resolved: Span = LINKS.unknown_topic_after_resolved
    to: Literal["nearest", "all"] = LINKS.unknown_topic_to


class Retry(Rule):
    """When a contact after an unserved attempt tries the same again."""

    within: Span = LINKS.retry.default


class Links(Section):
    """What makes two contacts of one customer part of one journey."""

    reference: Switch = LINKS.reference
    same_topic: SameTopic = Field(default_factory=lambda: SameTopic.model_validate({}))
    unknown_topic: UnknownTopic = Field(
        default_factory=lambda: UnknownTopic.model_validate({})
    )
    retry: Retry = Field(default_factory=lambda: Retry.model_validate({}))
    farthest: Duration = LINKS.farthest

    def rules(self) -> LinkRules:
        """Return the rules as the rooms take them."""
        return LinkRules(
            reference=self.reference,
            same_topic=self.same_topic.window(),
            unknown_topic=self.unknown_topic.window(),
            unknown_topic_after_resolved=self.unknown_topic.after_resolved,
            unknown_topic_to=self.unknown_topic.to,
            retry=self.retry.window(),
            farthest=self.farthest,
        )


class Repeat(Rule):
    """When a contact repeats the one before it."""

    within: Span = REPEAT.within.default
    channel_groups: dict[Group, Duration] = Field(default_factory=_slow_channels)
    unknown_topic: Literal["count", "ignore"] = REPEAT.unknown_topic
    retry: Duration = REPEAT.retry
    campaign_response: Duration = REPEAT.campaign_response
    return_call: Duration = REPEAT.return_call

    @classmethod
    def spell_out(cls, given: object) -> dict[str, object]:
        """A bare duration holds for every channel group."""
        return {"within": given, "channel_groups": {}}

    def rule(self, reopen: "Reopen") -> RepeatRule:
        """Return the rule as the rooms take it."""
        return RepeatRule(
            within=self.window(),
            unknown_topic=self.unknown_topic,
            retry=self.retry,
            campaign_response=self.campaign_response,
            return_call=self.return_call,
            reopen_within=reopen.within,
        )


class Reopen(Shorthand):
    """Until when a solved contact counts as reopened, rather than as a new one."""

    within: Duration = REPEAT.reopen_within


class Source(Section):
    """One kind of export: how it is read and where its files are."""

    profile: str | None = None
    files: Texts = Field([])
    settings: dict[str, Any] = Field({})
    covered: list[Moment | None] = Field([None, None])
    complete: Switch = False
    url: str | None = None

    @field_validator("covered")
    @classmethod
    def _from_and_until(cls, covered: list[str | None]) -> list[str | None]:
        if len(covered) != 2:
            raise ValueError("write [from, until]; null where it is not known")

        return covered

    @field_validator("url")
    @classmethod
    def _names_the_contact(cls, url: str | None) -> str | None:
        try:
            places = [name for _, name, _, _ in Formatter().parse(url or "") if name]
        except ValueError:
            places = [""]
        if url is not None and places != ["source_contact_id"]:
            raise ValueError("write {source_contact_id} where the number belongs")
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("an address begins with https:// or http://")

        return url

    def coverage(self, zone: ZoneInfo) -> Coverage:
        """Return what is declared; days are cut in `zone`, the last one included."""
        since, until = self.covered
        return Coverage(
            instant(since, zone) if since else None,
            instant(until, zone, days=1) if until else None,
            self.complete,
        )


Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Costs(Section):
    """What contacts cost the company, in its own figures.

    A channel group named under `contact` costs that a contact; any other its handling
    time at the price of the `hour`.
    """

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    contact: dict[Group, Price] = Field({})
    hour: Price | None = None


class Annotation(Section):
    """Days on which something happened that explains the numbers."""

    since: Moment = Field(alias="from")
    until: Moment | None = None
    text: str


class Privacy(Section):
    """What is kept, shown and forgotten."""

    min_cell: int = Field(10, ge=1)
    agents: Switch = False
    text: Literal["drop", "features"] = "drop"
    retention: Span = timedelta(days=800)
    key: str | None = None


class Settings(Section):
    """The whole of `cxmap.yaml`, but for what KPIs and frictions can be told."""

    store: str = ".cxmap"
    timezone: Zone = "UTC"
    sources: dict[SourceName, Source] = Field({})
    identity: Identity = Field(default_factory=lambda: Identity.model_validate({}))
    topics: dict[Topic, dict[SourceName, Words]] = Field({})
    links: Links = Field(default_factory=lambda: Links.model_validate({}))
    repeat: Repeat = Field(default_factory=lambda: Repeat.model_validate({}))
    reopen: Reopen = Field(default_factory=lambda: Reopen.model_validate({}))
    hours: OpeningHours | None = None
    frictions: Section = Section()
    kpis: Section = Section()
    segments: dict[str, Words] = Field({})
    costs: Costs | None = None
    annotations: list[Annotation] = Field([])
    privacy: Privacy = Field(default_factory=lambda: Privacy.model_validate({}))
