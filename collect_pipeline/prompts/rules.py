"""What prompt syntax looks like, as ordered rewriting rules: the one definition of a prompt's normal form.

`macros` turns the rules into a chain of queries for a million prompts at a time, `syntax` runs the same rules in Python
on one prompt and carries weights along. So that both agree by construction, a pattern uses only what RE2 and Python's
`re` read alike: ASCII classes, no look-around, no back-references. This module knows neither DuckDB nor weights.

The stages, in order; whatever a rule puts a comma for ends a segment:

1. `CASE_SENSITIVE_RULES` on the text as written: the keywords that only count in capitals.
2. lower case, `PLAIN_CHARACTERS`, Unicode NFC.
3. `OPENING_RULES`: markup, then what is cut out as not being prompt text: pasted parameters, network tags, wildcards.
4. `CLOSING_RULES`: weights, brackets, sentence ends and white space.
"""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """Replace every match of a pattern. `replacement` may name groups as `\\1`."""

    pattern: str
    replacement: str
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern, re.ASCII))


@dataclass(frozen=True)
class Literal:
    """Replace every occurrence of a plain text: several times cheaper than a pattern."""

    old: str
    new: str


@dataclass(frozen=True)
class Where:
    """Rules that can only match a text holding `needed`: looking for that first spares most prompts the patterns."""

    needed: str
    rules: "Rules"


Rules = tuple[Rule | Literal | Where, ...]

CASE_SENSITIVE_RULES: Rules = (
    Where("AND", (Rule(r"\bAND\b", ","),)),
    Where("BREAK", (Rule(r"\bBREAK\b", ","),)),
    Where("ADD", (Rule(r"\bADD(?:COMM|BASE|COL|ROW)\b", ","),)),
)

# Full-width and typographic characters to plain ones. An empty replacement takes the character out.
_REPLACED_BY: dict[str, str] = {
    ",": "，、。；｡､",
    ":": "：",
    "(": "（",
    ")": "）",
    "[": "［【",
    "]": "］】",
    "{": "｛",
    "}": "｝",
    "!": "！",
    "?": "？",
    ".": "…．",
    "<": "＜",
    ">": "＞",
    "|": "｜",
    "_": "＿",
    "-": "‐‑‒–—―",
    "'": "‘’ʼ＇",
    '"': "“”„‟＂«»「」『』",
    # The letter İ is the only one whose lower case is longer than itself in Python and not in DuckDB.
    "i": "\u0130",
    " ": "\x00\u00a0\u2002\u2003\u2009\u202f\u3000",
    "": "\u00ad\u200b\u200c\u2060\ufe0e\ufe0f\ufeff",
}
PLAIN_CHARACTERS: dict[str, str] = {
    character: plain for plain, characters in _REPLACED_BY.items() for character in characters
}

# The words that a network tag starts with, to the name of the resource's type in `prompt_resources`.
NETWORK_TYPES: dict[str, str] = {
    "lora": "lora",
    "lura": "lora",
    "locon": "locon",
    "loha": "locon",
    "lokr": "locon",
    "lyco": "lycoris",
    "lycoris": "lycoris",
    "dora": "dora",
    "hypernet": "hypernetwork",
    "hypernetwork": "hypernetwork",
    "embedding": "embedding",
    "ti": "embedding",
}
_NETWORK_WORDS = "|".join(sorted(NETWORK_TYPES, key=len, reverse=True))

# A tag that nobody closed ends where a name cannot go on.
NETWORK_TAG = rf"< ?(?:{_NETWORK_WORDS}) ?:(?:[^<>]*>|[^<>,() ]*)"
EMBEDDING = r"\bembedding: ?[^ ,()<>\[\]{}:|]+"
WILDCARD = r"__[a-z0-9][a-z0-9_/*~. -]*?__"

# What people paste along with a prompt. A negative prompt in quotes or brackets (prompts written as JSON) ends with
# them, any other reaches to the end of the text, as the settings do.
NEGATIVE_VALUE = r"""\bnegative[ _]prompts?["' ]*: *(?:"[^"]*"|\[[^\[\]]*\])"""
PASTED_NEGATIVE = r"""(?s)\bnegative(?:[ _]prompts?)?["' ]*:.*"""
PASTED_SETTINGS = r"(?s)\bsteps *: *[0-9]+[ ,]+(?:sampler|cfg|seed|size|model|schedule|guidance).*"
MIDJOURNEY_NEGATIVE = r"--no (?:[^-]|-[^-])*"
MIDJOURNEY_PARAMETER = (
    r"--(?:aspect|ar|version|v|niji|quality|q|stylize|style|s|chaos|c|seed|stop|iw|weird|w|raw|tile|profile|p|"
    r"sref|cref|sw|cw|hd)\b ?(?:[0-9.:/x]+|raw\b)?"
)

