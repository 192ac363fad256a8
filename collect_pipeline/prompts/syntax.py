"""Placeholder."""

from typing import Any


def text_resources(text: str) -> tuple[Any, ...]:
    return ()


def pasted_parameters(text: str) -> dict[str, str]:
    return {}
