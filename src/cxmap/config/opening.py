"""`hours:` in `cxmap.yaml`: when somebody is there, for whom, and on which days not."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from cxmap.config.sections import Section, Shorthand
from cxmap.config.spelling import (
    NAME,
    ClockTime,
    Day,
    Group,
    Texts,
    Words,
    Zone,
    one_or_many,
)
from cxmap.hours.closings import wrong_place
from cxmap.hours.schedules import USUAL
from cxmap.hours.zones import DAY, WEEK
from cxmap.options import (
    Convention,
    Holidays,
    Hours,
    NamedSchedule,
    Schedule,
    Week,
    every,
)
from cxmap.yamls.inside import Place, WrongInsideError

CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
FROM_TO = re.compile(rf"({CLOCK})\s*[-–]\s*({CLOCK}|24:00)")
ALWAYS = "24/7"
DAYS: tuple[Day, ...] = get_args(Day)
SHORT = ("days", "opens", "closes")
"""The keys of the short form: the same hours on each of some days."""


def span(value: object) -> str:
    """Return the span written as `08:00-12:00`; over midnight it ends the next day."""
    written = FROM_TO.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        raise ValueError('write from when to when, such as "08:00-12:00"')
    opens, closes = written.group(1, 3)
    if opens == closes:
        raise ValueError('no time at all; write a whole day as "00:00-24:00"')

    return f"{opens}-{closes}"


def schedule_name(value: object) -> object:
    """Return a schedule's name: a plain word, and not the one of the usual hours."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError("name a schedule with letters, digits, - and _")
    if value == USUAL:
        raise ValueError("so the hours without a name are called; name it otherwise")

    return value


