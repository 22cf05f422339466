"""Opening hours in words, for whoever reads what was reckoned by them."""

from itertools import groupby

from cxmap.hours.zones import DAY
from cxmap.options import Holidays, NamedSchedule, Schedule, Week

NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def in_words(schedule: Schedule) -> str:
    """Return a schedule as `Mon–Fri 09:00–17:00 Europe/Berlin`, and its holidays."""
    return f"{_week(schedule.week)} {schedule.zone}{_less(schedule.holidays)}"


def for_whom(one: NamedSchedule) -> str:
    """Return for which contacts a schedule holds."""
    asked = {
        "channel group": one.channel_groups,
        "source": one.sources,
        "team": one.teams,
        "queue": one.queues,
    }

    return ", ".join(
        f"{what} {' or '.join(values)}" for what, values in asked.items() if values
    )


def _week(week: Week) -> str:
    if week == (((0, DAY),),) * 7:
        return "24/7"
    runs = [list(run) for _, run in groupby(range(7), key=lambda day: week[day])]
    told = [f"{_days(run)} {_spans(week[run[0]])}" for run in runs if week[run[0]]]

    return "; ".join(told) or "never"


def _days(run: list[int]) -> str:
    first, last = NAMES[run[0]], NAMES[run[-1]]
    return first if first == last else f"{first}–{last}"


def _spans(spans: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans)


def _clock(second: int) -> str:
    within = second if second <= DAY else second - DAY
    return f"{within // 3600:02d}:{within % 3600 // 60:02d}"


def _less(holidays: Holidays) -> str:
    less = []
    if holidays.country:
        place = "-".join(filter(None, (holidays.country, holidays.subdivision)))
        less.append(f"holidays of {place}")
    if len(holidays.dates) == 1:
        less.append("a day of its own")
    if len(holidays.dates) > 1:
        less.append(f"{len(holidays.dates)} days of its own")

    return f", less {' and '.join(less)}" if less else ""
