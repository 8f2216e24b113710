"""dbt's templates, compiled once and kept beside the parsed project.

Jinja makes Python code of every model, test and macro in every process, which takes a quarter of
dbt's own time in an update. The code depends on nothing but the text, so it is kept by the text.
"""

import hashlib
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

_FILE = "templates.marshal"


@contextmanager
def kept_templates(folder: Path) -> Iterator[None]:
    """Let dbt take compiled templates from a file in ``folder``, and add what is new.

    A file of another Python, Jinja or dbt, or one that cannot be read, is not used.
    """
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    path = folder / _FILE
    kept = _read(path)
    before, compile_anew = len(kept), MacroFuzzEnvironment.compile

    def compiled(self: Any, source: Any, *rest: Any, **options: Any) -> Any:
        if rest or options or not isinstance(source, str):
            return compile_anew(self, source, *rest, **options)
        key = hashlib.sha256(f"{type(self).__name__}\n{source}".encode()).digest()
        code = kept.get(key)
        if code is None:
            code = kept[key] = compile_anew(self, source)
        return code

    setattr(MacroFuzzEnvironment, "compile", compiled)  # noqa: B010
    try:
        yield
    finally:
        setattr(MacroFuzzEnvironment, "compile", compile_anew)  # noqa: B010
        if len(kept) > before:
            _write(path, kept)


def _versions() -> str:
    names = ("jinja2", "dbt-core", "dbt-common", "dbt-adapters", "dbt-duckdb")
    return "|".join([sys.version, *(version(name) for name in names)])


def _read(path: Path) -> dict[bytes, CodeType]:
    try:
        versions, kept = marshal.loads(path.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return kept if versions == _versions() else {}


def _write(path: Path, kept: dict[bytes, CodeType]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(marshal.dumps((_versions(), kept)))
    aside.replace(path)
