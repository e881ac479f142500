"""Addresses of projects, connections and discovery."""

from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("", views.project_list, name="list"),
    path("projects/new/", views.project_new, name="new"),
    path("projects/<int:project_id>/connect/", views.connect, name="connect"),
    path(
        "projects/<int:project_id>/connect/<slug:side>/", views.connection_edit, name="connection"
    ),
    path(
        "projects/<int:project_id>/connect/<slug:side>/test/",
        views.connection_check,
        name="connection-test",
    ),
    path("projects/<int:project_id>/discover/", views.discover, name="discover"),
    path("projects/<int:project_id>/discover/start/", views.discover_start, name="discover-start"),
    path(
        "projects/<int:project_id>/discover/progress/",
        views.discover_progress,
        name="discover-progress",
    ),
    path(
        "projects/<int:project_id>/discover/fields/", views.discover_fields, name="discover-fields"
    ),
    path(
        "projects/<int:project_id>/discover/pipelines/",
        views.discover_pipelines,
        name="discover-pipelines",
    ),
]
