"""The kinds of trouble a connector reports, each with a stable code and a sentence for people."""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all connector errors. ``str(error)`` may be shown: no personal values, no secrets.

    code      stable, lower case with underscores (``auth_failed``, ``rate_limited`` …)
    system    ``qontak``, ``salesforce`` … as in ``connector.system``
    advice    what a person can do, empty when nothing
    """

    code = "connector_error"

    def __init__(self, message: str, *, system: str = "", code: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.system = system
        self.code = code or self.code
        self.advice = advice


class TransientError(ConnectorError):
    """Wait and go on: the network, an outage, a lock. ``maybe_done``: a write may have happened."""

    code = "transient"

    def __init__(
        self,
        message: str,
        *,
        system: str = "",
        code: str = "",
        advice: str = "",
        maybe_done: bool = False,
    ) -> None:
        super().__init__(message, system=system, code=code, advice=advice)
        self.maybe_done = maybe_done


class RateLimitedError(TransientError):
    """The other side asks us to slow down; ``retry_after`` seconds."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: float, system: str = "") -> None:
        super().__init__(message, system=system, advice="Nothing: it goes on by itself.")
        self.retry_after = retry_after


class StopError(ConnectorError):
    """A person is needed before anything goes on."""

    code = "stopped"


class AuthError(StopError):
    code = "auth_failed"


class PermissionMissing(StopError):
    code = "permission_missing"


class WrongOrganization(StopError):
    """A production org where a sandbox was promised, or the reverse, or another company's org."""

    code = "wrong_organization"


class RejectedError(StopError):
    """The other side refused the request itself; the rows of this request were not written."""

    code = "rejected"
