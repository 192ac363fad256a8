"""The models, versions and galleries that a sandbox starts with. Which images fill them is `image_maker`'s business."""

from dataclasses import dataclass
from datetime import UTC, datetime

from collect_pipeline.sandbox.catalogue import Model, Version
from collect_pipeline.sandbox.clock import milliseconds

MINUTE_MS = 60_000

LANTERN_MODEL = 640_210
LANTERN_V2 = 1_204_771
LANTERN_V1 = 1_018_334
NORTHLIGHT_MODEL = 583_902
NORTHLIGHT_V4 = 1_150_026
NORTHLIGHT_DRAFT = 1_150_099
CLAY_MODEL = 702_655
CLAY_VERSION = NORTHLIGHT_MODEL
"""A number that is both a model and a version of another model."""
CLAY_EMPTY = 1_377_480
ATLAS_MODEL = 455_118
ATLAS_VERSION = 860_512
FADED_MODEL = 118_047
FADED_VERSION = 127_305
REPLAY_MODEL = 990_001
REPLAY_VERSION = 1_990_001


def day(year: int, month: int, day: int) -> int:
    return milliseconds(datetime(year, month, day, 9, 30, tzinfo=UTC))


def _version(
    version_id: int, model_id: int, name: str, base_model: str, published_ms: int, *, words: tuple[str, ...] = (),
    nsfw_level: int = 1, files: bool = True,
) -> Version:  # fmt: skip
    return Version(
        version_id=version_id,
        model_id=model_id,
        name=name,
        base_model=base_model,
        created_ms=published_ms - 40 * MINUTE_MS,
        published_ms=published_ms,
        trained_words=words,
        nsfw_level=nsfw_level,
        files=files,
    )


def models() -> list[Model]:
    """A LoRA with two versions, a checkpoint, a tiny model, a large one without creator, an archived one."""
    return [
        Model(
            model_id=LANTERN_MODEL,
            name="Paper Lantern Watercolour",
            model_type="LORA",
            description="<p>Loose washes, paper grain, warm light.</p>",
            tags=("style", "watercolor", "illustration"),
            creator="harrow_ink",
            versions=(
                _version(LANTERN_V2, LANTERN_MODEL, "v2 IL", "Illustrious", day(2025, 7, 1), words=("pprlntrn",)),
                _version(LANTERN_V1, LANTERN_MODEL, "v1 XL", "SDXL 1.0", day(2025, 3, 3), words=("pprlntrn",)),
            ),
            downloads=4_820,
            thumbs_up=731,
        ),
        Model(
            model_id=NORTHLIGHT_MODEL,
            name="Northlight XL",
            model_type="Checkpoint",
            description="<p>A plain photographic checkpoint.</p>",
            tags=("photography", "base model"),
            creator="fjordlight",
            versions=(
                _version(NORTHLIGHT_V4, NORTHLIGHT_MODEL, "v4", "SDXL 1.0", day(2025, 2, 10)),
                _version(NORTHLIGHT_DRAFT, NORTHLIGHT_MODEL, "v5 draft", "SDXL 1.0", day(2025, 12, 1), nsfw_level=0),
            ),
            downloads=61_377,
            thumbs_up=5_204,
        ),
        Model(
            model_id=CLAY_MODEL,
            name="Tiny Clay Animals",
            model_type="TextualInversion",
            description="<p>Small, round, hand-made.</p>",
            tags=("animals", "clay"),
            creator="paperboat",
            versions=(
                _version(CLAY_EMPTY, CLAY_MODEL, "flux test", "Flux.1 D", day(2025, 11, 20)),
                _version(CLAY_VERSION, CLAY_MODEL, "v1", "SD 1.5", day(2024, 5, 5), words=("tinyclay",)),
            ),
            downloads=212,
            thumbs_up=18,
        ),
        Model(
            model_id=ATLAS_MODEL,
            name="Atlas of Small Worlds",
            model_type="LORA",
            description="<p>Landscapes and towns seen from above.</p>",
            tags=("landscape", "concept"),
            creator=None,
            versions=(
                _version(ATLAS_VERSION, ATLAS_MODEL, "v1 Pony", "Pony", day(2024, 9, 15), words=("smlwrld",)),
            ),
            downloads=None,
            thumbs_up=9_912,
        ),
        Model(
            model_id=FADED_MODEL,
            name="Faded Postcards",
            model_type="LORA",
            description="<p>No longer kept up.</p>",
            tags=("retro",),
            creator="kestrel9",
            versions=(
                _version(FADED_VERSION, FADED_MODEL, "v1", "SD 1.5", day(2023, 8, 8), files=False),
            ),
            mode="Archived",
            downloads=77,
            thumbs_up=3,
        ),
    ]  # fmt: skip


def replay_model() -> Model:
    """The model under which recorded pages are found."""
    return Model(
        model_id=REPLAY_MODEL,
        name="Recorded Pages",
        model_type="Checkpoint",
        description="<p>Pages recorded elsewhere, as they were.</p>",
        tags=("recorded",),
        creator="paperboat",
        versions=(_version(REPLAY_VERSION, REPLAY_MODEL, "as recorded", "Other", day(2025, 1, 1)),),
    )


@dataclass(frozen=True)
class Gallery:
    """A run of images: which version, how many, and the days over which they were published.

    `plain` galleries are PG throughout, in no other version, and nothing of them is withheld.
    """

    version_id: int
    count: int
    first_ms: int
    last_ms: int
    plain: bool = False


def galleries(first_count: int) -> list[Gallery]:
    """The galleries of the built-in versions; `first_count` is the size of the first."""
    return [
        Gallery(LANTERN_V2, first_count, day(2025, 7, 1), day(2025, 12, 20)),
        Gallery(LANTERN_V1, 120, day(2025, 3, 3), day(2025, 12, 1)),
        Gallery(NORTHLIGHT_V4, 180, day(2025, 2, 10), day(2025, 12, 12)),
        Gallery(CLAY_VERSION, 12, day(2024, 5, 5), day(2024, 6, 1), plain=True),
        Gallery(ATLAS_VERSION, 2_000, day(2024, 9, 15), day(2025, 12, 24)),
    ]
