"""Reads prompts and recorded pages from files. Knows nothing of what is made of them."""

import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_GZIP_START = b"\x1f\x8b"


class SandboxFileError(Exception):
    """A file that cannot be used; the message is one sentence for a person."""


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """Prompt and negative prompt of each line of a JSON Lines file, in its order; gzip or plain.

    Raises SandboxFileError.
    """
    lines = [line for line in _read_text(path).split("\n") if line.strip()]
    if not lines:
        raise SandboxFileError(f"{path} is empty; it should hold one JSON object with a prompt per line.")
    return [_read_prompt(path, number, line) for number, line in enumerate(lines, start=1)]


def read_pages(paths: Sequence[Path]) -> list[Any]:
    """The items of recorded pages, page after page, as they are; gzip or plain. Raises SandboxFileError."""
    return [item for path in paths for item in _read_page(path)]


def _read_prompt(path: Path, number: int, line: str) -> tuple[str, str]:
    try:
        entry = json.loads(line)
    except ValueError:
        raise SandboxFileError(f"Line {number} of {path} is not JSON; write one object per line.") from None
    if not isinstance(entry, dict) or not isinstance(entry.get("prompt"), str):
        raise SandboxFileError(f'Line {number} of {path} has no text under "prompt"; each line needs one.')
    negative = entry.get("negative_prompt")
    return entry["prompt"], negative if isinstance(negative, str) else ""


def _read_page(path: Path) -> list[Any]:
    text = _read_text(path)
    try:
        page = json.loads(text)
    except ValueError:
        raise SandboxFileError(f"{path} is not JSON; give a page as the API sent it.") from None
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list) or not items:
        raise SandboxFileError(f'{path} has no list of items; give a page as the API sent it, {{"items": […]}}.')
    return items


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(_GZIP_START) else data).decode()
    except UnicodeDecodeError:
        raise SandboxFileError(f"{path} is not UTF-8 text.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SandboxFileError(f"{path} is a damaged gzip file.") from None
    except OSError as error:
        raise SandboxFileError(f"{path} cannot be read: {error.strerror}.") from None
