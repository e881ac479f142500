"""The pages on a port, their people and projects, and the practice orgs' own word."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from projects.models import Membership, Project
from runs.rehearsal import Plan, Rehearsal

PASSWORD = "a-long-password-of-rani"
OBJECTS = ("Account", "Contact", "Lead", "Opportunity")


class Site:
    def __init__(self, url: str, orgs: dict[str, Any], folder: Path) -> None:
        self.url, self.orgs, self.folder = url, orgs, folder

    def person(self, username: str, project: Project | None = None, role: str = "") -> Any:
        """Return a user, new or not, and let them join ``project`` as ``role``."""
        user, new = get_user_model().objects.get_or_create(
            username=username, defaults={"first_name": username.capitalize()}
        )
        if new:
            user.set_password(PASSWORD)
            user.save()
        if project is not None:
            Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
        return user

    def session_cookie(self, user: Any) -> dict[str, str]:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.url}

    def rehearsal(self, name: str, username: str = "rani", **options: Any) -> Rehearsal:
        """Return somebody who carries a project as far as a test wants it, without the pages."""
        self.person(username)
        folder = self.folder / name.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        plan = Plan("salesforce", {}, 7, folder, project=name, username=username, **options)
        return Rehearsal(plan, self.orgs, lambda line: None)

    # ---------------------------------------------------------------- the practice orgs' word

    def ask(self, system: str, what: str) -> Any:
        with urllib.request.urlopen(self.orgs[system]["control_url"] + what, timeout=10) as answer:
            return json.load(answer)

    def destination_rows(self) -> dict[str, int]:
        """Return the number of live rows of each object that this road writes."""
        stats = self.ask("salesforce", "stats")
        return {name: stats.get(name, 0) for name in OBJECTS}
