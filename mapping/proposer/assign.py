"""Each source field to its own destination, where leaving it alone also has a worth."""

Scores = list[dict[str, float]]


def assign(scores: Scores, alone: list[float]) -> list[str | None]:
    """Return the destination of each source field, None for "custom or skip".

    scores  one {destination: score} for each source field, as sparse as wanted
    alone   what each field is worth without a destination
    The sum over all fields is the largest possible with no destination used twice.
    """
    wanted = [_first(row, least) for row, least in zip(scores, alone, strict=True)]
    taken = [dest for dest in wanted if dest is not None]
    if len(set(taken)) == len(taken):
        return wanted
    return _hungarian(scores, alone)


def _first(row: dict[str, float], least: float) -> str | None:
    best = max(row, key=lambda dest: row[dest], default=None)
    return best if best is not None and row[best] > least else None


def _hungarian(scores: Scores, alone: list[float]) -> list[str | None]:
    # Imported here: scipy weighs 30 MB, and most processes never propose.
    import numpy
    from scipy.optimize import linear_sum_assignment

    dests = sorted({dest for row in scores for dest in row})
    column = {dest: at for at, dest in enumerate(dests)}
    worth = numpy.zeros((len(scores), len(dests) + len(scores)))
    for row, (found, least) in enumerate(zip(scores, alone, strict=True)):
        for dest, score in found.items():
            worth[row, column[dest]] = score
        worth[row, len(dests) :] = least
    rows, columns = linear_sum_assignment(worth, maximize=True)
    chosen: list[str | None] = [None] * len(scores)
    for row, at in zip(rows, columns, strict=True):
        if at < len(dests) and worth[row, at] > alone[row]:
            chosen[row] = dests[at]
    return chosen
