"""What is followed, as tables that a person reads in the UI: versions with links, and how far each of them is.

Dagster shows tables in place but without links, and links only in Markdown; so there is one of each.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

import dagster as dg

from collect_pipeline.collection.overview import VersionStatus
from collect_pipeline.warehouse.state import VersionRow

MetadataEntry = str | int | dg.TableMetadataValue | dg.MarkdownMetadataValue | dg.UrlMetadataValue
"""What stands behind a name in the tables of an event."""

LOCATION = "collect_pipeline"
"""The code location, as `workspace.yaml` calls it."""

_SHOWN = 200
_LAUNCHPAD = f"/locations/{LOCATION}/jobs/collect/playground/setup"
_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"} | {"\n": " ", "\r": " "})


def versions_table(versions: Sequence[VersionRow]) -> dg.TableMetadataValue:
    """Versions with what CivitAI says of them, one row each."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "version": version.version_name or "",
                    "base model": version.base_model or "",
                    "published": _day(version),
                    "partition": version.partition_key,
                }
            )
            for version in versions[:_SHOWN]
        ]
    )


def version_links(versions: Sequence[VersionRow]) -> dg.MarkdownMetadataValue:
    """The same with links: to the version's page, and to a Launchpad that is filled in to collect it."""
    return _markdown(
        ["version", "base model", "published", "go on"],
        [
            [
                _link(version.version_name or version.partition_key, version_page(version.partition_key)),
                _text(version.base_model or ""),
                _day(version),
                _link(f"collect {version.partition_key}", _launchpad(version.partition_key)),
            ]
            for version in versions
        ],
    )


def status_metadata(statuses: Sequence[VersionStatus]) -> dict[str, MetadataEntry]:
    """Every followed version: how far it is, what is due, what is wrong; those with something wrong come first."""
    ordered = sorted(statuses, key=lambda status: (status.wrong is None, status.due != "now"))
    return {
        "followed": len(statuses),
        "due now": sum(status.due == "now" for status in statuses),
        "with something wrong": sum(status.wrong is not None for status in statuses),
        "what is due and what is wrong": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "version": _name(status),
                        "phase": _phase(status),
                        "images": status.total_collected,
                        "due": status.due,
                        "wrong": status.wrong or "",
                        "partition": status.partition_key,
                    }
                )
                for status in ordered[:_SHOWN]
            ]
        ),
        "the same with links": _markdown(
            ["version", "phase", "images", "due", "wrong"],
            [
                [
                    _link(_name(status), version_page(status.partition_key)),
                    _phase(status),
                    f"{status.total_collected:,}",
                    _link(status.due, _launchpad(status.partition_key)),
                    _text(status.wrong or ""),
                ]
                for status in ordered
            ],
        ),
    }


def version_page(partition_key: str) -> str:
    """The page of a version on CivitAI."""
    model, _, version = partition_key.partition("@")
    return f"https://civitai.com/models/{model}?modelVersionId={version}"


def _launchpad(partition_key: str) -> str:
    tag = {"tags[0][key]": "dagster/partition", "tags[0][value]": partition_key}
    return f"{_LAUNCHPAD}?{urlencode(tag)}"


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dg.MarkdownMetadataValue:
    lines = [" | ".join(columns), " | ".join("---" for _ in columns), *(" | ".join(row) for row in rows[:_SHOWN])]
    table = "\n".join(f"| {line} |" for line in lines)
    more = len(rows) - _SHOWN
    return dg.MetadataValue.md(
        f"{table}\n\nand {more} more; `collect-pipeline status` lists all" if more > 0 else table
    )


def _link(text: str, address: str) -> str:
    return f"[{_text(text)}]({address})"


def _text(text: str) -> str:
    return text.translate(_MARKDOWN)


def _name(status: VersionStatus) -> str:
    return f"{status.model_name or ''} {status.version_name or ''}".strip() or status.partition_key


def _phase(status: VersionStatus) -> str:
    return f"{status.phase}, running" if status.running else status.phase


def _day(version: VersionRow) -> str:
    return version.published_at.date().isoformat() if version.published_at else ""
