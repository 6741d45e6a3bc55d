"""Stable names of figures, by which they are explained: a total's own, else kind and ids."""

import uuid

from accounts.portfolio.facts import SecurityFacts
from accounts.portfolio.lines import Kind, Line

TOTALS = ("net_worth", "assets", "liabilities", "cash", "securities", "recorded")


def account_figure(account_id: uuid.UUID) -> str:
    return f"account:{account_id}"


def line_figure(line: Line, security: SecurityFacts | None) -> str:
    if line.kind == Kind.SECURITY and security is not None:
        return f"position:{line.account_id}:{security.uuid}"
    if line.kind == Kind.CASH:
        return f"cash:{line.account_id}:{line.currency_code}"
    return f"recorded:{line.account_id}"


def allocation_figure(by: str, key: str | None) -> str:
    return f"allocation:{by}:{key or ''}"
