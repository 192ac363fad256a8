"""Browsing levels in words."""

_NAMES = {1: "PG", 2: "PG-13", 4: "R", 8: "X", 16: "XXX"}


def level_names(mask: int) -> str:
    """The levels of a bit mask, such as `PG, PG-13`."""
    return ", ".join(name for bit, name in _NAMES.items() if mask & bit)
