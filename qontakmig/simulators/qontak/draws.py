"""Repeatable randomness: every value is a pure function of (seed, object, index)."""

from hashlib import shake_128
from struct import Struct

_MANY, _FEW = Struct("<64I"), Struct("<8I")
_MASK = 0xFFFFFFFFFFFFFFFF


def draws(seed: int, kind: str, index: int) -> tuple[int, ...]:
    """Return 64 independent unsigned 32-bit integers for one record.

    Each field of a record reads its own place, so adding a field never moves another.
    """
    return _MANY.unpack(shake_128(f"{seed}:{kind}:{index}".encode()).digest(256))


def few_draws(seed: int, kind: str, index: int) -> tuple[int, ...]:
    """Return the first 8 of these draws, for names, which lists show by the dozen."""
    return _FEW.unpack(shake_128(f"{seed}:{kind}:{index}".encode()).digest(32))


def mix(salt: int, index: int) -> int:
    """Return one 32-bit integer; cheaper than draws, for associations and ids.

    One round of splitmix64: enough to scatter, and it is called twenty times a record.
    """
    z = (index * 0x9E3779B97F4A7C15 + salt * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) & _MASK
    return ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _MASK) >> 32


def threshold(share: float) -> int:
    """Return the 32-bit draw below which an event of this share (0..1) happens."""
    return int(min(max(share, 0.0), 1.0) * 2**32)
