select activity_id, term, date '2023-01-01' as valid_from, standard_minutes::decimal(18, 6) as standard_minutes
from time_standard
