-- Pseudo random numbers that depend on nothing but the seed, a purpose and a key, so that
-- rows can be made in any order, by any number of threads, month by month.

create or replace macro salt(purpose) as
    (hash(purpose || ':' || getvariable('seed')::varchar) >> 2)::bigint;

-- A number in [0, 1).
create or replace macro u(purpose, k) as
    (hash(k::bigint + salt(purpose)) >> 12)::double / 4503599627370496.0;

-- A whole number in [0, n).
create or replace macro pick(purpose, k, n) as
    ((hash(k::bigint + salt(purpose)) >> 8) % n)::bigint;

-- The extract window in which a change that was recorded at `ts` leaves the source system.
create or replace macro window_of(ts) as
    case
        when ts >= getvariable('cut')
            then getvariable('base_windows') + date_diff('day', getvariable('cut'), ts)
        else (year(ts) * 12 + month(ts) - 1 - getvariable('start_ym'))
            // getvariable('window_months')
    end;

create or replace macro period_of(d) as strftime(d, '%Y-%m');

-- Nothing is posted and no carrier bills on a Sunday, except goods that left on a Saturday.
create or replace macro not_sunday(d) as (d + case when isodow(d) = 7 then 1 else 0 end)::date;

create or replace macro customer_code(n) as 'C' || lpad(n::varchar, 6, '0');
create or replace macro account_code(n) as 'A' || lpad(n::varchar, 6, '0');
create or replace macro site_code(n) as 'ST' || lpad(n::varchar, 7, '0');
create or replace macro product_code(n) as 'P' || lpad(n::varchar, 5, '0');
create or replace macro order_code(n) as 'SO' || lpad(n::varchar, 8, '0');
create or replace macro shipment_code(n) as 'SH' || lpad(n::varchar, 10, '0');
create or replace macro load_code(n) as 'LD' || lpad(n::varchar, 8, '0');
create or replace macro rep_code(cust) as 'REP' || lpad((1 + cust % 25)::varchar, 3, '0');
create or replace macro contract_code(n) as 'K' || lpad(n::varchar, 6, '0');

-- Each amount is converted and rounded on its own, so that the ledger is the sum of the lines to
-- the last digit. The wide type keeps the product from overflowing 64 bits.
create or replace macro local_amount(amount, rate) as
    round(amount::decimal(28, 4) * rate, 4)::decimal(18, 4);
