-- What customers are called, where they sit, their numbers and their contacts. An old number and
-- the account in place 14 of twenty have the face of another customer, their key.

-- Check digits: Luhn (mod 10), ISO 7064 mod 11,10, and sums of digits with weights.
create or replace macro digit(number, place) as substr(number, place, 1)::int;
create or replace macro weighted(number, weights) as
    list_sum(list_transform(range(1, len(weights) + 1), lambda i: digit(number, i) * weights[i]));
create or replace macro luhn(number) as
    ((10 - list_sum(list_transform(range(1, length(number) + 1), lambda i:
        case when (length(number) - i) % 2 = 0
            then digit(number, i) * 2 // 10 + digit(number, i) * 2 % 10
            else digit(number, i) end)) % 10) % 10)::varchar;
create or replace macro mod_11_10(number) as
    ((11 - list_reduce(list_transform(range(1, length(number) + 1), lambda i: digit(number, i)),
        lambda sum, d: case when (sum + d) % 10 = 0 then 20 else (sum + d) % 10 * 2 end % 11, 10))
        % 10)::varchar;

create or replace macro street_word(site_no) as
    ['Haupt', 'Bahnhof', 'Hafen', 'Industrie', 'Garten', 'Schul', 'Berg', 'Kirch', 'Linden', 'Mühlen',
     'Wiesen', 'Ring', 'Goethe', 'Schiller', 'Mozart', 'Pasteur', 'Station', 'Park', 'Church', 'Victoria',
     'Kings', 'Mill', 'Green', 'York', 'Castle', 'Bridge', 'Market', 'Spring', 'North', 'South', 'Forest',
     'Canal'][1 + pick('street word', site_no, 32)];
create or replace macro street_of(site_no) as
    case pick('street', site_no, 3)
        when 0 then street_word(site_no) || 'straße ' || (1 + pick('house', site_no, 180))
        when 1 then street_word(site_no) || 'weg ' || (1 + pick('house', site_no, 180))
        else (1 + pick('house', site_no, 180)) || ' ' || street_word(site_no) || ' Road'
    end;
create or replace macro postcode_of(site_no) as lpad(pick('postcode', site_no, 100000)::varchar, 5, '0');

