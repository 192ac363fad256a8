"""Earlier replies, as an edge cache keeps them. Knows nothing of when they are used."""

from collections import OrderedDict
from dataclasses import replace

from collect_pipeline.sandbox.messages import Reply

LIFETIME_MS = 450_000
"""s-maxage of 300 seconds and 150 seconds of stale-while-revalidate."""
_KEPT = 64


class EdgeCache:
    """Replies by address; each stays until it is too old, errors too."""

    def __init__(self) -> None:
        self._copies: OrderedDict[str, tuple[Reply, int]] = OrderedDict()

    def keep(self, target: str, reply: Reply, now_ms: int) -> None:
        """Keep `reply` if it may be shared and no usable copy is there."""
        if "s-maxage" in reply.headers.get("Cache-Control", "") and self.copy(target, now_ms) is None:
            self._copies[target] = (reply, now_ms)
            if len(self._copies) > _KEPT:
                self._copies.popitem(last=False)

    def copy(self, target: str, now_ms: int) -> Reply | None:
        """The copy of an address with its age in seconds, or None."""
        if target not in self._copies:
            return None
        reply, since_ms = self._copies[target]
        age_ms = now_ms - since_ms
        if not 0 <= age_ms <= LIFETIME_MS:
            del self._copies[target]
            return None
        hit = {"CF-Cache-Status": "HIT", "Age": str(age_ms // 1000)}
        return replace(reply, headers={**reply.headers, **hit})
