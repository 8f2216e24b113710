with

terms as (

    select
        *,
        -- Contracts call the elements by shorter names than the policy.
        case upper(element)
            when 'LEAD_TIME' then 'LEAD_TIME_DAYS'
            when 'FILL_RATE' then 'UNIT_FILL_RATE'
            when 'UNIT_FILL' then 'UNIT_FILL_RATE'
            when 'LINE_FILL' then 'LINE_FILL_RATE'
            else upper(element)
        end as element_code
    from {{ ref('stg_crm__contract_sla_term') }}
    where upper(element) <> 'OTIF'

),

slices as (

    -- Of two terms with the same scope the one that starts later replaces the other.
    select
        contract_id,
        term_no,
        element_code,
        product_scope,
        site_scope,
        cast(case when lower(unit) in ('percent', 'pct', '%') then target / 100 else target end as decimal(18, 6)) as target,
        valid_from,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)),
            coalesce(
                lead(valid_from) over (
                    partition by contract_id, element_code, product_scope, site_scope
                    order by valid_from, term_no
                ),
                cast('9999-12-31' as date)
            )
        ) as valid_to
    from terms

),

ranked as (

    select
        contract_id,
        element_code,
        product_scope,
        site_scope,
        target,
        valid_from,
        valid_to,
        cast(
            row_number() over (
                order by
                    case when product_scope is not null then 0 else 1 end,
                    case when site_scope is not null then 0 else 1 end,
                    contract_id,
                    term_no
            ) as bigint
        ) as precedence
    from slices
    where valid_from < valid_to

)

select * from ranked
