"""CivitAI's maturity levels: each image has one, a request names several as a bit mask."""

BROWSING_LEVELS = {1: "PG", 2: "PG-13", 4: "R", 8: "X", 16: "XXX"}


def level_names(mask: int) -> str:
    """The levels of a bit mask, such as `PG, PG-13`; empty if it names none."""
    return ", ".join(name for bit, name in BROWSING_LEVELS.items() if mask & bit)
