from datetime import date
from typing import Any

from django.urls import path, register_converter

from accounts.api import values


class DayConverter:
    """`YYYY-MM-DD`; what is no day of the calendar is no address either."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(DayConverter, "day")

urlpatterns = [
    path("accounts/<str:account_id>/values", values.AccountValuesView.as_view(), name="account-values"),
    path("accounts/<str:account_id>/values/<day:day>", values.AccountValueView.as_view(), name="account-value"),
    path("account-values/latest", values.LatestValuesView.as_view(), name="latest-values"),
]
