{%- set hops = 5 -%}
with

customers as (

    select
        customer_id,
        group_id,
        parent_customer_id,
        case
            when is_test then 'TEST'
            when account_group in ('INTERCOMPANY', 'EMPLOYEE', 'ONE_TIME', 'PROSPECT') then account_group
        end as exclusion_reason
    from {{ ref('stg_erp__customer') }}

),

-- An excluded account neither hands its exclusion to relatives nor hides among them.
members as (

    select
        member.customer_id,
        member.group_id,
        parent.customer_id as parent_id
    from customers as member
    left join customers as parent
        on member.parent_customer_id = parent.customer_id
        and parent.exclusion_reason is null
        and parent.customer_id <> member.customer_id
    where member.exclusion_reason is null

),

chains as (

    select
        member.customer_id,
        coalesce(
            member.group_id
            {%- for hop in range(1, hops + 1) %}, step_{{ hop }}.group_id{% endfor %}
        ) as group_id,
        coalesce({% for hop in range(hops, 0, -1) %}step_{{ hop }}.customer_id, {% endfor %}member.customer_id) as top_id,
        step_{{ hops }}.parent_id is not null as is_chain_unresolved
    from members as member
    {% for hop in range(1, hops + 1) -%}
    left join members as step_{{ hop }}
        on {{ 'member' if hop == 1 else 'step_' ~ (hop - 1) }}.parent_id = step_{{ hop }}.customer_id
    {% endfor %}

),

final as (

    select
        customers.customer_id,
        case
            when customers.exclusion_reason is not null then customers.customer_id
            when chains.group_id is not null then chains.group_id
            when chains.is_chain_unresolved then customers.customer_id
            else chains.top_id
        end as entity_id,
        customers.exclusion_reason is not null as is_excluded,
        customers.exclusion_reason,
        coalesce(chains.group_id is null and chains.is_chain_unresolved, false) as is_chain_unresolved,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from customers
    left join chains on customers.customer_id = chains.customer_id

)

select * from final
