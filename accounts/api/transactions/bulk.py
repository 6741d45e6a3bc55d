"""Many transactions in one body."""

from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from accounts.api.transactions import docs
from accounts.api.transactions.references import References
from accounts.api.transactions.serializers import MAX_TRANSACTIONS, NewTransactionSerializer
from accounts.api.transactions.views import OwnAccountView
from accounts.ledger.bulk import Refused, post_transactions
from finances.errors import FinancesError
from finances.users.requests import SignedInRequest


class BulkView(OwnAccountView):
    serializer_class = docs.PostedSerializer
    audited_as = "account-transactions"

    @docs.bulk
    def post(self, request: SignedInRequest, account_id: str) -> Response:
        account = self.get_object()
        bodies = request.data if isinstance(request.data, list) else []
        context = {"account": account, "references": References(request.user, bodies[:MAX_TRANSACTIONS])}
        sent = NewTransactionSerializer(  # type: ignore[call-arg]  # max_length is the list's
            data=request.data, many=True, max_length=MAX_TRANSACTIONS, context=context
        )
        sent.is_valid(raise_exception=True)
        try:
            rows = post_transactions(account, sent.validated_data, by=request.user, today=request.user.today())
        except Refused as refused:
            raise ValidationError(_by_position(refused.violations)) from refused
        return Response({"posted": len(rows), "ids": [row.pk for row in rows]}, status=status.HTTP_201_CREATED)


def _by_position(violations: Mapping[int | None, list[FinancesError]]) -> dict[Any, list[ErrorDetail]]:
    return {
        "non_field_errors" if position is None else position: [ErrorDetail(str(error), error.code) for error in errors]
        for position, errors in sorted(violations.items(), key=lambda item: -1 if item[0] is None else item[0])
    }
