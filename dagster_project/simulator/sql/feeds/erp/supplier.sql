select
    'SU' || lpad(supplier::varchar, 4, '0') as supplier_id,
    'Supplier ' || supplier as name,
    ['DE', 'FR', 'IT', 'PL'][1 + supplier % 4] as country,
    lead_days::decimal(18, 6) as standard_lead_time_days,
    ['A', 'B', 'C'][reliability] as reliability_class
from supplier
