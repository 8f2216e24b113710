"""What solvers share: the month that they look at, arrays of Arrow columns, a mark of their inputs.

A fit that takes a second is made again only when its inputs changed. Its result is a function of
them, so keeping it and making it again give the same rows; the mark, kept beside the result, tells.
"""

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dagster_project.analytics.tables import Tables

DAYS_PER_MONTH = 365.25 / 12
"""Mean length of a month in days."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def closed_month(as_of: str, lag_days: int = 0) -> int:
    """Return the last month whose end lies ``lag_days`` or more before the end of the logical date.

    Args:
        as_of: Last day that the data cover, ``YYYY-MM-DD``.
        lag_days: Days until what happened in a month counts as known.

    Returns:
        The month as ``year * 12 + month - 1``.
    """
    end = np.datetime64(as_of, "D") + 1 - lag_days
    return int(end.astype("datetime64[M]").astype(np.int64)) + 1970 * 12 - 1


def month_start(month: int) -> np.datetime64:
    """Return the first day of a month, counted as in ``closed_month``."""
    return np.datetime64(month - 1970 * 12, "M").astype("datetime64[D]")


def months(column: pa.ChunkedArray) -> IntArray:
    """Dates as months, counted as in ``closed_month``; none may be null."""
    days = column.cast(pa.date32()).to_numpy().astype("datetime64[M]")
    return np.asarray(days.astype(np.int64) + 1970 * 12)


def days(column: pa.ChunkedArray) -> IntArray:
    """Dates as days from 1970-01-01; null is the smallest integer."""
    numbers = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), np.iinfo(np.int32).min)
    return np.asarray(numbers.to_numpy().astype(np.int64))


def numbers(column: pa.ChunkedArray) -> FloatArray:
    """Decimals and whole numbers as doubles; null is NaN."""
    values = column.cast(pa.float64())
    return np.asarray(pc.fill_null(values, float("nan")).to_numpy(), dtype=np.float64)


def ranked_names(column: pa.ChunkedArray) -> tuple[NDArray[np.object_], IntArray]:
    """Return the distinct texts in order, and for each row the place of its own.

    Sorting the few distinct names and not the rows is what makes long tables quick.
    """
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names.astype(str), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return names[order], place[encoded.indices.to_numpy().astype(np.int64)]


def fingerprint(*parts: Any) -> str:
    """Return sha256 (hex) over arrays, by their bytes, and anything else by its ``repr``."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray) and part.dtype != object:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            text = part.tolist() if isinstance(part, np.ndarray) else part
            digest.update(repr(text).encode())
        digest.update(b"|")
    return digest.hexdigest()


def kept(tables: Tables, relation: str, mark: str) -> pa.Table | None:
    """Return an earlier result if it was made of inputs with the same mark, else None.

    Args:
        tables: The warehouse.
        relation: Table with a column ``input_mark``, the same in all rows.
        mark: Mark of the inputs as they are now.
    """
    if not tables.has(relation):
        return None
    table = tables.read(relation)
    found = set(table["input_mark"].to_pylist())
    return table if found == {mark} else None
