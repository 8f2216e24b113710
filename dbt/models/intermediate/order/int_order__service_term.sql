with

terms as (

    select * from {{ ref('stg_crm__contract_sla_term') }}
    where element = 'OTIF'

),

slices as (

    -- Of two terms with the same scope the one that starts later replaces the other.
    select
        contract_id,
        term_no,
        product_scope,
        site_scope,
        cast(case when lower(unit) in ('percent', 'pct', '%') then target / 100 else target end as decimal(18, 6)) as target,
        basis,
        tolerance_early,
        tolerance_late,
        qty_tolerance_under_pct,
        qty_tolerance_over_pct,
        valid_from,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)),
            coalesce(
                lead(valid_from) over (
                    partition by contract_id, product_scope, site_scope
                    order by valid_from, term_no
                ),
                cast('9999-12-31' as date)
            )
        ) as valid_to
    from terms

),

ranked as (

    select
        *,
        product_scope is null and site_scope is null as is_general,
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
