"""Where things are and which environment this is, resolved once.

Add a field when a path or switch is needed in more than one module. Values come from
``TIERLINE_*`` variables; nothing here connects to anything or creates a folder.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dagster_project.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_DIR = PROJECT_ROOT / "dbt"
SEEDS_DIR = PROJECT_ROOT / "seeds"


class Settings(BaseSettings):
    """One environment: its name, its home folder and the few switches that a build needs."""

    model_config = SettingsConfigDict(env_prefix="TIERLINE_", extra="ignore")

    env: Literal["dev", "ci", "prod"] = "dev"
    home: Path = Field(default=PROJECT_ROOT / ".tierline" / "dev")
    as_of: str | None = None
    """Logical date, ``YYYY-MM-DD``; null takes the last day that all required feeds cover."""
    group_currency: str | None = None
    """ISO 4217; null takes the only document currency, else the policy's default."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    policy_dir: Path = SEEDS_DIR / "policy"
    decisions_at: str | None = Field(
        default=None, validation_alias=AliasChoices("decisions_url", "TIERLINE_DECISIONS_URL")
    )
    """Where decisions are kept, as an SQLAlchemy address; null is a SQLite file in the home."""
    memory_limit: str = "3GB"
    threads: int = 2

    def model_post_init(self, _context: object) -> None:
        if "home" not in self.model_fields_set:
            self.home = PROJECT_ROOT / ".tierline" / self.env
        self.home = self.home.expanduser().absolute()

    @property
    def landing_dir(self) -> Path:
        return self.home / "landing"

    @property
    def raw_dir(self) -> Path:
        return self.home / "raw"

    @property
    def quarantine_dir(self) -> Path:
        return self.home / "quarantine"

    @property
    def ledger_path(self) -> Path:
        return self.home / "landing.db"

    @property
    def decisions_url(self) -> str:
        return self.decisions_at or f"sqlite:///{self.home / 'decisions.db'}"

    @property
    def work_dir(self) -> Path:
        return self.home / "work"

    @property
    def warehouse_path(self) -> Path:
        return self.work_dir / "warehouse.duckdb"

    @property
    def receipts_dir(self) -> Path:
        return self.home / "receipts"

    @property
    def releases_dir(self) -> Path:
        return self.home / "releases"

    @property
    def current_link(self) -> Path:
        return self.home / "current"


@lru_cache
def get_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        UsageError: A ``TIERLINE_*`` variable has a value that is not allowed; the known
            values are listed.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"TIERLINE_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()
        )
        raise UsageError(
            "The environment is not usable.", problems, "Correct the variable or unset it."
        ) from error
