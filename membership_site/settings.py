"""All settings of the site, read from the environment through django-environ; a wrong one is refused at start."""

import zoneinfo
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from babel.numbers import list_currencies
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

NO = ("false", "off", "no", "n", "0")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


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
    """Will return Django's database settings for a postgresql:// address, or refuse the start with a hint.

    What libpq takes behind a question mark is handed on: ?sslmode=verify-full&sslrootcert=/etc/ca.pem.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// - the ledger needs PostgreSQL 15 or later, nothing else serves."
        )
    given = env.db_url_config(url)
    return {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **given,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"application_name": "membership", **given.get("OPTIONS", {})},
    }


def yes_or_no(name: str, *, default: bool) -> bool:
    """Will return whether a setting is on, or refuse the start: a typing error must not switch anything off."""
    value = env.str(name, default="").strip().lower()
    if value not in ("", *env.BOOLEAN_TRUE_STRINGS, *NO):
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Write True or False.")
    return value in env.BOOLEAN_TRUE_STRINGS if value else default


def number_of(name: str, *, default: int, least: int, most: int) -> int:
    """Will return a whole number within bounds, or refuse the start with a hint."""
    value = env.str(name, default="").strip()
    if value and not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value!r} cannot be. Write a whole number from {least} to {most:,}.")
    return int(value) if value else default


def chosen(name: str, default: str, kinds: tuple[str, ...]) -> str:
    """Will return a setting that is one of some words, with or without more behind a colon, or refuse the start."""
    value: str = env.str(name, default=default)
    if value.partition(":")[0] not in kinds:
        raise ImproperlyConfigured(f"{name}={value!r} is not known. Choose of {', '.join(kinds)}.")
    return value


def address_named(name: str, default: str = "") -> str:
    """Will return a web address without a slash at its end, empty where it may be, or refuse the start with a hint."""
    value: str = env.str(name, default=default).strip().rstrip("/")
    if value and not (value.startswith(("http://", "https://")) and urlsplit(value).hostname):
        raise ImproperlyConfigured(f"{name}={value!r} is not an address. Write one such as https://shop.example.com.")
    return value


def hosts_named(name: str, default: list[str]) -> list[str]:
    """Will return names of hosts, or refuse the start with a hint where one is a whole address."""
    hosts: list[str] = env.list(name, default=default)
    for host in hosts:
        if "/" in host or not host:
            raise ImproperlyConfigured(f"{name} names {host!r}. Write names alone, such as club.example.com.")
    return hosts


def origins_named(name: str) -> list[str]:
    """Will return addresses of other sites, each with its scheme and no path, or refuse the start with a hint."""
    origins: list[str] = env.list(name, default=[])
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ImproperlyConfigured(
                f"{name} names {origin!r}. Write such as https://club.example.com, no slash after."
            )
    return origins


def rates_named(text: str) -> dict[str, int]:
    """Will read messages a minute by channel, such as email=600,sms=60, or refuse the start with a hint."""
    rates = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        channel, _, rate = one.partition("=")
        if channel not in ("email", "sms", "push", "webhook") or not rate.isdigit() or int(rate) < 1:
            raise ImproperlyConfigured(
                f"MESSAGE_RATES={text!r} cannot be read. Write channels and messages a minute: email=600,sms=60."
            )
        rates[channel] = int(rate)
    return rates


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
DEBUG = yes_or_no("DEBUG", default=False)
ALLOWED_HOSTS = hosts_named("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = origins_named("CSRF_TRUSTED_ORIGINS")

# ---- the programme
PROGRAMME_NAME = env.str("PROGRAMME_NAME", default="Fernway Circle")
PROGRAMME_NAMES = {
    "zh-hans": env.str("PROGRAMME_NAME_ZH_HANS", default=""),
    "zh-hant": env.str("PROGRAMME_NAME_ZH_HANT", default=""),
}
PROGRAMME_TIME_ZONE = time_zone_named(env.str("PROGRAMME_TIME_ZONE", default="Asia/Shanghai"))
PROGRAMME_CURRENCY = currency_named(env.str("PROGRAMME_CURRENCY", default="CNY"))
ORDER_RECEIPTS = yes_or_no("ORDER_RECEIPTS", default=True)
DEMO_SHOP = yes_or_no("DEMO_SHOP", default=False)

# ---- guessing of coupons' codes: how many wrong ones a minute, by a member, and through a key of the shop's machines
COUPON_GUESSES_A_MINUTE = number_of("COUPON_GUESSES_A_MINUTE", default=20, least=1, most=100_000)
COUPON_GUESSES_A_MINUTE_OF_KEY = number_of("COUPON_GUESSES_A_MINUTE_OF_KEY", default=600, least=1, most=1_000_000)

# ---- messages: where links in them lead, and who takes them out of the house
PUBLIC_URL = address_named("PUBLIC_URL", default="http://127.0.0.1:8000")
MESSAGE_SENDERS = number_of("MESSAGE_SENDERS", default=2, least=1, most=64)
MESSAGE_RATES = rates_named(env.str("MESSAGE_RATES", default=""))
MESSAGE_FOLDER = env.str("MESSAGE_FOLDER", default=str(BASE_DIR / "var" / "mail"))
MESSAGE_HOSTS_ALLOWED = env.list("MESSAGE_HOSTS_ALLOWED", default=[])
MESSAGE_HASH_KEY = env.str("MESSAGE_HASH_KEY", default="") or f"messaging.suppressions:{SECRET_KEY}"

MESSAGE_EMAIL = chosen("MESSAGE_EMAIL", "file", ("smtp", "anymail", "console", "file", "faulty"))
MESSAGE_FROM = env.str("MESSAGE_FROM", default=f"{PROGRAMME_NAME} <membership@localhost.localdomain>")
MESSAGE_FROM_ADDRESS = parseaddr(MESSAGE_FROM)[1]
MESSAGE_DOMAIN = MESSAGE_FROM_ADDRESS.rpartition("@")[2]
MESSAGE_REPLY_TO = env.str("MESSAGE_REPLY_TO", default="")
MESSAGE_SMTP_URL = env.str("MESSAGE_SMTP_URL", default="")
if not all(MESSAGE_FROM_ADDRESS.partition("@")) or "\n" in MESSAGE_FROM + MESSAGE_REPLY_TO:
    raise ImproperlyConfigured(f"MESSAGE_FROM={MESSAGE_FROM!r} is no sender. Write Name <name@example.com>.")
if MESSAGE_EMAIL == "smtp" and not MESSAGE_SMTP_URL.startswith(("smtp://", "smtps://")):
    raise ImproperlyConfigured("MESSAGE_EMAIL=smtp needs MESSAGE_SMTP_URL=smtp://user:password@host:587.")
ANYMAIL: dict[str, Any] = {
    "REQUESTS_TIMEOUT": 20,
    **{name.removeprefix("ANYMAIL_"): value for name, value in env.ENVIRON.items() if name.startswith("ANYMAIL_")},
}
if MESSAGE_EMAIL.startswith("anymail"):
    if not find_spec(f"anymail.backends.{MESSAGE_EMAIL.partition(':')[2] or '-'}"):
        raise ImproperlyConfigured(
            f"MESSAGE_EMAIL={MESSAGE_EMAIL!r} names no provider. Write anymail:mailgun, anymail:postmark or so."
        )
    if ":" not in ANYMAIL.get("WEBHOOK_SECRET", ""):
        raise ImproperlyConfigured(
            "MESSAGE_EMAIL=anymail:... needs ANYMAIL_WEBHOOK_SECRET=user:password, by which the provider reports."
        )

MESSAGE_SMS = chosen("MESSAGE_SMS", "file", ("http", "console", "file", "faulty"))
MESSAGE_SMS_URL = address_named("MESSAGE_SMS_URL")
MESSAGE_SMS_KEY = env.str("MESSAGE_SMS_KEY", default="")
if MESSAGE_SMS == "http" and not (MESSAGE_SMS_URL and MESSAGE_SMS_KEY):
    raise ImproperlyConfigured("MESSAGE_SMS=http needs MESSAGE_SMS_URL=https://... and MESSAGE_SMS_KEY.")

VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="", multiline=True)
VAPID_PUBLIC_KEY = env.str("VAPID_PUBLIC_KEY", default="", multiline=True)
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="") or MESSAGE_FROM_ADDRESS
MESSAGE_PUSH = chosen("MESSAGE_PUSH", "vapid" if VAPID_PRIVATE_KEY else "off", ("vapid", "faulty", "off"))
if MESSAGE_PUSH == "vapid" and not (VAPID_PRIVATE_KEY and VAPID_PUBLIC_KEY):
    raise ImproperlyConfigured("Web push needs both VAPID_PRIVATE_KEY and VAPID_PUBLIC_KEY, in PEM; or neither.")

MESSAGE_WEBHOOK_URL = env.str("MESSAGE_WEBHOOK_URL", default="")
MESSAGE_WEBHOOK_SECRETS = env.list("MESSAGE_WEBHOOK_SECRETS", default=[])
if MESSAGE_WEBHOOK_URL and not MESSAGE_WEBHOOK_URL.startswith("faulty:"):
    address_named("MESSAGE_WEBHOOK_URL")
    if not MESSAGE_WEBHOOK_SECRETS:
        raise ImproperlyConfigured("MESSAGE_WEBHOOK_URL needs MESSAGE_WEBHOOK_SECRETS=whsec_..., a list of one or two.")
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
STAFF_STEP_UP_MINUTES = number_of("STAFF_STEP_UP_MINUTES", default=10, least=0, most=1440)
PROXY_COUNT = number_of("PROXY_COUNT", default=0, least=0, most=16)
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
    "insights",
    "messaging",
    "campaigns",
    "membership_site",
]

MIDDLEWARE = [
    "membership_site.middleware.Numbered",
    "membership_site.middleware.Counted",
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
    "membership_site.middleware.Unstored",
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
if urlsplit(REDIS_URL).scheme not in ("redis", "rediss"):
    raise ImproperlyConfigured(
        "REDIS_URL must begin with redis:// (or rediss:// for TLS); Valkey is reached by it too."
    )

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
    {"NAME": "membership_site.entering.NotOurName"},
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
FORMATS = "membership_site.formats"
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
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
HTTPS = yes_or_no("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
# Browsers take a cookie of this name only from this very host, and only over HTTPS.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# A larger body is refused with 413 before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# ---- what is said to those who run the site
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"stamp": {"()": "kit.logs.Stamp"}},
    "formatters": {
        "lines": {
            "()": "kit.logs.Lines",
            "format": "%(asctime)s %(levelname)s %(name)s [%(work)s] %(message)s",
        },
        "json": {"()": "kit.logs.Json"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": chosen_of("LOG_FORMAT", "lines", ("lines", "json")),
            "filters": ["stamp"],
        }
    },
    "root": {"handlers": ["console"], "level": chosen_of("LOG_LEVEL", "INFO", LOG_LEVELS)},
    "loggers": {"axes": {"level": "WARNING"}},
}
