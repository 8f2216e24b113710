"""Native extracts become feeds: one folder per source system, one SQL file per feed.

Add a source by adding a folder here: ``adapter.yml`` (what the extract holds and when it was
taken), ``<feed>.sql`` for each feed it can fill, and ``_*.sql`` for views and macros that
several of them share. No Python is needed. How the feeds are processed does not belong here.
"""

from dagster_project.adapters.batches import WrittenBatch, write_batch
from dagster_project.adapters.engine import adapt
from dagster_project.adapters.packing import pack
from dagster_project.adapters.spec import ADAPTERS_DIR, AdapterSpec, adapter_names, load_spec

ADAPTERS = adapter_names()
"""Names of the adapters that ship with the project."""

__all__ = [
    "ADAPTERS",
    "ADAPTERS_DIR",
    "AdapterSpec",
    "WrittenBatch",
    "adapt",
    "load_spec",
    "pack",
    "write_batch",
]
