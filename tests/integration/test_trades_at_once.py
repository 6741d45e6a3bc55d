"""Twenty clients post trades to one account of a real server at the same moment."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.installation import Installation

CLIENTS = 20
EMPTY_DATABASE = """
from django.core.management import call_command
from currencies.catalogue import load_currencies
call_command("migrate", verbosity=0)
load_currencies()
"""
TRADE = {"trade_date": "2024-01-02", "unit_price": "10.01", "fees": "0.10"}
DEPOSIT = Decimal(10_000)


@pytest.fixture
def product(own_database: str, tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path, {"DATABASE_URL": own_database, "THROTTLE_USER": "100000/min"})
    assert installation.manage("shell", "--verbosity", "0", "--command", EMPTY_DATABASE)[0] == 0
    installation.serve()
    yield installation
    installation.stop()


def made(product: Installation, path: str, body: object) -> Any:
    status, answer, _headers = product.call("POST", f"/api/v1/{path}", body)
    assert status == 201, answer
    return answer


def read(product: Installation, path: str) -> Any:
    status, answer, _headers = product.call("GET", f"/api/v1/{path}")
    assert status == 200, answer
    return answer


def test_no_trade_is_lost_and_nothing_oversold(product: Installation) -> None:
    account = made(product, "accounts", {"name": "Depot", "account_type": "INVESTMENT", "currency_code": "EUR"})["id"]
    facts = {"symbol": "HERD", "name": "Herd", "security_type": "OTHER", "currency_code": "EUR"}
    security = made(product, "securities", facts)["id"]
    ledger = f"accounts/{account}/transactions"
    made(product, ledger, {"type": "DEPOSIT", "trade_date": "2024-01-01", "amount": str(DEPOSIT)})
    together = Barrier(CLIENTS)

    def client(number: int) -> list[tuple[str, int, Any]]:
        """A purchase that others post too, one of its own, and two sales of which not all can be."""
        found = []
        for type_, quantity, own in (("BUY", "3", "shared"), ("BUY", "3", ""), ("SELL", "2", ""), ("SELL", "2", "")):
            together.wait(timeout=60)
            body = {**TRADE, "type": type_, "security_id": security, "quantity": quantity, "external_id": own}
            status, answer, _headers = product.call("POST", f"/api/v1/{ledger}", body)
            found.append((own or type_, status, answer.get("code", answer.get("id"))))
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for own in pool.map(client, range(CLIENTS)) for answer in own]

    counts = Counter((kind, status) for kind, status, _ in answers)
    assert {code for _, status, code in answers if status != 201} == {"external_id_exists", "oversold"}
    assert {status for _, status, _ in answers} == {201, 409}
    assert (counts["shared", 201], counts["BUY", 201]) == (1, CLIENTS)
    bought, sold = 3 * (CLIENTS + 1), 2 * counts["SELL", 201]
    # A sale is refused only where less than its two units are left.
    assert bought - sold == bought % 2
    assert_books(product, account, ledger, bought=bought, sold=sold, posted=1 + sum(s == 201 for _, s, _ in answers))


def assert_books(
    product: Installation, account: str, ledger: str, *, bought: int, sold: int, posted: int
) -> None:  # fmt: skip
    assert len(read(product, f"{ledger}?limit=1000")) == posted
    (holding,) = read(product, f"holdings?account={account}")
    lots = read(product, f"holdings/{holding['id']}/lots")
    assert int(holding["quantity"]) == sum(int(lot["quantity"]) for lot in lots) == bought - sold
    gains = read(product, f"accounts/{account}/gains")
    assert sum(int(gain["quantity"]) for gain in gains) == sold
    fees = Decimal("0.10") * (bought // 3 + sold // 2)
    (balance,) = read(product, f"accounts/{account}/cash")["balances"]
    assert Decimal(balance["balance"]) == DEPOSIT - Decimal("10.01") * (bought - sold) - fees
