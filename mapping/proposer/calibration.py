"""Scores as confidence: of proposals shown at 0.9 or more, at least 95 in 100 are right.

The steps were set by hand on cases of other systems and customers than the development cases;
between the steps the line is straight.
"""

from bisect import bisect_right

MAPPED = (
    (0.0, 0.02),
    (0.5, 0.45),
    (0.6, 0.62),
    (0.7, 0.75),
    (0.8, 0.84),
    (0.9, 0.94),
    (1.0, 0.985),
)
"""(pair score, confidence) of a proposed destination."""
NOT_MAPPED = ((0.0, 0.96), (0.3, 0.95), (0.45, 0.91), (0.55, 0.86), (0.62, 0.72), (1.0, 0.55))
"""(score of the best destination, confidence) of "no counterpart"."""
RUNNER_UP = 0.5
"""A destination that was not chosen keeps this share of its confidence at most."""
LEAST = 0.01


def mapped_confidence(score: float, second: float) -> float:
    """Return the confidence of the chosen destination; a close second costs some of it."""
    confidence = _line(MAPPED, score)
    return round(confidence - 0.5 * max(0.0, second - score + 0.05), 3)


def null_confidence(best_score: float) -> float:
    """Return the confidence that a field has no counterpart."""
    return round(_line(NOT_MAPPED, best_score), 3)


NAMELESS_CONFIDENCE = 0.7
"""Confidence of "no counterpart" for a field whose words say nothing at all."""


def runner_up_confidence(score: float, top: float) -> float:
    """Return the confidence of an alternative beside a first proposal of confidence ``top``."""
    alternative = min(_line(MAPPED, score) * RUNNER_UP, max(LEAST, 1 - top), 0.9 * top)
    return round(max(LEAST, alternative), 3)


def _line(points: tuple[tuple[float, float], ...], x: float) -> float:
    at = bisect_right([point[0] for point in points], x)
    if at >= len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[at - 1], points[at]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
