"""The test overlay: fixed keys, a cheap hasher, no throttles, Yahoo replaced by the fake backend."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "test-only-secret-key-that-is-long-enough-for-every-check")
os.environ.setdefault("JWT_SIGNING_KEY", "test-only-signing-key-that-is-long-enough-for-hs256")

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, DATABASES, REST_FRAMEWORK  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CORS_ALLOWED_ORIGINS = ["https://app.example.test"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "finances.users.hashing.BoundedArgon2PasswordHasher",
]
PUBLIC_URL = "https://app.example.test"
DEFAULT_FROM_EMAIL = "finances@example.test"
MAIL_THREADS = SYNC_THREADS = 0
CELERY_BROKER_URL = ""
# Most tests never commit, which is when others learn of a write.
ANSWERS_KEPT_SECONDS = 0
TIMER = False
YAHOO_BACKEND = "finances.testing.yahoo.FakeYahoo"
YAHOO_REQUESTS_PER_SECOND = 1000
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "1000000/min"),
}
# Each test run keeps its own keys in a shared Redis.
for _name, _cache in CACHES.items():
    _cache["KEY_PREFIX"] = f"test-{os.getpid()}:{_name}"
# A database of its own for each run, so that two can go at once; SQLite as a file and not in shared memory, so that
# threads contend as they do in `make run`.
_own = f"test_finances_{os.getpid()}"
_is_file = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DATABASES["default"]["TEST"] = {"NAME": os.path.join(tempfile.gettempdir(), f"{_own}.sqlite3") if _is_file else _own}
