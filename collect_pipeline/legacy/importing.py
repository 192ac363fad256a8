"""The whole import: read the old file, fill the warehouse, deduplicate and categorize, count.

Rows go over in batches, each committed by itself, so that memory and turns stay small. Whatever ends an import leaves
whole batches behind, and the next one brings the rest: what is there already is recognised and left alone.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from collect_pipeline.categories.matcher import categorize
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import save
from collect_pipeline.legacy.categories import read_category
from collect_pipeline.legacy.prompts import ROWS_PER_PAGE, OldPrompt, page_of, read_prompt
from collect_pipeline.legacy.report import Report, TableReport
from collect_pipeline.legacy.resources import read_resource
from collect_pipeline.legacy.source import CATEGORIES, PROMPTS, RESOURCES, STATES, LegacyFile, open_legacy
from collect_pipeline.legacy.states import (
    VersionState,
    collected_versions,
    models_of_versions,
    pairs_of_states,
    read_state,
)
from collect_pipeline.legacy.values import read_version_ids
from collect_pipeline.legacy.writer import Writer
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.warehouse.claims import claim
from collect_pipeline.warehouse.connection import Connection, Warehouse
from collect_pipeline.warehouse.legacy import (
    OldCategory,
    OldPage,
    OldResource,
    OldState,
    partition_keys_of,
    store_old_categories,
    store_old_pages,
    store_old_resources,
    store_old_states,
)
from collect_pipeline.warehouse.origin import keep_origin
from collect_pipeline.warehouse.pages import images_stored
from collect_pipeline.warehouse.state import VersionRow, read_states, read_versions, save_versions

SOURCE = "https://civitai.com"
"""Where everything in an old file came from: the old tool knew no other place."""
PAGES_PER_COMMIT = 100
ROWS_PER_COMMIT = 100_000

T = TypeVar("T")
Stored = TypeVar("Stored")


def import_legacy(
    warehouse: Warehouse,
    path: Path,
    browsing_level: int,
    *,
    run_id: str | None = None,
    say: Callable[[str], None] = lambda _: None,
    clock: Callable[[], datetime] = utc_now,
) -> Report:
    """Take over an old file. `browsing_level` is the mask that new walks ask for; `say` is told how far it is.

    Raises:
        LegacyFileError: the file cannot be taken over.
        WarehouseError: the warehouse cannot be used or was filled from a sandbox, or a version that the file knows is
            being collected.
    """
    with _no_cycle_collection():
        return _import(warehouse, path, browsing_level, run_id, say, clock())


def _import(
    warehouse: Warehouse, path: Path, browsing_level: int, run_id: str | None, say: Callable[[str], None], now: datetime
) -> Report:
    with open_legacy(path) as file, ExitStack() as held:
        for key in _partitions_touched(warehouse, file):
            held.enter_context(claim(warehouse.path, key))
        with warehouse.transaction() as connection:
            keep_origin(connection, SOURCE)
        writer = held.enter_context(Writer(warehouse))
        done = _Import(warehouse, writer, file, browsing_level, run_id, say, now)
        done.prompts()
        # Working on prompts leaves the processor room to read what does not depend on it.
        prompts = writer.submit(deduplicate)
        done.categories()
        categorized = writer.submit(_categorize_new)
        done.resources()
        prompts_new, prompts_categorized = prompts.result().prompts_new, categorized.result()
        done.states()
    return Report(
        file=str(path),
        tables=tuple(done.tables.values()),
        followed=tuple(done.followed),
        versions_named=done.versions_named,
        prompts_new=prompts_new,
        prompts_categorized=prompts_categorized,
    )


@contextmanager
def _no_cycle_collection() -> Iterator[None]:
    """Millions of objects are made and none refers back to itself; looking for such takes a tenth of an import."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _partitions_touched(warehouse: Warehouse, file: LegacyFile) -> list[str]:
    """Versions of the file that the warehouse has a state of: nobody may collect them while images are added."""
    named = [*file.distinct(PROMPTS, "model_version_id"), *file.distinct(STATES, "version_id")]
    version_ids = {version_id for value in named for version_id in read_version_ids(value)[0]}
    with warehouse.transaction() as connection:
        return partition_keys_of(connection, sorted(version_ids))


def _categorize_new(connection: Connection) -> int:
    """Categorize the prompts that never were; reading the taxonomy for none takes seconds."""
    row = connection.execute("SELECT EXISTS (FROM prompts ANTI JOIN prompt_categories USING (prompt_id))").fetchone()
    return categorize(connection).prompts if row == (True,) else 0


