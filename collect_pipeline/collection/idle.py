"""States that say `running` although nobody works on them: a process was killed, or could not write its end."""

from collect_pipeline.warehouse.claims import is_claimed
from collect_pipeline.warehouse.connection import Warehouse


def mark_idle(warehouse: Warehouse) -> list[str]:
    """Let these states say `idle`. Returns their partition keys."""
    with warehouse.transaction() as connection:
        running = connection.execute("SELECT partition_key FROM collection_state WHERE status = 'running'").fetchall()
        left = [key for (key,) in running if not is_claimed(warehouse.path, key)]
        if left:
            connection.execute(
                "UPDATE collection_state SET status = 'idle' WHERE list_contains(?, partition_key)", [left]
            )
    return left