OPENING_RULES: Rules = (
    Literal("\n", ","),
    Literal("\r", ","),
    Literal("\t", " "),
    Where("&", (Literal("&lt;", "<"), Literal("&gt;", ">"), Literal("&quot;", '"'), Literal("&amp;", "&"))),
    Where("<", (Rule(NETWORK_TAG, " "),)),
    # A single character is found fastest, so it is looked for before the word.
    Where(
        ":",
        (
            Where("embedding:", (Rule(EMBEDDING, " "),)),
            Where("negative", (Rule(NEGATIVE_VALUE, ","), Rule(PASTED_NEGATIVE, ","))),
            Where("steps", (Rule(PASTED_SETTINGS, ","),)),
        ),
    ),
    Where("--", (Rule(MIDJOURNEY_NEGATIVE, ","), Rule(MIDJOURNEY_PARAMETER, ","))),
    Where("__", (Rule(WILDCARD, " "),)),
)

# ':1.2)' in all the ways it is written: ': 1.2 )', ':1,2)', ':.8]', ':1. 2)', and ':)' with the number left out. A rule
# for each bracket: one that keeps a group takes half as long again.
BRACKET_WEIGHT = r":+ *[+-]?[0-9]*[.,]? ?[0-9]*[.%]? *"
# NovelAI's '1.2::words::' and Midjourney's 'words::2'.
NUMERICAL_EMPHASIS = r"(?:^|[ ,(])-?[0-9]*\.?[0-9]+::|:: *-?[0-9]*\.?[0-9]*"
# compel's '(words)1.2' and '(words)++'.
SUFFIX_WEIGHT = r"\)(?:[0-9]?\.[0-9]+|\++|--+)"
# 'words:1.3' where the brackets were forgotten. A whole number may be a ratio or a time and stays.
BARE_WEIGHT = r": ?[0-2]?\.[0-9]+([ ,]|$)"

CLOSING_RULES: Rules = (
    Literal("|", ","),
    Literal(";", ","),
    Where(
        ":",
        (
            Rule(BRACKET_WEIGHT + r"\)", ")"),
            Where("]", (Rule(BRACKET_WEIGHT + r"\]", "]"),)),
            Where("}", (Rule(BRACKET_WEIGHT + r"\}", "}"),)),
            # Most colons are gone now.
            Where(
                ":",
                (
                    Where("::", (Rule(NUMERICAL_EMPHASIS, ","),)),
                    Rule(BARE_WEIGHT, r"\1"),
                    # What is left of '[from:to:0.5]' once its number is gone.
                    Where("[", (Rule(r"\[([^\[\]:]*):([^\[\]:]*)\]", r" \1,\2 "),)),
                ),
            ),
        ),
    ),
    Where(")", (Rule(SUFFIX_WEIGHT, ")"),)),
    # '(a:1.2) (b:1.1)' are two, though nobody wrote a comma. Escaped brackets belong to a name and have a backslash.
    Literal(") (", ","),
    Literal(")(", ","),
    *(Literal(character, " ") for character in '()[]{}\\_"`*'),
    # A dot that shortens a word ends no sentence.
    Where(". ", (Rule(r"\b([a-z]|st|mr|mrs|ms|dr|jr|sr|vs|vol|feat)\. ", r"\1 "),)),
    *(Literal(end + " ", ",") for end in (".", "!", "?", ":")),
    Where("' ", tuple(Literal(end + "' ", ",") for end in (".", "!", "?"))),
    # The patterns below rely on it that no space stands before a comma.
    Literal(", ", ","),
    Literal(" ,", ","),
    Where("  ", (Rule(r"  +", " "),)),
    Literal(", ", ","),
    Literal(" ,", ","),
    # Looking for a class of characters takes much longer than looking for each of them with its comma.
    *(Where(character + ",", (Rule(r"[ .+'!?:-]+,", ","),)) for character in ".+'!?:-"),
    Rule(r",[ ,.+'!?-]+", ","),
)
# In an order in which they also stand between the brackets of a pattern.
TRIMMED_LEFT = " ,.+'!?-"
TRIMMED_RIGHT = " ,.+'!?:-"
