"""The manifest of a batch: what its sender says was sent.

Add a field when senders can state one more fact that the loader checks or needs to read the
files. A field that is wrong is named with what was expected and what was found.
"""

import codecs
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

MANIFEST_NAME = "manifest.json"
SAFE_NAME = re.compile(r"[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]{0,199}")
FORMATS = ("csv", "parquet", "jsonl", "xlsx")
MODES = ("FULL", "DELTA")


class ManifestError(ValueError):
    """A field of the manifest is missing or wrong."""

    def __init__(self, name: str, expected: str, found: object) -> None:
        self.field, self.expected, self.found = name, expected, found
        super().__init__(f"{name}: expected {expected}, found {_shown(found)}")


@dataclass(frozen=True)
class ManifestFile:
    """One file of a batch."""

    name: str
    row_count: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the sender says about one batch. Times are UTC without zone; windows half-open."""

    batch_id: str
    system: str
    feed: str
    mode: str
    extracted_at: datetime
    files: tuple[ManifestFile, ...]
    row_count: int
    format: str
    source_system: str
    window_from: datetime | None = None
    window_to: datetime | None = None
    control_totals: dict[str, Decimal] = field(default_factory=dict)
    supersedes_batch_id: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str | None = None
    timestamp_format: str | None = None
    null_text: tuple[str, ...] = ()


def parse_manifest(content: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ManifestError: It is not JSON, or a field is missing or wrong.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ManifestError(MANIFEST_NAME, "a JSON document", str(error)) from error
    if not isinstance(document, dict):
        raise ManifestError(MANIFEST_NAME, "a JSON object", document)
    if str(document.get("schema_version", "1")) != "1":
        raise ManifestError("schema_version", "'1'", document["schema_version"])
    files = _files(document)
    manifest = Manifest(
        batch_id=_name(document, "batch_id"),
        system=_name(document, "system"),
        feed=_name(document, "feed"),
        mode=_one_of(document, "mode", MODES),
        extracted_at=_required_time(document, "extracted_at"),
        files=files,
        row_count=_count(document, "row_count"),
        format=_format(document, files),
        source_system=_text(document, "source_system", None) or _name(document, "system"),
        window_from=_time(document, "window_from"),
        window_to=_time(document, "window_to"),
        control_totals=_totals(document),
        supersedes_batch_id=_text(document, "supersedes_batch_id", None),
        **_reading(document),
    )
    _check_together(manifest)
    return manifest


def _check_together(manifest: Manifest) -> None:
    total = sum(file.row_count for file in manifest.files)
    if total != manifest.row_count:
        raise ManifestError("row_count", f"the sum over its files, {total}", manifest.row_count)
    if manifest.supersedes_batch_id == manifest.batch_id:
        raise ManifestError("supersedes_batch_id", "another batch", manifest.batch_id)
    if manifest.mode == "DELTA":
        if manifest.window_from is None or manifest.window_to is None:
            raise ManifestError("window_from and window_to", "a window for mode DELTA", None)
        if manifest.window_from > manifest.window_to:
            expected = f"an end of the window not before {manifest.window_from.isoformat()}"
            raise ManifestError("window_to", expected, manifest.window_to.isoformat())
    if manifest.decimal == manifest.thousands:
        raise ManifestError("thousands", "another sign than the decimal one", manifest.thousands)


def _shown(found: object) -> str:
    text = "nothing" if found is None else repr(found) if isinstance(found, str) else str(found)
    return text if len(text) <= 200 else text[:200] + "…"


def _text(document: dict[str, Any], name: str, default: str | None) -> str | None:
    value = document.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or not value:
        raise ManifestError(name, "text", value)
    return value


def _name(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not SAFE_NAME.fullmatch(value):
        raise ManifestError(name, "a name of letters, digits and ._=+@-", value)
    return value


def _one_of(document: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = document.get(name)
    if value not in allowed:
        raise ManifestError(name, "one of " + ", ".join(allowed), value)
    return str(value)


def _count(document: dict[str, Any], name: str) -> int:
    value = document.get("row_count")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ManifestError(name, "a number of rows", value)
    return value


def _time(document: dict[str, Any], name: str) -> datetime | None:
    value = document.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (TypeError, ValueError, OverflowError) as error:
        raise ManifestError(name, "an ISO 8601 timestamp", value) from error


def _required_time(document: dict[str, Any], name: str) -> datetime:
    moment = _time(document, name)
    if moment is None:
        raise ManifestError(name, "an ISO 8601 timestamp", None)
    return moment


def _files(document: dict[str, Any]) -> tuple[ManifestFile, ...]:
    listed = document.get("files")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ManifestError("files", "a list of {name, row_count, sha256}", listed)
    files = []
    for number, item in enumerate(listed):
        name, digest = item.get("name"), item.get("sha256")
        if not isinstance(name, str) or name != name.strip("./\\ ") or set(name) & set("/\\\0"):
            raise ManifestError(f"files[{number}].name", "a file name without a path", name)
        if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
            raise ManifestError(f"files[{number}].sha256", "64 hexadecimal digits", digest)
        rows = _count(item, f"files[{number}].row_count")
        files.append(ManifestFile(name, rows, digest.lower()))
    names = [file.name for file in files]
    if len(set(names)) != len(names):
        raise ManifestError("files", "each file once", names)
    return tuple(files)


def _format(document: dict[str, Any], files: tuple[ManifestFile, ...]) -> str:
    if document.get("format") is not None or not files:
        return _one_of({"format": "csv"} | document, "format", FORMATS)
    endings = {file.name.removesuffix(".gz").rpartition(".")[2].lower() for file in files}
    if len(endings) == 1 and (ending := endings.pop()) in FORMATS:
        return ending
    raise ManifestError("format", "one of " + ", ".join(FORMATS), None)


def _totals(document: dict[str, Any]) -> dict[str, Decimal]:
    listed = document.get("control_totals") or {}
    if not isinstance(listed, dict):
        raise ManifestError("control_totals", "{column: decimal as text}", listed)
    totals = {}
    for column, text in listed.items():
        try:
            totals[column] = Decimal(str(text))
        except InvalidOperation as error:
            raise ManifestError(f"control_totals.{column}", "a decimal as text", text) from error
        if not totals[column].is_finite():
            raise ManifestError(f"control_totals.{column}", "a decimal as text", text)
    return totals


def _reading(document: dict[str, Any]) -> dict[str, Any]:
    encoding = _text(document, "encoding", "utf-8") or "utf-8"
    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise ManifestError("encoding", "a text encoding that Python knows", encoding) from error
    delimiter = _text(document, "delimiter", ",") or ","
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ManifestError("delimiter", "one character", delimiter)
    decimal = _text(document, "decimal", ".")
    if decimal not in {".", ","}:
        raise ManifestError("decimal", "'.' or ','", decimal)
    thousands = document.get("thousands") or ""
    if not isinstance(thousands, str) or len(thousands) > 1:
        raise ManifestError("thousands", "one character", thousands)
    nulls = document.get("null_text") or ()
    nulls = (nulls,) if isinstance(nulls, str) else tuple(nulls)
    if not all(isinstance(text, str) for text in nulls):
        raise ManifestError("null_text", "text or a list of texts", list(nulls))
    return {
        "encoding": encoding,
        "delimiter": delimiter,
        "decimal": decimal,
        "thousands": thousands,
        "date_format": _text(document, "date_format", None),
        "timestamp_format": _text(document, "timestamp_format", None),
        "null_text": nulls,
    }
