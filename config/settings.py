"""All settings, read from the environment (and `.env`, which the environment overrides).

With nothing set this is the embedded default: SQLite and local memory in one process.
README.md lists every variable; docs/operations.md says what production needs.
"""

import os
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from config import databases

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

ENVIRONMENT: str = env.str("ENVIRONMENT", default="development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG: bool = env.bool("DEBUG", default=False)

# Without a key in the environment each process makes its own: safe, but its tokens end with it.
SECRET_KEY: str = env.str("SECRET_KEY", default="") or secrets.token_urlsafe(50)
JWT_SIGNING_KEY: str = env.str("JWT_SIGNING_KEY", default="") or secrets.token_urlsafe(50)
# Former keys, which sign nothing and are believed until they are taken out.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
JWT_SIGNING_KEY_FALLBACKS: list[str] = env.list("JWT_SIGNING_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_EXPOSE_HEADERS = ["X-Total-Count", "Link", "ETag", "X-Request-ID", "Retry-After", "Idempotent-Replayed"]
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match", "x-request-id"]
CORS_URLS_REGEX = r"^/api/"

INSTALLED_APPS = [
    "finances.users.admin_config.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "finances.audit",
    "finances.idempotency",
    "finances.users",
    "finances.sync",
    "finances.archive",
    "currencies",
    "securities",
    "accounts",
]
MIDDLEWARE = [
    "config.metrics.MetricsMiddleware",
    "finances.api.requests.RequestLogMiddleware",
    "finances.api.repeats.RepeatMiddleware",
    "finances.api.security_headers.SecurityHeadersMiddleware",
    "finances.api.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "finances.api.compression.CompressionMiddleware",
    "finances.api.cors.CorsMiddleware",
    "finances.api.back_office.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "finances.api.back_office.AuthenticationMiddleware",
    "finances.api.back_office.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "finances.api.views.csrf_failure"
WSGI_APPLICATION = "config.wsgi.application"
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
            ]
        },
    }
]

# --- Database: SQLite when DATABASE_URL is unset, else PostgreSQL -----------------------------------------------------
DATABASE_URL: str = env.str("DATABASE_URL", default="")
DATABASES = {"default": databases.database(DATABASE_URL, folder=BASE_DIR)}
# How long a migration waits for a lock that would keep everybody else waiting (PostgreSQL).
MIGRATION_LOCK_TIMEOUT: str = env.str("MIGRATION_LOCK_TIMEOUT", default="5s")
# A streaming replica of it, which market data and portfolios are read from.
DATABASE_REPLICA_URL: str = env.str("DATABASE_REPLICA_URL", default="")
REPLICA_LAG_SECONDS: int = env.int("REPLICA_LAG_SECONDS", default=5)
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = databases.replica(DATABASE_REPLICA_URL)
    MIDDLEWARE.append("finances.api.replica.ReplicaMiddleware")
EMBEDDED = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: local memory when REDIS_URL is unset, else Redis ---------------------------------------------------------
REDIS_URL: str = env.str("REDIS_URL", default="")


def _in_process(name: str, *, entries: int) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": entries},
    }


def _shared(name: str, *, entries: int) -> dict[str, Any]:
    """entries: how many local memory holds; Redis has a bound of its own, in bytes."""
    if not REDIS_URL:
        return _in_process(name, entries=entries)
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{env.str('CACHE_PREFIX', default='finances')}:{name}",
        "OPTIONS": {
            # The cache may vanish at any time: a dead Redis costs speed, never an error.
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 1,
        },
    }


