-- Helpers that every adapter may use. Loaded before the adapter's own SQL.

-- Blanks at both ends and repeated blanks go; an empty text is null.
create macro clean_text(value) as
    nullif(trim(regexp_replace(value, '\s+', ' ', 'g')), '');

-- UTF-8 that was read as Latin-1 and written again ('MÃ¼nster') becomes what it was ('Münster').
-- Text that is not doubly encoded stays as it is: it has no bytes that decode.
create macro fix_mojibake(value) as
    case
        when value is null or regexp_matches(value, '[^\x00-\xff]') then value
        else coalesce(
            try(decode(from_hex(array_to_string(
                list_transform(string_split(value, ''), lambda letter: printf('%02x', unicode(letter))),
                ''
            )))),
            value
        )
    end;

-- M/D/YYYY, with or without leading zeros.
create macro parse_us_date(value) as
    cast(strptime(nullif(trim(value), ''), '%m/%d/%Y') as date);

-- ISO 3166-1 alpha-2 code of a country's English or Spanish name or of an alias, with or without
-- accents; a code stays what it is. Null if unknown.
create macro country_code(country_name) as (
    select lookup.country_code
    from country_lookup as lookup
    where lookup.name_key = lower(trim(country_name))
);

-- Five digits of a US ZIP code that lost its leading zeros as a number ('725.0' -> '00725').
create macro us_zip(value) as
    lpad(cast(try_cast(try_cast(value as double) as bigint) as varchar), 5, '0');
