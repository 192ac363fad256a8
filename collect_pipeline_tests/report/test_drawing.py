"""Charts: the same to the byte, words as they are, numbers that a person reads."""

import base64
import warnings
import xml.etree.ElementTree as ET
from datetime import datetime

import matplotlib as mpl
import pytest

from collect_pipeline.report.drawing import Bar, BarGroup, Panel, bars, columns, in_figures, shades, shortened
from collect_pipeline.report.periods import choose_unit, label, start_of, starts
from collect_pipeline.report.svg import Drawing

HOSTILE = 'a "b" #010101 <text id="c"> 1.23456 $x^2$ & id="d" font-family: e;'


def words(drawing: Drawing) -> list[str]:
    root = ET.fromstring(f"<svg>{drawing.body}</svg>")  # noqa: S314 - our own
    return [element.text or "" for element in root.iter("text")]


def chart() -> Drawing:
    return bars(
        "Title", [BarGroup("Group", [Bar("one", 12_345, "12,345", 5), Bar(HOSTILE, 0, "0")])], "images (number)"
    )


def test_the_same_values_give_the_same_bytes_whatever_the_users_settings() -> None:
    first = chart()
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "figure.dpi": 300}):
        assert chart() == first


def test_words_of_a_chart_are_left_as_they_are() -> None:
    drawing = chart()
    assert {"Title", "Group", "one", "12,345", "images (number)", "0", "5,000", "15,000"} <= set(words(drawing))
    assert shortened(HOSTILE) in words(drawing)
    page = ET.fromstring(drawing.inline(HOSTILE))  # noqa: S314 - our own
    assert page.get("aria-label") == HOSTILE
    assert shortened(HOSTILE) in [element.text for element in page.iter("text")]


def test_an_image_by_itself_is_whole_and_has_no_open_colour() -> None:
    kind, _, data = chart().data_uri().partition(",")
    assert kind == "data:image/svg+xml;base64"
    image = base64.b64decode(data).decode()
    ET.fromstring(image)  # noqa: S314 - our own
    assert "var(" not in image


def test_glyphs_that_matplotlib_lacks_warn_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "少女 夕暮れ" in words(bars("標題", [BarGroup("", [Bar("少女 夕暮れ", 1, "1")])], "images"))


@pytest.mark.parametrize(
    ("count", "first", "last"), [(1, "2026-01-01", "2026-01-01"), (31, "2026-01-01", "2026-01-31")]
)
def test_days_are_labelled_without_touching_each_other(count: int, first: str, last: str) -> None:
    days = [f"2026-01-{day:02}" for day in range(1, count + 1)]
    shown = [word for word in words(columns("T", days, [Panel("images", [0] * count)], "day (UTC)")) if word in days]
    assert shown[0] == first
    assert shown[-1] <= last
    assert len(shown) <= 4


def test_shades_say_their_numbers() -> None:
    drawing = shades("T", ["lighting", "mood"], ["2025", "2026"], [[100.0, 12.4], [None, 0.0]], "year")
    assert {"lighting", "mood", "2025", "2026", "100", "12", "0", "year"} <= set(words(drawing))


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (2.5, "2.5"), (12_000, "12,000"), (1_000_000, "1,000,000"), (100, "100")]
)
def test_figures(value: float, text: str) -> None:
    assert in_figures(value) == text


def test_long_labels_are_cut_by_the_room_they_take() -> None:
    assert shortened("a" * 42) == "a" * 42
    assert len(shortened("a" * 43)) == 42
    assert len(shortened("少" * 40)) == 21


@pytest.mark.parametrize(
    ("last", "unit", "count"),
    [
        ("2026-01-01 10:59", "hour", 1),
        ("2026-01-03 09:00", "hour", 48),
        ("2026-01-03 10:00", "day", 3),
        ("2026-02-17", "day", 48),
        ("2026-02-18", "week", 8),
        ("2027-01-01", "month", 13),
        ("2031-01-01", "quarter", 21),
        ("2046-01-01", "year", 21),
        ("2126-01-01", "year", 48),
    ],
)
def test_units_of_time(last: str, unit: str, count: int) -> None:
    first, end = datetime.fromisoformat("2026-01-01 10:00"), datetime.fromisoformat(last)
    assert choose_unit(first, end, 48) == unit
    found = starts(first, end, unit, 48)
    assert len(found) == count
    assert found == sorted(set(found))
    assert found[-1] == start_of(end, unit)


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("hour", "2026-05-07 14:00"),
        ("day", "2026-05-07"),
        ("week", "2026-05-04"),
        ("month", "2026-05"),
        ("quarter", "2026 Q2"),
        ("year", "2026"),
    ],
)
def test_labels_of_periods(unit: str, text: str) -> None:
    assert label(start_of(datetime.fromisoformat("2026-05-07 14:30"), unit), unit) == text
