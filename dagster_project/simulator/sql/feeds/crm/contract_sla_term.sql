select
    contract_code(c.contract_no) as contract_id,
    t.term_no::bigint as term_no,
    t.element,
    null as product_scope,
    null as site_scope,
    t.target::decimal(18, 6) as target,
    t.unit,
    'FIRST' as basis,
    1::decimal(18, 6) as tolerance_early,
    0::decimal(18, 6) as tolerance_late,
    2::decimal(18, 6) as qty_tolerance_under_pct,
    2::decimal(18, 6) as qty_tolerance_over_pct,
    t.measure_window,
    t.penalty_type,
    t.penalty_value::decimal(18, 6) as penalty_value,
    case when t.penalty_type <> 'NONE' then 10000 end::decimal(18, 4) as cap_amount,
    30::bigint as cure_days,
    null as exclusions,
    getvariable('start_at')::date - pick('signed', c.cust, 300)::int as valid_from,
    null::date as valid_to
from customer as c
cross join (values
    (1, 'OTIF', 0.95, 'ratio', 'MONTH', 'PCT', 1.5),
    (2, 'LEAD_TIME', 5, 'working_days', 'ORDER', 'NONE', null),
    (3, 'FILL_RATE', 0.97, 'ratio', 'QUARTER', 'NONE', null)
) as t(term_no, element, target, unit, measure_window, penalty_type, penalty_value)
where c.contract_no is not null and (t.term_no = 1 or c.tier_no = 1)
