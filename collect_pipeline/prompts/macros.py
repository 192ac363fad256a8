"""The normal form as SQL: writes the rules of `rules` as one expression and registers it as macros.

The macros are temporary: they live as long as the connection and leave nothing in the file.
"""

import duckdb

from collect_pipeline.prompts.rules import (
    CASE_SENSITIVE_RULES,
    CLOSING_RULES,
    OPENING_RULES,
    PLAIN_CHARACTERS,
    TRIMMED_LEFT,
    TRIMMED_RIGHT,
    Literal,
    Rule,
    Rules,
)

_NOT_ASCII = "strlen(text) > length(text)"
# Japanese and Chinese write no spaces; two characters make a word often enough.
_APART = "regexp_replace(text, '([\\p{Han}\\p{Hiragana}\\p{Katakana}]{1,2})', '\\1 ', 'g')"
_UNSEPARATED = "replace(normalized, ', ', ' ')"
_WORD_COUNT = (
    "CASE WHEN normalized = '' THEN 0 WHEN strlen(normalized) > length(normalized) THEN len(words_of(normalized)) "
    "ELSE len(string_split(normalized, ' ')) END"
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
    `segments_of(normalized)` gives the segments of a normal form as a list.
    `split_segments(prompt)` gives the segments of a prompt as a list.
    `text_id(words)` gives 63 bits of the md5 as BIGINT: the same in every warehouse and version of DuckDB.
    `prompt_key(normalized)` gives the `prompt_id` of a normal form.
    """
    for name, expression in (
        ("normalize_prompt(prompt)", _normal_form("prompt")),
        ("segments_of(normalized)", "CASE normalized WHEN '' THEN [] ELSE string_split(normalized, ', ') END"),
        ("split_segments(prompt)", "segments_of(normalize_prompt(prompt))"),
        ("text_id(words)", "(md5_number_lower(words) >> 1)::BIGINT"),
        ("prompt_key(normalized)", "text_id(normalized)"),
        ("words_of(normalized)", f"string_split(rtrim({_only_where(_NOT_ASCII, _APART, _UNSEPARATED)}), ' ')"),
        ("word_count(normalized)", _WORD_COUNT),
        ("shingles(normalized)", _SHINGLES),
        ("is_prose(words, tag_count)", "tag_count > 0 AND words >= 5 * tag_count"),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {name} AS {expression}")


def _normal_form(prompt: str) -> str:
    # translate() takes chr(0) for the end of the text.
    text = f"replace({prompt}, chr(0), ' ')"
    text = f"lower({_rewritten(text, CASE_SENSITIVE_RULES)})"
    text = _plain_characters(text)
    text = _rewritten(text, (*OPENING_RULES, *CLOSING_RULES))
    return f"replace({_trimmed(text)}, ',', ', ')"


def _rewritten(text: str, rules: Rules) -> str:
    for rule in rules:
        if isinstance(rule, Rule):
            text = f"regexp_replace({text}, {_quoted(rule.pattern)}, {_quoted(rule.replacement)}, 'g')"
        elif isinstance(rule, Literal):
            text = f"replace({text}, {_quoted(rule.old)}, {_quoted(rule.new)})"
        else:
            text = _only_where(f"contains(text, {_quoted(rule.needed)})", _rewritten("text", rule.rules), text)
    return text


def _plain_characters(text: str) -> str:
    """Plain characters in NFC. Both walk over every character, so only prompts that hold more than ASCII pay for it."""
    # translate() takes out what has no counterpart: such characters go last.
    pairs = sorted(
        ((old, new) for old, new in PLAIN_CHARACTERS.items() if old != "\x00"), key=lambda pair: pair[1] == ""
    )
    old = _quoted("".join(old for old, _ in pairs))
    new = _quoted("".join(new for _, new in pairs))
    return _only_where(_NOT_ASCII, f"nfc_normalize(translate(text, {old}, {new}))", text)


def _trimmed(text: str) -> str:
    """Looking at the first and the last character spares most prompts the trimming; `rtrim` walks the whole text."""
    left, right = _quoted(TRIMMED_LEFT), _quoted(TRIMMED_RIGHT)
    text = _only_where(f"contains({left}, text[1])", f"ltrim(text, {left})", text)
    end = _quoted(f"[{TRIMMED_RIGHT}]+$")
    return _only_where(f"contains({right}, text[-1])", f"regexp_replace(text, {end}, '')", text)


def _only_where(condition: str, changed: str, text: str) -> str:
    """A CASE over `text`; the lambda is what gives the inner text a name, so that it is computed only once."""
    return f"list_transform([{text}], lambda text: CASE WHEN {condition} THEN {changed} ELSE text END)[1]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
