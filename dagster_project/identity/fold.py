"""SQL that folds names, addresses, phones and dates to what two spellings have in common.

Each function takes a SQL expression of type varchar and returns one; an empty result is null.
Letters of every script are kept, so a name in Japanese or Cyrillic does not fold to nothing.
"""

from dagster_project.identity.reference import legal_forms, rows, street_words


def quoted(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def words(value: str) -> str:
    """Lower case, no accents, no punctuation, single blanks; initials like ``S.p.A.`` joined."""
    plain = f"lower(strip_accents({value}))"
    for letter, letters in (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ø", "o"), ("ł", "l")):
        plain = f"replace({plain}, '{letter}', '{letters}')"
    plain = f"replace(replace({plain}, '&', ' and '), '+', ' and ')"
    plain = rf"regexp_replace({plain}, '\b(\pL)/(\pL)\b', '\1\2', 'g')"
    plain = rf"regexp_replace({plain}, '[.''’`]', '', 'g')"
    plain = rf"regexp_replace({plain}, '[^\pL\pN]+', ' ', 'g')"
    return f"nullif(trim({plain}), '')"


def legal_form(folded: str) -> str:
    """The canonical legal form at the end of folded words, or null."""
    return f"_form_of[nullif(trim(regexp_extract({folded}, {_forms()}, 0)), '')]"


def without_legal_form(folded: str) -> str:
    """Folded words without the legal forms at their end; a name that is all form stays."""
    stripped = rf"regexp_replace({folded}, {_forms(repeated=True)}, '')"
    return f"coalesce(nullif(trim({stripped}), ''), {folded})"


def form_map() -> str:
    """A SQL map from legal form to canonical form, to be selected as ``_form_of``."""
    return _sql_map(legal_forms())


def _forms(repeated: bool = False) -> str:
    """Forms at the end; those in ideographs need no blank before them."""
    ordered = sorted(legal_forms(), key=lambda form: (-len(form), form))
    spaced = "|".join(form for form in ordered if not _is_ideograph(form))
    glued = "|".join(form for form in ordered if _is_ideograph(form))
    group = rf"(?:\s(?:{spaced})|\s?(?:{glued}))"
    return quoted(group + ("+$" if repeated else "$"))


def _is_ideograph(form: str) -> bool:
    return all("一" <= letter <= "鿿" for letter in form)


def street(folded: str) -> str:
    """Folded street without its number: abbreviations written out, glued ``...str`` split."""
    split = rf"regexp_replace({folded}, '(\pL{{3,}})(strasse|str)\b', '\1 street', 'g')"
    bare = rf"regexp_replace({split}, '^\d+\s?[a-z]?\s+|\s+\d+\s?[a-z]?$', '', 'g')"
    looked_up = f"list_transform(string_split({bare}, ' '), lambda w: coalesce(_word_of[w], w))"
    return f"nullif(array_to_string({looked_up}, ' '), '')"


def street_map() -> str:
    """A SQL map from abbreviation to word, to be selected as ``_word_of``."""
    return _sql_map(street_words())


def house_number(folded: str) -> str:
    """The number at the start or the end of a folded street, or null."""
    first = rf"regexp_extract({folded}, '^(\d+(?:\s?[a-z])?)\s', 1)"
    last = rf"regexp_extract({folded}, '\s(\d+(?:\s?[a-z])?)$', 1)"
    return f"replace(coalesce(nullif({first}, ''), nullif({last}, '')), ' ', '')"


def postcode(value: str) -> str:
    """Letters and digits; ``725.0`` from a spreadsheet is ``725``; leading zeros do not count."""
    bare = rf"regexp_replace(trim({value}), '\.0$', '')"
    return rf"nullif(ltrim(upper(regexp_replace({bare}, '[^\pL\pN]', '', 'g')), '0'), '')"


def email(value: str) -> str:
    """Lower case; null without an ``@``."""
    plain = f"lower(trim({value}))"
    return f"case when {plain} like '%_@_%' then {plain} end"


def date_digits(value: str) -> str:
    """``YYYYMMDD``. An impossible date is kept: it is a typing error of a possible one."""
    digits = rf"regexp_replace(split_part(trim({value}), 'T', 1), '\D', '', 'g')"
    return f"case when length({digits}) = 8 then {digits} end"


def phone(value: str, country: str) -> str:
    """E.164 where the country has a rule and the length fits, else bare digits from six on.

    Needs the columns of ``countries.csv`` joined by country under the alias ``rule``.
    """
    digits = rf"regexp_replace({value}, '\D', '', 'g')"
    full = f"regexp_replace({digits}, '^00', '')"
    is_full = rf"regexp_matches(trim({value}), '^(\+|00)')"
    bare = f"regexp_replace({digits}, '^' || coalesce(rule.trunk_prefix, ''), '')"
    fits = f"length({bare}) between rule.min_digits and rule.max_digits"
    return f"""case
        when length({digits}) < 6 or {digits} = repeat({digits}[1], length({digits})) then null
        when {is_full} then {_international(full)}
        when {country} is not null and {fits} then '+' || rule.calling_code || {bare}
        when {country} is not null and starts_with({digits}, rule.calling_code)
            and length({digits}) - length(rule.calling_code)
                between rule.min_digits and rule.max_digits then '+' || {digits}
        else {digits}
    end"""


def _international(digits: str) -> str:
    """E.164 of digits with a calling code; a trunk zero after the code, ``+49 (0)``, is dropped."""
    codes = "|".join(
        sorted({row["calling_code"] for row in rows("countries")}, key=lambda c: (-len(c), c))
    )
    without_trunk = rf"regexp_replace({digits}, '^({codes})0', '\1')"
    kept_zero = f"starts_with({digits}, '39')"
    return f"('+' || case when {kept_zero} then {digits} else {without_trunk} end)"


def _sql_map(pairs: dict[str, str]) -> str:
    keys = ", ".join(quoted(key) for key in pairs)
    values = ", ".join(quoted(value) for value in pairs.values())
    return f"map([{keys}], [{values}])"
