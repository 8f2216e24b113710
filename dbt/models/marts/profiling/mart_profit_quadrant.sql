with

years as (

    select
        entity_id,
        net_revenue_group,
        costed_net_revenue_group,
        gross_profit_group,
        cost_to_serve_group,
        cost_to_serve_basis,
        case
            when null_reason is not null then null_reason
            when net_revenue_group <= 0 or costed_net_revenue_group <= 0 then 'net revenue is not positive'
            when cost_to_serve_group is null then 'cost to serve is not yet measured'
        end as null_reason
    from {{ ref('int_profit__entity_year') }}

),

-- High is what is at or above the rate of all customers who have both rates.
company as (

    select
        {{ safe_divide('sum(gross_profit_group)', 'sum(costed_net_revenue_group)') }} as company_margin_rate,
        {{ safe_divide('sum(cost_to_serve_group)', 'sum(net_revenue_group)') }} as company_cost_to_serve_ratio
    from years
    where null_reason is null

),

rated as (

    select
        years.entity_id,
        years.net_revenue_group,
        years.gross_profit_group,
        years.cost_to_serve_group,
        years.cost_to_serve_basis,
        years.null_reason,
        case when years.costed_net_revenue_group > 0 then {{ safe_divide('years.gross_profit_group', 'years.costed_net_revenue_group') }} end
            as margin_rate,
        case when years.net_revenue_group > 0 then {{ safe_divide('years.cost_to_serve_group', 'years.net_revenue_group') }} end
            as cost_to_serve_ratio,
        company.company_margin_rate,
        company.company_cost_to_serve_ratio
    from years
    cross join company

)

select
    entity_id,
    net_revenue_group,
    gross_profit_group,
    margin_rate,
    company_margin_rate,
    cost_to_serve_group,
    cost_to_serve_ratio,
    company_cost_to_serve_ratio,
    cost_to_serve_basis,
    case
        when null_reason is not null then null
        when margin_rate >= company_margin_rate and cost_to_serve_ratio >= company_cost_to_serve_ratio then 'CARRIAGE_TRADE'
        when margin_rate >= company_margin_rate then 'PASSIVE'
        when cost_to_serve_ratio >= company_cost_to_serve_ratio then 'AGGRESSIVE'
        else 'BARGAIN_BASEMENT'
    end as quadrant,
    null_reason
from rated
