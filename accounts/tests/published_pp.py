"""Portfolio Performance's cases as books."""

from decimal import Decimal

from accounts.tests.published import Body, Book, read_cases, to_places

PORTFOLIO_PERFORMANCE = read_cases("portfolio_performance")
TRADES = ("BUY", "SELL")


def portfolio_performance(name: str) -> Book:
    """Its accounts, each a custody account with the cash account that pays for it.

    A delivery is a deposit and a purchase, or a sale and a withdrawal. An amount there is what the cash came to, with
    fees and taxes.
    """
    given = PORTFOLIO_PERFORMANCE[name]["inputs"]
    base = given.get("base_currency") or given.get("report_currency") or "EUR"
    book = Book(base)
    _securities(book, given)
    _rates(book, given)
    if "cash_accounts" in given or "custody_accounts" in given:
        _accounts(book, given)
    else:
        book.accounts["Depot"] = {"currency_code": base}
        for each in given.get("cash_transactions", []):
            _cash(book, "Depot", {"currency": base} | each)
        for each in given.get("transactions", []):
            _trade(book, "Depot", "Depot", {"security": "Security"} | each)
    return book


def _securities(book: Book, given: Body) -> None:
    for each in given.get("securities", []):
        book.securities[each["name"]] = each["currency"]
        book.prices[each["name"]] = each["prices"] | each.get("latest_price", {})
    unnamed = "transactions" in given or any("transactions" in each for each in given.get("custody_accounts", []))
    if unnamed and not book.securities:
        book.securities["Security"] = given.get("security_currency", "EUR")
        book.prices["Security"] = _price_at_end(given)


def _price_at_end(given: Body) -> dict[str, str]:
    if "price_at_end_usd" in given:
        return {"2024-12-31": given["price_at_end_usd"]}
    price, _, day = given.get("price_at_end", "none").partition(" on ")
    return {day or given["period"][1]: price} if price.isdigit() else {}


def _rates(book: Book, given: Body) -> None:
    """The source takes the first rate before its table and the last one after it, however old."""
    table = given.get("fx_eur_usd", {})
    if not table:
        return
    first, last = min(table), max(table)
    days = {
        each["date"]
        for kind in ("cash_accounts", "custody_accounts")
        for a in given[kind]
        for each in a["transactions"]
    }
    for day in days | set(given["period"]):
        if day > last:
            table = table | {day: table[last]}
        elif day < first:
            table = table | {day: table[first]}
    book.rates = {("EUR/USD", day): rate for day, rate in table.items()}


def _accounts(book: Book, given: Body) -> None:
    """The cash account that stands at a custody account's place belongs to it."""
    cash, custody = given.get("cash_accounts", []), given["custody_accounts"]
    names = [f"Account {place + 1}" for place in range(max(len(cash), len(custody)))]
    for place, name in enumerate(names):
        currency = cash[place]["currency"] if place < len(cash) else book.base
        book.accounts[name] = {"currency_code": currency}
    for place, account in enumerate(cash):
        for each in account["transactions"]:
            if each["type"] not in TRADES:
                _cash(book, names[place], each)
    payers = {_paid(each): name for account, name in zip(cash, names, strict=False) for each in account["transactions"]}
    for place, account in enumerate(custody):
        for each in account["transactions"]:
            _custody(book, custody, names, place, {"security": "Security"} | each, payers)


def _paid(each: Body) -> tuple[str, ...]:
    return each["type"], each["date"], each["amount"], each.get("security", "")


def _custody(
    book: Book, custody: list[Body], names: list[str], place: int, each: Body, payers: dict[tuple[str, ...], str]
) -> None:  # fmt: skip
    if each["type"] == "TRANSFER_OUT":
        facts = {"security": each["security"], "quantity": each["shares"]}
        other = _receiver(custody, names, each)
        book.add(names[place], "TRANSFER", each["date"], counter_account=other, **facts)
    elif each["type"] != "TRANSFER_IN":
        payer = payers.get(_paid(each), names[place])
        _trade(book, names[place], payer, each)


def _receiver(custody: list[Body], names: list[str], sent: Body) -> str:
    same = ("date", "security", "shares")
    for place, account in enumerate(custody):
        for each in account["transactions"]:
            if each["type"] == "TRANSFER_IN" and all(each[key] == sent[key] for key in same):
                return names[place]
    raise LookupError(f"Nobody receives {sent}.")


def _unit(each: Body, type_: str) -> Decimal:
    return sum((Decimal(unit["amount"]) for unit in each.get("units", []) if unit["type"] == type_), Decimal(0))


def _trade(book: Book, account: str, payer: str, each: Body) -> None:
    """unit_price is what is left of the amount without fees and taxes, to 12 decimals."""
    buys = each["type"] in ("BUY", "DELIVERY_INBOUND")
    fees, taxes, quantity = _unit(each, "FEE"), _unit(each, "TAX"), Decimal(each["shares"])
    amount = Decimal(each["amount"]) if "amount" in each else quantity * Decimal(each["price"])
    rate = None
    foreign = next((unit for unit in each.get("units", []) if "forex_amount" in unit), each)
    gross = amount - fees - taxes if buys else amount + fees + taxes
    if "forex_amount" in foreign:
        # Booked in the security's currency, at the rate that was paid.
        rate = Decimal(to_places(amount / Decimal(foreign["forex_amount"])))
        gross, fees, taxes = Decimal(foreign["forex_amount"]), fees / rate, taxes / rate
    price = to_places(gross / quantity)
    facts = {"security": each["security"], "quantity": each["shares"], "unit_price": price}
    facts |= {"fees": str(fees), "taxes": str(taxes), "fx_rate": None if rate is None else str(rate)}
    cash = {"amount": str(amount), "currency_code": each["currency"]}
    if each["type"] == "DELIVERY_INBOUND":
        book.add(account, "DEPOSIT", each["date"], **cash)
    elif payer != account and buys:
        book.add(payer, "TRANSFER", each["date"], counter_account=account, **cash)
    book.add(account, "BUY" if buys else "SELL", each["date"], **facts)
    if each["type"] == "DELIVERY_OUTBOUND":
        book.add(account, "WITHDRAWAL", each["date"], **cash)
    elif payer != account and not buys:
        book.add(account, "TRANSFER", each["date"], counter_account=payer, **cash)


PP_CASH = {
    "deposit": ("DEPOSIT", 1), "removal": ("WITHDRAWAL", 1), "interest": ("INTEREST", 1),
    "interest_charge": ("INTEREST", -1), "dividends": ("DIVIDEND", 1), "fees": ("FEE", 1), "fees_refund": ("FEE", -1),
    "taxes": ("TAX", 1), "tax_refund": ("TAX", -1), "transfer_in": ("DEPOSIT", 1), "transfer_out": ("WITHDRAWAL", 1),
}  # fmt: skip


def _cash(book: Book, account: str, each: Body) -> None:
    type_, sign = PP_CASH[each["type"].lower()]
    fees, taxes = _unit(each, "FEE"), _unit(each, "TAX")
    amount = Decimal(each["amount"])
    facts: Body = {"currency_code": each["currency"], "security": each.get("security")}
    if type_ in ("INTEREST", "DIVIDEND"):
        amount += fees + taxes
        facts |= {"fees": str(fees), "taxes": str(taxes)}
    book.add(account, type_, each["date"], amount=str(sign * amount), **facts)
