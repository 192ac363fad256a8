"""The loop of one run: fetch a page, commit it with the cursor after it, report, until the walk says stop.

Knows the API and the warehouse, and leaves every decision about what to ask next to `walk`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import InvalidCursorError, SourceError, WaitStoppedError
from collect_pipeline.civitai.page import Page
from collect_pipeline.civitai.query import ImageQuery
from collect_pipeline.collection import walk as walking
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.follow import earliest_image
from collect_pipeline.collection.missing_meta import find_missing_meta
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import State, load, save
from collect_pipeline.collection.rows import page_row, read_page, seen
from collect_pipeline.collection.skip import Start, find_start, skip_to
from collect_pipeline.collection.walk import Leg, LegKind, Policy, Verdict, Walk
from collect_pipeline.warehouse.claims import claim
from collect_pipeline.warehouse.connection import Connection, Warehouse
from collect_pipeline.warehouse.errors import WarehouseError
from collect_pipeline.warehouse.origin import keep_origin
from collect_pipeline.warehouse.pages import PageRow, ids_before_leg, is_stored, leg_history, store_pages

BATCH_PAGES = 10
BATCH_SECONDS = 1.0


@dataclass(frozen=True)
class CollectOptions:
    """What a person may ask of one run. `browsing_level` is a bit mask; None for `max_items` means to the end."""

    browsing_level: int
    max_items: int | None = None
    start_offset: int | None = None
    start_cursor: str | None = None
    restart: bool = False
    auto_advance_on_empty: bool = False
    sort: walking.Sort = walking.OLDEST


@dataclass(frozen=True)
class Progress:
    """How far a run is. The counts are of this run; `total_collected` are the images stored for the version, `linked`
    those of them that this run added, be they new or known from another version; `filled_in` images known before got
    generation data only now, or other data than they had."""

    partition_key: str
    phase: str
    leg: str | None
    pages: int
    collected: int
    valid: int
    new: int
    duplicates: int
    rejected: int
    total_collected: int
    linked: int
    next_cursor: str | None
    reason: str | None
    filled_in: int = 0

    @property
    def has_news(self) -> bool:
        """Whether the run brought images, or generation data of images, that was not stored so."""
        return bool(self.linked or self.filled_in)

    @property
    def at_end(self) -> bool:
        """Whether the walk rests: nothing is left to ask for now."""
        return self.leg is None


class Collector:
    """One run over one version's gallery.

    Args:
        warehouse: where pages and state are kept.
        client: the API.
        key: the version.
        options: what was asked for.
        policy: bounds and waits of the walk.
        run_id: written beside pages and state.
        retry_of: the run that this one is a retry of. A retry goes on where the first attempt stopped, whatever place
            to start from was asked for.
        on_progress: called after every commit.
        should_stop: asked between pages; True ends the run in good order.
        clock: gives UTC without a zone.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        client: CivitaiClient,
        key: VersionKey,
        options: CollectOptions,
        policy: Policy,
        *,
        run_id: str | None = None,
        retry_of: str | None = None,
        on_progress: Callable[[Progress], None],
        should_stop: Callable[[], bool] = lambda: False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._warehouse = warehouse
        self._client = client
        self._key = key
        self._options = options
        self._policy = policy
        self._run_id = run_id
        self._attempts = {attempt for attempt in (run_id, retry_of) if attempt is not None}
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._clock = clock
        self._state: State
        self._walk: Walk
        self._known: set[int] = set()
        self._in_leg: set[int] = set()
        self._in_drain: set[int] = set()
        self._asked: set[str | None] = set()
        self._pending: list[PageRow] = []
        self._flushed_at = float("-inf")
        self._received = 0
        self._linked_before = 0
        self._not_before: datetime | None = None
        self._progress = Progress(str(key), "", None, 0, 0, 0, 0, 0, 0, 0, 0, None, None)

    def run(self) -> Progress:
        """Collect until the walk rests, `max_items` are received, or the run is asked to stop.

        Raises:
            SourceError: the source cannot be reached, refuses or answers nonsense; what came before is stored.
            WarehouseError: the warehouse cannot be used (nothing of the last pages was stored), or another run is
                collecting the same version.
        """
        with claim(self._warehouse.path, str(self._key)):
            return self._run()

    def _run(self) -> Progress:
        start = self._open()
        try:
            self._collect()
            self._close(status="idle", error=None, begun=start)
        except WarehouseError:
            raise
        except SourceError as error:
            self._close(status="failed", error=str(error))
            raise
        except Exception as error:
            self._close(status="failed", error=f"{type(error).__name__}: {error}")
            raise
        except BaseException:
            # A person or Dagster ends the run: what was fetched is kept, the next run goes on from there.
            self._close(status="idle", error=None)
            raise
        return self._progress

    def _open(self) -> Walk:
        """Read the state, decide where to begin, and say that the run is under way. Returns the walk as it begins."""
        with self._warehouse.transaction() as connection:
            self._read_state(connection)
            offset = self._options.start_offset
            if offset is None:
                return self._begin(connection, Start(self._options.start_cursor, 0))
            near = find_start(connection, self._key, self._options.sort, self._options.browsing_level, offset)
        start = self._skip_to(near, offset)
        with self._warehouse.transaction() as connection:
            return self._begin(connection, start)

    def _read_state(self, connection: Connection) -> None:
        keep_origin(connection, self._client.base_url)
        self._state = load(connection, self._key, self._options.browsing_level, self._clock())
        if self._state.last_run_id in self._attempts:
            # A step or a run is tried again: it goes on, instead of beginning anew each time.
            self._options = replace(self._options, restart=False, start_offset=None, start_cursor=None)

    def _begin(self, connection: Connection, start: Start) -> Walk:
        self._linked_before = self._state.total_collected
        self._not_before = earliest_image(connection, self._key, self._policy)
        self._walk = self._looking_back(connection, self._first_walk(start))
        leg = self._leg()
        self._known = ids_before_leg(connection, str(self._key), self._key.version_id, leg.number)
        self._asked, self._in_leg = leg_history(connection, str(self._key), leg.number)
        self._in_drain = leg_history(connection, str(self._key), self._walk.drain_leg)[1]
        self._state = replace(self._state, status="running", last_run_id=self._run_id, last_error=None)
        self._save(connection)
        return self._walk

    def _first_walk(self, start: Start) -> Walk:
        options, now = self._options, self._clock()
        walk = walking.at_level(self._state.walk, options.browsing_level)
        begins_anew = options.restart or options.start_offset is not None or options.start_cursor is not None
        if begins_anew or self._asks_for_other_sort(walk):
            return walking.drain(walk, now, options.sort, start.cursor, start.offset)
        return walking.begin(walk, self._policy, now)

    def _looking_back(self, connection: Connection, walk: Walk) -> Walk:
        """A look goes on to recent images whose generation data was missing; each is asked for again once."""
        leg, policy = walk.leg, self._policy
        if leg is None or leg.kind is not LegKind.LOOK:
            return walk
        until = leg.started_at - policy.meta_filled_after
        down_to = find_missing_meta(connection, self._key.version_id, walk.meta_asked_until, until, policy.meta_recent)
        return walk if down_to is None else walking.look_back(walk, down_to)

    def _asks_for_other_sort(self, walk: Walk) -> bool:
        """A drain under way in one order cannot be continued in the other."""
        if walk.leg is None:
            return walk.phase is walking.Phase.DRAINING and self._options.sort != walking.OLDEST
        return walk.leg.kind is LegKind.DRAIN and walk.leg.sort != self._options.sort

    def _skip_to(self, start: Start, offset: int) -> Start:
        whole = walking.Part(self._options.browsing_level)

        def ask(limit: int, cursor: str | None) -> Page:
            return self._client.images_page(self._query(limit, self._options.sort, whole), cursor)

        return skip_to(start, offset, ask, self._policy, self._key)

    def _collect(self) -> None:
        doubts = 0
        while not self._should_stop():
            leg, cursor = self._leg(), self._walk.cursor
            limit = self._next_limit()
            if limit == 0:
                return
            # Another limit makes another URL, which the edge cache cannot answer with the doubtful copy.
            query = self._query(max(1, limit - doubts), leg.sort, self._walk.scope)
            try:
                read = read_page(self._client.images_page(query, cursor))
                reads = [read]
                if leg.kind is LegKind.REPAIR and self._options.max_items is None:
                    # Rows that the server dropped behind this page are on a longer one from the same cursor.
                    longer = read_page(self._client.images_page(replace(query, limit=2 * limit), cursor))
                    reads = [longer, read]
            except WaitStoppedError:
                return
            except InvalidCursorError:
                if leg.pages == 0 and cursor is not None and cursor == self._options.start_cursor:
                    raise
                self._restart_leg()
                if self._walk.leg is None:
                    return
                continue
            shown = seen(
                reads[0],
                read.page,
                self._key.version_id,
                cursor,
                self._known,
                self._in_leg,
                self._asked,
                self._in_drain,
                walking.gap_before(self._walk, self._policy),
                self._not_before,
            )
            walk, verdict = walking.advance(self._walk, shown, doubts, self._policy, self._clock())
            if verdict is Verdict.ASK_AGAIN:
                doubts += 1
                continue
            doubts = 0
            scope = self._walk.scope
            self._take([page_row(each, leg, scope, cursor, self._run_id) for each in reads], walk)
            if verdict is Verdict.STOP:
                return

    def _take(self, rows: list[PageRow], walk: Walk) -> None:
        """Keep pages for the next commit, together with the walk after them."""
        before = self._leg()
        for row in rows:
            self._pending.append(row)
            self._received += row.item_count
            self._in_leg.update(row.image_ids)
            self._asked.add(row.request_cursor)
        self._walk = walk
        if walk.leg is not None and walk.leg.number != before.number:
            if walk.drain_leg == before.number:
                self._in_drain = self._in_leg
            self._new_leg_memory()
        is_enough = len(self._pending) >= BATCH_PAGES or time.monotonic() - self._flushed_at >= BATCH_SECONDS
        # At rest the run is about to end, which commits as well.
        if is_enough and walk.leg is not None:
            self._flush()

    def _new_leg_memory(self) -> None:
        self._known |= self._in_leg
        self._in_leg, self._asked = set(), set()

    def _restart_leg(self) -> None:
        self._walk = walking.restarted(self._walk, self._policy, self._clock())
        self._new_leg_memory()

    def _next_limit(self) -> int:
        if self._options.max_items is None:
            return self._policy.page_size
        return min(self._policy.page_size, max(0, self._options.max_items - self._received))

    def _query(self, limit: int, sort: walking.Sort, scope: walking.Part) -> ImageQuery:
        return ImageQuery(
            model_version_id=self._key.version_id,
            limit=limit,
            sort=sort,
            browsing_level=scope.browsing_level,
            media_type=scope.media_type,
        )

    def _leg(self) -> Leg:
        if self._walk.leg is None:
            raise RuntimeError("the walk has no leg to follow")
        return self._walk.leg

    def _is_unfinished_drain(self) -> bool:
        return self._walk.leg is not None and self._walk.leg.kind is LegKind.DRAIN

    @contextmanager
    def _committing(self) -> Iterator[Connection]:
        """A transaction; if it fails, all is in hand as before, so that no state is stored without its pages."""
        before = (self._state, self._progress, self._pending, self._walk)
        try:
            with self._warehouse.transaction() as connection:
                yield connection
        except BaseException:
            self._state, self._progress, self._pending, self._walk = before
            raise

    def _flush(self) -> None:
        """Commit the pages in hand and the walk after them in one transaction."""
        with self._committing() as connection:
            self._store_pending(connection)
        self._on_progress(self._progress)

    def _close(self, status: str, error: str | None, begun: Walk | None = None) -> None:
        """Commit what is in hand and how the run ended. `begun` is the walk as it was at first, if it may go back."""
        with self._committing() as connection:
            self._state = replace(self._state, status=status, last_error=error)
            had_pages = bool(self._pending)
            self._store_pending(connection)
            if begun is not None and self._has_stood_still():
                self._walk = walking.rewound(self._walk, begun)
                self._save(connection)
        if had_pages:
            self._on_progress(self._progress)

    def _has_stood_still(self) -> bool:
        """Whether a drain under way met nothing but known images, and was not told to go on regardless."""
        options = self._options
        ordered = options.restart or options.start_offset is not None or options.start_cursor is not None
        # A drain that the walk itself began anew meets known images for as long as all is well.
        its_own = not ordered and (self._walk.phase is walking.Phase.FOLLOWING or self._walk.rounds > 1)
        nothing_new = self._received > 0 and self._progress.linked == 0 and not its_own
        return nothing_new and self._is_unfinished_drain() and not self._options.auto_advance_on_empty

    def _store_pending(self, connection: Connection) -> None:
        if self._pending and is_stored(connection, str(self._key), self._pending[0]):
            # An interrupt came between the commit of these pages and its return.
            stored = load(connection, self._key, self._options.browsing_level, self._clock())
            self._state = replace(stored, status=self._state.status, last_error=self._state.last_error)
        elif self._pending:
            counts = store_pages(connection, str(self._key), self._key.version_id, self._pending)
            self._state = self._state.after(connection, counts, self._pending[-1].fetched_at)
            done = self._progress
            self._progress = replace(
                done,
                pages=done.pages + len(self._pending),
                collected=done.collected + counts.collected,
                valid=done.valid + counts.valid,
                new=done.new + counts.new,
                duplicates=done.duplicates + counts.duplicates,
                rejected=done.rejected + counts.rejected,
                filled_in=done.filled_in + counts.filled_in,
            )
        self._save(connection)
        self._pending = []
        self._flushed_at = time.monotonic()

    def _save(self, connection: Connection) -> None:
        self._state = replace(self._state, walk=self._walk)
        save(connection, self._state, self._clock())
        self._progress = replace(
            self._progress,
            phase=self._walk.phase.value,
            leg=self._walk.leg.kind.value if self._walk.leg else None,
            total_collected=self._state.total_collected,
            linked=self._state.total_collected - self._linked_before,
            next_cursor=self._walk.cursor,
            reason=self._walk.reason,
        )
