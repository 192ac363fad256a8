"""Generation parameters that were pasted along with a prompt, as a dictionary. Knows no rule of the normal form."""

import re

NEGATIVE_PROMPT = "Negative prompt"

# The names that AUTOMATIC1111 writes, to which the spellings of other tools are brought.
_NAMES = {
    name.lower().replace(" ", ""): name
    for name in ("Steps", "Sampler", "CFG scale", "Seed", "Size", "Model", "Model hash", "Clip skip", "Schedule type")
}
_PIECE = re.compile(r'(?:"[^"]*"|[^",\n\r])+|"')
_SETTINGS = re.compile(r"\bsteps *: *[0-9]", re.IGNORECASE)
_NEGATIVE_HEAD = re.compile(r"""^.*?negative(?:[ _]prompts?)?["' ]*:[\s"\[]*""", re.IGNORECASE | re.DOTALL)


def read_negative(text: str) -> dict[str, str]:
    """'Negative prompt: …', with or without the settings behind it."""
    value = _NEGATIVE_HEAD.sub("", text, count=1)
    settings = _SETTINGS.search(value)
    if settings is None:
        return {NEGATIVE_PROMPT: value.strip(' "]\n\r,')}
    return joined(
        {NEGATIVE_PROMPT: value[: settings.start()].strip(" \n\r,")}, read_settings(value[settings.start() :])
    )


def read_settings(text: str) -> dict[str, str]:
    """'Steps: 20, Sampler: Euler a, …'; a piece without a name belongs to the one before it."""
    parameters: dict[str, str] = {}
    name = "Steps"
    for piece in _PIECE.findall(text):
        head, colon, value = piece.partition(":")
        if colon and head.strip():
            name = _NAMES.get(head.strip().lower().replace(" ", ""), head.strip())
        else:
            value = piece
        parameters = joined(parameters, {name: value.strip()})
    return parameters


def read_midjourney(text: str) -> dict[str, str]:
    """'--ar 16:9'; '--no' is Midjourney's negative prompt."""
    name, _, value = text.strip().partition(" ")
    return {NEGATIVE_PROMPT if name.lower() == "--no" else name: value.strip(" ,\n\r")}


def joined(parameters: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    """Both; where both have a value, one after the other, so that nothing is lost."""
    result = dict(parameters)
    for name, value in more.items():
        result[name] = f"{result[name]}, {value}".strip(", ") if result.get(name) else value
    return result
