"""CivitAI's maturity levels: each image has one, a request names several as a bit mask."""

BROWSING_LEVELS = {1: "PG", 2: "PG-13", 4: "R", 8: "X", 16: "XXX"}

_LEVELS_OF_WORDS = {"None": 1, "Soft": 2, "Mature": 4, "X": 8}
"""What the API gave alone until the end of 2024; X meant XXX, too."""


def level_of(browsing_level: int | None, nsfw_level: str | None) -> int | None:
    """The maturity of an image: its level or else the one that its word stands for; None if neither is known."""
    return browsing_level or _LEVELS_OF_WORDS.get(nsfw_level or "")


def level_names(mask: int) -> str:
    """The levels of a bit mask, such as `PG, PG-13`; empty if it names none."""
    return ", ".join(name for bit, name in BROWSING_LEVELS.items() if mask & bit)
