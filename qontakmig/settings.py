"""Django's settings. Every variable is read through env.py and described in docs/settings.md."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from qontakmig import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("QONTAKMIG_VAR_DIR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("QONTAKMIG_DEBUG", False)
PRACTICE_ALLOWED = env.flag("QONTAKMIG_PRACTICE", True)
"""Whether connections may point at practice orgs on this machine. Switch off for real customers."""

DEMO = env.flag("QONTAKMIG_DEMO", False)
"""Set by ``manage.py demo``: sign-in by link, for accounts that hold invented people only."""

DEVELOPMENT_KEY = "development-key-of-a-checkout-that-holds-no-customer"
SECRET_KEY = env.text("QONTAKMIG_SECRET_KEY", DEVELOPMENT_KEY)
SECRET_KEYS = env.words("QONTAKMIG_ENCRYPTION_KEYS")
"""Fernet keys for stored credentials, newest first. Not SECRET_KEY: they are rotated apart."""

ALLOWED_HOSTS = env.words("QONTAKMIG_HOSTS", "localhost,127.0.0.1,testserver")
CSRF_TRUSTED_ORIGINS = env.words("QONTAKMIG_ORIGINS")
HTTPS = env.flag("QONTAKMIG_HTTPS", False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_q",
    "qontakmig.apps.QontakmigConfig",
    "projects.apps.ProjectsConfig",
    "mapping.apps.MappingConfig",
    "runs.apps.RunsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qontakmig.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qontakmig.middleware.ReaderTimezoneMiddleware",
]

ROOT_URLCONF = "qontakmig.urls"
WSGI_APPLICATION = "qontakmig.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "runs.journey.frame",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "qontakmig.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "projects:list"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("id", _("Bahasa Indonesia"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
READER_TIME_ZONE = "Asia/Jakarta"
"""Zone in which times are shown until the reader has chosen another."""

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
EXPORT_DIR = VAR_DIR / "exports"

Q_CLUSTER = {
    "name": "qontakmig",
    "orm": "default",
    "workers": env.integer("QONTAKMIG_WORKERS", 2, least=1),
    "timeout": 240,
    "retry": 900,
    "queue_limit": 2,
    "bulk": 1,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "recycle": 200,
    "max_rss": 512_000,
    "poll": 0.5,
    "guard_cycle": 1,
    "catch_up": False,
    "ALT_CLUSTERS": {},
}
"""One queue task is a slice of 25 s plus at most one upload of 180 s; the database says what is
to be done, so a lost, doubled or late task does no harm (docs/architecture.md, the engine)."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("QONTAKMIG_LOG_LEVEL", "WARNING")},
}