CACHES: dict[str, dict[str, Any]] = {
    "default": _shared("default", entries=20_000),
    # Columns of whole price series, by the version of their security: 40 and 80 kB for ten years of days.
    "series": _shared("series", entries=1_000),
    # Rendered bodies, 512 kB at most, named by all that they depend on: a process that keeps its own is never wrong.
    "bodies": _in_process("bodies", entries=128),
    # Whole answers, 32 kB at most, which the shared cache says whether they still hold.
    "answers": _in_process("answers", entries=2_048),
}
# How long an answer may be repeated to the same user while nothing that it depends on changes; 0 makes each anew. What
# changes, processes tell each other by Redis; in the embedded default commands would tell nobody.
ANSWERS_KEPT_SECONDS: int = 0 if EMBEDDED or not REDIS_URL else env.int("ANSWERS_KEPT_SECONDS", default=30)
WEB_WORKERS: int = env.int("WEB_WORKERS", default=1)

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = ["finances.users.hashing.BoundedArgon2PasswordHasher"]
# In each process: half of its share of the processors. A few more wait, and the rest answer 503.
PASSWORD_HASHES_AT_ONCE: int = env.int(
    "PASSWORD_HASHES_AT_ONCE", default=min(3, max(1, (os.cpu_count() or 1) // 2 // WEB_WORKERS))
)
# Failed logins within LOGIN_LOCKOUT_MINUTES, after which they are refused for as long: of one account at one address,
# of one account wherever, at one address.
LOGIN_FAILURES: int = env.int("LOGIN_FAILURES", default=5)
LOGIN_FAILURES_ACCOUNT: int = env.int("LOGIN_FAILURES_ACCOUNT", default=100)
LOGIN_FAILURES_ADDRESS: int = env.int("LOGIN_FAILURES_ADDRESS", default=50)
LOGIN_LOCKOUT_MINUTES: int = env.int("LOGIN_LOCKOUT_MINUTES", default=15)
# Whether staff have their rights only after a login with a one-time code, in the back office and over the API.
REQUIRE_STAFF_TOTP: bool = env.bool("REQUIRE_STAFF_TOTP", default=PRODUCTION)
OTP_TOTP_ISSUER = "Finances API"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email",)}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=30)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=7)),
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}

# --- E-mail ----------------------------------------------------------------------------------------------------------
# EMAIL_URL: smtp+tls://user:password@host:587, smtp+ssl://, smtp://, consolemail://, filemail:///folder, dummymail://.
# Unset, development prints messages; production, where a log must not hold their tokens, looks for a local server.
_email: dict[str, Any] = env.email_url_config(
    env.str("EMAIL_URL", default="") or ("smtp://localhost" if PRODUCTION else "consolemail://")
)
EMAIL_BACKEND: str = _email["EMAIL_BACKEND"]
EMAIL_HOST: str = _email["EMAIL_HOST"] or "localhost"
EMAIL_HOST_USER: str = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD: str = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS: bool = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _email.get("EMAIL_USE_SSL", False)
EMAIL_PORT: int = _email["EMAIL_PORT"] or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_FILE_PATH: str = f"/{_email['EMAIL_FILE_PATH']}"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="Finances <finances@localhost>")
# The front end that links in messages lead to; without it they carry the token alone. Never the request's own host.
PUBLIC_URL: str = env.str("PUBLIC_URL", default="").rstrip("/")
# Threads that write messages after the answer, and send them where there is no broker; 0 does so within the answer,
# whose time then tells which addresses have an account.
MAIL_THREADS: int = env.int("MAIL_THREADS", default=2)

# --- The API ---------------------------------------------------------------------------------------------------------
# How many reverse proxies in front may be believed about the client's address (X-Forwarded-For).
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)
MAX_BODY_BYTES: int = env.int("MAX_BODY_BYTES", default=4 * 1024 * 1024)
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "finances.users.authentication.AccessTokenAuthentication",
        "finances.users.authentication.PersonalTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["finances.api.json.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["finances.api.json.ExactJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "finances.api.json.JSONOnlyNegotiation",
    "DEFAULT_PAGINATION_CLASS": "finances.api.pagination.SkipLimitPagination",
    "DEFAULT_FILTER_BACKENDS": ["finances.api.filters.StrictFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["finances.api.throttles.RequestThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("THROTTLE_ANON", default="120/min"),
        "user": env.str("THROTTLE_USER", default="1200/min"),
        "login": env.str("THROTTLE_LOGIN", default="30/min"),
        "sync": env.str("THROTTLE_SYNC", default="60/min"),
        "export": env.str("THROTTLE_EXPORT", default="10/hour"),
    },
    "DEFAULT_SCHEMA_CLASS": "finances.api.schema.ContractSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "finances.api.exceptions.ContractHandler",
    "EXCEPTION_FORMATTER_CLASS": "finances.api.exceptions.ContractFormatter",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Finances API",
    "DESCRIPTION": "Institutions, accounts, holdings and market data: exact, honest, fast.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "SyncKindEnum": "finances.sync.models.SyncBatch.Kind",
        "ScopeEnum": "finances.sync.models.SyncBatch.Scope",
        "TokenScopeEnum": "finances.users.models.PersonalToken.Scope",
    },
}

# --- Exchange rates --------------------------------------------------------------------------------------------------
# Of several sources' rates of one pair and day the first of these counts.
RATE_SOURCES: list[str] = env.list("RATE_SOURCES", default=["ecb", "yahoo", "demo"])

