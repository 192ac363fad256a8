"""What the report shows of each finding: a chart, the same numbers as a table beside it, and a sentence.

Decides wording, order, units and what is masked; knows neither SQL nor HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collect_pipeline.civitai.levels import BROWSING_LEVELS
from collect_pipeline.report.drawing import Bar, BarGroup, Panel, bars, columns, shades
from collect_pipeline.report.findings import (
    CategoryHistory,
    CategoryShare,
    Cluster,
    Lengths,
    NamedCount,
    Period,
    PhraseCount,
    PromptUse,
    ScopeFindings,
    Totals,
    VersionSummary,
)
from collect_pipeline.report.masking import Masking
from collect_pipeline.report.periods import label
from collect_pipeline.report.svg import Drawing

Cell = str | int | float

SIZES = ((1, 1), (2, 2), (3, 5), (6, 10), (11, None))
"""How repetitions and clusters are grouped by size: from, to."""

PROMPT_LEVELS = ("none", "suggestive", "mature", "explicit")
SHOWN_PROMPT = 240


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers under their columns; the first column names the row. A wide one needs scrolling."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False

    def is_numeric(self, place: int) -> bool:
        """Whether a column holds numbers, if only in some of its rows."""
        return any(not isinstance(row[place], str) for row in self.rows)


@dataclass(frozen=True)
class Chart:
    """A drawing with its title and what a screen reader says instead of it."""

    title: str
    description: str
    drawing: Drawing


@dataclass(frozen=True)
class Exhibit:
    """One thing to look at. Each chart stands beside the table with its numbers; a table may stand alone.

    `key` is short and fit for an address; `note` says how to read it, or why there is nothing to show.
    """

    key: str
    title: str
    note: str
    panels: tuple[tuple[Chart | None, Table], ...]


def exhibits(found: ScopeFindings, masking: Masking, brief: bool = False) -> tuple[Exhibit, ...]:
    """Everything that is shown of one version or of the whole warehouse, in the order of reading.

    Where many versions follow each other, `brief` puts the phrases of all categories into one chart.
    """
    phrases = top_phrases_together if brief else top_phrases
    return (
        collected_over_time(found.collected_unit, found.collected, found.totals),
        share_per_category(found.shares, found.totals),
        categories_over_time(found.history),
        phrases(found.phrases, found.totals, masking),
        prompt_length(found.lengths),
        top_names("loras", "LoRAs", "LoRA", found.loras, masking),
        top_names("checkpoints", "Checkpoints", "checkpoint", found.checkpoints, masking),
        duplicates(found.totals, found.uses, found.cluster_sizes),
        repeated_prompts(found.most_used, found.largest_clusters, masking),
        nsfw_levels(found.prompt_levels, found.image_levels),
    )


def collected_over_time(unit: str, periods: Sequence[Period], totals: Totals) -> Exhibit:
    """New images for each period, and how many were stored by its end."""
    if not periods:
        return _nothing("collected", "Collected over time", "No image is stored yet.")
    earlier = totals.images - sum(period.images for period in periods)
    stored = [earlier + sum(period.images for period in periods[: place + 1]) for place in range(len(periods))]
    places = [label(period.start, unit) for period in periods]
    axis = f"{unit}, by its beginning (UTC)"
    title = f"Images collected per {unit}"
    drawing = columns(
        title,
        places,
        [
            Panel(f"new images per {unit}", [period.images for period in periods]),
            Panel(f"images stored at the end of the {unit}", stored),
        ],
        axis,
    )
    rows = tuple(zip(places, [period.images for period in periods], stored, strict=True))
    return Exhibit(
        "collected",
        "Collected over time",
        "When images were collected for the first time; those that were received again do not count twice.",
        (
            (
                Chart(title, f"{title}, from {places[0]} to {places[-1]}; {totals.images:,} images in all.", drawing),
                Table(title, (f"{unit} (UTC)", "new images", "stored in all"), rows),
            ),
        ),
    )


def share_per_category(shares: Sequence[CategoryShare], totals: Totals) -> Exhibit:
    """How many of the distinct prompts are in each category."""
    if not shares:
        return _nothing("categories", "Share per category", "No prompt is categorized yet.")
    title = "Distinct prompts per category"
    rows = tuple(
        (
            share.category,
            share.prompts,
            _percent(share.prompts, totals.prompts),
            share.primary_in,
            _percent(share.primary_in, totals.prompts),
        )
        for share in shares
    )
    drawing = bars(
        title,
        [BarGroup("", [Bar(str(name), share, f"{share:.1f} %", primary) for name, _, share, _, primary in rows])],
        "share of distinct prompts (%)",
        ("in the category", "as its primary category"),
    )
    most = shares[0]
    return Exhibit(
        "categories",
        "Share per category",
        "A prompt is in every category that one of its phrases belongs to, so the shares add up to more than 100 %. "
        "One of its categories is its primary one.",
        (
            (
                Chart(title, f"{title}; most are in {most.category}: {most.prompts:,} of {totals.prompts:,}.", drawing),
                Table(title, ("category", "prompts", "share (%)", "primary in", "primary share (%)"), rows),
            ),
        ),
    )


def categories_over_time(history: CategoryHistory) -> Exhibit:
    """Of the images published in each period, the share whose prompt is in a category."""
    periods = history.periods
    if not any(period.images for period in periods):
        return _nothing("history", "Categories over time", "No image with a categorized prompt has a date.")
    places = [label(period.start, history.unit) for period in periods]
    names = sorted(history.in_category, key=lambda name: (-sum(history.in_category[name]), name))
    values = [
        [
            _percent(counted, period.images) if period.images else None
            for counted, period in zip(history.in_category[name], periods, strict=True)
        ]
        for name in names
    ]
    title = f"Images in each category, by {history.unit} of publication (%)"
    drawing = shades(title, names, places, values, f"{history.unit} of publication on CivitAI (UTC)")
    rows: tuple[tuple[Cell, ...], ...] = (
        ("images (number)", *(period.images for period in periods)),
        *((name, *("–" if value is None else value for value in row)) for name, row in zip(names, values, strict=True)),
    )
    return Exhibit(
        "history",
        "Categories over time",
        f"Of the images published in a {history.unit}, the share whose prompt is in the category, in per cent. "
        "Images without a categorized prompt are left out, and periods before the last twelve.",
        (
            (
                Chart(title, f"{title}, from {places[0]} to {places[-1]}.", drawing),
                Table(title, ("category", *places), rows, wide=True),
            ),
        ),
    )


def top_phrases(phrases: Sequence[PhraseCount], totals: Totals, masking: Masking) -> Exhibit:
    """The phrases that most prompts have, a chart for each category."""
    panels = []
    for category in sorted({found.category for found in phrases}):
        rows = _phrase_rows(phrases, category, totals, masking)
        title = f"{category}: phrases in most prompts"
        drawing = bars(title, [BarGroup("", _phrase_bars(rows))], _PHRASE_AXIS)
        chart = Chart(title, f"{title}, first of them {rows[0][0]}.", drawing)
        panels.append((chart, Table(f"Phrases of {category}", ("phrase", "prompts", "share (%)"), rows)))
    return _phrases(tuple(panels))


def top_phrases_together(phrases: Sequence[PhraseCount], totals: Totals, masking: Masking) -> Exhibit:
    """The phrases that most prompts have, all categories in one chart."""
    categories = sorted({found.category for found in phrases})
    if not categories:
        return _phrases(())
    rows = {category: _phrase_rows(phrases, category, totals, masking) for category in categories}
    title = "Phrases in most prompts, by category"
    drawing = bars(title, [BarGroup(name, _phrase_bars(found)) for name, found in rows.items()], _PHRASE_AXIS)
    table = Table(
        title,
        ("phrase", "category", "prompts", "share (%)"),
        tuple((phrase, name, *counts) for name, found in rows.items() for phrase, *counts in found),
    )
    return _phrases(((Chart(title, f"{title}; the table has them all.", drawing), table),))


_PHRASE_AXIS = "distinct prompts (number; share of all in brackets)"


def _phrases(panels: tuple[tuple[Chart | None, Table], ...]) -> Exhibit:
    note = "A phrase counts once for each distinct prompt." if panels else "No phrase is recognised yet."
    return Exhibit("phrases", "Top phrases per category", note, panels)


def _phrase_rows(
    phrases: Sequence[PhraseCount], category: str, totals: Totals, masking: Masking
) -> tuple[tuple[str, int, float], ...]:
    return tuple(
        (masking.phrase(found.phrase), found.prompts, _percent(found.prompts, totals.prompts))
        for found in phrases
        if found.category == category
    )


def _phrase_bars(rows: Sequence[tuple[str, int, float]]) -> list[Bar]:
    return [Bar(phrase, count, f"{count:,} ({share:.1f} %)") for phrase, count, share in rows]


def prompt_length(lengths: Lengths) -> Exhibit:
    """How long distinct prompts are, in characters."""
    if lengths.median is None:
        return _nothing("length", "Prompt length", "There is no prompt yet.")
    total = sum(lengths.bins)
    last = len(lengths.bins) - 1
    from_ = [place * lengths.width for place in range(len(lengths.bins))]
    names = [f"{low:,}–{low + lengths.width - 1:,}" if place < last else f"{low:,}+" for place, low in enumerate(from_)]
    title = f"Distinct prompts by length, {lengths.width} characters a column"
    drawing = columns(
        title,
        [f"{low:,}" if place < last else f"{low:,}+" for place, low in enumerate(from_)],
        [Panel("distinct prompts", lengths.bins)],
        "length of the prompt from … (characters)",
    )
    note = (
        f"Half of the prompts have at most {lengths.median:,} characters, 95 % at most {lengths.nearly_all:,}; "
        f"the longest has {lengths.longest:,}."
    )
    rows = tuple((name, count, _percent(count, total)) for name, count in zip(names, lengths.bins, strict=True))
    return Exhibit(
        "length",
        "Prompt length",
        note,
        ((Chart(title, f"{title}. {note}", drawing), Table(title, ("characters", "prompts", "share (%)"), rows)),),
    )


def top_names(key: str, title: str, kind: str, names: Sequence[NamedCount], masking: Masking) -> Exhibit:
    """The LoRAs or checkpoints that most images name."""
    if not names:
        return _nothing(key, title, f"No image names a {kind}.")
    rows = tuple((masking.name(found.name), found.images) for found in names)
    chart_title = f"{title} that most images name"
    drawing = bars(
        chart_title, [BarGroup("", [Bar(name, count, f"{count:,}") for name, count in rows])], "images (number)"
    )
    return Exhibit(
        key,
        title,
        f"As the generation data or the prompt of the images names them; an image may name more than one {kind}.",
        (
            (
                Chart(chart_title, f"{chart_title}: first {rows[0][0]} with {rows[0][1]:,} images.", drawing),
                Table(chart_title, (kind, "images"), rows),
            ),
        ),
    )


def duplicates(totals: Totals, uses: dict[int, int], cluster_sizes: dict[int, int]) -> Exhibit:
    """How much of what was collected says something new."""
    if not totals.prompts:
        return _nothing("duplicates", "Duplicates and clusters", "There is no prompt yet.")
    title = "From images to clusters"
    steps = (
        ("images with a prompt", totals.with_prompt),
        ("distinct prompts", totals.prompts),
        ("clusters of near-duplicates", totals.clusters),
    )
    drawing = bars(
        title, [BarGroup("", [Bar(name, count, f"{count:,}") for name, count in steps])], "images, prompts, clusters"
    )
    sizes = tuple(
        (_size_name(low, high), _within(uses, low, high), _within(cluster_sizes, low, high)) for low, high in SIZES
    )
    sizes_title = "Repetitions: prompts by images, clusters by prompts"
    sizes_drawing = bars(
        sizes_title,
        [
            BarGroup(
                "Prompts, by the images that have them", [Bar(_counted(n, "image"), a, f"{a:,}") for n, a, _ in sizes]
            ),
            BarGroup(
                "Clusters, by the prompts in them", [Bar(_counted(n, "prompt"), b, f"{b:,}") for n, _, b in sizes]
            ),
        ],
        "distinct prompts; clusters",
    )
    return Exhibit(
        "duplicates",
        "Duplicates and clusters",
        "Prompts are the same when their normalized text is; near-duplicates, whose wording is the same for the most "
        "part, are one cluster.",
        (
            (
                Chart(title, f"{title}: " + ", ".join(f"{count:,} {name}" for name, count in steps) + ".", drawing),
                Table(title, ("step", "number"), steps),
            ),
            (
                Chart(
                    sizes_title,
                    f"{sizes_title}; most prompts have {max(sizes, key=lambda row: row[1])[0]}.",
                    sizes_drawing,
                ),
                Table(sizes_title, ("size", "prompts with so many images", "clusters of so many prompts"), sizes),
            ),
        ),
    )


def repeated_prompts(most_used: Sequence[PromptUse], clusters: Sequence[Cluster], masking: Masking) -> Exhibit:
    """The prompts that most images have, and the largest clusters."""
    panels = []
    if most_used:
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (_cut(masking.prompt(used.prompt, used.nsfw_level)), used.images) for used in most_used
        )
        panels.append((None, Table("Prompts that most images have", ("prompt", "images"), rows)))
    if clusters:
        rows = tuple(
            (_cut(masking.prompt(cluster.prompt, cluster.nsfw_level)), cluster.prompts, cluster.images)
            for cluster in clusters
        )
        panels.append((None, Table("Largest clusters", ("its most used prompt", "prompts", "images"), rows)))
    if not panels:
        return _nothing("repeated", "Most repeated prompts", "There is no prompt yet.")
    return Exhibit(
        "repeated", "Most repeated prompts", "As their makers wrote them, cut where they are long.", tuple(panels)
    )


def nsfw_levels(prompt_levels: dict[str | None, int], image_levels: dict[int | None, int]) -> Exhibit:
    """Prompts by their wording, images by CivitAI's own level."""
    if not image_levels:
        return _nothing("nsfw", "Nsfw levels", "No image is stored yet.")
    prompts = [(level, prompt_levels.get(level, 0)) for level in PROMPT_LEVELS]
    if prompt_levels.get(None):
        prompts.append(("not categorized yet", prompt_levels[None]))
    images = [(name, image_levels.get(level, 0)) for level, name in BROWSING_LEVELS.items()]
    other = sum(count for level, count in image_levels.items() if level not in BROWSING_LEVELS)
    if other:
        images.append(("not known", other))
    panels = []
    for what, unit, counts in (
        ("Distinct prompts by their wording", "distinct prompts (number)", prompts),
        ("Images by CivitAI's level", "images (number)", images),
    ):
        total = sum(count for _, count in counts)
        rows = tuple((name, count, _percent(count, total)) for name, count in counts)
        drawing = bars(
            what, [BarGroup("", [Bar(name, count, f"{count:,} ({share:.1f} %)") for name, count, share in rows])], unit
        )
        described = ", ".join(f"{name} {count:,}" for name, count in counts)
        panels.append(
            (Chart(what, f"{what}: {described}.", drawing), Table(what, ("level", unit.split()[-2], "share (%)"), rows))
        )
    return Exhibit(
        "nsfw",
        "Nsfw levels",
        "The level of a prompt follows from its phrases, the level of an image is CivitAI's. "
        "Images are collected only at the levels that were asked for.",
        tuple(panels),
    )


