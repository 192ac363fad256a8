"""The normal form as SQL: writes the rules of `rules` as a chain of queries and registers it as macros.

The macros are temporary: they live as long as the connection and leave nothing in the file.
"""

from collections.abc import Iterator

import duckdb

from collect_pipeline.prompts.rules import (
    CASE_SENSITIVE_RULES,
    CLOSING_RULES,
    OPENING_RULES,
    PLAIN_CHARACTERS,
    TRIMMED_LEFT,
    TRIMMED_RIGHT,
    Rule,
    Rules,
    Where,
)

_UNSEPARATED = "replace(normalized, ', ', ' ')"
# Japanese and Chinese write no spaces; two characters make a word often enough.
_WORDS = (
    "string_split(CASE WHEN strlen(normalized) > length(normalized) THEN "
    f"rtrim(regexp_replace({_UNSEPARATED}, '([\\p{{Han}}\\p{{Hiragana}}\\p{{Katakana}}]{{1,2}})', '\\1 ', 'g')) "
    f"ELSE {_UNSEPARATED} END, ' ')"
)
_WORD_COUNT = (
    "CASE WHEN normalized = '' THEN 0 WHEN strlen(normalized) > length(normalized) THEN len(words_of(normalized)) "
    "ELSE strlen(normalized) - strlen(replace(normalized, ' ', '')) + 1 END"
)
# hash() costs a tenth of md5. A version of DuckDB that hashes otherwise needs a migration that fills prompt_bands anew;
# a test holds the value.
_SHINGLES = (
    "list_transform([words_of(normalized)], lambda words: list_transform("
    "list_zip(words[:-3], words[2:-2], words[3:]), lambda w: (hash(w[1], w[2], w[3]) >> 1)::BIGINT))[1]"
)


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make these callable from SQL on this connection:

    `normalize_prompt(prompt)` gives the normal form: the segments joined by ', '; '' if there are none.
    `normal_forms(relation)` gives the rows of a table or view, with the normal form of their column `prompt` as
    `normalized`. For a million prompts that is much cheaper.
    `segments_of(normalized)` gives the segments of a normal form as a list.
    `split_segments(prompt)` gives the segments of a prompt as a list.
    `text_id(words)` gives 63 bits of the md5 as BIGINT: the same in every warehouse and version of DuckDB.
    `prompt_key(normalized)` gives the `prompt_id` of a normal form.
    """
    of_one = _normal_forms("(SELECT prompt)")
    for name, expression in (
        ("normalize_prompt(prompt)", f"(SELECT normalized FROM ({of_one}))"),  # noqa: S608 - only our own words
        ("normal_forms(relation)", f"TABLE {_normal_forms('query_table(relation)')}"),
        ("segments_of(normalized)", "CASE normalized WHEN '' THEN [] ELSE string_split(normalized, ', ') END"),
        ("split_segments(prompt)", "segments_of(normalize_prompt(prompt))"),
        ("text_id(words)", "(md5_number_lower(words) >> 1)::BIGINT"),
        ("prompt_key(normalized)", "text_id(normalized)"),
        ("words_of(normalized)", _WORDS),
        ("word_count(normalized)", _WORD_COUNT),
        ("shingles(normalized)", _SHINGLES),
        ("is_prose(words, tag_count)", "tag_count > 0 AND words >= 5 * tag_count"),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {name} AS {expression}")


def _normal_forms(source: str) -> str:
    """A query for the rows of `source` and the normal form of their column `prompt`.

    Each expression is a query of its own over the result of the one before: as expressions within expressions, which
    name their text more than once, they would cost half as much again.
    """
    # translate() takes chr(0) for the end of the text.
    query = f"SELECT *, replace(prompt, chr(0), ' ') AS normalized FROM {source}"  # noqa: S608 - only our own words
    for expression in (
        *_rewritten(CASE_SENSITIVE_RULES),
        "lower(normalized)",
        *_plain_characters(),
        *_rewritten(OPENING_RULES),
        *_rewritten(CLOSING_RULES),
        *_trimmed(),
        "replace(normalized, ',', ', ')",
    ):
        query = f"SELECT * REPLACE ({expression} AS normalized) FROM ({query})"  # noqa: S608 - as above
    return query


def _rewritten(rules: Rules, condition: str = "true") -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, Where):
            # In this order, since the outer text is the one that is found fast.
            yield from _rewritten(rule.rules, f"{condition} AND contains(normalized, {_quoted(rule.needed)})")
        elif isinstance(rule, Rule):
            replaced = f"regexp_replace(normalized, {_quoted(rule.pattern)}, {_quoted(rule.replacement)}, 'g')"
            yield f"CASE WHEN {condition} THEN {replaced} ELSE normalized END"
        else:
            replaced = f"replace(normalized, {_quoted(rule.old)}, {_quoted(rule.new)})"
            yield f"CASE WHEN {condition} THEN {replaced} ELSE normalized END"


def _plain_characters() -> tuple[str, str]:
    """Plain characters, and NFC. Both walk over every character, so only prompts that need it pay for it."""
    # translate() takes out what has no counterpart: such characters go last.
    pairs = sorted(
        ((old, new) for old, new in PLAIN_CHARACTERS.items() if old != "\x00"), key=lambda pair: pair[1] == ""
    )
    old = "".join(old for old, _ in pairs)
    new = "".join(new for _, new in pairs)
    is_more_than_ascii = "strlen(normalized) > length(normalized)"
    return (
        f"CASE WHEN {is_more_than_ascii} AND regexp_matches(normalized, {_quoted(f'[{old}]')}) "
        f"THEN translate(normalized, {_quoted(old)}, {_quoted(new)}) ELSE normalized END",
        f"CASE WHEN {is_more_than_ascii} THEN nfc_normalize(normalized) ELSE normalized END",
    )


def _trimmed() -> tuple[str, str]:
    """Looking at the first and the last character spares most prompts the trimming; `rtrim` walks the whole text."""
    left, right = _quoted(TRIMMED_LEFT), _quoted(TRIMMED_RIGHT)
    end = _quoted(f"[{TRIMMED_RIGHT}]+$")
    return (
        f"CASE WHEN contains({left}, normalized[1]) THEN ltrim(normalized, {left}) ELSE normalized END",
        f"CASE WHEN contains({right}, normalized[-1]) THEN regexp_replace(normalized, {end}, '') ELSE normalized END",
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
