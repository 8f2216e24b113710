"""How many pairs are one customer at all, learnt from the scores of the candidates."""

import json
from dataclasses import replace
from math import log2

import numpy as np
import numpy.typing as npt

from dagster_project.identity.model import LEAST, Model

FloatArray = npt.NDArray[np.float64]


def log_odds(probability: float) -> float:
    """Return the match weight (base 2) of a probability."""
    return log2(probability / (1 - probability))


def fit_prior(weights: FloatArray, records: int) -> float:
    """Return the share of all pairs that are one customer, by EM with the other weights fixed.

    Pairs that are not candidates count as no match. The result is kept between one match in a
    hundred records and ten per record, rounded to six digits.

    Args:
        weights: Match weights of the candidates before any prior.
        records: Number of records.
    """
    all_pairs = records * (records - 1) / 2
    least, most = 0.01 * records / all_pairs, min(10 * records / all_pairs, 0.5)
    evidence = np.exp2(np.clip(weights, -200, 200))
    prior = least
    for _ in range(50):
        odds = evidence * prior / (1 - prior)
        prior = min(max(float((odds / (1 + odds)).sum()) / all_pairs, least), most)
    return float(f"{prior:.6g}")


def without_matches_in_u(trained: Model, prior: float) -> Model:
    """Return the model with u of random pairs less the matches that are among them.

    A random pair is a match with probability ``prior``: in few records with many duplicates most
    pairs that share a rare value are matches. At most nine tenths of u are taken away.
    """
    settings = json.loads(json.dumps(trained.settings))
    settings["probability_two_random_records_match"] = prior
    for each in settings["comparisons"]:
        for level in each["comparison_levels"][1:]:
            m, u = level["m_probability"], level["u_probability"]
            less = (u - prior * m) / (1 - prior)
            level["u_probability"] = float(f"{min(max(less, 0.1 * u, LEAST), 1 - LEAST):.6g}")
    return replace(trained, settings=settings)
