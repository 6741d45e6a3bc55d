"""The physical limit: the rows of an endpoint's body as JSON text built by PostgreSQL, over one psycopg connection.

No server, no authentication, no rounding, no adjustment: the least that any implementation on this schema pays.
"""

import time
from collections.abc import Iterator

import psycopg

from benchmarks.cpu import of_backends, spent
from benchmarks.endpoints import World
from benchmarks.measuring import Block

SECURITY = """
select row_to_json(found)::text from (
    select uuid, symbol, name, security_type, exchange, currency_code, quote_unit, sector, industry, market_cap, isin,
           time_zone, is_active, close, ts, last_synced_at, created_at, updated_at
    from securities_security s left join lateral
        (select close, ts from securities_price p where p.security_id = s.id and interval = 1440
         order by ts desc limit 1) newest on true
    where symbol = %(symbol)s and owner_id is null
) found
"""
QUOTES = """
select json_agg(found)::text from (
    select symbol, name, currency_code, close, ts
    from securities_security s left join lateral
        (select close, ts from securities_price p where p.security_id = s.id and interval = 1440
         order by ts desc limit 1) newest on true
    where symbol = any(%(symbols)s) and owner_id is null
) found
"""
SEARCH = """
select json_agg(found)::text from (
    select uuid, symbol, name, security_type, exchange, currency_code from securities_security
    where owner_id is null and (symbol like %(text)s || '%%' or upper(name) like '%%' || %(text)s || '%%')
    order by case when symbol = %(text)s then 0 when symbol like %(text)s || '%%' then 1
                  when upper(name) like %(text)s || '%%' then 2 else 3 end, symbol limit 20
) found
"""
# Concatenation costs two thirds of row_to_json here.
PRICES = """
select '[' || string_agg(
    concat('{"date":"', to_char(ts at time zone 'UTC', 'YYYY-MM-DD'), '","open":', open, ',"high":', high,
           ',"low":', low, ',"close":', close, ',"volume":', volume, '}'), ',') || ']'
from (select * from securities_price p
      where security_id = (select id from securities_security where symbol = %(symbol)s and owner_id is null)
        and interval = 1440 and ts >= %(start)s and ts < '2026-01-01 00:00Z' order by ts desc) bars
"""
ACCOUNTS = """
select json_agg(found)::text from (
    select id, name, account_type, financial_institution_id, currency_code, interest_rate, is_active, opened_on,
           closed_on, value, value_date, created_at, updated_at
    from accounts_account a left join lateral
        (select value, value_date from accounts_accountvalue v where v.account_id = a.id
         order by value_date desc limit 1) newest on true
    where owner_id = (select id from users_user where email = %(email)s) order by name, id
) found
"""
HOLDINGS = """
select json_agg(found)::text from (
    select h.id, account_id, s.uuid, symbol, s.name, s.currency_code, quantity, average_cost, acquired_on, close, ts,
           round(close::numeric * quantity, 2) as market_value, round(average_cost * quantity, 2) as cost,
           h.created_at, h.updated_at
    from accounts_holding h join securities_security s on s.id = h.security_id left join lateral
        (select close, ts from securities_price p where p.security_id = s.id and interval = 1440
         order by ts desc limit 1) newest on true
    where account_id = %(account)s::uuid order by symbol
) found
"""
VALUES = """
select json_agg(found)::text from (
    select account_id, value_date, value, recorded_at from accounts_accountvalue
    where account_id = %(account)s::uuid order by value_date desc limit 100
) found
"""
QUERIES = {
    "one security": SECURITY,
    "search, 20 rows": SEARCH,
    "quotes, 10 symbols": QUOTES,
    "prices, 1 year": PRICES,
    "prices, 1 year, cold": PRICES,
    "prices, 10 years": PRICES,
    "prices, 10 years, cold": PRICES,
    "own accounts, 3 rows": ACCOUNTS,
    "holdings, 20 rows": HOLDINGS,
    "values, 24 rows": VALUES,
}


class Limit:
    def __init__(self, cluster: psycopg.Connection, database: psycopg.Connection, name: str, world: World) -> None:
        self._cluster, self._database, self._name, self._world = cluster, database, name, world

    def block(self, endpoint: str, seconds: float) -> Block:
        """About `seconds` of queries; the client's own CPU is the server's."""
        before, used, until = self._backend(), time.process_time(), time.perf_counter() + seconds
        walls = []
        for facts in self._facts(endpoint):
            began = time.perf_counter()
            body = self._database.execute(QUERIES[endpoint], facts, prepare=True).fetchone()
            if body in (None, (None,)):
                raise LookupError(f"No rows for {endpoint}: {facts}")
            walls.append(time.perf_counter() - began)
            if began > until:
                break
        return Block(time.process_time() - used, spent(before, self._backend()), 0.0, walls)

    def _backend(self) -> dict[int, float]:
        pid = self._database.info.backend_pid
        return {pid: of_backends(self._cluster, self._name)[pid]}

    def _facts(self, endpoint: str) -> Iterator[dict[str, object]]:
        world, n = self._world, 0
        while True:
            email = world.emails[n % len(world.emails)]
            symbol = world.symbols[n % (len(world.symbols) if "cold" in endpoint else 20)]
            yield {
                "symbol": symbol,
                "symbols": [world.symbols[(n * 10 + place) % len(world.symbols)] for place in range(10)],
                "text": ("ENERGY", "AAAA", "BANK", "AAAB")[n % 4],
                "start": "2025-01-02 00:00Z" if "1 year" in endpoint else "2016-01-01 00:00Z",
                "email": email,
                "account": world.accounts[email],
            }
            n += 1
