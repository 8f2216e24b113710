"""Importing Great Expectations: once, quietly, and without the libraries that no gate uses.

A plain import costs four seconds of processor time, one of them when the process ends. More than
one goes into searching objects that stay for good for garbage, almost one into libraries for
charts, statistics and Spark. Using GX on DuckDB belongs in ``gx_duckdb``.
"""

import atexit
import gc
import importlib
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from dagster_project.process import without_collecting

_LOADED_ON_USE = ("altair", "scipy.stats")
_OPTIONAL = "pyspark"


def preload() -> threading.Thread:
    """Start importing GX in the background, while the build is read."""
    thread = threading.Thread(target=great_expectations, name="import-great-expectations")
    thread.start()
    return thread


@cache
def great_expectations() -> Any:
    """Import GX once, quiet and mended, and return it."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    # Where pyspark was imported before, GX takes it; its advice about pandas is not about us.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    with without_collecting(), _without_extras():
        import great_expectations as gx
        from great_expectations import util
        from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    # This module asks for INFO itself; that GX made a folder is no news.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

    known: Any = engine._PERSISTED_CONNECTION_DIALECTS
    engine._PERSISTED_CONNECTION_DIALECTS = (*known, _DuckDbDialect("duckdb"))
    # For each decimal GX asks for its whole call stack, with source, to look for its profiler.
    setattr(util, "stack", list)  # noqa: B010
    atexit.register(_end_quickly)
    return gx


class _DuckDbDialect(str):
    """Looks like a member of GX's dialect enumeration."""

    value = "duckdb"


class _OnUse(ModuleType):
    """Stands for a library until something is asked of it; then the library itself answers."""

    is_in_place = False
    """False while the import system itself looks at it."""

    def __getattr__(self, name: str) -> Any:
        if not self.is_in_place:
            raise AttributeError(name)
        self.withdraw()
        return getattr(importlib.import_module(self.__name__), name)

    def withdraw(self) -> None:
        """Let others import the library itself: only who has this object keeps it."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        parent, _, name = self.__name__.rpartition(".")
        if parent and vars(sys.modules[parent]).get(name) is self:
            delattr(sys.modules[parent], name)


class _Extras:
    """Finds what GX imports and no gate uses, only for the thread that imports GX.

    Charts and statistics are replaced by stand-ins. Spark is optional for GX, which otherwise
    imports all of it to compare types.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self.stand_ins: dict[str, _OnUse] = {}

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if threading.get_ident() != self._thread or name in self.stand_ins:
            return None
        if name == _OPTIONAL:
            raise ModuleNotFoundError("not needed here", name=name)
        return ModuleSpec(name, self) if name in _LOADED_ON_USE else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.stand_ins.setdefault(spec.name, _OnUse(spec.name))

    def exec_module(self, module: _OnUse) -> None:
        module.is_in_place = True


@contextmanager
def _without_extras() -> Iterator[None]:
    extras: Any = _Extras()
    sys.meta_path.insert(0, extras)
    try:
        yield
    finally:
        sys.meta_path.remove(extras)
        for stand_in in extras.stand_ins.values():
            stand_in.withdraw()


def _end_quickly() -> None:
    """Keep the end of a process short and quiet.

    Python would search all of GX for garbage once more before it frees it anyway. And GX's
    models outlive the interpreter: through SQLAlchemy's types they hold on to duckdb, whose
    binding then prints forty lines about leaked functions.
    """
    for name in list(sys.modules):
        if name.startswith("duckdb_engine"):
            vars(sys.modules[name]).clear()
    gc.disable()
