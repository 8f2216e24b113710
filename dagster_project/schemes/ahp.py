"""Weights from pairwise judgements: the analytic hierarchy process.

People say how many times more important one attribute is than another; the weights are the
principal eigenvector of the matrix of judgements. Source: T. L. Saaty, The Analytic Hierarchy
Process, McGraw-Hill 1980, with its table of random indices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dagster_project.errors import UsageError
from dagster_project.segmentation.scores import FloatArray

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random matrices of order 1 to 10 (Saaty 1980)."""

RATIO_LIMIT = 0.10
"""A ratio above a tenth of a random matrix is no judgement (Saaty 1980)."""


@dataclass(frozen=True)
class Judgement:
    """How many times more important ``first`` is than ``second``: as said, and as all the
    judgements together imply."""

    first: str
    second: str
    said: float
    implied: float


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights in the order of ``names``, adding up to one, and how far the judgements agree."""

    names: tuple[str, ...]
    weights: FloatArray
    principal_eigenvalue: float
    consistency_index: float
    consistency_ratio: float
    worst: Judgement | None


def pairwise_matrix(names: Sequence[str], said: Mapping[tuple[str, str], float]) -> FloatArray:
    """Fill a reciprocal matrix from one judgement per pair, in either direction.

    Args:
        names: Attributes; rows and columns of the matrix follow this order.
        said: ``(first, second)`` to how many times more important the first is.

    Returns:
        Array of shape (attributes, attributes) with a diagonal of one.

    Raises:
        UsageError: A pair is missing, judged twice, unknown, or not a positive number.
    """
    place = {name: position for position, name in enumerate(names)}
    matrix = np.eye(len(names))
    judged: set[frozenset[str]] = set()
    for (first, second), value in said.items():
        pair = frozenset((first, second))
        if len(pair) < 2 or not pair <= set(place):
            raise _unusable(f"{first} against {second} is no pair of {', '.join(names)}.")
        if pair in judged:
            raise _unusable(f"{first} and {second} are judged twice.")
        if not value > 0 or not np.isfinite(value):
            raise _unusable(f"{first} against {second} is {value}, which is not above zero.")
        judged.add(pair)
        matrix[place[first], place[second]] = value
        matrix[place[second], place[first]] = 1.0 / value
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if frozenset((first, second)) not in judged:
                raise _unusable(f"{first} is not judged against {second}.")
    return matrix


def pairwise_weights(
    matrix: FloatArray, names: Sequence[str], ratio_limit: float = RATIO_LIMIT
) -> PairwiseWeights:
    """Return the weights that a matrix of judgements implies.

    Args:
        matrix: Shape (attributes, attributes), positive, ``m[j, i] == 1 / m[i, j]``.
        names: One name per row, different from each other.
        ratio_limit: Largest consistency ratio that is accepted.

    Raises:
        UsageError: The matrix is no matrix of judgements, it has more than ten attributes, or
            the judgements contradict each other; the one that contradicts the others most is
            named with the value that the others imply.
    """
    _check(matrix, names)
    order = len(names)
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    weights = np.abs(vectors[:, top].real)
    weights = weights / weights.sum()
    largest = float(values[top].real)
    # Rounding can leave the eigenvalue of a perfect matrix a hair below its order.
    index = max(0.0, (largest - order) / (order - 1)) if order > 1 else 0.0
    random = RANDOM_INDEX[order - 1]
    ratio = index / random if random else 0.0
    worst = _worst(matrix, weights, names)
    if ratio > ratio_limit and worst is not None:
        raise UsageError(
            "The judgements contradict each other.",
            f"Consistency ratio {ratio:.2f}, allowed {ratio_limit:.2f}. Most at odds with the"
            f" others: {worst.first} against {worst.second} was said to be {worst.said:.2f}, the"
            f" others imply {worst.implied:.2f}.",
            f"Ask again about {worst.first} against {worst.second}.",
        )
    return PairwiseWeights(tuple(names), weights, largest, index, ratio, worst)


def _worst(matrix: FloatArray, weights: FloatArray, names: Sequence[str]) -> Judgement | None:
    """The judgement whose ratio to what the weights imply is furthest from one."""
    if len(names) < 3:
        return None
    implied = weights[:, None] / weights[None, :]
    # Only judgements of one and more, so that a pair is named the way in which it was said.
    distance = np.where(matrix >= 1, np.abs(np.log(matrix / implied)), -1.0)
    np.fill_diagonal(distance, -1.0)
    far = np.flatnonzero(distance.ravel() >= distance.max() - 1e-12)
    order = len(names)
    pairs = [(names[k // order], names[k % order], k) for k in far.tolist()]
    first, second, k = min(pairs)
    return Judgement(first, second, float(matrix.ravel()[k]), float(implied.ravel()[k]))


def _check(matrix: FloatArray, names: Sequence[str]) -> None:
    order = len(names)
    if not 1 <= order <= len(RANDOM_INDEX):
        raise _unusable(f"{order} attributes; 1 to {len(RANDOM_INDEX)} can be compared.")
    if len(set(names)) != order or matrix.shape != (order, order):
        raise _unusable(f"{order} names, {len(set(names))} different, matrix {matrix.shape}.")
    if not np.all(np.isfinite(matrix)) or np.any(matrix <= 0):
        raise _unusable("A judgement is not above zero.")
    off = ~np.isclose(matrix * matrix.T, 1.0, rtol=1e-6, atol=0)
    if off.any():
        i, j = np.argwhere(off)[0]
        raise _unusable(
            f"{names[i]} against {names[j]} is {matrix[i, j]:g}, the other way {matrix[j, i]:g}."
        )


def _unusable(why: str) -> UsageError:
    return UsageError(
        "The matrix of judgements is not usable.",
        why,
        "Give each pair of attributes one number above zero, and its reciprocal the other way.",
    )
