"""Whether what is stored for a version is what the source shows now.

Re-walks the gallery from both ends and compares. Writes nothing: neither pages nor state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.civitai.items import Item, Rejected, read_item
from collect_pipeline.civitai.query import ImageQuery
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import read_walk
from collect_pipeline.collection.walk import (
    NEWEST,
    OLDEST,
    LegKind,
    Part,
    Policy,
    Seen,
    Sort,
    Verdict,
    advance,
    drain,
    new_walk,
)
