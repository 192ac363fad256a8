"""Periods of time that charts are divided into. Knows the calendar and nothing else; all times are UTC."""

from datetime import datetime, timedelta

UNITS = ("hour", "day", "week", "month", "quarter", "year")
"""From fine to coarse, in the words of DuckDB's date_trunc()."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def choose_unit(first: datetime, last: datetime, most: int, finest: str = "hour") -> str:
    """The finest unit that divides the time from `first` to `last` into at most `most` periods; or else years."""
    for unit in UNITS[UNITS.index(finest) : -1]:
        if len(starts(first, last, unit, most + 1)) <= most:
            return unit
    return UNITS[-1]


def starts(first: datetime, last: datetime, unit: str, most: int) -> list[datetime]:
    """Where the periods from `first` to `last` begin, in order; only the last `most` of them."""
    found: list[datetime] = []
    at = start_of(last, unit)
    while at >= start_of(first, unit) and len(found) < most:
        found.append(at)
        at = start_of(at - timedelta(hours=1), unit)
    return found[::-1]


def start_of(moment: datetime, unit: str) -> datetime:
    """The beginning of the period that `moment` is in, as date_trunc() gives it."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if unit == "hour":
        return hour
    day = hour.replace(hour=0)
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1, month=(day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1)


def label(start: datetime, unit: str) -> str:
    """A period in figures, such as 2026-11-25 14:00, 2026-11-25, 2026-11, 2026 Q4, 2026."""
    if unit == "hour":
        return f"{start:%Y-%m-%d %H:%M}"
    if unit in {"day", "week"}:
        return f"{start:%Y-%m-%d}"
    if unit == "quarter":
        return f"{start.year} Q{(start.month + 2) // 3}"
    return f"{start:%Y-%m}" if unit == "month" else str(start.year)
