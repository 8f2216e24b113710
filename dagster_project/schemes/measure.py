"""Every attribute of the catalogue, month by month, for those who ordered: what judging them needs.

Also the class of margin that a customer came to afterwards, which is what an attribute should tell
in advance. How an attribute is judged belongs in ``catalogue.py``.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.errors import TierlineError
from dagster_project.schemes.catalogue import quantile_class
from dagster_project.schemes.reader import History
from dagster_project.segmentation.attributes import ATTRIBUTES, Window
from dagster_project.segmentation.engine import evaluated_months
from dagster_project.segmentation.history import Knowledge
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import UNIT, FloatArray

LOOK_BACK = 12
"""Months before the judged one over which stability is measured."""

TARGET = "gross_margin"


@dataclass(frozen=True)
class Measured:
    """Attributes of the customers that ordered in the window of the judged month.

    ``months``: oldest first, each of shape (customers, attributes), NaN for missing and for who
    had not ordered; the last is the judged one. ``target``: margin class of the following window;
    None while that has not passed. ``entities``: who they are.
    """

    names: tuple[str, ...]
    judged_month: str
    months: tuple[FloatArray, ...]
    target: list[str] | None
    entities: tuple[str, ...] = ()


def measure(history: History, scheme: Scheme) -> Measured:
    """Measure all attributes up to the last month whose following window has passed.

    Args:
        history: Entities, activity and the last day they cover.
        scheme: Its window is used.

    Raises:
        TierlineError: No month can be judged.
    """
    span = evaluated_months(history.activity, scheme, history.as_of)
    if not len(span):
        raise TierlineError(
            "No attribute can be judged.",
            f"No month had been evaluated by {history.as_of}.",
            "Land orders and build.",
        )
    has_target = len(span) > scheme.window_months
    judged = span[-1] - scheme.window_months if has_target else span[-1]
    wanted = range(max(span.start, judged - LOOK_BACK), judged + 1)
    names = tuple(sorted(ATTRIBUTES))
    found: list[FloatArray] = []
    later: FloatArray | None = None
    knowledge = Knowledge(
        history.activity, len(history.entities), span, window=scheme.window_months
    )
    for month in span:
        window = knowledge.advance(month)
        if month in wanted:
            found.append(_values(window, names, history))
        elif has_target and month == span[-1]:
            later = _values(window, names, history)
    here = ~np.isnan(found[-1]).all(axis=1)
    margin = None if later is None else later[here, names.index(TARGET)]
    return Measured(
        names,
        f"{judged // 12:04d}-{judged % 12 + 1:02d}",
        tuple(month[here] for month in found),
        None if margin is None else quantile_class(margin),
        tuple(history.entities.entity_id[k] for k in np.flatnonzero(here).tolist()),
    )


def _values(window: Window, names: tuple[str, ...], history: History) -> FloatArray:
    ordered = (window.total("orders_count") > 0) & ~history.entities.is_excluded
    columns = []
    for name in names:
        values, missing = ATTRIBUTES[name](window)
        columns.append(np.where(missing | ~ordered, np.nan, values / UNIT))
    return np.stack(columns, axis=1)
