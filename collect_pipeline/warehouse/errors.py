"""What can go wrong with the warehouse. Every message is one sentence for a person."""


class WarehouseError(Exception):
    """The warehouse cannot be used now; nothing was changed."""


class WarehouseLockedError(WarehouseError):
    """Another program holds the file; the message names it."""


class WarehouseUnusableError(WarehouseError):
    """Waiting would not help: no permission, no space, not a DuckDB file, or made by a newer version."""


class WarehouseCopyError(WarehouseUnusableError):
    """The warehouse is well, but the copy of it cannot be written where it was asked for."""
