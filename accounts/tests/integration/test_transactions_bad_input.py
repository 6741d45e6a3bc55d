"""What a transaction may not say: refused with its field named, and nothing written."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.ledger.kinds import KINDS, OF_SECURITIES
from accounts.models import Account, Transaction
from accounts.tests.factories import AccountFactory
from currencies.tests.factories import CurrencyFactory
from finances.testing.answers import violations
from finances.users.models import User
from securities.tests.factories import SecurityFactory

NAMES = {"security": "security_id", "new_security": "new_security_id", "counter_account": "counter_account_id"}
BUY = {"type": "BUY", "symbol": "ACME", "trade_date": "2024-01-02", "quantity": "10", "unit_price": "5.5"}
BAD_NUMBERS = [True, [], {}, "", " ", "many", "NaN", "Infinity", "1e400", "9" * 400, "1_0", "١", "1\x00", "-1"]


@pytest.fixture
def depot(alice: User) -> Account:
    SecurityFactory.create(symbol="ACME")
    return AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)


def refused(client: APIClient, account: Account, body: Any) -> list[list[str | int]]:
    before = Transaction.objects.count()
    raw = json.dumps(body, default=str)
    found = violations(
        client.post(f"/api/v1/accounts/{account.pk}/transactions", raw, content_type="application/json")
    )  # fmt: skip
    assert Transaction.objects.count() == before
    return found


BAD_VALUES: dict[str, list[Any]] = {
    "quantity": [*BAD_NUMBERS, 0, "0.0000000000001", "1" * 19],
    "unit_price": BAD_NUMBERS,
    "fees": [*BAD_NUMBERS, "0.000000001", "1" * 17],
    "taxes": BAD_NUMBERS,
    "fx_rate": [*BAD_NUMBERS, 0],
    "trade_date": [5, "", "soon", "2022-02-30", "20220103", None],
    "settlement_date": [5, "", "soon", "2022-02-30"],
    "type": [5, "", "GIFT", None, []],
    "currency_code": [5, "", "XYZ", "usd", "\x00", {}],
    "note": [5, "x" * 501, "a\x00", None],
    "external_id": [5, "x" * 101, "a\x00", None],
    "tags": ["a", {}, None, [str(n) for n in range(21)]],
    "symbol": [5, "NOPE", "a\x00", [], {}],
    "security_id": [5, "x", "\x00", []],
}
BAD_FIELDS = [(field, value) for field, values in BAD_VALUES.items() for value in values]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_a_bad_field_names_itself(alice_client: APIClient, depot: Account, field: str, value: Any) -> None:
    found = refused(alice_client, depot, BUY | {field: value})

    assert {(loc[0], loc[1]) for loc in found} in (
        {("body", field)}, {("body", "symbol"), ("body", "security_id")},
    )  # fmt: skip


@pytest.mark.parametrize("tag", [5, "", "x" * 31, None, "a\x00"])
def test_a_bad_tag_is_named_by_its_position(alice_client: APIClient, depot: Account, tag: Any) -> None:
    assert refused(alice_client, depot, BUY | {"tags": ["fine", tag]}) == [["body", "tags", 1]]


@pytest.mark.parametrize("lot", [5, {}, {"lot_id": "x", "quantity": "1"}, {"lot_id": "0" * 36, "quantity": "0"}])
def test_a_bad_lot(alice_client: APIClient, depot: Account, lot: Any) -> None:
    found = refused(alice_client, depot, BUY | {"type": "SELL", "lots": [lot]})

    assert {tuple(loc[:3]) for loc in found} == {("body", "lots", 0)}


@pytest.mark.parametrize("body", [[], "x", 5, None])
def test_a_body_is_an_object(alice_client: APIClient, depot: Account, body: Any) -> None:
    assert refused(alice_client, depot, body) == [["body"]]


def facts_of(kind: Any, account: Account) -> dict[str, Any]:
    """All that a kind needs."""
    other = AccountFactory.create(owner=account.owner, account_type=Account.Type.INVESTMENT)
    known: dict[str, Any] = {
        "security": SecurityFactory.create().uuid, "new_security": SecurityFactory.create().uuid,
        "counter_account": other.pk, "quantity": "1", "unit_price": "1", "amount": "1", "ratio_numerator": 2,
        "ratio_denominator": 1, "cost_fraction": "0.5",
    }  # fmt: skip
    return {NAMES.get(name, name): known[name] for name in kind.needs}


@pytest.mark.parametrize(("type_", "kind"), [*KINDS.items(), *OF_SECURITIES.items()])
def test_what_a_type_needs(alice_client: APIClient, depot: Account, type_: str, kind: Any) -> None:
    facts = facts_of(kind, depot)
    for name in facts:
        rest = {key: str(fact) if hasattr(fact, "hex") else fact for key, fact in facts.items() if key != name}
        found = refused(alice_client, depot, {"type": type_, "trade_date": "2024-01-02", **rest})
        # Without the security it may be the other form of the type, which needs something else.
        assert ["body", name] in found or (name == "security_id" and type_ in OF_SECURITIES)


@pytest.mark.parametrize(
    ("type_", "facts", "fields"),
    [
        ("BUY", {"amount": "1"}, ["amount"]),
        ("DEPOSIT", {"amount": "1", "quantity": "1", "symbol": "ACME"}, ["quantity", "security_id"]),
        ("DEPOSIT", {"amount": "1", "taxes": "1"}, ["taxes"]),
        ("DEPOSIT", {"amount": "-1"}, ["amount"]),
        ("WITHDRAWAL", {"amount": "0"}, ["amount"]),
        ("DIVIDEND", {"symbol": "ACME", "amount": "1", "quantity": "1"}, ["quantity"]),
        ("FEE", {"amount": "1", "counter_account_id": "{other}"}, ["counter_account_id"]),
        ("SPLIT", {"symbol": "ACME", "ratio_numerator": 0, "ratio_denominator": 2**31},
         ["ratio_numerator", "ratio_denominator"]),
        ("SPIN_OFF", {"symbol": "ACME", "new_symbol": "ACME", "ratio_numerator": 1, "ratio_denominator": 1,
                      "cost_fraction": "0.1"}, ["new_security_id"]),
        ("TRANSFER", {"amount": "1", "counter_account_id": "{own}"}, ["counter_account_id"]),
        ("TRANSFER", {"amount": "1", "symbol": "ACME", "counter_account_id": "{other}"}, ["amount", "quantity"]),
        ("OPENING", {"symbol": "ACME", "quantity": "-1"}, ["quantity"]),
        ("OPENING", {"symbol": "ACME", "quantity": "1", "acquired_on": "2024-02-01"}, ["acquired_on"]),
        ("ADJUSTMENT", {"symbol": "ACME"}, ["amount", "quantity"]),
        ("ADJUSTMENT", {"symbol": "ACME", "quantity": "0"}, ["quantity"]),
        ("SPIN_OFF", {"symbol": "ACME", "new_security_id": "{euro}", "ratio_numerator": 1, "ratio_denominator": 1,
                      "cost_fraction": "0.1"}, ["new_security_id"]),
        ("DEPOSIT", {"trade_date": "soon", "quantity": "1"}, ["amount", "quantity", "trade_date"]),
        ("BUY", {"security_id": "{acme}"}, ["symbol"]),
        ("BUY", {"currency_code": "EUR"}, ["currency_code"]),
    ],
)  # fmt: skip
def test_what_a_type_does_not_have(
    alice_client: APIClient, alice: User, depot: Account, type_: str, facts: dict[str, Any], fields: list[str]
) -> None:
    euro = SecurityFactory.create(currency=CurrencyFactory.create(code="EUR"))
    other = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
    named = {"{other}": str(other.pk), "{own}": str(depot.pk), "{acme}": str(SecurityFactory.create().uuid)}
    named["{euro}"] = str(euro.uuid)
    body = {name: named.get(str(fact), fact) for name, fact in facts.items()}
    base = BUY if type_ == "BUY" else {"type": type_, "trade_date": "2024-01-02"}

    assert sorted(str(loc[1]) for loc in refused(alice_client, depot, base | body)) == sorted(fields)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": "0"}, "quantity"), ({"quantity": None}, "quantity"), ({"unit_price": "-1"}, "unit_price"),
        ({"amount": "1"}, "amount"), ({"trade_date": None}, "trade_date"), ({"reason": "x" * 201}, "reason"),
        ({"currency_code": "EUR"}, "currency_code"), ({"lots": None}, "lots"), ({"note": None}, "note"),
    ],
)  # fmt: skip
def test_a_bad_change_names_its_field(
    alice_client: APIClient, depot: Account, change: dict[str, Any], field: str
) -> None:
    CurrencyFactory.create(code="EUR")
    body = alice_client.post(f"/api/v1/accounts/{depot.pk}/transactions", BUY).json()
    at = f"/api/v1/transactions/{body['id']}"

    assert violations(alice_client.patch(at, change)) == [["body", field]]
    assert alice_client.get(at).json() == body


@pytest.mark.parametrize("path", ["transactions/x", "transactions/x/revisions", "holdings/x/lots", "accounts/x/gains"])
def test_what_is_no_id_is_not_found(alice_client: APIClient, path: str) -> None:
    assert alice_client.get(f"/api/v1/{path}").json() == {"detail": "Not found.", "code": "not_found"}


@pytest.mark.parametrize(
    ("tail", "parameter"),
    [
        ("cash", {"as_of": "soon"}), ("cash", {"known_at": "2999-01-01T00:00:00Z"}), ("gains", {"start_date": "x"}),
        ("gains", {"limit": "1001"}), ("transactions", {"type": "GIFT"}), ("transactions", {"ordering": "amount"}),
    ],
)  # fmt: skip
def test_bad_parameters(alice_client: APIClient, depot: Account, tail: str, parameter: dict[str, str]) -> None:
    [name] = parameter

    response = alice_client.get(f"/api/v1/accounts/{depot.pk}/{tail}", parameter)

    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", name])


def test_a_range_that_ends_before_it_starts(alice_client: APIClient, depot: Account) -> None:
    backwards = {"start_date": "2024-01-02", "end_date": "2024-01-01"}
    for path in ("transactions", "transactions/proposals", f"accounts/{depot.pk}/gains"):
        response = alice_client.get(f"/api/v1/{path}", backwards)
        assert (response.status_code, response.json()["code"]) == (400, "start_after_end")
