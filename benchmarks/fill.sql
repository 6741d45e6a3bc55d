-- The data, in the product's schema. Parameters: users, securities, with_history, password.
-- Invented: smooth waves around a level, so that the same size always gives the same figures.

insert into users_user (id, email, password, is_superuser, is_staff, is_active, is_verified, base_currency, time_zone,
                        token_version, created_at, updated_at)
select gen_random_uuid(), 'user' || n || '@bench.example', %(password)s, false, false, true, true, 'USD', 'UTC', 0,
       now(), now()
from generate_series(1, %(users)s) n;

insert into sync_syncrun (uuid, symbol, source, trigger, started_at, finished_at, recorded_at, status, error_code,
                          bars_added, bars_changed, bars_quarantined, splits_used)
select gen_random_uuid(), 'BENCH', source, 'COMMAND', now(), now(), now(), 'SUCCEEDED', '', 0, 0, 0, '[]'
from unnest(array['yahoo', 'ecb']) source;

-- AAAAA, AAAAB, ...: 26 symbols share four letters. Names share their words, one of 20 each.
insert into securities_security (id, uuid, symbol, name, security_type, exchange, currency_code, quote_unit, sector,
                                 industry, market_cap, isin, time_zone, last_synced_at, is_active, inactive_reason,
                                 data_version, created_at, updated_at)
select n, gen_random_uuid(),
       (select string_agg(chr(65 + ((n - 1) / (26 ^ place)::int) %% 26), '' order by place desc)
        from generate_series(0, 4) place),
       (array['North', 'South', 'East', 'West', 'Grand', 'First', 'United', 'Royal', 'New', 'Old'])[1 + n %% 10]
       || ' ' || (array['Pacific', 'Atlantic', 'Alpine', 'Baltic', 'Nordic', 'Iberian', 'Andean', 'Tuscan', 'Rhine',
                        'Danube', 'Thames', 'Volta', 'Sahara', 'Gobi', 'Borneo', 'Java', 'Celtic', 'Hudson', 'Yukon',
                        'Delta'])[1 + (n / 10) %% 20]
       || ' ' || (array['Energy', 'Bank', 'Foods', 'Medical', 'Software', 'Motors', 'Mining', 'Paper', 'Shipping',
                        'Insurance'])[1 + (n / 200) %% 10]
       || ' ' || n,
       'STOCK', 'XNYS', (array['USD', 'EUR', 'GBP', 'CHF'])[1 + n %% 4], (array['USD', 'EUR', 'GBP', 'CHF'])[1 + n %% 4],
       'Industrials', 'Conglomerates', 1000000000 + n, '', 'America/New_York', now(), true, '', n, now(), now()
from generate_series(1, %(securities)s) n;
select setval(pg_get_serial_sequence('securities_security', 'id'), %(securities)s);

insert into securities_price (security_id, interval, ts, open, high, low, close, volume, run_id, provisional)
select s, 1440, day at time zone 'UTC', round(level * 0.998, 2), round(level * 1.01, 2), round(level * 0.99, 2),
       round(level, 2), 1000000 + (s * 7919 + i * 104729) %% 9000000, (select min(id) from sync_syncrun), false
from generate_series(1, %(with_history)s) s
cross join (select day, row_number() over (order by day) as i
            from generate_series(timestamp '2016-01-01', timestamp '2025-12-31', interval '1 day') day
            where extract(isodow from day) < 6) days
cross join lateral (select (60 + s %% 100 + 30 * sin(i * 0.01 + s) + 3 * sin(i * 1.7))::numeric as level) wave
order by s, day;

insert into currencies_exchangerate (base_id, quote_id, day, quote_per_base, source, run_id)
select 'USD', code, day, round((place + 1 + sin(i * 0.01 + place) / 3)::numeric, 6), 'ecb',
       (select max(id) from sync_syncrun)
from unnest(array['EUR', 'GBP', 'CHF', 'JPY', 'CAD', 'AUD', 'NZD', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'HUF', 'RON', 'TRY',
                  'ILS', 'ZAR', 'BRL', 'MXN', 'CNY', 'HKD', 'SGD', 'KRW', 'INR', 'THB', 'MYR', 'IDR', 'PHP', 'ISK'])
     with ordinality as codes (code, place)
cross join (select day::date, row_number() over (order by day) as i
            from generate_series(timestamp '2016-01-01', timestamp '2025-12-31', interval '1 day') day
            where extract(isodow from day) < 6) days
order by code, day;

insert into accounts_account (id, owner_id, name, account_type, currency_code, is_active, allow_short, cost_basis_method,
                              created_at, updated_at)
select gen_random_uuid(), u.id, kind, kind, 'USD', true, false, 'FIFO', now(), now()
from users_user u cross join unnest(array['INVESTMENT', 'CHECKING', 'MORTGAGE']) kind;

insert into accounts_accountvalue (id, account_id, value_date, value, recorded_at)
select gen_random_uuid(), a.id, date '2025-12-31' - 30 * n, 10000 + 137.25 * n, now()
from accounts_account a cross join generate_series(0, 23) n;

insert into accounts_holding (id, account_id, security_id, quantity, average_cost, cost, acquired_on, splits_state,
                              created_at, updated_at)
select gen_random_uuid(), a.id, 1 + (a.place * 7 + n * 9) %% %(with_history)s, 1.5 * (n + 1), 40.25 + n,
       1.5 * (n + 1) * (40.25 + n), date '2020-01-02', 0, now(), now()
from (select id, row_number() over (order by owner_id) as place from accounts_account
      where account_type = 'INVESTMENT') a
cross join generate_series(0, 19) n;
