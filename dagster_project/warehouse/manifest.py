"""The parsed dbt project, kept until one of its files changes.

Parsing takes seconds and most commands do not need it anew, so the parsed form is stored with a
fingerprint of every file that it was made from. Nothing here opens the warehouse.
"""

import fcntl
import gzip
import hashlib
import json
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster_project.errors import TierlineError
from dagster_project.settings import DBT_DIR, SEEDS_DIR, Settings

SOLVER_PACKAGES = (
    "analytics",
    "segmentation",
    "identity",
    "demand",
    "value",
    "schemes",
    "service",
    "improvement",
    "metrics",
    "governance",
)
"""Packages of the Python analytics: another code of theirs can give other rows."""

_STAMP = "tierline_fingerprint.txt"
_PACKED = "manifest.json.gz"
_PICKLED = "manifest.pickle"
_DESCRIPTIONS = "descriptions.json"
_loaded: dict[str, Any] = {}
_fingerprints: dict[tuple[tuple[str, int, int, int], ...], str] = {}


def code_fingerprint(settings: Settings) -> str:
    """Return sha256 (hex) over models, macros, tests, seeds and the analytics code.

    Two builds with the same fingerprint, inputs and logical date give the same rows.
    """
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    solvers = [path for name in SOLVER_PACKAGES for path in sorted((package / name).glob("*.py"))]
    for path in [*map(Path, _dbt_files(settings)), *solvers]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def policy_version(settings: Settings) -> str:
    """Return the first 12 hex digits of sha256 over the policy seeds."""
    digest = hashlib.sha256()
    for path in sorted(settings.policy_dir.glob("*.csv")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def target_dir(settings: Settings) -> Path:
    """Return the folder of the parsed project; a home with its own policy has its own."""
    if settings.engine != "duckdb":
        return DBT_DIR / "target" / settings.engine
    if settings.policy_dir.resolve() == (SEEDS_DIR / "policy").resolve():
        return DBT_DIR / "target"
    return settings.work_dir / "dbt_manifest"


def ensure_manifest(settings: Settings) -> Path:
    """Parse the dbt project unless the stored parse is current; return ``manifest.json``.

    Raises:
        TierlineError: dbt cannot parse the project; its message is passed on.
    """
    target = target_dir(settings)
    target.mkdir(parents=True, exist_ok=True)
    with _exclusive(target / ".lock"):
        fingerprint = _project_fingerprint(settings)
        stamp = target / _STAMP
        manifest = target / "manifest.json"
        written = all((target / name).exists() for name in ("manifest.json", _PACKED, _STAMP))
        if not (written and stamp.read_text() == fingerprint):
            _parse(settings, target)
            _write_extracts(manifest)
            stamp.write_text(fingerprint)
    return manifest


def load_manifest(settings: Settings) -> Any:
    """Return dbt's own ``Manifest`` object, parsed once per process and fingerprint.

    It is kept pickled too, which is read five times as fast as dbt's own form.
    """
    path = ensure_manifest(settings).parent / "partial_parse.msgpack"
    key = f"{path}:{path.stat().st_mtime_ns}"
    if key not in _loaded:
        _loaded.clear()
        manifest = _unpickled(path.with_name(_PICKLED), key) or _from_msgpack(path, key)
        manifest.build_flat_graph()
        _loaded[key] = manifest
    return _loaded[key]


def _unpickled(path: Path, key: str) -> Any:
    """Return the manifest as it was pickled; None where that is of another parse or version."""
    try:
        with path.open("rb") as file:
            if pickle.load(file) == (key, version("dbt-core"), sys.version):
                return pickle.load(file)
    except Exception:  # Whatever is wrong with the copy, dbt's own form is there.
        return None
    return None


def _from_msgpack(path: Path, key: str) -> Any:
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack(path.read_bytes())
    aside = path.with_name(f".{_PICKLED}.{os.getpid()}")
    with suppress(OSError):
        with aside.open("wb") as file:
            pickle.dump((key, version("dbt-core"), sys.version), file)
            pickle.dump(manifest, file)
        aside.replace(path.with_name(_PICKLED))
    return manifest


def read_manifest(settings: Settings) -> dict[str, Any]:
    """Return ``manifest.json`` as a dictionary."""
    return json.loads(ensure_manifest(settings).read_bytes())


def packed_manifest(settings: Settings) -> Path | None:
    """Return ``manifest.json.gz`` of the last parse, None where nothing was parsed yet."""
    path = target_dir(settings) / _PACKED
    return path if path.exists() else None


def descriptions(settings: Settings) -> dict[str, str]:
    """Return the description of each model of the last parse, by its name."""
    path = target_dir(settings) / _DESCRIPTIONS
    return json.loads(path.read_bytes()) if path.exists() else {}


@contextmanager
def dbt_environment(settings: Settings, tidy: bool = False) -> Iterator[None]:
    """Set what ``profiles.yml`` and ``dbt_project.yml`` read from the environment."""
    values = {
        "TIERLINE_ENGINE": settings.engine,
        "TIERLINE_WAREHOUSE": str(settings.warehouse_path),
        "TIERLINE_POLICY_DIR": _policy_path(settings),
        "TIERLINE_THREADS": str(settings.threads),
        "TIERLINE_MEMORY_LIMIT": settings.memory_limit,
        "TIERLINE_VACUUM_TASKS": "100" if tidy else "0",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _policy_path(settings: Settings) -> str:
    """Return the policy folder relative to the dbt project and without a way out of it.

    dbt writes what it ran to ``target/run/<path of the seed>``: an absolute path, or one that
    climbs out of the project, would lead it to the policy files themselves. A company's own
    folder is therefore copied to a place below ``target``.
    """
    if settings.policy_dir.resolve() == (SEEDS_DIR / "policy").resolve():
        return "../seeds/policy"
    copy = DBT_DIR / "target" / "policies" / policy_version(settings)
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_name(f".{copy.name}-{os.getpid()}")
        shutil.copytree(settings.policy_dir, unfinished, dirs_exist_ok=True)
        with suppress(OSError):
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return str(copy.relative_to(DBT_DIR))


def _parse(settings: Settings, target: Path) -> None:
    from dbt.cli.main import dbtRunner

    arguments = [
        "--log-level",
        "none",
        "parse",
        "--project-dir",
        str(DBT_DIR),
        "--profiles-dir",
        str(DBT_DIR),
    ]
    arguments += ["--target-path", str(target), "--log-path", str(target / "logs")]
    with dbt_environment(settings):
        result = dbtRunner().invoke(arguments)
    if not result.success:
        raise TierlineError(
            "The dbt project cannot be parsed.",
            str(result.exception),
            "Correct the file named above; `dbt parse` in dbt/ shows the same message.",
        )


def _write_extracts(manifest: Path) -> None:
    """Write beside the manifest what releases need of it: reading it whole takes half a second."""
    text = manifest.read_bytes()
    packed = gzip.compress(text, compresslevel=6, mtime=0)
    manifest.with_name(_PACKED).write_bytes(packed)
    found = {
        node["name"]: " ".join(node["description"].split())
        for node in json.loads(text)["nodes"].values()
        if node["resource_type"] == "model" and node["description"]
    }
    manifest.with_name(_DESCRIPTIONS).write_text(json.dumps(found))


def _dbt_files(settings: Settings) -> list[str]:
    folders = [DBT_DIR / "models", DBT_DIR / "macros", DBT_DIR / "tests", SEEDS_DIR / "reference"]
    files = [str(DBT_DIR / "dbt_project.yml"), str(DBT_DIR / "profiles.yml")]
    for folder in [*folders, settings.policy_dir]:
        found = (f"{at}/{name}" for at, _, names in os.walk(folder) for name in names)
        files += sorted(path for path in found if path.endswith((".sql", ".yml", ".csv")))
    return files


def _project_fingerprint(settings: Settings) -> str:
    """Return sha256 over the files of the project; they are read again once one was written."""
    seen = tuple((path, *_written(path)) for path in _dbt_files(settings))
    if seen not in _fingerprints:
        digest = hashlib.sha256(str(DBT_DIR).encode())
        for path, *_ in seen:
            digest.update(path.encode())
            digest.update(Path(path).read_bytes())
        _fingerprints.clear()
        _fingerprints[seen] = digest.hexdigest()
    return _fingerprints[seen]


def _written(path: str) -> tuple[int, int, int]:
    facts = os.stat(path)  # noqa: PTH116 - a thousand of them, several times per build
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    from dagster_project.settings import get_settings

    print(ensure_manifest(get_settings()))
