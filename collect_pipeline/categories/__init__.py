"""Categories of prompts: a reviewed taxonomy of phrases, and the matcher that applies it."""

from collect_pipeline.categories.errors import TaxonomyError
from collect_pipeline.categories.explain import Explanation, FoundPhrase, Result, explain
from collect_pipeline.categories.matcher import CategorizeCounts, categorize
from collect_pipeline.categories.taxonomy import CATEGORIES, NSFW_LEVELS, Meaning, Taxonomy, load

__all__ = [
    "CATEGORIES",
    "NSFW_LEVELS",
    "CategorizeCounts",
    "Explanation",
    "FoundPhrase",
    "Meaning",
    "Result",
    "Taxonomy",
    "TaxonomyError",
    "categorize",
    "explain",
    "load",
]
