"""What a prompt is taken apart into."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect_pipeline.prompts.resources import TextResource
from collect_pipeline.prompts.syntax import parse, pasted_parameters, text_resources


def texts(prompt: str) -> list[str]:
    return [segment.text for segment in parse(prompt).segments]


def weights(prompt: str) -> dict[str, float]:
    return {segment.text: segment.weight for segment in parse(prompt).segments}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("cat, (dog:1.2)", {"cat": 1.0, "dog": 1.2}),
        ("((cat)), [dog], {bird}, {{fish}}", {"cat": 1.21, "dog": 0.909, "bird": 1.05, "fish": 1.102}),
        ("(cat, dog:1.3), bird", {"cat": 1.3, "dog": 1.3, "bird": 1.0}),
        ("((cat:1.2), dog:1.5)", {"cat": 1.8, "dog": 1.5}),
        ("(cat: 1.2 ), (dog:.8), (bird:1,3)", {"cat": 1.2, "dog": 0.8, "bird": 1.3}),
        ("(cat)1.4, (dog)++, (bird)--", {"cat": 1.4, "dog": 1.21, "bird": 0.81}),
        ("1.5::cat, dog::, bird", {"cat": 1.5, "dog": 1.5, "bird": 1.0}),
        ("(cat:0), (dog:-1)", {"cat": 0.0, "dog": -1.0}),
        ("[cat:dog:0.5], [bird|fish], {red|blue}", dict.fromkeys(("cat", "dog", "bird", "fish", "red", "blue"), 1.0)),
        ("(cat, dog", {"cat": 1.1, "dog": 1.1}),
        ("cat), dog", {"cat": 1.0, "dog": 1.0}),
        (r"mini \(ttp\), (pearl \(splatoon\):1.2)", {"mini ttp": 1.0, "pearl splatoon": 1.2}),
    ],
)
def test_emphasis_becomes_the_weight_of_each_segment(prompt: str, expected: dict[str, float]) -> None:
    assert weights(prompt) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Best_Quality,  blue   EYES", ["best quality", "blue eyes"]),
        ("1girl，solo、wide（shot）；night。rain", ["1girl", "solo", "wide shot", "night", "rain"]),
        ("a cat\nsitting\r\non a mat", ["a cat", "sitting", "on a mat"]),
        ("cat BREAK dog AND bird, rock and roll", ["cat", "dog", "bird", "rock and roll"]),
        ("A girl stands. It rains! Why? Neon: red.", ["a girl stands", "it rains", "why", "neon", "red"]),
        ("f/1.8, 35mm, 16:9, v1.5", ["f/1.8", "35mm", "16:9", "v1.5"]),
        ("art by H. R. Giger and Dr. Strange in St. Moritz", ["art by h r giger and dr strange in st moritz"]),
        ("[a::0.5] [:b:3] c", ["a", "b c"]),
        ("masterpiece:1.3, best quality", ["masterpiece", "best quality"]),
        ("(masterpiece:1.2) (best quality) (8k)", ["masterpiece", "best quality", "8k"]),
        ("a photo, __haircolor__ hair", ["a photo", "hair"]),
        ("score_9, score_8_up", ["score 9", "score 8 up"]),
        ("(((", []),
        ("", []),
        (",,, . ;", []),
        ("woman's five-o'clock shadow", ["woman's five-o'clock shadow"]),
        ("e\u0301toile, É", ["étoile", "é"]),
    ],
)
def test_segments_are_split_and_brought_to_normal_form(prompt: str, expected: list[str]) -> None:
    assert texts(prompt) == expected


def test_network_tags_become_resources_with_weights_and_leave_no_segment() -> None:
    parsed = parse(
        "cat <lora:Kawaii Tech:0.2> <lyco:Mini_V1:1.0>, <hypernet:h:.5>, (embedding:EasyNeg:1.2), <lora:bare>, "
        "<lora:faces:0.7:FACE>, ＜lora：wide：0,6＞, &lt;lora:web:0.3&gt;, __place/inside__ <lora:open:0.4"
    )

    assert parsed.resources == (
        TextResource("lora", "Kawaii Tech", 0.2),
        TextResource("lycoris", "Mini_V1", 1.0),
        TextResource("hypernetwork", "h", 0.5),
        TextResource("embedding", "EasyNeg", 1.0),
        TextResource("lora", "bare", 1.0),
        TextResource("lora", "faces", 0.7),
        TextResource("lora", "wide", 0.6),
        TextResource("lora", "web", 0.3),
        TextResource("wildcard", "place/inside", 1.0),
        TextResource("lora", "open", 0.4),
    )
    assert [segment.text for segment in parsed.segments] == ["cat"]


def test_other_angle_brackets_stay_visible() -> None:
    assert texts("photo of <sks> person, >_<") == ["photo of <sks> person", "> <"]


def test_pasted_generation_parameters_are_cut_off_and_kept() -> None:
    prompt = (
        "a cat, outdoors\nNegative prompt: blurry, (bad:1.2),\n"
        "Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 42, Size: 512x768"
    )

    assert texts(prompt) == ["a cat", "outdoors"]
    assert pasted_parameters(prompt) == {
        "Negative prompt": "blurry, (bad:1.2)",
        "Steps": "20",
        "Sampler": "DPM++ 2M Karras",
        "CFG scale": "7",
        "Seed": "42",
        "Size": "512x768",
    }


def test_settings_on_lines_of_their_own_are_read() -> None:
    assert pasted_parameters("dog\nsteps: 20\nsampler: Euler a\ncfgScale: 7") == {
        "Steps": "20",
        "Sampler": "Euler a",
        "CFG scale": "7",
    }


def test_midjourney_parameters_are_cut_off_and_kept() -> None:
    prompt = "a castle, fog --ar 16:9 --v 6.0 --no people, cars"

    assert texts(prompt) == ["a castle", "fog"]
    assert pasted_parameters(prompt) == {"--ar": "16:9", "--v": "6.0", "Negative prompt": "people, cars"}


def test_quoted_negative_prompt_of_a_json_prompt_ends_with_its_quotes() -> None:
    prompt = '{"subject": "red fox", "negative_prompt": "blurry, text", "style": "ink"}'

    assert texts(prompt) == ["subject", "red fox", "style", "ink"]
    assert pasted_parameters(prompt) == {"Negative prompt": "blurry, text"}


# Pieces of every syntax, broken or not, between words that can be recognised.
_WORDS = st.text(alphabet="bdfghjkmpqruvwyzéß猫夜Ω", min_size=4, max_size=7)
_SYNTAX = st.sampled_from(
    [
        *"()[]{}<>|:;,.!?_\\\"'`*+-—，（）：。 \n\t\r~#@&/0123456789",
        *(
            "((",
            "))",
            ":1.2)",
            ":0.5]",
            "::",
            "\\(",
            "\\)",
            " BREAK ",
            " AND ",
            "<lora:",
            "<lyco:",
            ":1>",
            "embedding:",
        ),
        *(
            "__",
            " --ar 1:1",
            "\nNegative prompt:",
            "\nSteps: 20, Sampler:",
            ". ",
            ", ",
            "İ",
            "\u0301",
            "\ufeff",
            "\x00",
        ),
    ]
)
BROKEN_PROMPTS = st.lists(st.one_of(_WORDS, _SYNTAX), max_size=25)


@settings(max_examples=600, deadline=None)
@given(BROKEN_PROMPTS)
def test_no_visible_letter_is_lost_however_broken_the_prompt(pieces: list[str]) -> None:
    prompt = "".join(pieces)
    parsed = parse(prompt)

    seen = " ".join(
        [segment.text for segment in parsed.segments]
        + [resource.name for resource in parsed.resources]
        + [text for pair in parsed.parameters.items() for text in pair]
    )
    # An option behind a network's weight is the one visible word that the syntax swallows.
    words = [piece for piece in pieces if len(piece) >= 4 and piece.isalpha()] if ":1>" not in pieces else []
    for word in words:
        assert unicodedata.normalize("NFD", word.lower()) in unicodedata.normalize("NFD", seen.lower())


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_parses(prompt: str) -> None:
    parsed = parse(prompt)

    assert parsed.resources == text_resources(prompt)
    assert parsed.parameters == pasted_parameters(prompt)
    assert all(segment.text and "," not in segment.text for segment in parsed.segments)
    assert all(-100 <= segment.weight <= 100 for segment in parsed.segments)


def test_thousands_of_brackets_parse() -> None:
    assert weights("(" * 5_000 + "cat") == {"cat": 100.0}
