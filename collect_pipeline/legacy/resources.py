"""Rows of the old `prompt_resources`: what the API's `civitaiResources` said, one row an entry."""

from collections.abc import Mapping

from collect_pipeline.civitai.page import decode_json
from collect_pipeline.civitai.resources import read_resource_type
from collect_pipeline.civitai.values import read_decimal, read_object
from collect_pipeline.legacy.categories import NO_IMAGE, image_of
from collect_pipeline.legacy.source import Row, Value
from collect_pipeline.legacy.values import read_model_or_version_id, read_words
from collect_pipeline.warehouse.legacy import LEGACY, OldResource
from collect_pipeline.warehouse.pages import ResourceRow


def read_resource(row: Row, images: Mapping[int, int]) -> OldResource | str:
    """The row, or why it cannot be one. `images` gives the image of an old prompt id."""
    image_id = image_of(row.get("prompt_id"), images)
    if image_id is None:
        return NO_IMAGE
    weight = _entry(row.get("resource_raw")).get("weight")
    resource = ResourceRow(
        resource_type=read_resource_type(row.get("resource_type")),
        resource_name=read_words(row.get("resource_name")),
        model_version_id=read_model_or_version_id(row.get("resource_model_version_id")),
        weight=read_decimal(weight),
        hash=None,
        source=LEGACY,
    )
    if resource.resource_name is None and resource.model_version_id is None and resource.resource_type is None:
        return "names nothing"
    return OldResource(image_id, resource)


def _entry(raw: Value) -> dict[str, object]:
    try:
        return read_object(decode_json(raw.encode())) if isinstance(raw, str) else {}
    except ValueError:
        return {}
