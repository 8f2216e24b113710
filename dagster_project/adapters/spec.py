"""What an adapter folder says about itself: ``adapter.yml`` and the SQL files beside it."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from dagster_project.errors import UsageError

ADAPTERS_DIR = Path(__file__).resolve().parent

_KNOWN_KEYS = {
    "description",
    "source_system",
    "format",
    "extracted_at",
    "inputs",
    "csv",
    "feeds",
    "notes",
}


@dataclass(frozen=True)
class AdapterSpec:
    """One adapter: where its SQL is and how its native files are read."""

    name: str
    folder: Path
    description: str
    source_system: str
    extracted_at_sql: str
    """Query that gives the day or moment the extract was taken, from the data itself."""
    inputs: dict[str, list[str]]
    """Native table -> columns that the SQL needs; checked before anything runs."""
    data_format: str = "csv"
    csv: dict[str, str] = field(default_factory=dict)
    feed_options: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def feed_files(self) -> dict[str, Path]:
        """Feed name -> its SQL file."""
        files = sorted(self.folder.glob("*.sql"))
        return {path.stem: path for path in files if not path.stem.startswith("_")}

    @property
    def shared_files(self) -> list[Path]:
        """SQL that runs first: macros and views used by several feeds."""
        return sorted(self.folder.glob("_*.sql"))


def adapter_names() -> tuple[str, ...]:
    """List the adapters that ship with the project."""
    return tuple(sorted(path.parent.name for path in ADAPTERS_DIR.glob("*/adapter.yml")))


def load_spec(name: str) -> AdapterSpec:
    """Read an adapter by its name, or by the path of a folder of one's own.

    Raises:
        UsageError: There is no such adapter, or its ``adapter.yml`` is not usable.
    """
    folder = ADAPTERS_DIR / name
    if name not in adapter_names():
        folder = Path(name)
        if not (folder / "adapter.yml").is_file():
            raise UsageError(
                f"There is no adapter {name!r}.",
                f"Known adapters: {', '.join(adapter_names())}.",
                "Use one of them, or the path of a folder that holds an adapter.yml.",
            )
    return _parse(folder.resolve())


def _parse(folder: Path) -> AdapterSpec:
    path = folder / "adapter.yml"
    # Everything is text: a column may be called No, which YAML would take for false.
    body = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
    unknown = set(body) - _KNOWN_KEYS
    missing = {"extracted_at", "inputs"} - set(body)
    if unknown or missing:
        raise UsageError(
            f"{folder.name}/adapter.yml cannot be used.",
            f"Unknown: {sorted(unknown) or 'none'}; missing: {sorted(missing) or 'none'}.",
            f"Known keys are {', '.join(sorted(_KNOWN_KEYS))}.",
        )
    return AdapterSpec(
        name=folder.name,
        folder=folder,
        description=body.get("description", ""),
        source_system=body.get("source_system", folder.name),
        extracted_at_sql=body["extracted_at"],
        inputs={table: list(columns or []) for table, columns in body["inputs"].items()},
        data_format=body.get("format", "csv"),
        csv=body.get("csv") or {},
        feed_options=body.get("feeds") or {},
    )
