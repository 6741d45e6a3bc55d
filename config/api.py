"""The URL space under /api/v1, on one page."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.api.holdings import HoldingViewSet
from accounts.api.views import AccountViewSet, FinancialInstitutionViewSet
from currencies.api.views import CurrencyViewSet
from finances.sync.api.views import SyncRunViewSet
from securities.api.views import SecurityViewSet

router = SimpleRouter(trailing_slash=False)
router.register("currencies", CurrencyViewSet, basename="currency")
router.register("market-data/sync-runs", SyncRunViewSet, basename="sync-run")
router.register("securities", SecurityViewSet, basename="security")
router.register("holdings", HoldingViewSet, basename="holding")
router.register("financial-institutions", FinancialInstitutionViewSet, basename="financial-institution")
router.register("accounts", AccountViewSet, basename="account")

urlpatterns = [path("", include("finances.users.api.urls")), path("", include("accounts.api.urls")), *router.urls]