def all_versions(versions: Sequence[VersionSummary], masking: Masking) -> Table:
    """One row for each version that is or was followed, or that images were found under."""
    return Table(
        "All versions, those with most images first",
        (
            "version", "base model", "published", "images", "with prompt", "distinct prompts", "clusters",
            "median length (characters)", "mature or explicit prompts (%)",
        ),
        tuple(
            (
                version_label(version, masking),
                masking.name(version.base_model or "–"),
                f"{version.published_at:%Y-%m-%d}" if version.published_at else "–",
                version.images,
                version.with_prompt,
                version.prompts,
                version.clusters,
                "–" if version.median_length is None else version.median_length,
                _percent(version.mature_prompts, version.prompts),
            )
            for version in versions
        ),
        wide=True,
    )  # fmt: skip


def version_name(version: VersionSummary, masking: Masking) -> str:
    """Model, version and the partition key that both are known by elsewhere; `version:` and its id without a model."""
    names = " ".join(masking.name(name) for name in (version.model_name, version.version_name) if name)
    key = f"{version.model_id}@" if version.model_id else "version:"
    return f"{names or 'without a name'} ({key}{version.model_version_id})"


def version_label(version: VersionSummary, masking: Masking) -> str:
    """Its name in the table of all versions."""
    return version_name(version, masking) + ("" if version.followed else " (not followed)")


def _nothing(key: str, title: str, why: str) -> Exhibit:
    return Exhibit(key, title, why, ())


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _within(counts: dict[int, int], low: int, high: int | None) -> int:
    return sum(count for size, count in counts.items() if low <= size and (high is None or size <= high))


def _size_name(low: int, high: int | None) -> str:
    return f"{low} or more" if high is None else str(low) if low == high else f"{low}–{high}"


def _counted(number: str, what: str) -> str:
    return f"{number} {what}" + ("" if number == "1" else "s")


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_PROMPT else text[: SHOWN_PROMPT - 1].rstrip() + "…"
