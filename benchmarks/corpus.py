"""A made-up corpus of prompts for the benchmarks: seeded, so that two machines measure the same text.

Like the prompts people publish, it mixes tag lists with prose, repeats popular tags far more often than rare ones, and
more than half of it are copies and edits of earlier prompts. It knows nothing of the package that is measured.
"""

import random
from collections.abc import Iterator
from itertools import accumulate, product
from typing import NamedTuple


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return text.split("|")


_COLORS = _words("red blue green black white golden silver purple pink brown teal crimson amber violet grey orange")
_THINGS = _words(
    "dress hat coat cape armor boots gloves scarf ribbon umbrella lantern sword shield book guitar car bicycle train "
    "castle tower bridge temple garden fountain window door chair table lamp mirror clock vase flower rose tree leaf "
    "mushroom butterfly dragon fox wolf cat owl raven horse whale jellyfish robot statue mask crown necklace earrings"
)
_LOOKS = _words(
    "long short curly straight messy braided wavy shiny soft delicate detailed ornate broken ancient futuristic "
    "rusty "
    "glowing floating giant tiny transparent wooden metallic crystal velvet silk leather paper stone marble"
)
_PLACES = _words(
    "forest city beach desert mountain village library kitchen bedroom classroom station harbor market ruins cave "
    "swamp meadow rooftop cathedral laboratory spaceship cockpit greenhouse theatre museum street alley courtyard"
)
_TIMES = _phrases("at_night|at dawn|at sunset|in the rain|in the snow|in autumn|in spring|under the stars|in fog")
_PEOPLE = _words("woman man girl boy knight witch astronaut samurai dancer detective nurse chef pirate queen monk")
_DOINGS = _phrases(
    "standing|sitting|running|reading|sleeping|dancing|looking back|holding a cup|playing the violin|drinking tea|"
    "waving|kneeling|flying|singing|painting"
)
_COMMON = _phrases(
    "masterpiece|best quality|highly detailed|8k|sharp focus|cinematic lighting|1girl|solo|looking at viewer|smile|"
    "long hair|blue eyes|depth of field|bokeh|photorealistic|intricate|absurdres|highres|ultra-detailed|score_9|"
    "score_8_up|full body|upper body|close-up|simple background|soft lighting|dramatic lighting|volumetric light|"
    "film grain|35mm|f/1.8|RAW photo|oil painting|watercolor|anime|concept art|trending on artstation"
)
_JAPANESE = _phrases(
    "傑作|最高品質|美少女|夕焼け|逆光|長い髪|青い目|制服|教室|桜|笑顔|夜空|海|全身|立っている|水彩画|雨|猫"
)
_CHINESE = _phrases("杰作|最佳质量|一个女孩|长发|蓝眼睛|微笑|夜晚|城市|森林|古装|电影光效|高清|全身|水墨画|山|雪|花")
_OPENINGS = _phrases(
    "A {person} with a {look} {color} {thing}|The {place} behind the {look} {thing}|Two people and a {color} {thing}|"
    "Her {look} {thing}, painted {color},|Beside the {place} a {person}|An old {person} in {color}|"
    "Every {thing} here|"
    "Nobody but the {person}|Light from a {color} {thing}|Somewhere past the {place} one {person}|"
    "The {person}'s {thing}|"
    "Seen from the {place}, a {color} shape|Dust on the {look} {thing}|Half of the {color} {thing}|"
    "A row of {look} lamps"
)
_MIDDLES = _phrases(
    "is {doing} in the {place}|seems to be {doing}|fills the {place} with {color} haze|rests against {color} stone|"
    "turns {color} while somebody is {doing}|leads the eye into the {place}|was left in a {place}|"
    "casts {color} shadows|"
    "hides what is {doing} further back|waits near a {color} wall|drifts over the {place}|catches {color} reflections"
)
_ENDINGS = _phrases(
    "{time}|as if made of {look} paper|and a {thing} breaks the symmetry|beneath {look} clouds|next to one {thing}|"
    "without any {thing} in sight|like the {look} cover of a novel|"
    "where only the {thing} stays in focus|{time}, almost silent|"
    "so that the {thing} feels {look}|with {look} edges|before the {thing} falls"
)
_NETWORKS = _phrases("add_detail|epi_noiseoffset|film_look|ink_wash|cute_style|night_city")

_TAGS = (
    _COMMON
    + [f"{color} {thing}" for color, thing in product(_COLORS, _THINGS)]
    + [f"{look} {thing}" for look, thing in product(_LOOKS, _THINGS)]
    + [f"{look} {color} {thing}" for look, color, thing in product(_LOOKS, _COLORS, _THINGS)]
    + [f"{place} {time}" for place, time in product(_PLACES, _TIMES)]
    + [f"{person} {doing}" for person, doing in product(_PEOPLE, _DOINGS)]
)
# Zipf's law: the tag of rank r is used about 1/r as often as the first.
_TAG_WEIGHTS = list(accumulate(1 / (rank + 20) for rank in range(len(_TAGS))))

