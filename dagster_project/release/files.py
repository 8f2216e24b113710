"""Writing files so that a reader, or a power cut, sees the old state or the new one.

Everything that ``release`` puts on disk goes through here.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster_project.errors import LockedError


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


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Make a finished folder durable and its files read-only.

    A file with another name elsewhere belongs to a release that was made durable before.
    """
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder) / name
            if file.stat().st_nlink > 1:
                continue
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
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


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock that dies with its process.

    Raises:
        LockedError: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise LockedError(
                "Another process is publishing or rolling back.",
                f"{path} is held by process {holder}.",
                "Wait for it to finish, then run the command again.",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
