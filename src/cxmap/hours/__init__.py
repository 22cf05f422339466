"""Business time: how long something took while the company was open."""

from cxmap.hours.openings import business_seconds, day_seconds, is_open
from cxmap.hours.schedules import held_seconds, schedule_at, with_schedules
from cxmap.hours.wording import for_whom, in_words

__all__ = [
    "business_seconds",
    "day_seconds",
    "for_whom",
    "held_seconds",
    "in_words",
    "is_open",
    "schedule_at",
    "with_schedules",
]
