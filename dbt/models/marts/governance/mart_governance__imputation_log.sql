with

rules as (

    select * from {{ ref('imputation_rule') }}

),

logged as (

    select * from {{ ref('int_imputation__value') }}

),

final as (

    select
        logged.rule_id,
        coalesce(rules.metric, '(no such rule)') as metric,
        logged.entity_type,
        logged.entity_id,
        logged.imputed_value,
        logged.imputed_value is not null as is_imputed,
        coalesce(rules.method, '(no such rule)') as method,
        logged.basis,
        cast(logged.basis_count as bigint) as basis_count,
        cast(logged.values_count as bigint) as values_count,
        cast(coalesce(logged.own_confidence, cast(rules.confidence as double)) as decimal(9, 6)) as confidence,
        {{ as_of() }} as as_of_date,
        logged.value_date,
        case
            when logged.own_expires_date is not null then logged.own_expires_date
            when rules.max_age_days is not null and logged.value_date is not null
                then {{ add_days('logged.value_date', 'rules.max_age_days') }}
        end as expires_date
    from logged
    left join rules on logged.rule_id = rules.rule_id

)

select
    rule_id,
    metric,
    entity_type,
    entity_id,
    imputed_value,
    is_imputed,
    method,
    basis,
    basis_count,
    values_count,
    confidence,
    as_of_date,
    value_date,
    expires_date
from final
