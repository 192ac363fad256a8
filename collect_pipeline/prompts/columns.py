"""The result of a query as NumPy arrays."""

from typing import Any

import duckdb
import numpy as np


def columns(connection: duckdb.DuckDBPyConnection, query: str) -> "list[np.ndarray[Any, np.dtype[Any]]]":
    """One array a column. For numbers and flags without NULL."""
    result = connection.execute(query).fetchnumpy()
    return [np.asarray(column) for column in result.values()]
