"""Answers of the portfolio's endpoints, made of what the domain counted."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.portfolio.allocation import Allocation, Share
from accounts.portfolio.facts import AccountFacts
from accounts.portfolio.gaps import Gap
from accounts.portfolio.history import History
from accounts.portfolio.names import TOTALS, account_figure
from accounts.portfolio.net_worth import AccountWorth, Coverage, NetWorth, Part
from accounts.portfolio.worth import Column
from finances.api.fields import decimal_text, money_text, units_text
from finances.valuation.positions import dates_of

Body = dict[str, Any]
KNOWN_TOTALS = ("net_worth", "assets", "liabilities")


def net_worth_body(found: NetWorth) -> Body:
    code = found.base_currency
    return {
        "as_of": found.as_of,
        "known_at": found.known_at,
        "base_currency": code,
        **{name: _money(found.totals[name], code) for name in TOTALS},
        "coverage": coverage_body(found.coverage),
        "sum_of_known": {name: _money(found.sum_of_known[name], code) for name in TOTALS},
        "accounts": [_account(row, code) for row in found.accounts],
        "parts": [_part(part, code) for part in found.parts],
        "figures": found.figures,
        "missing": [gap_body(gap) for gap in found.missing],
    }


def coverage_body(coverage: Coverage) -> Body:
    return {"known": coverage.known, "parts": coverage.parts}


def gap_body(gap: Gap) -> Body:
    return {
        "figure": gap.figure,
        "code": gap.code,
        "detail": gap.detail,
        "since": gap.since,
        "until": gap.until,
        "account_id": gap.account_id,
        "security_id": gap.security_id,
        "currency_code": gap.currency_code,
    }


def _account(row: AccountWorth, code: str) -> Body:
    return _account_facts(row.figure, row.account) | {
        "basis": row.basis,
        "value": _money(row.value, code),
        "cash": _money(row.cash, code),
        "securities": _money(row.securities, code),
    }


def _account_facts(figure: str, account: AccountFacts) -> Body:
    return {
        "figure": figure,
        "account_id": account.id,
        "account_name": account.name,
        "account_type": account.account_type,
        "classification": "LIABILITY" if account.is_liability else "ASSET",
    }


def _part(part: Part, code: str) -> Body:
    security = part.security
    return {
        "figure": part.figure,
        "kind": part.kind,
        "account_id": part.account_id,
        "security_id": None if security is None else security.uuid,
        "symbol": None if security is None else security.symbol,
        "quantity": None if part.quantity is None else decimal_text(part.quantity),
        "price": part.price,
        "price_date": part.price_date,
        "currency_code": part.currency_code,
        "local_value": _money(part.local_value, part.currency_code),
        "value": _money(part.value, code),
    }


def history_body(found: History) -> Body:
    inputs = found.inputs
    return {
        "start_date": inputs.start,
        "end_date": inputs.end,
        "interval": found.interval,
        "known_at": inputs.known_at,
        "base_currency": inputs.base,
        "rows": history_rows(found),
        "accounts": [
            _account_facts(account_figure(key), inputs.accounts[key]) | {"values": _texts(column, found.worth.digits)}
            for key, column in found.accounts.items()
        ],
        "figures": [*TOTALS, *map(account_figure, found.accounts)],
        "missing": [gap_body(gap) for gap in found.missing],
    }


def history_rows(found: History) -> list[Body]:
    """Column by column: of ten years of days there are tens of thousands of figures."""
    worth, totals = found.worth, found.worth.totals
    columns = {name: _texts(totals[name], worth.digits) for name in TOTALS}
    known = {name: _known_texts(totals[name], worth.digits) for name in KNOWN_TOTALS}
    coverage = zip(worth.parts_known.tolist(), worth.parts.tolist(), strict=True)
    return [
        {
            "date": day,
            **dict(zip(TOTALS, figures, strict=True)),
            "coverage": {"known": parts_known, "parts": parts},
            "sum_of_known": dict(zip(KNOWN_TOTALS, known_figures, strict=True)),
        }
        for day, figures, (parts_known, parts), known_figures in zip(
            dates_of(worth.days),
            zip(*columns.values(), strict=True),
            coverage,
            zip(*known.values(), strict=True),
            strict=True,
        )
    ]


def _texts(column: Column, digits: int) -> list[str | None]:
    pairs: Iterable[tuple[int, bool]] = zip(column.units.tolist(), column.complete.tolist(), strict=True)
    return [units_text(units, digits) if complete else None for units, complete in pairs]


def _known_texts(column: Column, digits: int) -> list[str]:
    return [units_text(units, digits) for units in column.units.tolist()]


def allocation_body(found: Allocation) -> Body:
    code = found.base_currency
    return {
        "as_of": found.as_of,
        "known_at": found.known_at,
        "base_currency": code,
        "by": found.by,
        "assets": _money(found.assets, code),
        "coverage": coverage_body(found.coverage),
        "sum_of_known": {"assets": _money(found.known_assets, code)},
        "shares": [_share(share, code) for share in found.shares],
        "figures": found.figures,
        "missing": [gap_body(gap) for gap in found.missing],
    }


def _share(share: Share, code: str) -> Body:
    return {
        "figure": share.figure,
        "key": share.group.key,
        "name": share.group.name,
        "value": _money(share.value, code),
        "weight": None if share.weight is None else decimal_text(share.weight),
        "known_value": _money(share.known_value, code),
        "weight_of_known": None if share.weight_of_known is None else decimal_text(share.weight_of_known),
    }


def _money(amount: Decimal | None, code: str) -> str | None:
    return None if amount is None else money_text(amount, code)
