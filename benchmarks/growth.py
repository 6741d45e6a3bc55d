"""What 10 and 100 times the bars cost: python -m benchmarks.growth [BARS ...]

Prices of one security, its latest price, an upsert and a re-sync, measured through the project's own functions as the
table of bars grows. 20,000,000 bars need about 4 GB of disk.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from benchmarks.scratch import execute, scratch_database, timed

BARS_EACH = 5_000
SIZES = (200_000, 2_000_000, 20_000_000)
FIRST_DAY = date(2006, 1, 2)
SECURITIES_A_STATEMENT = 50
ROUNDS = 40
LOAD = """
insert into securities_price (security_id, interval, ts, open, high, low, close, volume, run_id, provisional)
select id, 1440, timestamptz '2006-01-02 00:00Z' + (day - 1) * interval '1 day', price, price + 1, price - 1, price,
       1000 + day, {run}, false
from securities_security, generate_series(1, {bars}) day, lateral (select 100 + (id * 31 + day) % 997 / 10.0) p(price)
where symbol like 'S%' and substr(symbol, 2)::int between {first} and {last}
order by id, day
"""
SECURITIES = """
insert into securities_security (uuid, symbol, name, security_type, exchange, currency_code, quote_unit, sector,
    industry, isin, time_zone, is_active, inactive_reason,
    data_version, created_at, updated_at)
select gen_random_uuid(), 'S' || id, 'Company ' || id, 'STOCK', 'NYQ', 'USD', 'USD', '', '', '', 'America/New_York',
    true, '', {first} * 1000000::bigint + id, now(), now()
from generate_series({first}, {last}) id
"""


def main(sizes: list[int]) -> None:
    with scratch_database("growth"):
        from currencies.catalogue import ensure_currency
        from finances.sync.models import SyncRun

        ensure_currency("USD")
        run = SyncRun.objects.create(symbol="S", trigger="COMMAND", started_at=datetime.now(UTC), status="SUCCEEDED")
        results, there = [], 0
        for size in sizes:
            grow(there, size // BARS_EACH, run.pk)
            there = size // BARS_EACH
            results.append({"bars": size, **measure(there)})
            print(json.dumps(results[-1]), flush=True)  # noqa: T201
        print_table(results)


def grow(have: int, want: int, run: int) -> None:
    """Securities `have + 1` to `want`, with their bars."""
    execute(SECURITIES.format(first=have + 1, last=want))
    # Checking 20 million references one by one would take longer than all the rest.
    execute("set session_replication_role = replica")
    for first in range(have + 1, want + 1, SECURITIES_A_STATEMENT):
        last = min(first + SECURITIES_A_STATEMENT - 1, want)
        execute(LOAD.format(run=run, bars=BARS_EACH, first=first, last=last))
    # What the smaller measurement has added, so that each size is what it says.
    execute("delete from securities_price p using securities_security s where s.id = security_id and symbol like 'N%'")
    execute("delete from securities_security where symbol like 'N%'")
    execute("reset session_replication_role", "vacuum analyze", "checkpoint")


def measure(securities: int) -> dict[str, Any]:
    from securities.history import PriceQuery, read_bars
    from securities.models import Security

    drawn, symbols = random.Random(1), count(1_000_000)  # noqa: S311 - which security is read does not matter

    def one() -> Any:
        return Security.objects.get(symbol=f"S{drawn.randint(1, securities)}")

    def read(days: int) -> Callable[[], Any]:
        end = FIRST_DAY + timedelta(days=BARS_EACH)
        query = PriceQuery(start=end - timedelta(days=days), limit=20_000)
        return lambda: read_bars(one(), query, today=end)

    return {
        "prices of 365 days": timed(read(365), ROUNDS),
        "prices of 2,600 days": timed(read(2600), ROUNDS),
        "latest price": timed(lambda: Security.objects.with_latest_price().get(symbol=one().symbol), ROUNDS),
        "upsert of 5,000 new bars": timed(lambda: store(f"N{next(symbols)}"), 8),
        "re-sync of 5,000 unchanged bars": timed(lambda: store(one().symbol), 8),
        "size": sizes_of(),
    }


def store(symbol: str) -> None:
    """All bars of `symbol`, which may be new."""
    from django.db import transaction

    from finances.sync.models import SyncRun
    from securities.models import Security
    from securities.storage import store_bars

    with transaction.atomic():
        security = Security.objects.get_or_create(symbol=symbol, defaults={"currency_id": "USD", "name": symbol})[0]
        run = SyncRun.objects.create(symbol=symbol, trigger="COMMAND", started_at=datetime.now(UTC), status="SUCCEEDED")
        store_bars(security, history_of(security.pk), run)


def history_of(key: int) -> Any:
    """The bars that LOAD writes for the security with this key."""
    import numpy as np

    from securities.bars import BarColumns, opening_of
    from securities.models import Bar
    from securities.recovery import RawHistory

    day = np.arange(1, BARS_EACH + 1)
    price = 100 + (key * 31 + day) % 997 / 10.0
    times = opening_of(FIRST_DAY, Bar.Interval.DAY, "UTC") + (day - 1) * 86_400
    bars = BarColumns(times, np.array([price, price + 1, price - 1, price]), 1000 + day)
    return RawHistory(Bar.Interval.DAY, "USD", bars, provisional_from=2**62, splits=(), dividends=())


def sizes_of() -> dict[str, int]:
    """Megabytes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_relation_size('securities_price') >> 20, pg_relation_size('securities_price_pkey') >> 20"
        )
        return dict(zip(("heap MB", "key MB"), cursor.fetchone(), strict=True))


def print_table(results: list[dict[str, Any]]) -> None:
    lines = [" | ".join(["| ms, median (p95)", *(f"{result['bars']:,}" for result in results)]) + " |"]
    lines.append("|---" * (len(results) + 1) + "|")
    for name in [name for name in results[0] if name not in ("bars", "size")]:
        cells = [f"{result[name].median:.1f} ({result[name].p95:.1f})" for result in results]
        lines.append(" | ".join([f"| {name}", *cells]) + " |")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main([int(bars) for bars in sys.argv[1:]] or list(SIZES))
