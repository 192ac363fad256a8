"""How the bytes of a reply reach the client: whole, or broken in one of the ways that networks break.

Knows nothing of what the bytes say.
"""

import gzip
import select
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedIOBase

HUGE_BYTES = 65 * 1024 * 1024
DRIP_SECONDS = 2.0
_DRIPS = 10
_HUGE_START = b'{"items":['
_HUGE_END = b'],"metadata":{}}'
_BLANKS = b" " * 1024 * 1024


@dataclass(frozen=True)
class Line:
    """The connection to a client; `stopping` is set when the server goes down."""

    connection: socket.socket
    output: BufferedIOBase
    stopping: threading.Event


SendHead = Callable[[Mapping[str, str]], None]
"""Sends the status line and the headers, with those given added."""
Way = Callable[[Line, SendHead, bytes], bool]
"""Sends a reply; False when the connection cannot be used any more."""


def _whole(line: Line, send_head: SendHead, body: bytes) -> bool:
    send_head({"Content-Length": str(len(body))})
    line.output.write(body)
    return True


def _late(line: Line, send_head: SendHead, body: bytes) -> bool:
    line.stopping.wait(DRIP_SECONDS)
    return _whole(line, send_head, body)


def _slow(line: Line, send_head: SendHead, body: bytes) -> bool:
    send_head({"Content-Length": str(len(body))})
    step = len(body) // _DRIPS + 1
    for start in range(0, len(body), step):
        line.output.write(body[start : start + step])
        line.output.flush()
        line.stopping.wait(DRIP_SECONDS / _DRIPS)
    return True


def _stall(line: Line, send_head: SendHead, body: bytes) -> bool:
    _send_half(line, send_head, body)
    while not line.stopping.is_set():
        readable, _, _ = select.select([line.connection], [], [], 0.1)
        if readable and not line.connection.recv(1, socket.MSG_PEEK):
            break
    return False


def _truncated(line: Line, send_head: SendHead, body: bytes) -> bool:
    _send_half(line, send_head, body)
    return False


def _truncated_chunked(line: Line, send_head: SendHead, body: bytes) -> bool:
    send_head({"Transfer-Encoding": "chunked"})
    half = body[: len(body) // 2]
    line.output.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    line.output.flush()
    return False


def _cut_text(line: Line, send_head: SendHead, body: bytes) -> bool:
    return _whole(line, send_head, body[: len(body) // 2])


def _reset(line: Line, send_head: SendHead, body: bytes) -> bool:
    del send_head, body
    _break_off(line)
    return False


def _reset_body(line: Line, send_head: SendHead, body: bytes) -> bool:
    _send_half(line, send_head, body)
    _break_off(line)
    return False


def _huge(line: Line, send_head: SendHead, body: bytes) -> bool:
    del body
    send_head({"Transfer-Encoding": "chunked"})
    blanks = [_BLANKS] * (HUGE_BYTES // len(_BLANKS))
    for piece in (_HUGE_START, *blanks, _HUGE_END, b""):
        line.output.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    return True


def _gzip_bomb(line: Line, send_head: SendHead, body: bytes) -> bool:
    del body
    packed = gzip.compress(_HUGE_START + _BLANKS * (HUGE_BYTES // len(_BLANKS)) + _HUGE_END)
    send_head({"Content-Encoding": "gzip", "Content-Length": str(len(packed))})
    line.output.write(packed)
    return True


def _send_half(line: Line, send_head: SendHead, body: bytes) -> None:
    send_head({"Content-Length": str(len(body))})
    line.output.write(body[: len(body) // 2])
    line.output.flush()


def _break_off(line: Line) -> None:
    """Close with a reset: with lingering at zero seconds the system sends RST instead of FIN."""
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


WAYS: dict[str, Way] = {
    "whole": _whole,
    "late": _late,
    "slow": _slow,
    "stall": _stall,
    "truncated": _truncated,
    "truncated-chunked": _truncated_chunked,
    "cut-text": _cut_text,
    "reset": _reset,
    "reset-body": _reset_body,
    "huge-body": _huge,
    "gzip-bomb": _gzip_bomb,
}
PACKS_ITSELF = frozenset({"cut-text", "huge-body", "gzip-bomb"})
"""Ways for which the body must not be compressed before."""
