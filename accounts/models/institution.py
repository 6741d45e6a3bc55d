"""Where accounts are held."""

import uuid
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from finances.errors import NotFound
from finances.models import OwnedModel, OwnedQuerySet, TimestampedModel


class FinancialInstitutionQuerySet(OwnedQuerySet[Any]):
    pass


class FinancialInstitution(OwnedModel, TimestampedModel):
    class Type(models.TextChoices):
        BANK = "BANK", "Bank"
        BROKERAGE = "BROKERAGE", "Brokerage"
        CREDIT_UNION = "CREDIT_UNION", "Credit union"
        INSURANCE = "INSURANCE", "Insurance"
        PENSION = "PENSION", "Pension"
        CRYPTO_EXCHANGE = "CRYPTO_EXCHANGE", "Crypto exchange"
        OTHER = "OTHER", "Other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    institution_type = models.CharField(max_length=15, choices=Type, default=Type.OTHER)
    country = models.CharField(
        max_length=2, blank=True, validators=[RegexValidator(r"^[A-Z]{2}\Z", "Two capital letters (ISO 3166-1).")]
    )
    url = models.URLField(max_length=300, blank=True)

    objects = FinancialInstitutionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["owner", "name"], name="institution_owner_name")]

    def __str__(self) -> str:
        return self.name

    def change(self, **values: Any) -> None:
        """Write these columns and no others, so that parallel changes to others last. Raises NotFound when gone."""
        if values and not type(self).objects.filter(pk=self.pk).update(**values, updated_at=timezone.now()):
            raise NotFound("Not found.")
