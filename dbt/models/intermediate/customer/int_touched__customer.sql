{%- set customers = ref('stg_erp__customer') -%}
{%- if is_update() -%}
{%- set hops = 6 -%}
with

changed as (

    {{ changed_keys('erp', 'customer', 'customer_id') }}

),

-- An account that moves takes everyone below it along: look for changes anywhere above.
touched as (

    select customer_id from changed
    {% for depth in range(1, hops + 1) %}
    union
    select member.customer_id
    from {{ customers }} as member
    {% for hop in range(1, depth) -%}
    inner join {{ customers }} as step_{{ hop }}
        on {{ 'member' if hop == 1 else 'step_' ~ (hop - 1) }}.parent_customer_id = step_{{ hop }}.customer_id
    {% endfor -%}
    inner join changed
        on {{ 'member' if depth == 1 else 'step_' ~ (depth - 1) }}.parent_customer_id = changed.customer_id
    {%- endfor %}

)

select customer_id from touched
{%- else -%}
select customer_id from {{ customers }} where 1 = 0
{%- endif %}