_SHARE_DERIVED = 0.55
_EDITS = ("copy", "copy", "copy", "case", "reorder", "weights", "network", "swap", "drop", "add", "swap several")


class CorpusPrompt(NamedTuple):
    """One prompt, the number of the prompt it descends from (its own for an original), and how it was edited."""

    text: str
    root: int
    edit: str
    is_prose: bool


def corpus(count: int, seed: int = 1) -> Iterator[CorpusPrompt]:
    """Yield `count` prompts of about 360 characters on average; equal arguments give equal prompts."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    originals: list[tuple[int, tuple[str, ...], bool]] = []
    for number in range(count):
        if originals and rng.random() < _SHARE_DERIVED:
            root, pieces, is_prose = rng.choice(originals)
            edit = rng.choice(_EDITS)
            yield CorpusPrompt(_edited(rng, pieces, edit, is_prose), root, edit, is_prose)
        else:
            pieces, is_prose = _original(rng)
            originals.append((number, pieces, is_prose))
            yield CorpusPrompt(_written(pieces, is_prose), number, "original", is_prose)


def _original(rng: random.Random) -> tuple[tuple[str, ...], bool]:
    kind = rng.random()
    if kind < 0.17:
        return tuple(_sentence(rng) for _ in range(rng.randint(3, 7))), True
    if kind < 0.23:
        words = _JAPANESE if kind < 0.20 else _CHINESE
        return tuple(rng.sample(words, rng.randint(6, 14))) + _tags(rng, rng.randint(3, 10)), False
    return _decorated(rng, _tags(rng, min(60, max(4, round(rng.gauss(21, 8)))))), False


def _decorated(rng: random.Random, tags: tuple[str, ...]) -> tuple[str, ...]:
    """Syntax about as often as in published prompts: emphasis, line breaks, escapes, networks."""
    parts = list(tags)
    if rng.random() < 0.4:
        for place in range(0, len(parts), rng.randint(3, 9)):
            parts[place] = f"({parts[place]}:{rng.randint(5, 15) / 10})"
    if rng.random() < 0.2:
        parts[0] = f"(({parts[0]}))"
    if rng.random() < 0.2:
        parts[len(parts) // 2] = "\n" + parts[len(parts) // 2]
    if rng.random() < 0.1:
        parts.append(f"{rng.choice(_PEOPLE)} \\({rng.choice(_PLACES)}\\)")
    if rng.random() < 0.4:
        parts.append(f"<lora:{rng.choice(_NETWORKS)}:{rng.randint(1, 12) / 10}>")
    return tuple(parts)


def _tags(rng: random.Random, count: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rng.choices(_TAGS, cum_weights=_TAG_WEIGHTS, k=count)))


def _sentence(rng: random.Random) -> str:
    person, doing, place, time = (rng.choice(words) for words in (_PEOPLE, _DOINGS, _PLACES, _TIMES))
    look, color, thing = (rng.choice(words) for words in (_LOOKS, _COLORS, _THINGS))
    opening = rng.choice(_OPENINGS).format(person=person, look=look, color=color, thing=thing, place=place)
    middle = rng.choice(_MIDDLES).format(doing=doing, place=place, color=rng.choice(_COLORS))
    ending = rng.choice(_ENDINGS).format(time=time, thing=rng.choice(_THINGS), look=rng.choice(_LOOKS))
    return f"{opening} {middle} {ending}."


def _written(pieces: tuple[str, ...], is_prose: bool) -> str:
    return (" " if is_prose else ", ").join(pieces)


def _edited(rng: random.Random, pieces: tuple[str, ...], edit: str, is_prose: bool) -> str:
    parts = list(pieces)
    other = _sentence(rng) if is_prose else _tags(rng, 1)[0]
    place = rng.randrange(len(parts))
    if edit == "case":
        return _written(tuple(part.upper() for part in parts), is_prose).replace(" ", "  ", 2)
    if edit == "network":
        return f"{_written(pieces, is_prose)} <lora:{rng.choice(_NETWORKS)}:{rng.randint(1, 12) / 10}>"
    if edit == "reorder":
        rng.shuffle(parts)
    elif edit == "weights":
        parts[place] = f"({parts[place]}:{rng.randint(5, 15) / 10})"
    elif edit == "swap":
        parts[place] = other
    elif edit == "drop":
        del parts[place]
    elif edit == "add":
        parts.insert(place, other)
    elif edit == "swap several":
        for index in rng.sample(range(len(parts)), min(3, len(parts))):
            parts[index] = _sentence(rng) if is_prose else _tags(rng, 1)[0]
    return _written(tuple(parts), is_prose)
