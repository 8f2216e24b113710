select
    pool_id, period as fiscal_period_id, headcount,
    (headcount * 9600)::decimal(18, 4) as theoretical_minutes,
    (headcount * 7872)::decimal(18, 4) as practical_minutes
from capacity
