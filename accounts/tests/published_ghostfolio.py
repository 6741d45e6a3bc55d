"""Ghostfolio's cases as books."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from accounts.tests.published import Body, Book, read_cases, to_places

GHOSTFOLIO = read_cases("ghostfolio")


def ghostfolio(name: str, *, in_base: bool = False) -> Book:
    """Purchases and sales of one account, which pays them without ever being paid in: so its net worth is the gain.

    in_base: book each in the base currency at the rate of its day, so that what rates do to the cost is part of the
    gain, too ("with currency effect"); else cash stays in the currency of the trade.
    """
    given = GHOSTFOLIO[name]["inputs"]
    base = given["base_currency"]
    book = Book(base, accounts={"Depot": {"currency_code": base}})
    for code, rates in given.get("fx_to_base", {}).items():
        for span, rate in rates.items():
            book.rates |= {(f"{code}/{base}", day): rate for day in _days(span)}
    book.prices = _prices(given)
    for split in given.get("splits", []):
        terms = {"ratio_numerator": int(split["numerator"]), "ratio_denominator": int(split["denominator"])}
        book.add("Depot", "SPLIT", split["date"], security=split["symbol"], **terms)
    for each in given.get("activities", []):
        _activity(book, each, in_base=in_base)
    _cash(book, given)
    return book


def _prices(given: Body) -> dict[str, dict[str, str]]:
    """As traded: there, closes before a split are already divided by it."""
    found: dict[str, dict[str, str]] = {}
    for symbol, prices in given.get("market_prices", {}).items():
        found[symbol] = {}
        for span, price in prices.items():
            for day in _days(span) if span != "any" else []:
                later = [s for s in given.get("splits", []) if s["symbol"] == symbol and s["date"][:10] > day]
                for split in later:
                    price = str(Decimal(price) * int(split["numerator"]) / int(split["denominator"]))
                found[symbol][day] = price
    return found


def _activity(book: Book, each: Body, *, in_base: bool) -> None:
    currency, day = each["currency"], each["date"][:10]
    rate = _rate_on(book, currency, day) if in_base and currency != book.base else None
    if each["type"] == "FEE":
        book.add("Depot", "FEE", day, amount=each["fee"], currency_code=currency, fx_rate=rate)
        return
    book.securities.setdefault(each["symbol"], currency)
    common = {"security": each["symbol"], "fx_rate": rate}
    if each["type"] == "DIVIDEND":
        amount = str(Decimal(each["quantity"]) * Decimal(each["unit_price"]))
        book.add("Depot", "DIVIDEND", day, amount=amount, currency_code=currency, **common)
        return
    facts = {"quantity": to_places(each["quantity"]), "unit_price": each["unit_price"], "fees": each["fee"]}
    book.add("Depot", each["type"], day, **facts, **common)


def _cash(book: Book, given: Body) -> None:
    """Balances, stated; what they changed by came in or went out."""
    before = Decimal(0)
    for each in given.get("cash_balances", []):
        change = Decimal(each["balance"]) - before
        if each["date"] > given["as_of"] or not change:
            continue
        before += change
        facts = {"amount": str(abs(change)), "currency_code": each["currency"]}
        book.add("Depot", "DEPOSIT" if change > 0 else "WITHDRAWAL", each["date"], **facts)


def _rate_on(book: Book, code: str, day: str) -> str:
    return to_places(book.rates[f"{code}/{book.base}", day])


def _days(span: str) -> Iterator[str]:
    first, _, last = span.partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day.isoformat()
        day += timedelta(days=1)
