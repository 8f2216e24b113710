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

-- Customers of one party roll up together, as the one who stands for it. An excluded account
-- neither hands its exclusion to relatives nor hides among them.
accounts as (

    select
        customer.customer_id,
        customer.group_id,
        customer.parent_customer_id,
        first_value(customer.customer_id) over (
            partition by crosswalk.party_key
            order by
                case when crosswalk.party_key = 'erp:' || customer.customer_id then 0 else 1 end asc,
                customer.customer_id asc
        ) as head_id
    from customers as customer
    inner join {{ ref('int_customer__crosswalk') }} as crosswalk
        on crosswalk.source_system = 'erp'
        and customer.customer_id = crosswalk.source_id
    where customer.exclusion_reason is null

),

-- Several numbers of one party may name several groups or parents: the first of each counts.
members as (

    select
        account.head_id as customer_id,
        min(account.group_id) as group_id,
        min(parent.head_id) as parent_id
    from accounts as account
    left join accounts as parent
        on account.parent_customer_id = parent.customer_id
        and parent.head_id <> account.head_id
    group by account.head_id

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
            when chains.is_chain_unresolved then accounts.head_id
            else chains.top_id
        end as entity_id,
        customers.exclusion_reason is not null as is_excluded,
        customers.exclusion_reason,
        coalesce(chains.group_id is null and chains.is_chain_unresolved, false) as is_chain_unresolved,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from customers
    left join accounts on customers.customer_id = accounts.customer_id
    left join chains on accounts.head_id = chains.customer_id

)

select * from final
