"""Whether what is stored for a version is what the source shows now.

Walks the gallery from both ends, since a single list may lose images, and compares. Writes nothing to the warehouse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.query import ImageQuery
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.follow import earliest_image
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.rows import ReadPage, read_page, seen
from collect_pipeline.collection.walk import Phase, Policy, Seen, Verdict, Walk, advance, drain, new_walk, sweep
from collect_pipeline.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Verification:
    """The comparison of one version. Ids are in ascending order.

    `missing` are shown and not stored, `extra` stored and not shown any more, `changed` shown with another prompt
    than the stored one. `trouble` says why the gallery could not be walked to its end; `extra` may be too long then.
    """

    partition_key: str
    shown: int
    stored: int
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    changed: tuple[int, ...]
    trouble: str | None


def verify(
    warehouse: Warehouse,
    client: CivitaiClient,
    key: VersionKey,
    browsing_level: int,
    policy: Policy,
    on_page: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Compare a version with the source, for images of the levels in `browsing_level`.

    `on_page` is told after each page how many different images were shown so far.

    Raises:
        SourceError: the source cannot be reached, refuses or answers nonsense.
        WarehouseError: the warehouse cannot be read.
    """
    with warehouse.transaction() as connection:
        not_before = earliest_image(connection, key, policy)
    review = _Review(client, key, browsing_level, policy, on_page, not_before)
    review.run()
    # Read afterwards: what another run stored meanwhile is not missing.
    stored = _stored_prompts(warehouse, key.version_id, browsing_level)
    shown = review.prompts
    return Verification(
        partition_key=str(key),
        shown=len(shown),
        stored=len(stored),
        missing=tuple(sorted(shown.keys() - stored.keys())),
        extra=tuple(sorted(stored.keys() - shown.keys())),
        changed=tuple(
            sorted(
                image_id
                for image_id, prompt in shown.items()
                if prompt is not None and image_id in stored and stored[image_id] != prompt
            )
        ),
        trouble=review.walk.reason,
    )


class _Review:
    """A drain and a sweep that are kept nowhere. `prompts` holds the shown images with their prompts."""

    def __init__(
        self,
        client: CivitaiClient,
        key: VersionKey,
        browsing_level: int,
        policy: Policy,
        on_page: Callable[[int], None],
        not_before: datetime | None,
    ) -> None:
        self._client = client
        self._key = key
        self._policy = policy
        self._on_page = on_page
        self._not_before = not_before
        self.prompts: dict[int, str | None] = {}
        self.walk: Walk = drain(new_walk(browsing_level), utc_now())
        self._in_leg: set[int] = set()
        self._in_drain: set[int] = set()
        self._asked: set[str | None] = set()

    def run(self) -> None:
        """Walk until both ends were seen or the walk gave up."""
        doubts = 0
        while self.walk.leg is not None:
            before, cursor, now = self.walk.leg, self.walk.cursor, utc_now()
            read = self._fetch(self._policy.page_size - doubts)
            walk, verdict = advance(self.walk, self._seen(read), doubts, self._policy, now)
            if verdict is Verdict.ASK_AGAIN:
                doubts += 1
                continue
            doubts = 0
            ids = {item.image_id for _, item in read.items}
            self.prompts |= {item.image_id: item.prompt for _, item in read.items}
            self._in_leg |= ids
            self._asked.add(cursor)
            self._on_page(len(self.prompts))
            # The end needs no confirmation: whatever is behind a false one shows in the sweep.
            self.walk = sweep(walk, now) if walk.phase is Phase.CONFIRMING and walk.leg is None else walk
            if self.walk.leg is not None and self.walk.leg.number != before.number:
                self._in_drain, self._in_leg, self._asked = self._in_leg, set(), set()

    def _fetch(self, limit: int) -> ReadPage:
        if self.walk.leg is None:
            raise RuntimeError("the walk has no leg to follow")
        scope = self.walk.scope
        query = ImageQuery(
            model_version_id=self._key.version_id,
            limit=limit,
            sort=self.walk.leg.sort,
            browsing_level=scope.browsing_level,
            media_type=scope.media_type,
        )
        return read_page(self._client.images_page(query, self.walk.cursor))

    def _seen(self, read: ReadPage) -> Seen:
        return seen(
            read,
            read.page,
            self._key.version_id,
            self.walk.cursor,
            set(),
            self._in_leg,
            self._asked,
            self._in_drain,
            None,
            self._not_before,
        )


def _stored_prompts(warehouse: Warehouse, version_id: int, browsing_level: int) -> dict[int, str | None]:
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "SELECT image_id, prompt FROM images JOIN image_versions USING (image_id) "
            "WHERE model_version_id = ? AND coalesce(browsing_level & ? > 0, true)",
            [version_id, browsing_level],
        ).fetchall()
    return dict(rows)
