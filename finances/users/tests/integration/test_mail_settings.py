"""What the environment says about e-mail: settings are read in a process of their own."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

NAMES = ["BACKEND", "HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "ALLOWED_HOSTS": "api.example.test",
    "DATABASE_URL": "postgres://finances@db.example.test/finances",
}


def read(expression: str, **environment: str) -> Any:
    # Empty rather than absent, so that no .env file of a developer fills in.
    nothing = dict.fromkeys(("EMAIL_URL", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL"), "")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import json; from config import settings; print(json.dumps({expression}))"],
        env={"PATH": os.environ["PATH"], "WEB_WORKERS": "1", **nothing, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [CONSOLE, "localhost", 25, "", "", False, False]),
        (PRODUCTION, [SMTP, "localhost", 25, "", "", False, False]),
        (
            {"EMAIL_URL": "smtp+tls://me%40example.test:p%2Fw@mail.example.test"},
            [SMTP, "mail.example.test", 587, "me@example.test", "p/w", True, False],
        ),
        ({"EMAIL_URL": "smtp+ssl://mail.example.test"}, [SMTP, "mail.example.test", 465, "", "", False, True]),
        ({"EMAIL_URL": "smtp://mail.example.test:2525"}, [SMTP, "mail.example.test", 2525, "", "", False, False]),
    ],
)
def test_email_url(environment: dict[str, str], expected: list[object]) -> None:
    assert read(f"[getattr(settings, f'EMAIL_{{name}}') for name in {NAMES}]", **environment) == expected


def test_public_url_loses_its_last_slash() -> None:
    assert read("settings.PUBLIC_URL", PUBLIC_URL="https://app.example.test/") == "https://app.example.test"
