"""Categories of prompts: a reviewed taxonomy of phrases, and the matcher that applies it in DuckDB."""

from collect_pipeline.categories.errors import TaxonomyError
from collect_pipeline.categories.matcher import CategorizeCounts, categorize
from collect_pipeline.categories.taxonomy import CATEGORIES, Phrase, Taxonomy, load

__all__ = ["CATEGORIES", "CategorizeCounts", "Phrase", "Taxonomy", "TaxonomyError", "categorize", "load"]
