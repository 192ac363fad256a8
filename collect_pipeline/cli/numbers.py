"""Whole numbers as they are typed after an option."""

import argparse
from collections.abc import Callable

from collect_pipeline.civitai.values import INT32_MAX


def whole(low: int, high: int = INT32_MAX) -> Callable[[str], int]:
    """A reader of whole numbers within bounds, for argparse; ids of CivitAI end at the default."""

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(high))
        if not (is_number and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text[:20]!r}")
        return int(text)

    return read
