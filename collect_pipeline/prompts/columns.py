"""The result of a query as NumPy arrays."""

from typing import Any

import duckdb
import numpy as np


def columns(connection: duckdb.DuckDBPyConnection, query: str) -> "list[np.ndarray[Any, np.dtype[Any]]]":
    """One array a column, for numbers and flags.

    Raises:
        ValueError: there is a NULL among them.
    """
    result = connection.execute(query).fetchnumpy()
    if any(np.ma.isMaskedArray(column) for column in result.values()):
        raise ValueError(f"a column with NULL in the result of: {query}")
    return [np.asarray(column) for column in result.values()]
