"""A text is about what its words say, in the language it is written in."""

import pytest

from dagster_project.improvement.themes import dictionary_of, mean_mood, mood_of, themes_of

ROWS = [
    ("DELIVERY_TIME", "en", "late"),
    ("DELIVERY_TIME", "en", "delay*"),
    ("DELIVERY_TIME", "en", "on time"),
    ("DELIVERY_TIME", "de", "zu spät"),
    ("DOCUMENTS", "en", "invoice*"),
    ("PEOPLE", "*", "Anna"),
]
DICTIONARY = dictionary_of(
    {"theme": theme, "language": language, "keyword": keyword} for theme, language, keyword in ROWS
)


@pytest.mark.parametrize(
    ("text", "language", "themes"),
    [
        ("It came LATE.", "en", ("DELIVERY_TIME",)),
        ("Delayed again, and two invoices.", "en", ("DELIVERY_TIME", "DOCUMENTS")),
        ("Delivered on  time", "en", ("DELIVERY_TIME",)),
        ("A plate was broken.", "en", ("OTHER",)),
        ("Plates later", "en", ("OTHER",)),
        ("Das kam zu spät.", "de", ("DELIVERY_TIME",)),
        ("Das kam zu spät.", "en", ("OTHER",)),
        ("Das kam zu spät.", None, ("DELIVERY_TIME",)),
        ("Anna hilft immer.", "de", ("PEOPLE",)),
        ("", "en", ("OTHER",)),
    ],
    ids=[
        *("whole word", "beginning of words", "phrase", "inside a word", "whole words only"),
        *("its language", "another language", "language not known", "every language", "empty"),
    ],
)
def test_words_put_a_text_under_themes(text, language, themes):
    assert themes_of(text, language, DICTIONARY) == themes


@pytest.mark.parametrize(
    ("kind", "score", "mood"),
    [("NPS", 9, 1), ("NPS", 7, 0), ("NPS", 6, -1), ("CSAT", 5, 1), ("CSAT", 2, -0.5)],
)
def test_mood_follows_from_the_score(kind, score, mood):
    assert mood_of(kind, score) == mood


def test_survey_without_such_a_score_has_no_mood():
    assert mood_of("EXPECTATION", 3) is None
    assert mood_of("NPS", None) is None
    assert mean_mood([1, None, 0]) == 0.5
    assert mean_mood([None]) is None
