"""The models, versions and images that a sandbox starts with, the same for the same seed.

Says which images there are and what kind of metadata each has; what the metadata says is `metadata`'s business.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collect_pipeline.sandbox.catalogue import Catalogue, Image, Model, Recipe, Version
from collect_pipeline.sandbox.chance import seeded
from collect_pipeline.sandbox.clock import milliseconds
from collect_pipeline.sandbox.maturity import PG, PG13, XXX, R, X

FIRST_IMAGE_ID = 91_000_000
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS

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

USERS = (
    "harrow_ink", "mossgate", "tin_orchard", "yuki_paints", "quietpixel", "ember_and_ash", "LoomSeven",
    "salt_meadow", "fjordlight", "nine_kites", "ochre_fox", "velvet_static", "paperboat", "kestrel9",
)  # fmt: skip
SIZES = ((832, 1216), (1024, 1024), (1216, 832), (512, 768), (896, 1152), (1344, 768))
SHAPES = (
    ("webui", 46), ("generator", 24), ("comfy", 10), ("hidden", 9), ("wrapped", 3),
    ("no-prompt", 3), ("empty-prompt", 2), ("bare", 3),
)  # fmt: skip
LEVELS = ((PG, 80), (PG13, 9), (R, 6), (X, 3), (XXX, 2))


def _day(year: int, month: int, day: int) -> int:
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
                _version(LANTERN_V2, LANTERN_MODEL, "v2 IL", "Illustrious", _day(2025, 7, 1), words=("pprlntrn",)),
                _version(LANTERN_V1, LANTERN_MODEL, "v1 XL", "SDXL 1.0", _day(2025, 3, 3), words=("pprlntrn",)),
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
                _version(NORTHLIGHT_V4, NORTHLIGHT_MODEL, "v4", "SDXL 1.0", _day(2025, 2, 10)),
                _version(NORTHLIGHT_DRAFT, NORTHLIGHT_MODEL, "v5 draft", "SDXL 1.0", _day(2025, 12, 1), nsfw_level=0),
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
                _version(CLAY_EMPTY, CLAY_MODEL, "flux test", "Flux.1 D", _day(2025, 11, 20)),
                _version(CLAY_VERSION, CLAY_MODEL, "v1", "SD 1.5", _day(2024, 5, 5), words=("tinyclay",)),
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
                _version(ATLAS_VERSION, ATLAS_MODEL, "v1 Pony", "Pony", _day(2024, 9, 15), words=("smlwrld",)),
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
                _version(FADED_VERSION, FADED_MODEL, "v1", "SD 1.5", _day(2023, 8, 8), files=False),
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
        versions=(_version(REPLAY_VERSION, REPLAY_MODEL, "as recorded", "Other", _day(2025, 1, 1)),),
    )


@dataclass(frozen=True)
class Gallery:
    """A run of images: which version, how many, and the days over which they were published."""

    version_id: int
    count: int
    first_ms: int
    last_ms: int


def galleries(first_count: int) -> list[Gallery]:
    """The galleries of the built-in versions; `first_count` is the size of the first."""
    return [
        Gallery(LANTERN_V2, first_count, _day(2025, 7, 1), _day(2025, 12, 20)),
        Gallery(LANTERN_V1, 120, _day(2025, 3, 3), _day(2025, 12, 1)),
        Gallery(NORTHLIGHT_V4, 180, _day(2025, 2, 10), _day(2025, 12, 12)),
        Gallery(CLAY_VERSION, 12, _day(2024, 5, 5), _day(2024, 6, 1)),
        Gallery(ATLAS_VERSION, 2_000, _day(2024, 9, 15), _day(2025, 12, 24)),
    ]


class ImageMaker:
    """Makes images with ids of their own, one after another, from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self._random = seeded(seed, "images")
        self._free_after: dict[int, int] = {}
        self._recipes = 0

    def gallery(self, catalogue: Catalogue, gallery: Gallery) -> Iterator[Image]:
        """The images of a gallery, in posts of one to four that share a prompt, oldest first."""
        made = 0
        step = (gallery.last_ms - gallery.first_ms) // max(1, gallery.count)
        while made < gallery.count:
            size = min(self._random.choice((1, 1, 2, 3, 4)), gallery.count - made)
            published_ms = gallery.first_ms + made * step + self._random.randrange(max(1, step))
            yield from self.post(catalogue, gallery.version_id, size, published_ms, self._pick(LEVELS))
            made += size

    def prompted(self, catalogue: Catalogue, gallery: Gallery, prompts: Sequence[tuple[str, str]]) -> Iterator[Image]:
        """One PG image for each prompt (and negative prompt), in their order, in no other version."""
        step = (gallery.last_ms - gallery.first_ms) // max(1, len(prompts))
        for position, text in enumerate(prompts):
            published_ms = gallery.first_ms + position * step
            yield self.image(
                catalogue,
                gallery.version_id,
                published_ms,
                PG,
                Recipe("webui", position, text),
                username=self._random.choice(USERS),
                post_id=20_000_000 + position // 2,
                uploaded_ms=published_ms - 5 * MINUTE_MS,
                alone=True,
            )

    def post(
        self, catalogue: Catalogue, version_id: int, size: int, published_ms: int, browsing_level: int
    ) -> Iterator[Image]:
        """`size` images of one post with one prompt, the last published at `published_ms` or just after."""
        recipe = Recipe(shape=self._pick_shape(), number=self._next_recipe())
        username = self._random.choice(USERS)
        known = self._random.random() > 0.04
        post_id = self._random.randrange(20_000_000, 27_000_000)
        for position in range(size):
            yield self.image(
                catalogue,
                version_id,
                published_ms + position * self._random.choice((0, 0, 1_370, 9_210)),
                browsing_level,
                recipe,
                username=username if known else None,
                post_id=post_id,
            )

    def image(
        self,
        catalogue: Catalogue,
        version_id: int,
        published_ms: int,
        browsing_level: int,
        recipe: Recipe,
        *,
        username: str | None,
        post_id: int,
        uploaded_ms: int | None = None,
        alone: bool = False,
    ) -> Image:
        """One image of `version_id`; `alone` keeps it out of other versions and never withholds it.

        Its id follows the time of upload, by default some minutes before publication.
        """
        random = self._random
        uploaded = published_ms - random.randrange(2, 30) * MINUTE_MS if uploaded_ms is None else uploaded_ms
        version = catalogue.versions[version_id]
        others = () if alone else self._other_versions(version_id)
        everything = (version_id, *others)
        width, height = random.choice(SIZES)
        liked = random.randrange(40)
        return Image(
            image_id=self._image_id(uploaded),
            version_ids=everything,
            detected_version_ids=everything if random.random() < 0.85 else others,
            post_id=post_id,
            user_id=5_000_000 + (USERS.index(username) if username in USERS else 999),
            username=username,
            uploaded_ms=uploaded,
            published_ms=published_ms,
            browsing_level=browsing_level,
            media_type="video" if not alone and random.random() < 0.02 else "image",
            width=width,
            height=height,
            counts={
                "cryCount": random.randrange(3),
                "laughCount": random.randrange(4),
                "likeCount": liked,
                "dislikeCount": 0,
                "heartCount": liked // 2,
                "commentCount": random.randrange(3),
                "collectedCount": liked // 5,
            },
            checkpoints=(version.base_model,) if NORTHLIGHT_V4 not in others else (version.base_model, "SDXL 1.0"),
            tag_ids=tuple(sorted(random.sample(range(1, 13), 3))),
            recipe=recipe,
            withheld=not alone and random.random() < 0.01,
        )

    def _other_versions(self, version_id: int) -> tuple[int, ...]:
        chance = self._random.random()
        if version_id == LANTERN_V2:
            if chance < 0.05:
                return (LANTERN_V1,)
            if chance < 0.15:
                return (NORTHLIGHT_V4,)
        if version_id == LANTERN_V1 and chance < 0.2:
            return (NORTHLIGHT_V4,)
        return ()

    def _image_id(self, uploaded_ms: int) -> int:
        """The first free id at or after the one that the time of upload leads to: 25 ids a minute."""
        wanted = max(1, FIRST_IMAGE_ID + (uploaded_ms - _day(2024, 1, 1)) * 25 // MINUTE_MS)
        image_id = wanted
        while image_id in self._free_after:
            image_id = self._free_after[image_id]
        self._free_after[wanted] = self._free_after[image_id] = image_id + 1
        return image_id

    def _next_recipe(self) -> int:
        self._recipes += 1
        return self._recipes

    def _pick(self, weighted: tuple[tuple[int, int], ...]) -> int:
        return self._random.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]

    def _pick_shape(self) -> str:
        return self._random.choices([shape for shape, _ in SHAPES], [weight for _, weight in SHAPES])[0]
