"""Who may do what in a project: one table, one way in.

A project that a person is no member of does not exist for them (404). What their role does not
allow is refused with a sentence (403).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from projects.models import Membership, Project

Role = Membership.Role
EVERYBODY = frozenset(Role.values)
WORKERS = frozenset({Role.CONSULTANT, Role.ADMIN, Role.REVOPS})

MAY: dict[str, frozenset[str]] = {
    "look": EVERYBODY,
    "connect": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "discover": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "map": WORKERS,
    "confirm": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "provision": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "run": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "rollback": frozenset({Role.CONSULTANT, Role.ADMIN}),
    "export": WORKERS,
}
"""Action → roles that may do it. Views name the action; pages ask before they draw a button."""


def projects_visible_to(user: Any) -> QuerySet[Project]:
    return Project.objects.filter(memberships__user=user)


def may(membership: Membership, action: str) -> bool:
    return membership.role in MAY[action]


def project_view(
    action: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view so that it gets the project instead of ``project_id``.

    The person's membership is on ``request.membership``. Strangers get 404, members whose role
    does not allow ``action`` 403.
    """
    roles = MAY[action]

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, project_id: int, **rest: Any) -> HttpResponse:
            membership = (
                Membership.objects.select_related("project")
                .filter(project_id=project_id, user=request.user)
                .first()
            )
            if membership is None:
                raise Http404
            if membership.role not in roles:
                raise PermissionDenied(
                    _("Your role in this project, %(role)s, does not allow this.")
                    % {"role": membership.get_role_display()}
                )
            request.membership = membership  # type: ignore[attr-defined]
            return view(request, membership.project, **rest)

        return checked

    return decorate


def user_of(request: HttpRequest) -> AbstractBaseUser:
    """The signed-in person; the login middleware lets nobody else in."""
    assert isinstance(request.user, AbstractBaseUser)
    return request.user
