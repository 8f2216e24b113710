"""What customers write about, by words that anybody can read and change.

No model: a text is about a theme if a word or phrase of its dictionary is in it, which a reader can
check by eye. Source: K. Krippendorff, Content Analysis (Sage, 4th ed. 2019), chapter on
dictionaries.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dagster_project.improvement.survey import promoter_sign

ANY_LANGUAGE = "*"
UNCODED = "OTHER"
"""Theme of a text in which no word of the dictionary is."""

Dictionary = Mapping[tuple[str, str], re.Pattern[str]]
"""Pattern by theme and language."""


def dictionary_of(rows: Iterable[Mapping[str, Any]]) -> Dictionary:
    """Return the dictionary.

    Args:
        rows: theme, language and keyword; a keyword is met as a whole word, or, with ``*`` at its
            end, as the beginning of one, in whatever case.
    """
    words: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        keyword = str(row["keyword"]).strip()
        stem = re.escape(keyword.removesuffix("*")).replace(r"\ ", r"\s+")
        end = "" if keyword.endswith("*") else r"\b"
        words.setdefault((row["theme"], row["language"]), []).append(rf"\b{stem}{end}")
    return {key: re.compile("|".join(sorted(found)), re.IGNORECASE) for key, found in words.items()}


def themes_of(text: str, language: str | None, dictionary: Dictionary) -> tuple[str, ...]:
    """Return the themes of a text in their order; ``UNCODED`` where there is none.

    Args:
        text: What was written.
        language: Its language; None where it is not known, then every one is looked for.
        dictionary: As ``dictionary_of`` returns it.
    """
    found = {
        theme
        for (theme, spoken), pattern in dictionary.items()
        if (language is None or spoken in (language, ANY_LANGUAGE)) and pattern.search(text)
    }
    return tuple(sorted(found)) or (UNCODED,)


def mood_of(survey_type: str, score: float | None) -> float | None:
    """Return how a score speaks, from -1 to 1; None where the kind of survey has no such score.

    A promoter is 1 and a detractor -1; of five boxes the middle one is 0.
    """
    if score is None:
        return None
    if survey_type == "NPS":
        return promoter_sign(score)
    return (score - 3) / 2 if survey_type in ("CSAT", "CES", "LSQ", "SERVQUAL") else None


def mean_mood(moods: Sequence[float | None]) -> float | None:
    """Return the mean of what is known; None where nothing is."""
    known = [one for one in moods if one is not None]
    return sum(known) / len(known) if known else None
