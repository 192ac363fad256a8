"""Writes prompts as people write them: tag lists, prose, weights, ladders, other scripts, syntax, pasted settings.

Knows nothing of images; the same seed, number and browsing level give the same text.
"""

from collections.abc import Callable, Sequence
from random import Random

from collect_pipeline.sandbox import phrases
from collect_pipeline.sandbox.chance import seeded
from collect_pipeline.sandbox.maturity import PG, PG13

_RESPELLED = 0.08
"""Share of prompts that are the one before in another spelling."""


def write_prompt(seed: int, number: int, browsing_level: int) -> tuple[str, str]:
    """Prompt and negative prompt `number` of a seed; levels above PG add a few mild words that fit them."""
    random = seeded(seed, "respell", number)
    if random.random() < _RESPELLED:
        prompt, negative = _compose(seeded(seed, "prompt", number - 1), browsing_level)
        return _respell(prompt, random), negative
    return _compose(seeded(seed, "prompt", number), browsing_level)


def _compose(random: Random, browsing_level: int) -> tuple[str, str]:
    write = random.choices([form for form, _ in _FORMS], [weight for _, weight in _FORMS])[0]
    prompt = write(random, _spice(random, browsing_level))
    if random.random() < 0.3:
        prompt = f"{prompt}, <lora:{random.choice(phrases.LORAS)}:{random.choice(('0.8', '1', '0.65', '-0.5'))}>"
    negative = ", ".join(random.sample(phrases.NEGATIVES, random.randrange(0, 8)))
    return prompt, negative


def _spice(random: Random, browsing_level: int) -> list[str]:
    if browsing_level == PG:
        return []
    words = phrases.SUGGESTIVE if browsing_level == PG13 else phrases.SUGGESTIVE + phrases.MATURE
    return random.sample(words, random.choice((1, 2)))


def _tags(random: Random, spice: Sequence[str]) -> str:
    return ", ".join(_tag_list(random, spice))


def _tag_list(random: Random, spice: Sequence[str]) -> list[str]:
    pools = (
        (phrases.QUALITY, 0, 3), (phrases.PEOPLE + phrases.THINGS, 1, 2), (phrases.LOOKS, 0, 3),
        (phrases.CLOTHES, 0, 2), (phrases.ACTIONS, 0, 1), (phrases.PLACES, 0, 2), (phrases.LIGHTS, 0, 2),
        (phrases.FRAMES, 0, 2), (phrases.MOODS, 0, 1), (phrases.STYLES, 0, 2), (phrases.TECHNICAL, 0, 2),
        (phrases.COLOURS, 0, 1),
    )  # fmt: skip
    tags = [tag for pool, least, most in pools for tag in random.sample(pool, random.randint(least, most))]
    return tags + list(spice)


def _lines(random: Random, spice: Sequence[str]) -> str:
    tags = _tag_list(random, spice)
    middle = len(tags) // 2
    return ", ".join(tags[:middle]) + random.choice((",\n", "\n\n", ",\r\n")) + ", ".join(tags[middle:])


def _prose(random: Random, spice: Sequence[str]) -> str:
    subject = random.choice(phrases.THINGS + phrases.PEOPLE[4:14])
    opening = (
        f"A {random.choice(phrases.MOODS)} {random.choice(phrases.STYLES)} of a {subject}"
        f" {random.choice(phrases.ACTIONS)} in a {random.choice(phrases.PLACES)},"
        f" lit by {random.choice(phrases.LIGHTS)}."
    )
    closing = f" In the manner of {random.choice(phrases.ARTISTS)}." if random.random() < 0.3 else ""
    hints = f" Hints of {' and '.join(spice)}." if spice else ""
    return opening + " " + " ".join(random.sample(phrases.SCENES, random.randint(1, 4))) + hints + closing


def _ladder(random: Random, spice: Sequence[str]) -> str:
    return ", ".join([*phrases.LADDER[: random.randint(2, 6)], *_tag_list(random, spice)])


def _weighted(random: Random, spice: Sequence[str]) -> str:
    wraps = ("({}:1.2)", "(({}))", "({}:0.8)", "[{}]", "{{{}}}", "({})", "(({}:1.1))")
    return ", ".join(
        random.choice(wraps).format(tag) if random.random() < 0.35 else tag for tag in _tag_list(random, spice)
    )


def _worldwide(random: Random, spice: Sequence[str]) -> str:
    text = random.choice(phrases.IN_JAPANESE + phrases.IN_CHINESE + phrases.IN_FULL_WIDTH + phrases.IN_OTHERS)
    tags = random.sample(phrases.STYLES, 1) + random.sample(phrases.LIGHTS, 1) + list(spice)
    return f"{text}, {', '.join(tags)} {random.choice(phrases.EMOJI)}"


def _syntax(random: Random, spice: Sequence[str]) -> str:
    thing, other = random.sample(phrases.THINGS, 2)
    place = random.choice(phrases.PLACES)
    pieces = (
        f"{thing} BREAK {place}, {random.choice(phrases.LIGHTS)} BREAK {other}",
        f"[{thing}|{other}] in a {place}",
        f"[{thing}:{other}:0.5], {random.choice(phrases.STYLES)}",
        f"{thing} AND {other} :1.2, {place}",
        f"{{{thing}|{other}|owl}} on a __colour__ cushion",
        f"{thing} \\(series\\), {other} \\(cosplay\\), {place}",
        f"(({thing}:1.3), {other}, [{place}, {random.choice(phrases.MOODS)}",
        f"<hypernet:softbrush:0.5> {thing}, <lyco:inkwash:0.7:0.4>, {place}",
        f"embedding:tinyclay, {thing}, {place}, without people",
    )
    return ", ".join([random.choice(pieces), *random.sample(phrases.QUALITY, 2), *spice])


def _pasted(random: Random, spice: Sequence[str]) -> str:
    return (
        f"{_tags(random, spice)}\nNegative prompt: lowres, text\nSteps: {random.randint(12, 40)}, "
        f"Sampler: Euler a, CFG scale: 7, Seed: {random.randrange(2**32)}, Size: 512x768, Model: northlight_v4"
    )


def _few_words(random: Random, spice: Sequence[str]) -> str:
    return " ".join([random.choice(phrases.THINGS + phrases.PEOPLE), *spice])


def _respell(prompt: str, random: Random) -> str:
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda text: text.replace(" ", "  "),
        lambda text: f"{text}, {random.choice(phrases.QUALITY)}",
        lambda text: text.replace("long hair", "long_hair").replace(", ", ","),
        lambda text: f"({text}:1.1)",
    )
    return random.choice(ways)(prompt)


_FORMS: tuple[tuple[Callable[[Random, Sequence[str]], str], int], ...] = (
    (_tags, 30), (_lines, 12), (_prose, 20), (_ladder, 11), (_weighted, 12), (_worldwide, 4), (_syntax, 6),
    (_pasted, 2), (_few_words, 3),
)  # fmt: skip
