"""Writing files so that a reader, or a power cut, sees the old state or the new one.

Everything that ``release`` puts on disk goes through here.
"""

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dagster_project.errors import LockedError
from dagster_project.locking import exclusive_lock


def write_text(path: Path, text: str) -> None:
    """Replace a file by new content, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_json(path: Path, data: Any) -> None:
    """Replace a JSON file, whole or not at all."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n")


def append_line(path: Path, data: dict[str, Any]) -> None:
    """Append one JSON line and make it durable; a torn last line is closed, not continued."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
    with path.open("a", encoding="utf-8") as handle:
        handle.write(("\n" if torn else "") + json.dumps(data, ensure_ascii=False) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def sync_file(path: Path) -> None:
    """Make what a file contains durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    sync_file(path)


def sync_tree(root: Path) -> None:
    """Make a finished folder durable and its files read-only.

    A file with another name elsewhere belongs to a release that was made durable before.
    """
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder) / name
            if file.stat().st_nlink > 1:
                continue
            sync_file(file)
            file.chmod(0o444)
        sync_folder(Path(folder))


def point_link(link: Path, target: str) -> None:
    """Let a symbolic link point to a new target, in one step.

    Args:
        link: The link, existing or not.
        target: Relative to the folder of the link, so that a home can be moved.
    """
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_folder(link.parent)


def exclusive(path: Path) -> AbstractContextManager[None]:
    """Hold a lock that dies with its process.

    Raises:
        LockedError: Another process holds it.
    """
    return exclusive_lock(
        path,
        lambda holder: LockedError(
            "Another process is publishing or rolling back.",
            f"{path} is held by process {holder}.",
            "Wait for it to finish, then run the command again.",
        ),
    )
