"""Makes the images of galleries, the same for the same seed.

Says what kind of metadata each image has; what the metadata says is `metadata`'s business.
"""

from collections.abc import Iterator, Sequence

from collect_pipeline.sandbox.catalogue import Catalogue, Image, Recipe
from collect_pipeline.sandbox.chance import seeded
from collect_pipeline.sandbox.content import LANTERN_V1, LANTERN_V2, MINUTE_MS, NORTHLIGHT_V4, Gallery, day
from collect_pipeline.sandbox.maturity import PG, PG13, XXX, R, X

FIRST_IMAGE_ID = 91_000_000
USERS = (
    "harrow_ink", "mossgate", "tin_orchard", "yuki_paints", "quietpixel", "ember_and_ash", "LoomSeven",
    "salt_meadow", "fjordlight", "nine_kites", "ochre_fox", "velvet_static", "paperboat", "kestrel9",
)  # fmt: skip
SIZES = ((832, 1216), (1024, 1024), (1216, 832), (512, 768), (896, 1152), (1344, 768))
SHAPES = (
    ("webui", 46), ("generator", 24), ("comfy", 10), ("hidden", 9), ("wrapped", 3),
    ("no-prompt", 3), ("empty-prompt", 2), ("bare", 3),
)  # fmt: skip
LEVELS = ((PG, 85), (PG13, 7), (R, 4), (X, 2), (XXX, 2))


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
            yield from self.post(catalogue, gallery, size, published_ms)
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

    def post(self, catalogue: Catalogue, gallery: Gallery, size: int, published_ms: int) -> Iterator[Image]:
        """`size` images of one post with one prompt, published at `published_ms` or just after."""
        browsing_level = PG if gallery.plain else self._pick(LEVELS)
        recipe = Recipe(shape=self._pick_shape(), number=self._next_recipe())
        username = self._random.choice(USERS)
        known = self._random.random() > 0.04
        post_id = self._random.randrange(20_000_000, 27_000_000)
        for position in range(size):
            yield self.image(
                catalogue,
                gallery.version_id,
                published_ms + position * self._random.choice((0, 0, 1_370, 9_210)),
                browsing_level,
                recipe,
                username=username if known else None,
                post_id=post_id,
                alone=gallery.plain,
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
            withheld=not alone and random.random() < 0.002,
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
        wanted = max(1, FIRST_IMAGE_ID + (uploaded_ms - day(2024, 1, 1)) * 25 // MINUTE_MS)
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
