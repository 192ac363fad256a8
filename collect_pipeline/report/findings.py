"""What the report says, as plain values: counted in the warehouse, not yet drawn, masked or written.

Counts are whole numbers of images, prompts or clusters; lengths are characters; times are UTC without a zone.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Totals:
    """How much there is. `with_prompt` counts images, `clusters` near-duplicates as one."""

    images: int
    with_prompt: int
    prompts: int
    clusters: int
    first_collected_at: datetime | None
    last_collected_at: datetime | None
    first_published_at: datetime | None
    last_published_at: datetime | None


@dataclass(frozen=True)
class Period:
    """Images of an hour, day, week, month, quarter or year."""

    start: datetime
    images: int


@dataclass(frozen=True)
class CategoryShare:
    """A category, or `uncategorized`: the prompts that are in it, and those that it is the primary one of."""

    category: str
    prompts: int
    primary_in: int


@dataclass(frozen=True)
class CategoryHistory:
    """Categories of the images published in each period; `images` counts those with a categorized prompt."""

    unit: str
    periods: tuple[Period, ...]
    in_category: dict[str, tuple[int, ...]]
    """Images for each period, by category."""


@dataclass(frozen=True)
class PhraseCount:
    """A phrase found in a category, and in how many prompts."""

    category: str
    phrase: str
    prompts: int


@dataclass(frozen=True)
class Lengths:
    """Characters of prompts. A bin is `width` wide, but the last is open; `nearly_all` is the 95th percentile."""

    width: int
    bins: tuple[int, ...]
    median: int | None
    nearly_all: int | None
    longest: int | None


@dataclass(frozen=True)
class NamedCount:
    """A LoRA or checkpoint, and how many images name it."""

    name: str
    images: int


@dataclass(frozen=True)
class PromptUse:
    """A prompt with the images that have it; `nsfw_level` is None until it is categorized."""

    prompt: str
    nsfw_level: str | None
    images: int


@dataclass(frozen=True)
class Cluster:
    """Prompts that are nearly the same, shown by the one that most images have."""

    prompt: str
    nsfw_level: str | None
    prompts: int
    images: int


@dataclass(frozen=True)
class ScopeFindings:
    """Everything that is said of one version, or of the whole warehouse."""

    totals: Totals
    collected_unit: str
    collected: tuple[Period, ...]
    shares: tuple[CategoryShare, ...]
    history: CategoryHistory
    phrases: tuple[PhraseCount, ...]
    lengths: Lengths
    loras: tuple[NamedCount, ...]
    checkpoints: tuple[NamedCount, ...]
    uses: dict[int, int]
    """Prompts by the number of their images."""
    cluster_sizes: dict[int, int]
    """Clusters by the number of their prompts."""
    most_used: tuple[PromptUse, ...]
    largest_clusters: tuple[Cluster, ...]
    prompt_levels: dict[str | None, int]
    """Prompts by nsfw level; None for those that are not categorized yet."""
    image_levels: dict[int | None, int]
    """Images by CivitAI's browsing level."""


@dataclass(frozen=True)
class VersionSummary:
    """One line about a version that is or was followed, or that images were found under; such a one may have no model
    and no names."""

    model_version_id: int
    model_id: int | None
    model_name: str | None
    version_name: str | None
    base_model: str | None
    published_at: datetime | None
    followed: bool
    images: int
    with_prompt: int
    prompts: int
    clusters: int
    mature_prompts: int
    median_length: int | None
