"""Chat Open API v1: users, divisions, integrations. Nothing here may be written to."""

import re
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.qontak.draws import draws
from qontakmig.simulators.qontak.people import COMPANY_ID, TEAMS, User, active_users, uuid_from

if TYPE_CHECKING:
    from qontakmig.simulators.qontak.org import QontakOrg

DEFAULT_LIMIT, LIMIT_MAX = 10, 100
_STAMP = "2019-02-11T03:10:04.120Z"
_CHANNELS = (
    ("wa_cloud", "Nusantara Makmur", True),
    ("ig", "@nusantaramakmur", True),
    ("email", "halo@nusantara-makmur.co.id", True),
    ("wa", "Nomor lama", False),
)


class Chat:
    """Answers one chat request and keeps the list of attempts to write."""

    def __init__(self, org: "QontakOrg") -> None:
        self._org = org
        self.violations: list[dict[str, Any]] = []

    def answer(self, request: Request, path: str) -> Response:
        """Return the answer to ``path`` below the chat base, without slashes at its ends."""
        if request.method not in ("GET", "HEAD"):
            entry = {"method": request.method, "path": path, "bytes": len(request.body)}
            self.violations.append(entry)
            return Response.json({"status": "success", "data": {}}, 201)
        lists = {"users": self._users, "divisions": self._divisions,
                 "integrations": self._integrations}  # fmt: skip
        head, _, wanted = path.partition("/")
        if head not in lists:
            return _error(404, "Resource not found.")
        rows = lists[head](request)
        if not wanted:
            return _page(rows, request)
        found = next((row for row in rows if row["id"] == wanted), None)
        if found is None or head == "users":
            return _error(404, "Resource not found.")
        return Response.json({"status": "success", "data": found})

    def organization_id(self) -> str:
        return uuid_from(draws(self._org.seed, "organization", 0)[:4])

    def _people(self) -> list[User]:
        """Return chat's users: one of the CRM's has no chat account."""
        return [u for n, u in enumerate(active_users(self._org.seed)) if n != 5]

    def _users(self, request: Request) -> list[dict[str, Any]]:
        role, query = request.param("role"), (request.param("query") or "").lower()
        rows = [self._user(place, user) for place, user in enumerate(self._people())]
        return [
            row for row in rows
            if (not role or row["role"] == role)
            and (query in row["full_name"].lower() or query in row["email"].lower())
        ]  # fmt: skip

    def _user(self, place: int, user: User) -> dict[str, Any]:
        # One address is spelled in capitals: e-mail joins must not look at the case.
        email = user.email.upper() if place == 3 else user.email
        return {
            "id": user.chat_id, "organization_id": self.organization_id(),
            "company_id": str(COMPANY_ID), "full_name": user.name, "email": email,
            "phone": user.phone, "role": user.role, "avatar": {}, "assigned_count": 0,
            "is_online": False, "robin_last_assigned_at": None, "sso_id": user.sso_id,
            "divisions": [{"id": self._division_id(user.team_id), "name": user.team_name}],
            "extra": {"max_ongoing_chat": 10}, "is_introduced_smart_assist": False,
            "is_consent_owner": False,
        }  # fmt: skip

    def _division_id(self, team_id: int) -> str:
        return uuid_from(draws(self._org.seed, "division", team_id)[:4])

    def _divisions(self, request: Request) -> list[dict[str, Any]]:
        return [
            {
                "id": self._division_id(team_id), "organization_id": self.organization_id(),
                "name": name, "default": place == 0, "created_at": _STAMP, "updated_at": _STAMP,
                "users": [
                    {"id": u.chat_id, "full_name": u.name, "role": u.role, "email": u.email}
                    for u in self._people() if u.team_id == team_id
                ],
                "channels": [], "is_contact_masking": False,
            }
            for place, (team_id, name) in enumerate(TEAMS)
        ]  # fmt: skip

    def _integrations(self, request: Request) -> list[dict[str, Any]]:
        rows = []
        for place, (channel, account, active) in enumerate(_CHANNELS):
            r = draws(self._org.seed, "integration", place)
            # Invented secrets, so that tests can prove that none is ever stored or logged.
            secret = f"SECRET-{r[8]:08x}{r[9]:08x}"
            settings: dict[str, Any] = {"account_name": account}
            if channel == "wa_cloud":
                settings |= {"phone_number_id": str(r[4]), "phone_number": "6281100000001",
                             "pin": secret}  # fmt: skip
            elif channel == "wa":
                settings |= {"server_wa_id": str(r[4]), "authorization": secret,
                             "domain_server": "https://wa.example.com"}  # fmt: skip
            else:
                settings["refresh_token"] = secret
            rows.append({
                "id": uuid_from(r[:4]), "target_channel": channel,
                "webhook": "https://hooks.example.com/qontak", "settings": settings,
                "organization_id": self.organization_id(), "created_at": _STAMP,
                "is_active": active,
            })  # fmt: skip
        return rows


def _page(rows: list[dict[str, Any]], request: Request) -> Response:
    """Return one page; ``offset`` is a page number from 1, ``total`` the rows shown."""
    limit = min(_number(request.param("limit"), DEFAULT_LIMIT), LIMIT_MAX)
    offset = _number(request.param("offset"), 1)
    shown = rows[(offset - 1) * limit : offset * limit]
    counted = request.param("is_counted") == "true"
    pagination = {
        "cursor": {"next": None, "prev": None, "pit": None}, "offset": offset, "limit": limit,
        "total": len(rows) if counted else len(shown), "target_offset": 0,
    }  # fmt: skip
    return Response.json({"status": "success", "data": shown, "meta": {"pagination": pagination}})


def _number(text: str | None, default: int) -> int:
    return (int(text) if text and re.fullmatch("[0-9]{1,9}", text) else 0) or default


def _error(code: int, message: str) -> Response:
    error = {"code": code, "messages": [message]}
    return Response.json({"status": "error", "error": error}, code)
