"""The first sheet of an xlsx file as CSV, with typed cells as canonical text."""

import csv
from datetime import date, datetime, time
from pathlib import Path


def workbook_to_csv(path: Path, target: Path) -> None:
    """Write the sheet as CSV with its own row number first; empty rows are left out.

    Raises:
        UnreadableError: The file is not an xlsx workbook.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    from dagster_project.ingestion.sources import UnreadableError

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, OSError, KeyError, ValueError) as error:
        raise UnreadableError(f"{path.name}: expected an xlsx workbook, found {error}") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL)
            for number, row in enumerate(rows, start=1):
                texts = [_text(value) for value in row]
                if any(texts):
                    is_header = out.tell() == 0
                    writer.writerow(["__row" if is_header else number, *texts])
    finally:
        book.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Excel keeps 15 significant digits; more would show its binary rounding.
        text = f"{value:.15g}"
        return f"{float(text):f}" if "e" in text else text
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
