"""Random numbers that are the same for the same seed, in every process."""

from random import Random


def seeded(*parts: str | int) -> Random:
    """A stream of random numbers that depends on `parts` alone."""
    return Random("/".join(str(part) for part in parts))  # noqa: S311 - content and faults, no secrets
