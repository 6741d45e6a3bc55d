"""The URL space under /api/v1, on one page."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.api.holdings import HoldingViewSet
from accounts.api.urls import account_urlpatterns
from accounts.api.views import AccountViewSet, FinancialInstitutionViewSet
from currencies.api.views import CurrencyViewSet
from finances.sync.api.views import SyncRunViewSet
from securities.api.views import SecurityViewSet

# They are tried one after the other, so what is asked most comes first.
router = SimpleRouter(trailing_slash=False)
router.register("accounts", AccountViewSet, basename="account")
router.register("holdings", HoldingViewSet, basename="holding")
router.register("securities", SecurityViewSet, basename="security")
router.register("currencies", CurrencyViewSet, basename="currency")
router.register("financial-institutions", FinancialInstitutionViewSet, basename="financial-institution")
router.register("market-data/sync-runs", SyncRunViewSet, basename="sync-run")

urlpatterns = [
    # Before the routes of lists: to all others it is one comparison.
    path("accounts/<str:account_id>/", include(account_urlpatterns)),
    *router.urls,
    path("", include("accounts.api.urls")),
    path("", include("finances.users.api.urls")),
]
