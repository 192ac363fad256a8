"""Which images a request is about, and in which order: the filters that all routes share.

Knows nothing of pages and cursors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from collect_pipeline.sandbox.catalogue import Catalogue, Image
from collect_pipeline.sandbox.listing import order
from collect_pipeline.sandbox.maturity import BLOCKED, PG, mask_of
from collect_pipeline.sandbox.parameters import ImageQuery
from collect_pipeline.sandbox.presentation import BLOCKED_TAGS

DAY_MS = 86_400_000
_PERIOD_DAYS = {"Day": 1, "Week": 7, "Month": 30, "Year": 365}
_HIDES_WITHIN_MS = {"feed": 300_000, "index": 60_000, "index-post": 60_000}
_KEPT_LISTS = 64


class Selection:
    """Answers which images of a catalogue a query means; keeps sorted lists until the catalogue changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._revision = -1
        self._sorted: dict[tuple[ImageQuery, str], tuple[list[Image], int]] = {}

    def rows(self, query: ImageQuery, route: str, now_ms: int) -> Sequence[Image]:
        """The images of `query` as `route` sorts them at `now_ms`, withheld ones included.

        FEED hides what is newer than now floored to five minutes, INDEX to one minute.
        """
        images, latest = self._without_time(query, route)
        step = _HIDES_WITHIN_MS.get(route, 1)
        newest = now_ms - now_ms % step
        if latest > newest:
            images = [image for image in images if image.published_ms <= newest]
        if query.period != "AllTime":
            since = now_ms - _PERIOD_DAYS[query.period] * DAY_MS
            images = [image for image in images if _dated(image, route) >= since]
        return images

    def _without_time(self, query: ImageQuery, route: str) -> tuple[list[Image], int]:
        """The sorted images, and when the latest of them was published."""
        if self._revision != self._catalogue.revision or len(self._sorted) >= _KEPT_LISTS:
            self._sorted.clear()
            self._revision = self._catalogue.revision
        key = (replace(query, cursor=None, limit=0, page=0), route)
        if key not in self._sorted:
            images = order(list(self._matching(query, route)), query.sort, route)
            self._sorted[key] = images, max((image.published_ms for image in images), default=0)
        return self._sorted[key]

    def _matching(self, query: ImageQuery, route: str) -> Iterable[Image]:
        mask = mask_of(query.browsing_level, query.nsfw)
        if mask == BLOCKED and route == "legacy":
            mask = PG
        tags = set(query.tags) - BLOCKED_TAGS
        if query.requiring_meta or (query.tags and not tags):
            return
        for image in self._of_models(query, route):
            if not image.browsing_level & mask:
                continue
            if query.post_id not in {0, image.post_id} or query.image_id not in {0, image.image_id}:
                continue
            if query.user_id not in {0, image.user_id} or query.username not in {"", image.username}:
                continue
            if query.media_type not in {None, image.media_type} or not tags <= set(image.tag_ids):
                continue
            if query.base_models and not set(query.base_models) & set(image.checkpoints):
                continue
            yield image

    def _of_models(self, query: ImageQuery, route: str) -> Iterable[Image]:
        """By version, by model, or the whole site; LEGACY joins a model's versions, hence images twice."""
        if query.model_version_id:
            return self._catalogue.images_of_version(query.model_version_id)
        if query.model_id:
            model = self._catalogue.models.get(query.model_id)
            versions = model.versions if model else ()
            found = [image for version in versions for image in self._catalogue.images_of_version(version.version_id)]
            return found if route == "legacy" else {image.image_id: image for image in found}.values()
        return self._catalogue.images.values()


def _dated(image: Image, route: str) -> int:
    return image.uploaded_ms if route == "legacy" else image.published_ms
