{%- set attributes = ['name', 'address', 'phone', 'email', 'tax_id', 'vat_id', 'lei', 'gln', 'duns'] -%}
with

records as (

    select
        crosswalk.party_key,
        crosswalk.customer_id,
        record.*,
        record.street is not null or record.city is not null or record.postcode is not null as has_address,
        {% for name in ['name', 'street', 'city', 'postcode', 'country', 'phone', 'email', 'tax_id', 'vat_id', 'lei', 'gln', 'duns'] -%}
        case when record.{{ name }} is null then 0 else 1 end{{ ' + ' if not loop.last }}
        {%- endfor %} as filled_columns
    from {{ ref('int_party__record') }} as record
    inner join {{ ref('int_customer__crosswalk') }} as crosswalk
        on record.source_system = crosswalk.source_system
        and record.source_id = crosswalk.source_id

),

-- Which record each attribute is taken from: the policy, then the newer, then the fuller record.
offered as (

    {% for name in attributes -%}
    select '{{ name }}' as attribute, party_key, record_id, source_system, extracted_at, filled_columns
    from records
    where {{ 'has_address' if name == 'address' else name ~ ' is not null' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        offered.attribute,
        offered.party_key,
        offered.record_id,
        row_number() over (
            partition by offered.attribute, offered.party_key
            order by
                coalesce(rule.priority, 1000) asc,
                offered.extracted_at desc,
                offered.filled_columns desc,
                offered.record_id asc
        ) as rank_no
    from offered
    left join {{ ref('survivorship_rule') }} as rule
        on offered.attribute = rule.attribute
        and offered.source_system = rule.source_system

),

taken as (

    select
        records.party_key,
        {% for name in attributes if name != 'address' -%}
        max(case when ranked.attribute = '{{ name }}' then records.{{ name }} end) as {{ name }},
        {% endfor -%}
        {% for name in ['street', 'city', 'postcode', 'country'] -%}
        max(case when ranked.attribute = 'address' then records.{{ name }} end) as {{ name }},
        {% endfor -%}
        max(case when ranked.attribute = 'name' then records.record_id end) as name_from,
        max(case when ranked.attribute = 'address' then records.record_id end) as address_from
    from ranked
    inner join records on ranked.record_id = records.record_id
    where ranked.rank_no = 1
    group by records.party_key

),

counted as (

    select
        party_key,
        count(*) as records_count,
        sum(case when source_system = 'erp' then 1 else 0 end) as erp_customers_count,
        sum(case when source_system = 'crm' then 1 else 0 end) as crm_accounts_count,
        max(case when record_id = party_key then customer_id end) as customer_id,
        max(case when record_id = party_key then country end) as head_country,
        cast(max(case when is_active then 1 else 0 end) as boolean) as is_active
    from records
    group by party_key

)

select
    counted.party_key,
    counted.customer_id,
    taken.name as party_name,
    taken.street,
    taken.city,
    taken.postcode,
    coalesce(taken.country, counted.head_country) as country,
    taken.phone,
    taken.email,
    taken.tax_id,
    taken.vat_id,
    taken.lei,
    taken.gln,
    taken.duns,
    counted.is_active,
    cast(counted.records_count as bigint) as records_count,
    cast(counted.erp_customers_count as bigint) as erp_customers_count,
    cast(counted.crm_accounts_count as bigint) as crm_accounts_count,
    taken.name_from,
    taken.address_from
from counted
left join taken on counted.party_key = taken.party_key
