"""Renewing access tokens without two workers using up one refresh token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Tokens = dict[str, str]
"""New values of secrets by name, such as ``access_token`` and ``refresh_token``."""

AskTokens = Callable[[Mapping[str, Any]], Tokens]
"""(stored secrets) → new values, asked from the other side."""

TokenStore = Callable[[str, str, AskTokens], Mapping[str, Any]]
"""``on_tokens(name, stale, ask)`` → the secrets to use from now on.

To be done under a lock that all workers of the connection share: read the stored secrets; when
``secrets[name]`` is another than ``stale``, somebody renewed it already: return them. Otherwise
store ``{**secrets, **ask(secrets)}``, commit, and return it. Errors of ``ask`` pass through.
"""


def without_store(secrets: Mapping[str, Any]) -> TokenStore:
    """Return a store for one process that keeps nothing."""

    def renew(name: str, stale: str, ask: AskTokens) -> Mapping[str, Any]:
        return {**secrets, **ask(secrets)}

    return renew