def holiday(value: object) -> date:
    """Return the day written as `2026-12-24`."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("write a date such as 2026-12-24") from None


SPAN = {"type": "string", "pattern": rf"^{FROM_TO.pattern}$"}
Span = Annotated[str, BeforeValidator(span), WithJsonSchema(SPAN)]
Holiday = Annotated[
    date,
    BeforeValidator(holiday),
    PlainSerializer(lambda day: day.isoformat()),
    WithJsonSchema({"type": "string", "format": "date"}),
]
ScheduleName = Annotated[str, BeforeValidator(schedule_name)]
Spans = Annotated[
    list[Span],
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [SPAN, {"type": "array", "items": SPAN}]}),
]


class Closed(Section):
    """The days on which nobody is there, from one local midnight to the next."""

    country: str | None = None
    subdivision: str | None = None
    dates: list[Holiday] = Field([])

    @model_validator(mode="after")
    def _of_a_place(self) -> "Closed":
        if self.country is None and self.subdivision is not None:
            raise WrongInsideError(
                [(("subdivision",), "of which country? write country: beside it")]
            )
        wrong = wrong_place(self.country, self.subdivision) if self.country else None
        if wrong:
            key, what = wrong
            raise WrongInsideError([((key,), what)])

        return self

    def holidays(self) -> Holidays:
        """Return the days as the rooms take them."""
        return Holidays(self.country, self.subdivision, tuple(sorted(set(self.dates))))


class Opening(Shorthand):
    """One schedule: the same hours on each of some days, or a `week` of its own."""

    bare: ClassVar[str] = "week"

    @classmethod
    def spell_out(cls, given: object) -> dict[str, object]:
        """Only hours without an end are written without a key."""
        if given != ALWAYS:
            raise ValueError(f"write {ALWAYS}, or a map of keys such as week")

        return super().spell_out(given)

    zone: Zone | None = None
    days: list[Day] = Field(["mon", "tue", "wed", "thu", "fri"], min_length=1)
    opens: ClockTime = time(9)
    closes: ClockTime = time(17)
    week: dict[Day, Spans] | Literal["24/7"] | None = None
    holidays: Closed | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Opening":
        both = [name for name in SHORT if name in self.model_fields_set]
        if self.week is not None and both:
            told = "beside week: leave it out, or write all hours in week"
            raise WrongInsideError(((name,), told) for name in both)
        if self.week is None and self.opens >= self.closes:
            raise ValueError(
                "opens must be earlier than closes; hours over midnight are "
                'written as week: {mon: ["22:00-06:00"]}'
            )
        if isinstance(self.week, dict):
            wrong = list(_overlaps(self.week))
            if wrong:
                raise WrongInsideError(wrong)
            if not any(self.week.values()):
                raise ValueError("never open; write at least one day's hours")

        return self

    @model_serializer(mode="wrap")
    def _written_once(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the form that is not used."""
        unused = SHORT if self.week is not None else ("week",)
        return {key: value for key, value in whole(self).items() if key not in unused}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Allow the bare `24/7` in the published schema, too."""
        whole = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [whole, {"const": ALWAYS}]}

    def schedule(self, above: Schedule) -> Schedule:
        """Return the schedule as the rooms take it, zone and holidays as `above`."""
        return Schedule(
            zone=self.zone or above.zone,
            week=self._in_seconds(),
            holidays=self.holidays.holidays() if self.holidays else above.holidays,
        )

    def _in_seconds(self) -> Week:
        if self.week == ALWAYS:
            return every(range(7), 0, DAY)
        if isinstance(self.week, dict):
            given = self.week
            return tuple(
                tuple(sorted(_seconds(one) for one in given.get(day, ())))
                for day in DAYS
            )
        days = [DAYS.index(day) for day in self.days]

        return every(days, _second(f"{self.opens}"), _second(f"{self.closes}"))


class OneSchedule(Opening):
    """Opening hours of their own, for the contacts that meet all that is named."""

    channel_groups: list[Group] = Field([])
    sources: Texts = Field([])
    teams: Words = Field([])
    queues: Words = Field([])

    @model_validator(mode="after")
    def _for_somebody(self) -> "OneSchedule":
        if not (self.channel_groups or self.sources or self.teams or self.queues):
            raise ValueError(
                "for whom? name channel_groups, sources, teams or queues; what holds "
                "for all stands directly under hours"
            )

        return self


class OpeningHours(Opening):
    """When business time runs; without it Monday to Friday, nine to five."""

    convention: Convention = Hours().convention
    schedules: dict[ScheduleName, OneSchedule] = Field({})

    def hours(self, zone: str) -> Hours:
        """Return the hours as the rooms take them; `zone` where none is named."""
        usual = self.schedule(Schedule(zone=zone))

        return Hours(
            usual=usual,
            schedules=tuple(
                NamedSchedule(
                    name=name,
                    schedule=one.schedule(usual),
                    channel_groups=tuple(one.channel_groups),
                    sources=tuple(one.sources),
                    teams=tuple(one.teams),
                    queues=tuple(one.queues),
                )
                for name, one in self.schedules.items()
            ),
            convention=self.convention,
            assumed=False,
        )


def _second(clock: str) -> int:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def _seconds(written: str) -> tuple[int, int]:
    """Return from when to when a span goes, in seconds of its day's midnight."""
    opens, closes = (_second(clock) for clock in written.split("-"))
    return opens, closes if closes > opens else closes + DAY


def _overlaps(week: dict[Day, list[str]]) -> Iterator[tuple[Place, str]]:
    """Yield every span that begins before another one of the week has ended."""
    placed = [
        (DAYS.index(day) * DAY + opens, DAYS.index(day) * DAY + closes, (day, at))
        for day, spans in week.items()
        for at, (opens, closes) in enumerate(map(_seconds, spans))
    ]
    placed.sort()
    if not placed:
        return
    first_opens, first_closes, first = placed[0]
    around = [*placed, (first_opens + WEEK, first_closes + WEEK, first)]
    until, before = placed[0][1], first
    for opens, closes, place in around[1:]:
        if opens < until:
            told = f"overlaps {before[0]} {week[before[0]][before[1]]}"
            yield ("week", *place), told
        if closes > until:
            until, before = closes, place
