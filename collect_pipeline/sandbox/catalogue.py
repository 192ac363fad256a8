"""What the site holds: models, versions and images, and the changes that can happen to them.

Knows nothing of HTTP, routes or how an image is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


class UnknownIdError(Exception):
    """A version or image that the sandbox does not hold; the message names it."""


@dataclass(frozen=True)
class Recipe:
    """How the metadata of an image comes about: `shape` picks the kind, `number` the words.

    Images of one batch share `number`, hence the prompt. `text` holds prompt and negative prompt where
    they were given from outside.
    """

    shape: str
    number: int
    text: tuple[str, str] | None = None


@dataclass
class Image:
    """One image. Times are milliseconds since 1970.

    `version_ids` are all versions that lead to it, `detected_version_ids` those that the site recognised in
    the file: search routes report no others. `withheld` images are in the index but never shown.
    """

    image_id: int
    version_ids: tuple[int, ...]
    detected_version_ids: tuple[int, ...]
    post_id: int
    user_id: int
    username: str | None
    uploaded_ms: int
    published_ms: int
    browsing_level: int
    media_type: str
    width: int
    height: int
    counts: dict[str, int]
    checkpoints: tuple[str, ...]
    tag_ids: tuple[int, ...]
    recipe: Recipe
    withheld: bool = False


@dataclass(frozen=True)
class Version:
    """One version of a model. `files` is False for versions whose file was taken away."""

    version_id: int
    model_id: int
    name: str
    base_model: str
    created_ms: int
    published_ms: int
    trained_words: tuple[str, ...]
    nsfw_level: int = 1
    files: bool = True


@dataclass(frozen=True)
class Model:
    """One model; `creator` is None for models owned by the site, `mode` None unless archived or taken down."""

    model_id: int
    name: str
    model_type: str
    description: str
    tags: tuple[str, ...]
    creator: str | None
    versions: tuple[Version, ...]
    mode: str | None = None
    downloads: int | None = 0
    thumbs_up: int = 0


@dataclass
class Catalogue:
    """The site's state. `revision` grows with every change, so that sorted lists can be kept between."""

    models: dict[int, Model] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)
    images: dict[int, Image] = field(default_factory=dict)
    revision: int = 0
    _of_version: dict[int, dict[int, Image]] = field(default_factory=dict)

    def add_model(self, model: Model) -> None:
        """Take in a model with its versions."""
        self.models[model.model_id] = model
        for version in model.versions:
            self.versions[version.version_id] = version
            self._of_version.setdefault(version.version_id, {})
        self.revision += 1

    def add_images(self, images: Iterable[Image]) -> None:
        """Take in images; their versions must be there."""
        for image in images:
            self.images[image.image_id] = image
            for version_id in image.version_ids:
                self._of_version[version_id][image.image_id] = image
        self.revision += 1

    def images_of_version(self, version_id: int) -> list[Image]:
        """All images of a version, shown or not; none for an unknown version."""
        return list(self._of_version.get(version_id, {}).values())

    def remove_images(self, image_ids: Iterable[int]) -> None:
        """Delete images. Raises UnknownIdError, before anything is changed, for one that is not there."""
        for image in self.images_by_id(image_ids):
            del self.images[image.image_id]
            for version_id in image.version_ids:
                del self._of_version[version_id][image.image_id]
        self.revision += 1

    def images_by_id(self, image_ids: Iterable[int]) -> list[Image]:
        """The images of these ids; UnknownIdError names the first that is not there."""
        found = []
        for image_id in image_ids:
            if image_id not in self.images:
                raise UnknownIdError(f"The sandbox has no image {image_id}.")
            found.append(self.images[image_id])
        return found

    def version(self, version_id: int) -> Version:
        """The version of this id, or UnknownIdError."""
        if version_id not in self.versions:
            known = ", ".join(str(known_id) for known_id in sorted(self.versions))
            raise UnknownIdError(f"The sandbox has no model version {version_id}; it has {known}.")
        return self.versions[version_id]
