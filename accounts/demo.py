"""The demo: people and securities that let a newcomer without internet see something.

Only ever on an embedded database that nobody has used; finances/yahoo/data/PROVENANCE.md names the sources of its figures.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings

from finances.sync.models import SyncRun
from finances.users.models import User
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.offline import OfflineYahoo
from finances.yahoo.synthetic import RECIPES
from securities.sync import sync_security

SYMBOLS = ("AAPL", "AMZN", "IBM", "MSFT", "EURUSD=X", "EURGBP=X", *RECIPES)
"""Real series, which end years ago, and synthetic ones that go on to today."""


@dataclass(frozen=True)
class Credentials:
    role: str
    email: str
    password: str


def is_wanted() -> bool:
    """Whether this is a development database without a user and without a sync of anything but the demo."""
    untouched = not User.objects.exists() and not SyncRun.objects.exclude(trigger=SyncRun.Trigger.DEMO).exists()
    return settings.EMBEDDED and not settings.PRODUCTION and untouched


def load_demo() -> list[Credentials]:
    """Load securities, then people. Cut off half-way it leaves no user, so the next start does it again."""
    offline = CachedYahoo(OfflineYahoo())
    for symbol in SYMBOLS:
        sync_security(symbol, trigger=SyncRun.Trigger.DEMO, yahoo=offline, source="demo")
    people = [
        Credentials("demo user", "demo@finances.example", secrets.token_urlsafe(12)),
        Credentials("staff (admin)", "staff@finances.example", secrets.token_urlsafe(12)),
    ]
    User.objects.create_user(email=people[0].email, password=people[0].password, is_verified=True)
    User.objects.create_superuser(email=people[1].email, password=people[1].password)
    return people
