"""Where the data of erased persons still are, after a build that left them out.

Said in words to whoever erases: what Tierline does not change by itself, because it is the proof of
what came in and went out, has to be removed by people.
"""

from dagster_project.governance.erasure import OWNED_BY
from dagster_project.settings import Settings


def remains(settings: Settings) -> str:
    """Return what still holds personal data of an erased person, one line per place in the home."""
    feeds = ", ".join(f"{system}.{feed}" for system, feed in OWNED_BY)
    places = {
        "raw batches": (settings.raw_dir, f"of {feeds}, never rewritten; the build masks them"),
        "delivered files": (settings.landing_dir, f"of {feeds}, as the sources sent them"),
        "quarantined rows": (settings.quarantine_dir, "with the text of the row"),
        "older releases": (settings.releases_dir, "all but those of later builds; never changed"),
        "frozen sets": (settings.home / "frozen", "hold entity and segment only, no name"),
        "exports": (settings.home / "profiles", "and copies that readers took away"),
    }
    lines = [f"  {name}: {path} ({note})" for name, (path, note) in places.items() if path.exists()]
    hashes = settings.home / "secrets" / "pii.key"
    if hashes.exists():
        lines.append(f"  hashes given out: delete {hashes} and nobody can test a name against them")
    if not lines:
        return "Nothing has landed or been released here: nothing remains."
    return "\n".join(["Still there until somebody removes it:", *lines])
