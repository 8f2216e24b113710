-- One row per order line with its amounts; two decimals times two decimals are exact in four.
create table order_line as
select
    l_orderkey as order_id,
    cast(l_linenumber as bigint) as line_no,
    l_orderkey || '-' || l_linenumber as document_id,
    l_partkey as product_id,
    'S-' || l_suppkey as supplier_site_id,
    'C-' || o_custkey as customer_site_id,
    o_custkey as customer_id,
    l_shipmode as carrier_id,
    l_returnflag = 'R' as is_returned,
    cast(o_orderdate as date) as order_date,
    cast(l_shipdate as date) as ship_date,
    cast(l_commitdate as date) as commit_date,
    cast(l_receiptdate as date) as receipt_date,
    cast(l_quantity as decimal(18, 4)) as quantity,
    cast(l_discount as decimal(5, 2)) as discount,
    cast(l_extendedprice as decimal(18, 4)) as gross,
    cast(
        cast(l_extendedprice as decimal(12, 2)) * (1 - cast(l_discount as decimal(5, 2)))
        as decimal(18, 4)
    ) as net,
    cast(
        cast(l_extendedprice as decimal(12, 2)) * (1 - cast(l_discount as decimal(5, 2)))
        * cast(l_tax as decimal(5, 2)) as decimal(18, 4)
    ) as tax,
    cast(
        cast(l_quantity as decimal(12, 2)) * cast(ps_supplycost as decimal(12, 2))
        as decimal(18, 4)
    ) as cost
from lineitem
inner join orders on o_orderkey = l_orderkey
left join partsupp on ps_partkey = l_partkey and ps_suppkey = l_suppkey;

-- Nations with ISO code and region.
create table place as
select
    n_nationkey as nation_key,
    n_name as nation_name,
    country_code(n_name) as country,
    r_name as region
from nation
inner join region on r_regionkey = n_regionkey;
