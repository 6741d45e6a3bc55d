"""Shapes of institutions and accounts."""

from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.models import Account, FinancialInstitution
from currencies.models import Currency
from finances.api.fields import (
    CurrencyCodeField,
    ExactDecimalField,
    MoneyField,
    OwnedRelatedField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
    StrictURLField,
)
from finances.api.rows import Derived, Rows
from securities.api.serializers import MissingSerializer


class FinancialInstitutionSerializer(serializers.ModelSerializer[FinancialInstitution]):
    name = StrictCharField(max_length=200)
    institution_type = StrictChoiceField(FinancialInstitution.Type.choices, required=False)
    country = StrictCharField(
        required=False,
        allow_blank=True,
        help_text="ISO 3166-1 alpha-2, in capitals.",
        validators=[RegexValidator(r"^[A-Z]{2}\Z", "Two capital letters (ISO 3166-1).")],
    )
    url = StrictURLField(required=False, allow_blank=True, max_length=300)

    class Meta:
        model = FinancialInstitution
        fields = ["id", "name", "institution_type", "country", "url", "created_at", "updated_at"]


class AccountSerializer(serializers.ModelSerializer[Account]):
    name = StrictCharField(max_length=200)
    account_type = StrictChoiceField(Account.Type.choices)
    classification = serializers.ChoiceField(Account.Classification.choices, read_only=True)
    financial_institution_id = OwnedRelatedField(
        source="financial_institution",
        queryset=FinancialInstitution.objects.all(),
        required=False,
        allow_null=True,
        help_text="One of your own institutions.",
    )
    currency_code = CurrencyCodeField(
        source="currency",
        queryset=Currency.objects.all(),
        required=False,
        help_text="ISO 4217; your base currency if left out.",
    )
    interest_rate = ExactDecimalField(
        max_digits=9,
        decimal_places=6,
        required=False,
        allow_null=True,
        help_text="Per year, as a fraction: 0.0425 is 4.25 %.",
    )
    is_active = StrictBooleanField(required=False, help_text="False archives the account.")
    opened_on = StrictDateField(required=False, allow_null=True)
    closed_on = StrictDateField(required=False, allow_null=True)
    cost_basis_method = StrictChoiceField(
        Account.CostBasisMethod.choices, required=False, help_text="Which lots sales take that name none."
    )
    allow_short = StrictBooleanField(required=False, help_text="Whether more may be sold than is held.")
    latest_value = MoneyField(read_only=True, allow_null=True, help_text="Of a liability, the amount owed.")
    latest_value_date = serializers.DateField(read_only=True, allow_null=True)
    missing = MissingSerializer(many=True, read_only=True)

    class Meta:
        model = Account
        fields = [
            "id", "name", "account_type", "classification", "financial_institution_id", "currency_code",
            "interest_rate", "is_active", "opened_on", "closed_on", "cost_basis_method", "allow_short", "latest_value",
            "latest_value_date", "missing",
            "created_at", "updated_at",
        ]  # fmt: skip


INSTITUTION_ROWS = Rows(FinancialInstitutionSerializer)
ACCOUNT_ROWS = Rows(
    AccountSerializer,
    Derived(
        fields=("classification", "missing"),
        columns=("account_type", "latest_value"),
        function=lambda kinds, values: (map(Account.classification_of, kinds), map(Account.missing_of, values)),
    ),
)
