"""Which figures each type of transaction needs and takes, and what it does to cash: declared here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Transaction

Type = Transaction.Type
COMMON = frozenset({"trade_date", "settlement_date", "currency", "note", "external_id", "tags"})
"""What every type takes; trade_date it needs, and the currency follows from security or account."""


@dataclass(frozen=True)
class Kind:
    """A type, or one of its two forms: of a security or of cash."""

    needs: frozenset[str]
    takes: frozenset[str]
    any_of: frozenset[str]
    """At least one of these."""

    @property
    def allows(self) -> frozenset[str]:
        return COMMON | self.needs | self.takes | self.any_of


def _kind(needs: str, takes: str = "", any_of: str = "") -> Kind:
    return Kind(frozenset(needs.split()), frozenset(takes.split()), frozenset(any_of.split()))


_CASH = _kind("amount", "fees fx_rate")
KINDS: dict[str, Kind] = {
    Type.BUY: _kind("security quantity unit_price", "fees taxes fx_rate"),
    Type.SELL: _kind("security quantity unit_price", "fees taxes fx_rate lots"),
    Type.DIVIDEND: _kind("security amount", "fees taxes fx_rate"),
    Type.INTEREST: _kind("amount", "security fees taxes fx_rate"),
    Type.FEE: _kind("amount", "security fx_rate"),
    Type.TAX: _kind("amount", "security fx_rate"),
    Type.DEPOSIT: _CASH,
    Type.WITHDRAWAL: _CASH,
    Type.TRANSFER: _kind("counter_account amount", "fees fx_rate"),
    Type.SPLIT: _kind("security ratio_numerator ratio_denominator"),
    Type.RETURN_OF_CAPITAL: _kind("security amount", "fees taxes fx_rate"),
    Type.SPIN_OFF: _kind("security new_security ratio_numerator ratio_denominator cost_fraction"),
    Type.OPENING: _kind("amount"),
    Type.ADJUSTMENT: _kind("amount"),
}
OF_SECURITIES: dict[str, Kind] = {
    Type.TRANSFER: _kind("counter_account security quantity", "fees taxes lots"),
    Type.OPENING: _kind("security quantity", "unit_price fx_rate units_as_of acquired_on"),
    Type.ADJUSTMENT: _kind("security", any_of="quantity amount"),
}
"""The form that a type takes with a security. An adjustment's amount is then one of the total cost."""

MOVES_UNITS = frozenset({
    Type.BUY, Type.SELL, Type.SPLIT, Type.RETURN_OF_CAPITAL, Type.SPIN_OFF, Type.TRANSFER, Type.OPENING,
    Type.ADJUSTMENT,
})  # fmt: skip
"""Types that, with a security, are entries of its books."""
IN_SECURITYS_CURRENCY = MOVES_UNITS
"""A book is in one currency, the security's; what a trade came to in the account's own is its fx_rate's to say."""


def kind_of(type_: str, *, with_security: bool) -> Kind:
    return OF_SECURITIES.get(type_, KINDS[type_]) if with_security else KINDS[type_]


def unfit(kind: Kind, given: Iterable[str]) -> tuple[set[str], set[str]]:
    """Fields that are missing, and fields that this kind does not have."""
    present = set(given)
    missing = set(kind.needs - present)
    if kind.any_of and not kind.any_of & present:
        missing |= kind.any_of
    return missing, present - kind.allows


SIGNED = frozenset(Transaction.SIGNED)

SIGNS: dict[str, int] = {
    Type.BUY: -1, Type.SELL: 1,
    Type.DIVIDEND: 1, Type.INTEREST: 1, Type.RETURN_OF_CAPITAL: 1, Type.DEPOSIT: 1, Type.OPENING: 1, Type.ADJUSTMENT: 1,
    Type.FEE: -1, Type.TAX: -1, Type.WITHDRAWAL: -1, Type.TRANSFER: -1,
    Type.SPLIT: 0, Type.SPIN_OFF: 0,
}  # fmt: skip
"""Of the gross amount on the account's cash; fees and taxes always lower it."""
COST_ONLY = frozenset({Type.OPENING, Type.ADJUSTMENT, Type.TRANSFER})
"""With a security their figures are of units and costs and move no cash, but for charges."""
