"""Users of the invented company: the team, and those who left it."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from qontakmig.simulators.qontak.draws import draws
from qontakmig.simulators.qontak.words import FAMILY_NAMES, GIVEN_NAMES

USER_COUNT = 24
LEFT_COUNT = 3
"""The last users: still owners of old records, in no dropdown and in no chat list."""

TEAMS = ((41, "Sales Jakarta"), (42, "Sales Surabaya"), (43, "Customer Success"))
COMPANY_ID = 100_250
MAIL_HOST = "nusantara-makmur.co.id"


@dataclass(frozen=True, slots=True)
class User:
    id: int
    name: str
    email: str
    username: str
    phone: str
    role: str  # admin, supervisor, agent
    team_id: int
    team_name: str
    sso_id: str
    chat_id: str
    active: bool


def uuid_from(words: tuple[int, ...]) -> str:
    """Return a version-4 UUID made of four draws."""
    number = words[0] << 96 | words[1] << 64 | words[2] << 32 | words[3]
    return str(UUID(int=number, version=4))


@lru_cache(maxsize=8)
def users(seed: int) -> tuple[User, ...]:
    """Return the 24 users of a seed; the first is the administrator, the last three left."""
    return tuple(_user(seed, index) for index in range(USER_COUNT))


def _user(seed: int, index: int) -> User:
    r = draws(seed, "user", index)
    given = GIVEN_NAMES[(r[0] % 7 + index * 7) % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[(r[1] % 5 + index * 5) % 60]
    username = f"{given}.{family}".lower()
    team_id, team_name = TEAMS[index % len(TEAMS)]
    return User(
        id=1201 + index * 7,
        name=f"{given} {family}",
        email=f"{username}@{MAIL_HOST}",
        username=username,
        phone=f"+6281{r[2] % 10**9:09d}",
        role="admin" if index == 0 else "supervisor" if index % 8 == 1 else "agent",
        team_id=team_id,
        team_name=team_name,
        sso_id=uuid_from(r[4:8]),
        chat_id=uuid_from(r[8:12]),
        active=index < USER_COUNT - LEFT_COUNT,
    )


def active_users(seed: int) -> tuple[User, ...]:
    return tuple(user for user in users(seed) if user.active)