# --- Yahoo -----------------------------------------------------------------------------------------------------------
# Dotted path of the class that answers for Yahoo: finances.yahoo.yfinance_backend.YFinanceYahoo asks Yahoo itself,
# finances.yahoo.offline.OfflineYahoo serves the bundled series.
YAHOO_BACKEND: str = env.str("YAHOO_BACKEND", default="finances.yahoo.yfinance_backend.YFinanceYahoo")
YAHOO_CACHE_SECONDS: int = env.int("YAHOO_CACHE_SECONDS", default=3600)
YAHOO_NEGATIVE_CACHE_SECONDS: int = env.int("YAHOO_NEGATIVE_CACHE_SECONDS", default=300)
YAHOO_TIMEOUT: float = env.float("YAHOO_TIMEOUT", default=8.0)
YAHOO_CALL_BUDGET: float = env.float("YAHOO_CALL_BUDGET", default=24.0)
YAHOO_SEARCH_BUDGET: float = env.float("YAHOO_SEARCH_BUDGET", default=3.0)
YAHOO_REQUESTS_PER_SECOND: int = env.int("YAHOO_REQUESTS_PER_SECOND", default=10)
YAHOO_MAX_CONCURRENCY: int = env.int("YAHOO_MAX_CONCURRENCY", default=4)

# --- Metrics ---------------------------------------------------------------------------------------------------------
# What Prometheus sends as `Authorization: Bearer`; without it there are no metrics.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN:
    # Where the worker processes of one server count together; its name is of the server, their parent.
    _counts = Path(tempfile.gettempdir()) / f"finances-metrics-{os.getuid()}-{os.getppid()}"
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_counts))

# --- Work that is not done within requests ----------------------------------------------------------------------------
# Celery's workers do it where there is a broker, else threads of the server's own process.
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL", default=REDIS_URL)
# Threads that sync what was ordered in batches where there is no broker, or it is away; 0 syncs within the order.
SYNC_THREADS: int = env.int("SYNC_THREADS", default=1)
# Job and seconds between two of it: a job looks what is due by then, so that one missed is made up for by the next.
SCHEDULE: dict[str, tuple[str, int]] = {
    "prices": ("securities.due.order_due", 900),
    "gaps": ("securities.due.order_gaps", 86_400),
    "rates": ("currencies.due.order_due", 1_800),
    "holdings": ("accounts.due.recount_holdings", 86_400),
    "stalled": ("finances.sync.queue.requeue_stalled", 60),
    "expired": ("finances.users.expiry.flush_expired", 86_400),
    "seals": ("finances.audit.seals.seal_entries", 86_400),
    "digest": ("securities.digest.send_digest", 86_400),
}
SYNC_BY_KIND = {"PRICES": "securities.batch.sync_symbol", "RATES": "currencies.sync.sync_symbol"}
# Without a broker a thread of the server keeps the schedule.
TIMER: bool = env.bool("TIMER", default=not CELERY_BROKER_URL)
CELERY_TASK_DEFAULT_QUEUE: str = env.str("CACHE_PREFIX", default="finances")
# After so many seconds the work of a killed worker is given to another; and any work that took longer.
CELERY_VISIBILITY_TIMEOUT: int = env.int("CELERY_VISIBILITY_TIMEOUT", default=240)
# The longest wait of a mail (finances/mail.py), and twice the longest task (config/celery.py): one may be before it.
VISIBILITY_AT_LEAST = 170

# --- Files, time, logs -----------------------------------------------------------------------------------------------
STATIC_URL = "static/"
# Collected when the image is built; elsewhere each app's own folder is served.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
LOGGING = {"as_json": PRODUCTION, "level": env.str("LOG_LEVEL", default="INFO")}
LOGGING_CONFIG = "finances.logs.configure"

# --- Transport security ----------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- What must not start ---------------------------------------------------------------------------------------------
if PRODUCTION:
    missing = [name for name in ("SECRET_KEY", "JWT_SIGNING_KEY", "ALLOWED_HOSTS") if not env.str(name, default="")]
    if missing:
        raise ImproperlyConfigured(f"ENVIRONMENT=production needs {', '.join(missing)}.")
    if DEBUG:
        raise ImproperlyConfigured("ENVIRONMENT=production refuses DEBUG.")
    if EMBEDDED:
        raise ImproperlyConfigured("ENVIRONMENT=production needs a PostgreSQL DATABASE_URL, not SQLite.")
if CELERY_VISIBILITY_TIMEOUT < VISIBILITY_AT_LEAST:
    raise ImproperlyConfigured(f"CELERY_VISIBILITY_TIMEOUT below {VISIBILITY_AT_LEAST} would have work done twice.")
if ANSWERS_KEPT_SECONDS < 0 or ANSWERS_KEPT_SECONDS and 900 % ANSWERS_KEPT_SECONDS:
    raise ImproperlyConfigured("ANSWERS_KEPT_SECONDS must divide 900: an answer would be kept beyond a midnight.")
if WEB_WORKERS > 1 and not REDIS_URL:
    raise ImproperlyConfigured("WEB_WORKERS above 1 needs REDIS_URL: throttles and caches must be shared.")
