"""Browsing levels: the bits of a mask and what CivitAI's older `nsfw` words mean.

Knows nothing of images, requests or routes.
"""

PG = 1
PG13 = 2
R = 4
X = 8
XXX = 16
BLOCKED = 32

LEVELS = (PG, PG13, R, X, XXX)
EVERY_LEVEL = PG | PG13 | R | X | XXX

NSFW_WORDS = ("None", "Soft", "Mature", "X", "Blocked")

_MASK_OF_WORD = {"None": PG, "Soft": PG | PG13, "Mature": PG | PG13 | R, "X": EVERY_LEVEL, "Blocked": BLOCKED}
_WORD_OF_LEVEL = {PG: "None", PG13: "Soft", R: "Mature", X: "X", XXX: "X", BLOCKED: "Blocked"}


def mask_of(browsing_level: int | None, nsfw: str | bool | None) -> int:
    """The mask a request asks for. `browsing_level` wins; 0 and nothing mean PG.

    The result is `BLOCKED` alone when only blocked images were asked for: routes differ in what they do then.
    `nsfw=true` leaves PG and PG-13 out, as the server does.
    """
    if browsing_level is not None:
        return (browsing_level & EVERY_LEVEL) or PG
    if nsfw is True:
        return R | X | XXX
    if isinstance(nsfw, str):
        return _MASK_OF_WORD[nsfw]
    return PG


def word_of(level: int) -> str:
    """`nsfwLevel` of an image: `None` for what is unknown."""
    return _WORD_OF_LEVEL.get(level, "None")
