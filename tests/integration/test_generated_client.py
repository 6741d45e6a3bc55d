"""A client generated from docs/openapi.yaml, by a generator that others use, does a person's first steps."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import YahooServer
from tests.installation import PASSWORD, ROOT, Installation

STEPS = """
import datetime, sys
from finances_api_client import AuthenticatedClient, Client
from finances_api_client.api.account_values import accounts_values_create
from finances_api_client.api.accounts import accounts_create
from finances_api_client.api.auth import auth_login_create, auth_register_create
from finances_api_client.api.holdings import holdings_create, holdings_list
from finances_api_client.models import AccountRequest, AccountTypeEnum, DayValueRequest, NewHoldingRequest
from finances_api_client.models import LoginRequest, RegisterRequest

base, password = sys.argv[1:]
person = {"email": "generated@example.test", "password": password}
anyone = Client(base_url=base, raise_on_unexpected_status=True)
user = auth_register_create.sync(client=anyone, body=RegisterRequest(**person))
tokens = auth_login_create.sync(client=anyone, body=LoginRequest(**person))
client = AuthenticatedClient(base_url=base, token=tokens.access_token, raise_on_unexpected_status=True)
account = accounts_create.sync(
    client=client, body=AccountRequest(name="Depot", account_type=AccountTypeEnum.INVESTMENT))
value = accounts_values_create.sync(
    account.id, client=client, body=DayValueRequest(value_date=datetime.date(2024, 1, 31), value="1234.50"))
holding = holdings_create.sync(
    client=client, body=NewHoldingRequest(account_id=account.id, symbol="IBM", quantity="2.5", average_cost="100"))
listed = holdings_list.sync(client=client)
print(user.email, account.currency_code, value.value, holding.symbol, holding.quantity, holding.cost, len(listed))
"""


@pytest.fixture
def product(yahoo_server: YahooServer, tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path, yahoo_server.env)
    installation.manage("migrate", "--verbosity", "0")
    installation.serve()
    yield installation
    installation.stop()


def test_a_generated_client_registers_and_records_a_holding(product: Installation, tmp_path: Path) -> None:
    settings = tmp_path / "generator.yaml"
    # The generator knows no lines of JSON, but files.
    files = "content_type_overrides: {application/x-ndjson: application/octet-stream}\n"
    settings.write_text(f"post_hooks: []\npackage_name_override: finances_api_client\n{files}")
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    generate += ["--path", str(ROOT / "docs/openapi.yaml"), "--output-path", "finances_api_client"]
    made = subprocess.run(  # noqa: S603 - our own generator
        [*generate, "--config", str(settings)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr

    steps = [sys.executable, "-c", STEPS, product.base, PASSWORD]
    done = subprocess.run(steps, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603

    assert done.stdout == "generated@example.test USD 1234.50 IBM 2.5 250.00 1\n", done.stderr
