"""Addresses of the pages, one namespace for each app."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView
from django.views.i18n import set_language

urlpatterns = [
    path("sign-in/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("projects.urls")),
    path("", include("mapping.urls")),
    path("", include("runs.urls")),
]

if settings.DEBUG:
    gallery = TemplateView.as_view(template_name="gallery.html")
    urlpatterns += [path("gallery/", login_not_required(gallery), name="gallery")]

if settings.DEMO:
    from qontakmig import demo

    urlpatterns += [path("demo/<str:token>/", demo.sign_in, name="demo")]
