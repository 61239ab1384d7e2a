"""Salesforce record ids: three characters of object, twelve of number, three of checksum.

The checksum makes the id safe without regard to case: each of its characters says which of five characters before it
are capitals.
"""

from __future__ import annotations

import numpy as np
import polars as pl

__all__ = ["salesforce_ids"]

_BASE62 = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
_BASE32 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
_INSTANCE = b"8c0"
_FIRST = 62**6 * 3 + 62**5 * 17


def salesforce_ids(prefix: str, numbers: np.ndarray) -> pl.Series:
    """The 18-character ids of the records of one object, one per number."""
    count = len(numbers)
    text = np.empty((count, 18), dtype=np.uint8)
    text[:, :6] = np.frombuffer(prefix.encode() + _INSTANCE, dtype=np.uint8)
    value = numbers.astype(np.int64) * 61 + _FIRST
    for place in range(14, 5, -1):
        value, digit = np.divmod(value, 62)
        text[:, place] = _BASE62[digit]
    capital = ((text[:, :15] >= 65) & (text[:, :15] <= 90)).reshape(count, 3, 5)
    text[:, 15:] = _BASE32[capital @ np.array([1, 2, 4, 8, 16])]
    return pl.Series("Id", text.view("S18").ravel().astype(str), dtype=pl.String)