@dataclass
class _Import:
    """One import under way. `image_of` gives the image of an old prompt, `named` are the versions that images are
    linked to, `pairs` the models and versions that prompts name together."""

    warehouse: Warehouse
    writer: Writer
    file: LegacyFile
    browsing_level: int
    run_id: str | None
    say: Callable[[str], None]
    now: datetime
    tables: dict[str, TableReport] = field(init=False)
    image_of: dict[int, int] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    pairs: set[tuple[int, int]] = field(default_factory=set)
    followed: list[str] = field(default_factory=list)
    versions_named: int = 0

    def __post_init__(self) -> None:
        self.tables = {
            table: TableReport(table, self.file.has(table), self.file.count(table))
            for table in (PROMPTS, CATEGORIES, RESOURCES, STATES)
        }
        self._collected = collected_versions(self.file.rows(STATES))

    def prompts(self) -> None:
        """Every row into a page, every row with an id into an image."""
        report, rows_read = self.tables[PROMPTS], 0

        def store(connection: Connection, pages: list[tuple[OldPage, list[OldPrompt]]]) -> int:
            return store_old_pages(connection, [page for page, _ in pages])

        for pages, new in self._stored(_batches(self._pages(), PAGES_PER_COMMIT), store):
            prompts = [prompt for _, page_prompts in pages for prompt in page_prompts]
            for prompt in prompts:
                self._count(report, prompt)
            images = [prompt.image for prompt in prompts if prompt.image is not None]
            self.named |= {version_id for image in images for version_id in image.version_ids}
            report.took(len(images), new)
            rows_read += len(prompts)
            self.say(f"{rows_read} of {report.rows} prompts taken over.")

    def categories(self) -> None:
        """Old categories, under their old names."""
        report = self.tables[CATEGORIES]

        def read() -> Iterator[OldCategory]:
            for row in self.file.rows(CATEGORIES):
                category, odd = read_category(row, self.image_of)
                if isinstance(category, str):
                    report.leave(category)
                else:
                    report.remark(odd)
                    yield category

        for rows, new in self._stored(_batches(read(), ROWS_PER_COMMIT), store_old_categories):
            report.took(len(rows), new)

    def resources(self) -> None:
        """Old resources, where the image's own data names none."""
        report = self.tables[RESOURCES]

        def read() -> Iterator[OldResource]:
            for row in self.file.rows(RESOURCES):
                resource = read_resource(row, self.image_of)
                if isinstance(resource, str):
                    report.leave(resource)
                else:
                    yield resource

        for rows, (new, left) in self._stored(_batches(read(), ROWS_PER_COMMIT), store_old_resources):
            report.leave("the image's own data names its resources", left)
            report.took(len(rows) - left, new)

    def states(self) -> None:
        """Versions that the old tool collected are followed and begin where it stopped, as far as that is safe."""
        report = self.tables[STATES]
        models = models_of_versions(self.pairs | pairs_of_states(self.file.rows(STATES)), self._collected)
        kept: list[OldState] = []
        with self.warehouse.transaction() as connection:
            keys = {row.model_version_id: row.partition_key for row in read_versions(connection, followed_only=False)}
            for row in self.file.rows(STATES):
                state, old = read_state(row, models, self.browsing_level)
                kept.append(old)
                if isinstance(state, str):
                    report.leave(state)
                    continue
                key = keys.setdefault(state.key.version_id, str(state.key))
                if key != str(state.key):
                    report.leave(f"the version is known as {key}")
                    continue
                report.remark([state.cursor.remark] if state.cursor.odd else [])
                report.took(1, self._begin(connection, state))
            store_old_states(connection, kept)
            self._name_versions(connection, {v: m for v, m in models.items() if v not in keys})
            followed, named = read_versions(connection), {old.partition_key for old in kept}
            self.followed = [row.partition_key for row in followed if row.partition_key in named]
            self.versions_named = len(self.named - {row.model_version_id for row in followed})

    def _stored(
        self, batches: Iterator[list[T]], store: Callable[[Connection, list[T]], Stored]
    ) -> Iterator[tuple[list[T], Stored]]:
        """Each batch with what `store` returned; one is stored while the next is read."""
        before: tuple[list[T], Future[Stored]] | None = None
        for batch in batches:
            if before is not None:
                yield before[0], before[1].result()
            before = batch, self.writer.submit(store, batch)
        if before is not None:
            yield before[0], before[1].result()

    def _pages(self) -> Iterator[tuple[OldPage, list[OldPrompt]]]:
        for number, rows in enumerate(_batches(self.file.rows(PROMPTS), ROWS_PER_PAGE), 1):
            prompts = [read_prompt(row, position, self.now, self._collected) for position, row in enumerate(rows)]
            yield page_of(prompts, number, self.run_id), prompts

    def _count(self, report: TableReport, prompt: OldPrompt) -> None:
        if prompt.rejected is not None:
            report.leave(prompt.rejected)
        if prompt.image is not None and prompt.old_id is not None:
            self.image_of.setdefault(prompt.old_id, prompt.image.image.image_id)
        if prompt.pair is not None:
            self.pairs.add(prompt.pair)
        report.remark(prompt.odd)

    def _begin(self, connection: Connection, state: VersionState) -> int:
        """Follow a version and store its state. Returns 0 if it has one already, which stays as it is."""
        key = str(state.key)
        if key not in {row.partition_key for row in read_versions(connection, followed_only=False)}:
            save_versions(connection, [self._version_row(state.key, followed=True)])
        if key in read_states(connection):
            return 0
        stored = images_stored(connection, state.key.version_id)
        save(connection, state.begin(self.browsing_level, stored, self.now), self.now)
        return 1

    def _name_versions(self, connection: Connection, models: dict[int, int]) -> None:
        """Versions that only prompts name become known, and are not followed until somebody wants them."""
        rows = [self._version_row(VersionKey(model, version), followed=False) for version, model in models.items()]
        save_versions(connection, rows)

    def _version_row(self, key: VersionKey, followed: bool) -> VersionRow:
        return VersionRow(
            partition_key=str(key),
            model_id=key.model_id,
            model_version_id=key.version_id,
            model_name=None,
            version_name=None,
            model_type=None,
            base_model=None,
            published_at=None,
            air=None,
            creator=None,
            followed=followed,
            added_at=self.now,
            refreshed_at=self.now,
        )


def _batches(values: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(values, size)):
        yield batch
