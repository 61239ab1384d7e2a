"""What landing says of a stream: which states mean that it was read and is not old."""

from __future__ import annotations

__all__ = ["READ"]

#: What `raw.streams` may say of a stream that a rule, or a metric, can rely on.
READ = ("landed", "unchanged")
