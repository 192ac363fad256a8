"""Where the images of a warehouse come from. Knows nothing of the API but its address."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from collect_pipeline.warehouse.connection import Connection
from collect_pipeline.warehouse.errors import WarehouseError


class MixedOriginsError(WarehouseError):
    """A sandbox on this machine and the real source would be collected into one warehouse."""


def keep_origin(connection: Connection, base_url: str) -> None:
    """Remember where the first images came from, and refuse to mix an address on this machine with one elsewhere.

    The ids that a sandbox invents are ids of real images, too: mixed, either would pass for the other.

    Raises:
        MixedOriginsError: the warehouse was filled from the other kind of place.
    """
    is_local = _is_local(urlsplit(base_url).hostname or "")
    first = connection.execute("SELECT base_url, is_local FROM source_origin LIMIT 1").fetchone()
    if first is None:
        connection.execute("INSERT INTO source_origin VALUES (?, ?, now()::TIMESTAMP)", [base_url, is_local])
    elif first[1] is not is_local:
        what = "a server on this machine, such as the sandbox" if first[1] else "the real source"
        raise MixedOriginsError(
            f"the warehouse holds what was collected from {what} ({first[0]}), and {base_url} must not be mixed into "
            "it; set COLLECT_DATABASE to another file, or move this one away. Nothing was changed."
        )


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
