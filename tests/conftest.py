"""What every test may use: people in their roles and a project they share."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from projects.models import Membership, Project


@pytest.fixture
def consultant(db):
    return get_user_model().objects.create_user("rani", password="a-long-password-of-rani")


@pytest.fixture
def project(consultant):
    project = Project.objects.create(
        name="PT Arunika Medika", destination="salesforce", practice=True, created_by=consultant
    )
    Membership.objects.create(project=project, user=consultant, role=Membership.Role.CONSULTANT)
    return project
