"""Readers in their roles, and runs between the engine's fake organisations."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from projects.models import Membership
from tests.runs.conftest import _quick, bells, done_run, new_run, source, target, version

__all__ = ["_quick", "bells", "done_run", "new_run", "source", "target", "version"]


@pytest.fixture
def reader(project):
    """Sign somebody in who has ``role`` in the project, or is no member of it (None)."""

    def sign_in(role):
        user = get_user_model().objects.create_user(f"reader-{role}", first_name="Bagus")
        if role is not None:
            Membership.objects.create(project=project, user=user, role=role)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return sign_in


@pytest.fixture
def rani(client, consultant):
    """The project's consultant, signed in."""
    client.force_login(consultant)
    return client
