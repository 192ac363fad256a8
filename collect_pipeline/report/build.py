"""Makes the report: reads a copy of the warehouse, then draws without holding anything.

Knows nothing of Dagster, commands or HTML.
"""

from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.report.errors import UnknownVersionError
from collect_pipeline.report.exhibits import Exhibit, Table, all_versions, exhibits, version_label, version_name
from collect_pipeline.report.findings import ScopeFindings, Totals, VersionSummary
from collect_pipeline.report.masking import Masking
from collect_pipeline.report.reading import read_nsfw_levels, read_scope, read_versions
from collect_pipeline.warehouse.connection import Warehouse

MOST_DETAILED_VERSIONS = 20
PHRASES = 10
PHRASES_IN_BRIEF = 5


@dataclass(frozen=True)
class Section:
    """Everything about one version, or about all images. `key` is fit for an address."""

    key: str
    title: str
    totals: Totals
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True)
class Report:
    """What was found, drawn and masked, ready to be shown.

    `main` is about all images, or about the one version that was asked for; then `versions` is None. `details` holds
    the versions with most images, and `links` leads from the name of a version in `versions` to the key of its section.
    """

    made_at: datetime
    shows_mature: bool
    main: Section
    versions: Table | None
    details: tuple[Section, ...]
    links: dict[str, str]


def build_report(
    warehouse: Warehouse, made_at: datetime, version_id: int | None = None, show_mature: bool = False
) -> Report:
    """Read the warehouse as it is now and draw everything.

    Args:
        warehouse: nobody who collects has to wait for more than a copy of it.
        made_at: stands in the report; UTC.
        version_id: a report on this version only.
        show_mature: mask nothing.

    Raises:
        UnknownVersionError: `version_id` was never followed, and no image was found under it.
        WarehouseError: the warehouse cannot be read.
    """
    with warehouse.snapshot() as connection:
        masking = Masking(read_nsfw_levels(connection), show_mature)
        versions = read_versions(connection)
        if version_id is not None:
            [version] = [each for each in versions if each.model_version_id == version_id] or [_unknown(version_id)]
            found = read_scope(connection, version_id, PHRASES)
            main = _section(version_name(version, masking), found, exhibits(found, masking))
            return Report(made_at, show_mature, main, None, (), {})
        overall = read_scope(connection, None, PHRASES)
        detailed = [version for version in versions if version.images][:MOST_DETAILED_VERSIONS]
        in_detail = [(each, read_scope(connection, each.model_version_id, PHRASES_IN_BRIEF)) for each in detailed]
    details = tuple(
        _section(version_name(version, masking), found, exhibits(found, masking, brief=True), version)
        for version, found in in_detail
    )
    return Report(
        made_at,
        show_mature,
        _section("All images", overall, exhibits(overall, masking)),
        all_versions(versions, masking),
        details,
        {version_label(version, masking): section.key for version, section in zip(detailed, details, strict=True)},
    )


def _section(
    title: str, found: ScopeFindings, shown: tuple[Exhibit, ...], version: VersionSummary | None = None
) -> Section:
    key = f"version-{version.model_version_id}" if version else "all"
    return Section(key, title, found.totals, shown)


def _unknown(version_id: int) -> VersionSummary:
    raise UnknownVersionError(
        f"no version {version_id} was ever followed, and no image is known for it; `collect-pipeline status` lists the "
        "followed ones."
    )
