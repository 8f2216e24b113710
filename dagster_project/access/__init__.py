"""Who may see what of a release: column classes, release profiles, their exports."""

from dagster_project.access.classification import Classification, load_classification
from dagster_project.access.export import ExportedProfile, export_profile
from dagster_project.access.profiles import Profile, load_profiles

__all__ = [
    "Classification",
    "ExportedProfile",
    "Profile",
    "export_profile",
    "load_classification",
    "load_profiles",
]
