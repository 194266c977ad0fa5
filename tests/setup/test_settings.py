"""The settings of the environment: each reaches the site, none can be mistyped in silence."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from launcher.places import ROOT

SETTINGS = ROOT / "membership_site" / "settings.py"
NAMED = re.compile(r'(?:env\.\w+|required|yes_or_no|number_of|chosen|chosen_of|\w+_named)\(\s*"([A-Z_]+)"')
NEEDED = {"SECRET_KEY": "k" * 50, "DATABASE_URL": "postgresql://localhost/x", "REDIS_URL": "redis://localhost:1/0"}

Read = Callable[..., dict[str, Any]]

REACHES: dict[str, tuple[str, str, object]] = {
    "SECRET_KEY": ("s" * 50, "SECRET_KEY", "s" * 50),
    "DATABASE_URL": ("postgresql://db.example.com/shop", "DATABASES.default.HOST", "db.example.com"),
    "REDIS_URL": ("rediss://broker.example.com:6380/2", "CELERY_BROKER_URL", "rediss://broker.example.com:6380/2"),
    "DEBUG": ("yes", "DEBUG", True),
    "ALLOWED_HOSTS": ("a.example.com,b.example.com", "ALLOWED_HOSTS", ["a.example.com", "b.example.com"]),
    "CSRF_TRUSTED_ORIGINS": ("https://a.example.com", "CSRF_TRUSTED_ORIGINS", ["https://a.example.com"]),
    "PROGRAMME_NAME": ("Ours", "PROGRAMME_NAME", "Ours"),
    "PROGRAMME_NAME_ZH_HANS": ("蕨径会", "PROGRAMME_NAMES.zh-hans", "蕨径会"),
    "PROGRAMME_NAME_ZH_HANT": ("蕨徑會", "PROGRAMME_NAMES.zh-hant", "蕨徑會"),
    "PROGRAMME_TIME_ZONE": ("Europe/London", "CELERY_TIMEZONE", "Europe/London"),
    "PROGRAMME_CURRENCY": ("JPY", "PROGRAMME_CURRENCY", "JPY"),
    "ORDER_RECEIPTS": ("off", "ORDER_RECEIPTS", False),
    "DEMO_SHOP": ("1", "DEMO_SHOP", True),
    "COUPON_GUESSES_A_MINUTE": ("3", "COUPON_GUESSES_A_MINUTE", 3),
    "COUPON_GUESSES_A_MINUTE_OF_KEY": ("4", "COUPON_GUESSES_A_MINUTE_OF_KEY", 4),
    "PUBLIC_URL": ("https://club.example.com/", "PUBLIC_URL", "https://club.example.com"),
    "MESSAGE_SENDERS": ("5", "MESSAGE_SENDERS", 5),
    "MESSAGE_RATES": ("email=600, sms=60", "MESSAGE_RATES", {"email": 600, "sms": 60}),
    "MESSAGE_FOLDER": ("/tmp/mail", "MESSAGE_FOLDER", "/tmp/mail"),
    "MESSAGE_HOSTS_ALLOWED": ("10.0.0.7", "MESSAGE_HOSTS_ALLOWED", ["10.0.0.7"]),
    "MESSAGE_HASH_KEY": ("h", "MESSAGE_HASH_KEY", "h"),
    "MESSAGE_EMAIL": ("console", "MESSAGE_EMAIL", "console"),
    "MESSAGE_FROM": ("Us <us@mail.example.com>", "MESSAGE_DOMAIN", "mail.example.com"),
    "MESSAGE_REPLY_TO": ("care@example.com", "MESSAGE_REPLY_TO", "care@example.com"),
    "MESSAGE_SMTP_URL": ("smtp://localhost:25", "MESSAGE_SMTP_URL", "smtp://localhost:25"),
    "MESSAGE_SMS": ("faulty:drop", "MESSAGE_SMS", "faulty:drop"),
    "MESSAGE_SMS_URL": ("https://sms.example.com/", "MESSAGE_SMS_URL", "https://sms.example.com"),
    "MESSAGE_SMS_KEY": ("key", "MESSAGE_SMS_KEY", "key"),
    "MESSAGE_PUSH": ("faulty", "MESSAGE_PUSH", "faulty"),
    "VAPID_PRIVATE_KEY": ("p", "VAPID_PRIVATE_KEY", "p"),
    "VAPID_PUBLIC_KEY": ("q", "VAPID_PUBLIC_KEY", "q"),
    "VAPID_SUBJECT": ("us@example.com", "VAPID_SUBJECT", "us@example.com"),
    "MESSAGE_WEBHOOK_URL": ("faulty:drop", "MESSAGE_WEBHOOK_URL", "faulty:drop"),
    "MESSAGE_WEBHOOK_SECRETS": ("whsec_a,whsec_b", "MESSAGE_WEBHOOK_SECRETS", ["whsec_a", "whsec_b"]),
    "SOCIAL_LOGINS": ("google", "SOCIAL_LOGINS", ["google"]),
    "STAFF_SECOND_FACTOR": ("optional", "STAFF_SECOND_FACTOR", "optional"),
    "STAFF_STEP_UP_MINUTES": ("0", "STAFF_STEP_UP_MINUTES", 0),
    "PROXY_COUNT": ("2", "PROXY_COUNT", 2),
    "STATIC_ROOT": ("/tmp/static", "STATIC_ROOT", Path("/tmp/static")),
    "HTTPS": ("True", "SECURE_HSTS_SECONDS", 31_536_000),
    "METRICS_TOKEN": ("token", "METRICS_TOKEN", "token"),
    "LOG_FORMAT": ("json", "LOGGING.handlers.console.formatter", "json"),
    "LOG_LEVEL": ("ERROR", "LOGGING.root.level", "ERROR"),
}
"""What a setting is given, and where it is found again."""

NEEDS = {
    "SOCIAL_LOGINS": {"GOOGLE_CLIENT_ID": "i", "GOOGLE_CLIENT_SECRET": "s"},
    "VAPID_PRIVATE_KEY": {"VAPID_PUBLIC_KEY": "q"},
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Will read the settings as they are with some of the environment given, and nothing else of it."""

    def reader(**given: str) -> dict[str, Any]:
        for name in REACHES:
            monkeypatch.delenv(name, raising=False)
        for name, value in (NEEDED | given).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return reader


