"""The demo: what a newcomer without internet sees.

Only ever on an embedded database that nobody has used. The sources of its market data are in
finances/yahoo/data/PROVENANCE.md; its people, institutions, accounts and holdings are invented.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.demo_books import write_books
from currencies.sync import sync_pair
from finances.sync.models import SyncRun
from finances.users.models import User
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.offline import OfflineYahoo, SyntheticRates
from finances.yahoo.synthetic import RECIPES
from securities.sync import sync_security

SYMBOLS = ("AAPL", "AMZN", "IBM", "MSFT", "EURUSD=X", "EURGBP=X", *RECIPES)
"""Real series, which end years ago, and synthetic ones that go on to today."""
PAIRS = (("EUR", "USD"), ("EUR", "GBP"))
"""Real fixings, and after the last of them invented ones, whose source is `synthetic`."""


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
    """Load market data, then people with their books; the currencies are there already.

    Cut off half-way it leaves no user, so the next start does it again.
    """
    offline, invented = CachedYahoo(OfflineYahoo()), CachedYahoo(SyntheticRates())
    for symbol in SYMBOLS:
        sync_security(symbol, trigger=SyncRun.Trigger.DEMO, yahoo=offline, source="demo")
    for base, quote in PAIRS:
        for yahoo, source in ((offline, "demo"), (invented, "synthetic")):
            sync_pair(base, quote, trigger=SyncRun.Trigger.DEMO, yahoo=yahoo, source=source)
            yahoo.forget(f"{base}{quote}=X")  # both answer under the same name
    user, staff = (
        Credentials("demo user", "demo@finances.example", secrets.token_urlsafe(12)),
        Credentials("staff (admin)", "staff@finances.example", secrets.token_urlsafe(12)),
    )
    with transaction.atomic():
        owner = User.objects.create_user(email=user.email, password=user.password, is_verified=True)
        write_books(owner, today=timezone.now().date())
        User.objects.create_superuser(email=staff.email, password=staff.password, is_verified=True)
    return [user, staff]
