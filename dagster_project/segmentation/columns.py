"""Arrow columns to numbers and back, exactly.

Amounts travel as decimals and are computed as whole ten-thousandths; days as day numbers.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.segmentation.scores import UNIT, BoolArray, IntArray

_US_PER_DAY = 86_400_000_000


def ten_thousandths(column: pa.ChunkedArray) -> IntArray:
    """Decimals with at most four places as whole numbers; null counts as zero."""
    values = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy()
    return np.rint(values * UNIT).astype(np.int64)


def whole(column: pa.ChunkedArray, when_null: int = 0) -> IntArray:
    """Whole numbers."""
    return pc.fill_null(column.cast(pa.int64()), when_null).to_numpy().astype(np.int64)


def day_numbers(column: pa.ChunkedArray, when_null: int) -> IntArray:
    """Dates as days from 1970-01-01."""
    return whole(column.cast(pa.date32()).cast(pa.int32()), when_null)


def decimal_array(
    units: IntArray, precision: int, scale: int, missing: BoolArray | None = None
) -> pa.Array:
    """Whole numbers of the smallest unit as decimals, without a detour through text."""
    units = np.ascontiguousarray(units, dtype=np.int64)
    wide = np.stack([units, units >> 63], axis=1)
    nulls = 0 if missing is None else int(missing.sum())
    mask = pa.array(~missing).buffers()[1] if missing is not None and nulls else None
    return pa.Array.from_buffers(
        pa.decimal128(precision, scale), len(units), [mask, pa.py_buffer(wide.tobytes())], nulls
    )


def date_array(days: IntArray, missing: BoolArray | None = None) -> pa.Array:
    """Day numbers as dates."""
    return pa.array(np.asarray(days, dtype=np.int32), type=pa.int32(), mask=missing).cast(
        pa.date32()
    )


def timestamp_array(days: IntArray) -> pa.Array:
    """Day numbers as timestamps at midnight UTC, without a zone."""
    return pa.array(np.asarray(days, dtype=np.int64) * _US_PER_DAY, type=pa.int64()).cast(
        pa.timestamp("us")
    )
