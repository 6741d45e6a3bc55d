"""Currencies and what one costs in another."""

from currencies.models.currency import Currency
from currencies.models.quarantine import QuarantinedRates
from currencies.models.rates import ExchangeRate, ExchangeRateRevision

__all__ = ["Currency", "ExchangeRate", "ExchangeRateRevision", "QuarantinedRates"]
