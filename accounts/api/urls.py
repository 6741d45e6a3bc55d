from datetime import date
from typing import Any

from django.urls import path, register_converter

from accounts.api import values
from accounts.api.market_data import SyncOrderView
from accounts.api.portfolio import explain, performance
from accounts.api.portfolio import views as portfolio
from accounts.api.transactions import reports
from accounts.api.transactions import views as transactions
from accounts.api.transactions.bulk import BulkView


class DayConverter:
    """`YYYY-MM-DD`; what is no day of the calendar is no address either."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(DayConverter, "day")

account_urlpatterns = [
    path("values", values.AccountValuesView.as_view(), name="account-values"),
    path("values/<day:day>", values.AccountValueView.as_view(), name="account-value"),
    path("transactions", transactions.AccountTransactionsView.as_view(), name="account-transactions"),
    path("transactions/bulk", BulkView.as_view(), name="account-transactions-bulk"),
    path("cash", reports.CashView.as_view(), name="account-cash"),
    path("gains", reports.GainsView.as_view(), name="account-gains"),
]
"""Under the path of one account."""

urlpatterns = [
    path("holdings/<str:holding_id>/lots", reports.LotsView.as_view(), name="holding-lots"),
    path("transactions/proposals", reports.ProposalsView.as_view(), name="transaction-proposals"),
    path("transactions", transactions.TransactionsView.as_view(), name="transactions"),
    path("transactions/<str:transaction_id>", transactions.TransactionView.as_view(), name="transaction"),
    path(
        "transactions/<str:transaction_id>/revisions",
        transactions.RevisionsView.as_view(),
        name="transaction-revisions",
    ),
    path("portfolio/explain", explain.ExplainView.as_view(), name="portfolio-explain"),
    path("portfolio/performance", performance.PerformanceView.as_view(), name="portfolio-performance"),
    path("portfolio/net-worth", portfolio.NetWorthView.as_view(), name="net-worth"),
    path("portfolio/history", portfolio.HistoryView.as_view(), name="portfolio-history"),
    path("portfolio/allocation", portfolio.AllocationView.as_view(), name="portfolio-allocation"),
    path("market-data/sync", SyncOrderView.as_view(), name="sync-order"),
    path("account-values/latest", values.LatestValuesView.as_view(), name="latest-values"),
]
