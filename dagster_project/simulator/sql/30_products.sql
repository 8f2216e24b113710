-- What is sold, by which carrier it travels, what it costs, and which customer sends to which site.

create or replace table product as
with numbered as (
    select
        i as product,
        1 + pick('family', i, 8) as family_no,
        round(2 + 240 * pow(u('price', i), 3), 2)::decimal(8, 2) as price_eur,
        (0.45 + 0.25 * u('cost', i))::decimal(9, 4) as cost_share
    from range(1, getvariable('products') + 1) as t(i)
)
select
    *,
    ['Adhesives', 'Bearings', 'Coatings', 'Drives', 'Electrics', 'Fasteners', 'Gaskets', 'Hoses'][family_no] as family,
    case product % 10 when 3 then 6 when 7 then 24 else 12 end::bigint as case_units,
    case product % 10 when 3 then 240 when 7 then 960 else 480 end::bigint as pallet_units,
    (0.05 + 4 * pow(u('weight', product), 2))::decimal(9, 3) as weight_kg,
    (0.0002 + 0.01 * u('volume', product))::decimal(9, 5) as volume_m3,
    case when product % 7 = 2 then 2.5 else 0.8 end as stockout_factor
from numbered
order by product;

create or replace table local_currency as
select * from (values ('1000', 'EUR', 1.00::decimal(4, 2)), ('2000', 'GBP', 0.85::decimal(4, 2)))
    as t(company_code, currency, price_factor);

-- Standard cost in the currency of the company that owns the stock, new every January.
create or replace table standard_cost as
select
    p.product,
    l.company_code,
    y.year::bigint as year,
    round(
        p.price_eur * p.cost_share * l.price_factor * (1 + 0.02 * (y.year - 2023))::decimal(6, 3), 4
    )::decimal(9, 4) as unit_cost
from product as p
cross join local_currency as l
cross join (select distinct year(first_day) as year from month) as y
order by p.product, l.company_code, y.year;

create or replace table carrier as
select * from (values
    (1, 'Nordfracht', 'NDFR', 'LTL|FTL', false), (2, 'Transalpin', 'TALP', 'LTL|FTL', true),
    (3, 'Channel Haulage', 'CHHL', 'LTL|FTL', false), (4, 'Blue Ocean Lines', 'BOLN', 'SEA|AIR', true),
    (5, 'Liberty Freight', 'LBFR', 'LTL|FTL', false), (6, 'Own fleet', 'OWNF', 'OWN', false),
    (7, 'Parcelo', 'PRCL', 'PARCEL', false), (8, 'Swift Parcel', 'SWPC', 'PARCEL', true)
) as t(carrier, name, scac, modes, is_hazmat_approved);

create or replace table account as
select * from (values
    ('1300', 'INVENTORY'), ('4000', 'REVENUE'), ('4010', 'REVENUE'),
    -- Revenue carries net amounts; 4100 is statistical and repeats the discount already deducted.
    ('4100', 'DISCOUNT'), ('4200', 'REBATE'), ('4300', 'FREIGHT_RECOVERED'),
    ('4900', 'REVENUE_INTERCOMPANY'), ('5000', 'COGS'), ('7100', 'CTS_POOL'), ('7110', 'CTS_POOL'),
    ('7120', 'CTS_POOL'), ('7130', 'CTS_POOL'), ('7140', 'CTS_POOL'), ('7150', 'CTS_POOL'),
    ('6500', 'FREIGHT')
) as t(account, statement_line);

create or replace table used_load (
    load_no bigint, place bigint, carrier bigint, departed_at timestamp, weight_kg decimal(18, 3),
    volume_m3 decimal(18, 5)
);

create or replace table ledger_item (
    company_code varchar, period varchar, account varchar, cost_centre varchar, known_in bigint,
    amount decimal(38, 4)
);

create or replace table commission_item (
    cust bigint, period varchar, currency varchar, known_in bigint, amount decimal(38, 4)
);

create or replace table order_volume (
    period varchar, known_in bigint, orders bigint, lines bigint, units decimal(38, 4)
);

create or replace table failure_total (cause varchar, lines bigint);
