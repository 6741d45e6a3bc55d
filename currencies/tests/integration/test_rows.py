"""Bodies made of rows are, byte for byte, what the serializers make of instances."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from currencies.api.serializers import CurrencySerializer, ExchangeRateSerializer
from currencies.models import Currency
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.testing.answers import serialized

DAY = date(2022, 12, 28)


def test_currencies(alice_client: APIClient) -> None:
    CurrencyFactory.create(code="EUR", name='Eu"ro\\ / ₠\t\x1f', symbol="€", last_valid_on=date(9999, 12, 31))
    CurrencyFactory.create(code="XXA", name="Ünbekannt", symbol="", minor_digits=8, last_valid_on=None)
    currencies = Currency.objects.order_by("pk")

    assert alice_client.get("/api/v1/currencies").content == serialized(CurrencySerializer(currencies, many=True))
    for currency in currencies:
        body = alice_client.get(f"/api/v1/currencies/{currency.pk.lower()}").content
        assert body == serialized(CurrencySerializer(currency))


@pytest.mark.parametrize("parameters", [{}, {"quote": "USD"}])
def test_rates_have_the_shape_of_their_serializer(alice_client: APIClient, parameters: dict[str, str]) -> None:
    for pair, rate in [("EUR/USD", "1.064"), ("JPY/EUR", "0.0070921985815602"), ("EUR/KWD", "0.326")]:
        store_rate(pair, DAY, rate)

    response = alice_client.get("/api/v1/currencies/EUR/rates", parameters)

    assert response.content == serialized(ExchangeRateSerializer(response.json(), many=True))
    assert len(response.json()) == (1 if parameters else 3)
