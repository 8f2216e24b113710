"""Reads comments and notes of interviews and writes what each segment speaks about.

Waves and segments are those of ``survey_table``; a note belongs to the quarter of the interview.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.survey import reason_to_hide
from dagster_project.improvement.survey_table import answers_until, members_at, waves
from dagster_project.improvement.themes import (
    Dictionary,
    dictionary_of,
    mean_mood,
    mood_of,
    themes_of,
)
from dagster_project.improvement.values import EVERYBODY
from dagster_project.schemes.closed import Closed

NOTES = "intermediate.int_improvement__interview"
NOTE_COLUMNS = (
    *("note_id", "entity_id", "noted_date", "theme", "note_text", "sentiment", "known_at"),
)
THEMES = "policy.survey_theme"
THEME_COLUMNS = ("theme", "language", "keyword")
SURVEY, INTERVIEW = "SURVEY", "INTERVIEW"


@dataclass(frozen=True)
class Text:
    """One text: who wrote it when, its themes and its mood from -1 to 1."""

    source: str
    day: date
    entity_id: str | None
    themes: tuple[str, ...]
    mood: float | None


def note_reads(closed: Closed) -> tuple[Read, ...]:
    """Notes of interviews."""
    return (Read(NOTES, NOTE_COLUMNS, (("noted_date", closed.end), ("known_at", closed.known_at))),)


def theme_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on, besides answers and segments."""
    return (*note_reads(closed), Read(THEMES, THEME_COLUMNS))


def theme_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return segment, wave, source and theme with how often it is named; empty without a text."""
    dictionary = dictionary_of(tables.read(THEMES, THEME_COLUMNS).to_pylist())
    texts = [*_comments(tables, closed, dictionary), *_notes(tables, closed, dictionary)]
    rows: list[dict[str, Any]] = []
    for start, end in waves(closed):
        own = [one for one in texts if start <= one.day <= end]
        if own:
            members = members_at(tables, closed, end)
            cells: dict[tuple[str, str], list[Text]] = defaultdict(list)
            for one in own:
                # Whoever cannot be told speaks for all together only.
                keys = {key for key, inside in members.items() if one.entity_id in inside}
                for key in keys | {EVERYBODY}:
                    cells[key, one.source].append(one)
            for (key, source), group in sorted(cells.items()):
                rows += _rows(key, start, source, group, settings)
    return table_of("perceived_theme", rows)


def known_notes(tables: Tables, closed: Closed) -> list[dict[str, Any]]:
    """Return the notes of interviews up to the closed month that were known, in one order."""
    notes = tables.read(NOTES, NOTE_COLUMNS)
    kept = pc.and_(
        pc.less_equal(notes["noted_date"], pa.scalar(closed.end)),
        pc.less_equal(notes["known_at"].cast(pa.timestamp("us")), pa.scalar(closed.known_at)),
    )
    return list(notes.filter(pc.fill_null(kept, False)).sort_by("note_id").to_pylist())


def _comments(tables: Tables, closed: Closed, dictionary: Dictionary) -> Iterator[Text]:
    for row in answers_until(tables, closed):
        if row["comment_text"]:
            score = None if row["score"] is None else float(row["score"])
            yield Text(
                SURVEY,
                row["submitted_date"],
                row["entity_id"],
                themes_of(row["comment_text"], row["language"], dictionary),
                mood_of(row["survey_type"], score),
            )


def _notes(tables: Tables, closed: Closed, dictionary: Dictionary) -> Iterator[Text]:
    """A note is about what the interviewer filed it under; else the dictionary says it."""
    for row in known_notes(tables, closed):
        filed = row["theme"]
        yield Text(
            INTERVIEW,
            row["noted_date"],
            row["entity_id"],
            (filed,) if filed else themes_of(row["note_text"], None, dictionary),
            None if row["sentiment"] is None else float(row["sentiment"]),
        )


def _rows(
    key: str, start: date, source: str, texts: Sequence[Text], settings: Settings
) -> Iterator[dict[str, Any]]:
    for theme in sorted({theme for one in texts for theme in one.themes}):
        about = [one for one in texts if theme in one.themes]
        entities = {one.entity_id for one in about if one.entity_id}
        hidden = reason_to_hide(len(texts), len(entities), settings.survey_min_answers, "texts")
        yield {
            "segment_key": key,
            "wave_start_date": start,
            "source": source,
            "theme": theme,
            "texts_count": len(texts),
            "is_hidden": hidden is not None,
            "null_reason": hidden,
        } | (
            {}
            if hidden
            else {
                "mentions_count": len(about),
                "entities_count": len(entities),
                "mention_share": len(about) / len(texts),
                "mean_mood": mean_mood([one.mood for one in about]),
            }
        )
