"""The wrappers around CRM answers: meta, response and paging fields."""

from datetime import UTC, datetime
from typing import Any

from qontakmig.simulators.kit.messages import Response
from qontakmig.simulators.qontak.timeline import WIB

_TYPES = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
_DOCS = "https://developers.qontak.com/docs/api/response-codes#"


def meta(status: int, now: float, log_id: str, reason: str | None = None) -> dict[str, Any]:
    """Return the meta block; ``now`` is seconds since the epoch."""
    moment = datetime.fromtimestamp(int(now), UTC).astimezone(WIB)
    return {
        "status": status, "type": _TYPES[status], "error_code": None, "info": f"{_DOCS}{status}",
        "developer_message": reason or ("Success" if status == 200 else _TYPES[status]),
        "message": "Success" if status == 200 else _TYPES[status],
        "timestamp": moment.isoformat(timespec="milliseconds"), "log_id": log_id,
    }  # fmt: skip


def paging(page: int, per_page: int, shown: int, total: int) -> dict[str, int]:
    """Return the four paging fields; they stand at top level."""
    return {
        "page": page,
        "total_page": -(-total // per_page),
        "current_data": shown,
        "total_data": total,
    }


def gateway(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an answer of the gateway itself, which does not know the envelope."""
    return Response.json({"message": message}, status, headers)
