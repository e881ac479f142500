"""Proposes a field map: pure functions, no Django, no network, no clock, no randomness.

``proposals.propose(case)`` is the whole interface; ``case`` has its input.
"""
