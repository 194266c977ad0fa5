"""All settings of the site, read from the environment through django-environ; a wrong one is refused at start."""

import zoneinfo
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from babel.numbers import list_currencies
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)


def required(name: str, hint: str) -> str:
    """Will return the value of an environment variable that has no default, or refuse the start with a hint."""
    value: str = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def time_zone_named(name: str) -> str:
    """Will return the name of a time zone that exists, or refuse the start with a hint."""
    if name not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(
            f"PROGRAMME_TIME_ZONE={name!r} is not a time zone. Use a name such as Asia/Shanghai or Europe/London."
        )
    return name


def currency_named(code: str) -> str:
    """Will return an ISO 4217 code that exists, or refuse the start with a hint."""
    if code not in list_currencies():
        raise ImproperlyConfigured(f"PROGRAMME_CURRENCY={code!r} is not a currency. Use three letters such as CNY.")
    return code


def database_from_url(url: str) -> dict[str, Any]:
    """Will return Django's database settings for a postgresql:// address, or refuse the start with a hint."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// - the ledger needs PostgreSQL 15 or later, nothing else serves."
        )
    return {
        **env.db_url_config(url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"application_name": "membership"},
    }


def chosen_of(name: str, default: str, words: tuple[str, ...]) -> str:
    """Will return a setting that is one of some words, or refuse the start with a hint."""
    value: str = env.str(name, default=default)
    if value not in words:
        raise ImproperlyConfigured(f"{name}={value!r} is not known. Choose of {', '.join(words)}.")
    return value


def social_logins_named(names: list[str]) -> list[str]:
    """Will return log-ins of elsewhere, each with what it needs in the environment, or refuse the start with a hint."""
    for name in names:
        if not name.isidentifier() or find_spec(f"allauth.socialaccount.providers.{name}") is None:
            raise ImproperlyConfigured(
                f"SOCIAL_LOGINS names {name!r}, which nobody offers. Use django-allauth's names: google, weixin, weibo."
            )
        for part in ("CLIENT_ID", "CLIENT_SECRET"):
            required(f"{name.upper()}_{part}", f"SOCIAL_LOGINS names {name}: give what its console calls the {part}.")
    return names


SECRET_KEY = required(
    "SECRET_KEY", "Use 50 random characters: python -c 'import secrets; print(secrets.token_urlsafe(50))'."
)
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# ---- the programme
PROGRAMME_NAME = env.str("PROGRAMME_NAME", default="Fernway Circle")
PROGRAMME_TIME_ZONE = time_zone_named(env.str("PROGRAMME_TIME_ZONE", default="Asia/Shanghai"))
PROGRAMME_CURRENCY = currency_named(env.str("PROGRAMME_CURRENCY", default="CNY"))

# ---- guessing of coupons' codes: how many wrong ones a minute, by a member, and through a key of the shop's machines
DEMO_SHOP = env.bool("DEMO_SHOP", default=False)
COUPON_GUESSES_A_MINUTE = env.int("COUPON_GUESSES_A_MINUTE", default=20)
COUPON_GUESSES_A_MINUTE_OF_KEY = env.int("COUPON_GUESSES_A_MINUTE_OF_KEY", default=600)

# ---- log-ins of elsewhere that members may link and enter by, and what the staff show besides a password
SOCIAL_LOGINS = social_logins_named(env.list("SOCIAL_LOGINS", default=[]))
SOCIALACCOUNT_PROVIDERS = {
    name: {
        "APPS": [
            {"client_id": env.str(f"{name.upper()}_CLIENT_ID"), "secret": env.str(f"{name.upper()}_CLIENT_SECRET")}
        ]
    }
    for name in SOCIAL_LOGINS
}
SOCIALACCOUNT_ADAPTER = "membership_site.social.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead away (form-action); the state in the session guards
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = True
STAFF_SECOND_FACTOR = chosen_of("STAFF_SECOND_FACTOR", "required", ("required", "optional"))
STAFF_STEP_UP_MINUTES = env.int("STAFF_STEP_UP_MINUTES", default=10)
PROXY_COUNT = env.int("PROXY_COUNT", default=0)
EMAIL_TIMEOUT = 10  # the mail that invites somebody of the staff is sent while the page waits
MFA_ADAPTER = "membership_site.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# ---- rooms and parts
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    *(f"allauth.socialaccount.providers.{name}" for name in SOCIAL_LOGINS),
    "axes",
    "csp",
    "kit",
    "members",
    "orders",
    "points",
    "tiers",
    "benefits",
    "messaging",
    "campaigns",
    "membership_site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "membership_site.middleware.SessionsSeen",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "membership_site.urls"
WSGI_APPLICATION = "membership_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "membership_site.preferences.context",
            ],
        },
    }
]

# ---- PostgreSQL, and Redis or Valkey
DATABASES = {
    "default": database_from_url(
        required("DATABASE_URL", "Give postgresql://user:password@host:5432/name, or start with `make up`.")
    )
}
REDIS_URL = required("REDIS_URL", "Give redis://host:6379/0 (Redis or Valkey), or start with `make up`.")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = PROGRAMME_TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 3600}

# ---- who may enter
AUTH_USER_MODEL = "members.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "membership_site.entering.Backend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:overview"
LOGOUT_REDIRECT_URL = "portal:login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "email"
AXES_CLIENT_IP_CALLABLE = "membership_site.entering.place_of"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "account/locked.html"

# ---- languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = PROGRAMME_TIME_ZONE

# ---- static files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ---- what browsers may do with our pages
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# A larger body is refused with 413 before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}