def test_every_setting_is_listed_here() -> None:
    """Whoever adds a setting says here what it does."""
    assert set(NAMED.findall(SETTINGS.read_text())) == set(REACHES)


@pytest.mark.parametrize("name", REACHES)
def test_complaint_8_every_setting_reaches_the_site(read: Read, name: str) -> None:
    """A setting that is read and forgotten would leave what stands without it."""
    value, place, expected = REACHES[name]
    assert found(read(**NEEDS.get(name, {}), **{name: value}), place) == expected
    assert found(read(), place) != expected


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"SECRET_KEY": " "}, "SECRET_KEY is not set. Use 50 random characters"),
        ({"DATABASE_URL": "mysql://localhost/shop"}, "DATABASE_URL must begin with postgresql://"),
        ({"REDIS_URL": "amqp://localhost"}, "REDIS_URL must begin with redis://"),
        ({"PROGRAMME_TIME_ZONE": "Asia/Shangri-La"}, "Use a name such as Asia/Shanghai"),
        ({"PROGRAMME_CURRENCY": "GOLD"}, "Use three letters such as CNY"),
        ({"HTTPS": "ture"}, "HTTPS='ture' is neither yes nor no"),
        ({"DEBUG": "2"}, "DEBUG='2' is neither yes nor no"),
        ({"MESSAGE_SENDERS": "0"}, "MESSAGE_SENDERS='0' cannot be. Write a whole number from 1 to 64"),
        ({"COUPON_GUESSES_A_MINUTE": "many"}, "Write a whole number from 1 to 100,000"),
        ({"PROXY_COUNT": "-1"}, "Write a whole number from 0 to 16"),
        ({"STAFF_STEP_UP_MINUTES": "9.5"}, "Write a whole number from 0 to 1,440"),
        ({"LOG_LEVEL": "LOUD"}, "Choose of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ({"ALLOWED_HOSTS": "https://club.example.com"}, "Write names alone, such as club.example.com"),
        ({"CSRF_TRUSTED_ORIGINS": "club.example.com"}, "Write such as https://club.example.com"),
        ({"CSRF_TRUSTED_ORIGINS": "https://club.example.com/"}, "no slash after"),
        ({"PUBLIC_URL": "club.example.com"}, "Write one such as https://shop.example.com"),
        ({"MESSAGE_EMAIL": "pigeon"}, "Choose of smtp, anymail, console, file, faulty"),
        ({"MESSAGE_EMAIL": "smtp"}, "needs MESSAGE_SMTP_URL"),
        ({"MESSAGE_EMAIL": "anymail:nobody"}, "names no provider"),
        ({"MESSAGE_EMAIL": "anymail:mailgun"}, "needs ANYMAIL_WEBHOOK_SECRET"),
        ({"MESSAGE_FROM": "Nobody"}, "is no sender"),
        ({"MESSAGE_RATES": "email"}, "Write channels and messages a minute"),
        ({"MESSAGE_SMS": "http"}, "needs MESSAGE_SMS_URL"),
        ({"MESSAGE_PUSH": "vapid"}, "needs both VAPID_PRIVATE_KEY and VAPID_PUBLIC_KEY"),
        ({"MESSAGE_WEBHOOK_URL": "https://shop.example.com"}, "needs MESSAGE_WEBHOOK_SECRETS"),
        ({"SOCIAL_LOGINS": "nowhere"}, "which nobody offers"),
        ({"SOCIAL_LOGINS": "google"}, "GOOGLE_CLIENT_ID is not set"),
        ({"STAFF_SECOND_FACTOR": "maybe"}, "Choose of required, optional"),
        ({"LOG_FORMAT": "xml"}, "Choose of lines, json"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_hint(read: Read, given: dict[str, str], hint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(hint)):
        read(**given)


def found(settings: dict[str, Any], place: str) -> object:
    """Will return what stands in the settings at a place, step by step."""
    value: Any = settings
    for step in place.split("."):
        value = value[step]
    return value