create or replace table customer_name as
with words as (
    select
        ['Adler', 'Albrecht', 'Arndt', 'Bauer', 'Becker', 'Bergmann', 'Böhm', 'Brandt', 'Busch',
         'Carlier', 'Côté', 'Dietz', 'Dubois', 'Ebner', 'Engel', 'Fabre', 'Fischer', 'Frank',
         'García', 'Graf', 'Groß', 'Haas', 'Hahn', 'Huber', 'Jäger', 'Jansen', 'Kaiser', 'Keller',
         'Köhler', 'Krüger', 'Lang', 'Lefèvre', 'Lorenz', 'Marín', 'Martin', 'Mertens', 'Moore',
         'Moreau', 'Müller', 'Núñez', 'Otto', 'Peters', 'Pohl', 'Reed', 'Richter', 'Rivera',
         'Romano', 'Roth', 'Sato', 'Schäfer', 'Schmidt', 'Sommer', 'Stein', 'Tanaka', 'Thoma',
         'Ulrich', 'Vogel', 'Wagner', 'Walsh', 'Weber', 'Winter', 'Wolf', 'York', 'Ziegler'] as family,
        ['Industrie', 'Medical', 'Foods', 'Tools', 'Automotive', 'Chemie', 'Retail', 'Pharma',
         'Logistics', 'Electro', 'Packaging', 'Optics', 'Energy', 'Marine', 'Building', 'Sports',
         'Garden', 'Lighting', 'Paper', 'Textil', 'Aero', 'Labs', 'Dental', 'Hydraulik'] as trade
),
keyed as (
    select
        *,
        case when kind = 'OLD_NUMBER' then successor(block) else cust end as of_cust,
        case
            when kind = 'OLD_NUMBER' then successor(block)
            when slot = 14 then cust - 1
            else cust
        end as key
    from customer
),
numbered as (
    -- One number per key, spread out: two of them do not differ by a typing error.
    select
        *,
        (10000000 + key * 48271397 % 89999999)::varchar as eight,
        (1000000 + key * 4827139 % 8999999)::varchar as seven,
        (200000000 + key * 27644437 % 699999999)::varchar as nine
    from keyed
),
registered as (
    select
        *,
        case country
            when 'DE' then eight || mod_11_10(eight)
            when 'FR' then lpad(((12 + 3 * ((eight || luhn(eight))::bigint % 97)) % 97)::varchar, 2, '0')
                || eight || luhn(eight)
            when 'NL' then eight || '5B'
                || lpad((98 - ('2321' || eight || '51100')::bigint % 97)::varchar, 2, '0')
            when 'PL' then case
                when weighted(eight, [6, 5, 7, 2, 3, 4, 5, 6]) % 11 = 10 then eight || '16'
                else eight || '0' || (weighted(eight, [6, 5, 7, 2, 3, 4, 5, 6]) % 11)::varchar end
            when 'ES' then substr('ABCDEFGHJ', digit(eight, 1), 1) || substr(eight, 2) || luhn(substr(eight, 2))
            when 'IT' then substr(eight, 1, 7) || '01' || substr(eight, 8)
                || luhn(substr(eight, 1, 7) || '01' || substr(eight, 8))
            when 'GB' then seven
                || lpad((97 - weighted(seven, [8, 7, 6, 5, 4, 3, 2]) % 97)::varchar, 2, '0')
            when 'IE' then seven
                || substr('WABCDEFGHIJKLMNOPQRSTUV', 1 + weighted(seven, [8, 7, 6, 5, 4, 3, 2])::int % 23, 1)
            when 'US' then '36-' || seven
            when 'JP' then (9 - weighted('0100' || eight, [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9)::varchar
                || '0100' || eight
        end as tax_id
    from numbered
)
select
    c.cust,
    c.key,
    c.of_cust,
    case
        when c.kind = 'INTERCOMPANY' then 'Tierline Trading ' || c.country
        when c.kind = 'EMPLOYEE' then 'Employee sales ' || (c.block + 1)
        when c.kind = 'ONE_TIME' then 'One-time customer ' || (c.block + 1)
        when c.kind = 'TEST' then 'TEST customer - do not deliver'
        -- One customer in its time was called otherwise.
        when c.kind = 'OLD_NUMBER' and c.block % 4 = 1
            then w.family[1 + pick('former name', c.key, 64)] || ' Handel'
        else w.family[1 + pick('name one', c.key, 64)] || ' & ' || w.family[1 + pick('name two', c.key, 64)]
            || ' ' || w.trade[1 + pick('trade', c.key, 24)]
    end as base_name,
    case c.country when 'DE' then 'GmbH' when 'FR' then 'SAS' when 'NL' then 'BV' when 'PL' then 'Sp. z o.o.'
        when 'ES' then 'SL' when 'IT' then 'Srl' when 'US' then 'Inc.' when 'JP' then 'KK' else 'Ltd' end as form,
    c.tax_id,
    case when c.country not in ('US', 'JP') then c.country || c.tax_id end as vat_id,
    lpad(pick('duns', c.key, 1000000000)::varchar, 9, '0') as duns,
    case c.country when 'DE' then '+49' when 'FR' then '+33' when 'NL' then '+31' when 'PL' then '+48'
        when 'ES' then '+34' when 'IT' then '+39' when 'US' then '+15' when 'JP' then '+81'
        when 'IE' then '+353' else '+44' end || c.nine as phone,
    'info@' || regexp_replace(strip_accents(lower(w.family[1 + pick('name one', c.key, 64)])), '[^a-z]', '', 'g')
        || '-' || c.key || '.example' as email,
    -- The dock whose address the customer gives: its own, or that of the neighbour who receives for it.
    case when c.kind = 'OLD_NUMBER' and u('moved', c.cust) < 0.3 then c.cust else k.dock_of end * 10 + 1
        as address_no
from registered as c
inner join customer as k on k.cust = c.of_cust
cross join words as w
order by c.cust;

-- How sales wrote a name: as it is, in capitals, without the form, with a letter lost, without `&`.
create or replace macro written(name, form, k) as case
    when u('written', k) < 0.50 then name || ' ' || form
    when u('written', k) < 0.62 then upper(name || ' ' || form)
    when u('written', k) < 0.76 then name
    when u('written', k) < 0.90
        then substr(name, 1, 2 + pick('letter', k, 3)) || substr(name, 4 + pick('letter', k, 3)) || ' ' || form
    else replace(name, '&', 'und') || ' ' || form
end;

create or replace macro telephone(phone, k) as case pick('dialled', k, 3)
    when 0 then phone
    when 1 then replace(phone, '+', '00')
    else substr(phone, 1, 3) || ' ' || substr(phone, 4, 4) || '-' || substr(phone, 8)
end;

-- One in thirty is mistyped: a letter or digit in the middle is lost.
create or replace macro mistyped(value, purpose, k) as case
    when u('mistyped ' || purpose, k) < 0.03
        then substr(value, 1, length(value) // 2) || substr(value, length(value) // 2 + 2)
    else value
end;
