"""What each kind of reader gets: rows of ``release_profile.csv``."""

from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from dagster_project.access.classification import CLASSES, bad_cell, read_policy
from dagster_project.access.grants import EVERY_REGION


class Treatment(Enum):
    """What becomes of a column."""

    SHOW = "SHOW"
    HASH = "HASH"
    """A keyed hash: the same value has the same hash, and nobody can read it back."""
    DROP = "DROP"


@dataclass(frozen=True)
class Profile:
    """One kind of reader: the marts it gets, of which region's customers (``*``: of all), and what
    becomes of each class of column.
    """

    profile_id: str
    marts: tuple[str, ...]
    treatments: dict[str, Treatment]
    region: str = EVERY_REGION

    def sees(self, mart: str) -> bool:
        return any(fnmatchcase(mart, pattern) for pattern in self.marts)


def load_profiles(policy_dir: Path) -> dict[str, Profile]:
    """Read ``release_profile.csv`` by profile id.

    Raises:
        UsageError: A treatment is unknown, a cell is blank or a profile is there twice; the
            message names row and column.
    """
    path = policy_dir / "release_profile.csv"
    profiles: dict[str, Profile] = {}
    for number, row in enumerate(read_policy(path), start=2):
        treatments = {}
        for column in ("profile_id", "marts", "region", "why"):
            if not (row.get(column) or "").strip():
                raise bad_cell(path, number, column, "must not be blank")
        for name in CLASSES:
            value = (row.get(name.lower()) or "").strip()
            if value not in Treatment.__members__:
                allowed = ", ".join(Treatment.__members__)
                raise bad_cell(path, number, name.lower(), f"must be one of {allowed}")
            treatments[name] = Treatment[value]
        if row["profile_id"] in profiles:
            raise bad_cell(path, number, "profile_id", f"'{row['profile_id']}' is there twice")
        marts = tuple(row["marts"].split())
        profiles[row["profile_id"]] = Profile(
            row["profile_id"], marts, treatments, row["region"].strip()
        )
    return profiles
