"""Charts as SVG, drawn by matplotlib: bars, columns over time, a table of shares in shades.

Everything is measured in pixels of a chart that is 400 wide, which a phone shows nearly full size. Colours are names
(`INK`, `MAIN` …) until a page or an image decides on light or dark. The same values give the same text, to the byte.
Knows nothing of what the numbers mean, nor of masking: it draws the words it is given.
"""

import io
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from collect_pipeline.report.svg import FILL, GRID, INK, MAIN, QUIET, SECOND, Drawing, tidy

# Matplotlib is loaded when something is drawn: every run of Dagster loads this module, and few of them draw.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH: Final = 400
TEXT: Final = 11.0
SMALL: Final = 10.5
MAX_LABEL: Final = 42
"""Columns that a label may take; Chinese and Japanese characters take two."""

_EDGE = 6
_TITLE_HEIGHT = 30
_LEGEND_HEIGHT = 20
_ROW_HEIGHT = 30
_HEADING_HEIGHT = 28
_AXIS_HEIGHT = 40
_PANEL_HEIGHT = 120
_PANEL_HEAD = 30
_FEW_COLUMNS = 8
_CELL_HEIGHT = 22
_LABEL_WIDTH = 88
_CHARACTER_WIDTH = 6.5


@dataclass(frozen=True)
class Bar:
    """A horizontal bar with its label and, at the right, its value in words; `within` is a part of the value."""

    label: str
    value: float
    text: str
    within: float | None = None


@dataclass(frozen=True)
class BarGroup:
    """Bars under a heading of their own; no heading if it is empty."""

    heading: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Panel:
    """Upright columns, over the same places as the other panels; `axis` says what is counted."""

    axis: str
    values: Sequence[int]


def bars(title: str, groups: Sequence[BarGroup], axis: str, legend: tuple[str, str] | None = None) -> Drawing:
    """Horizontal bars from 0, in the order given.

    Args:
        title: of the chart.
        groups: at least one with at least one bar.
        axis: what the numbers at the lower edge are, with their unit.
        legend: what the whole bar and the part within it say.
    """
    top = _TITLE_HEIGHT + (_LEGEND_HEIGHT if legend else 0)
    plot = sum(len(group.bars) * _ROW_HEIGHT + (_HEADING_HEIGHT if group.heading else 0) for group in groups)
    with _style():
        figure, height = _figure(title, top + plot + _AXIS_HEIGHT)
        if legend:
            _legend(figure, height, legend)
        axes = _axes(figure, height, _EDGE, top, WIDTH - 2 * _EDGE, plot)
        axes.set_ylim(plot, 0)
        drawn = [bar for group in groups for bar in group.bars]
        ticks = _round_ticks(max(bar.value for bar in drawn))
        right = ticks[-1]
        axes.set_xlim(0, right)
        at = 0.0
        places = []
        for group in groups:
            if group.heading:
                axes.text(0, at + 20, group.heading, fontsize=TEXT, color=INK, weight="bold")
                at += _HEADING_HEIGHT
            for bar in group.bars:
                axes.text(0, at + 13, shortened(bar.label), fontsize=TEXT, color=INK)
                axes.text(right, at + 13, bar.text, fontsize=SMALL, color=QUIET, ha="right")
                places.append(at + 21)
                at += _ROW_HEIGHT
        axes.barh(places, [bar.value for bar in drawn], 8, color=MAIN)
        axes.barh(places, [bar.within or 0 for bar in drawn], 8, color=SECOND)
        axes.set_yticks([])
        axes.set_xticks(ticks, [in_figures(tick) for tick in ticks])
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        first, *_, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
        axes.set_xlabel(axis, fontsize=SMALL, color=QUIET, labelpad=3)
        return _drawn(figure, height)


def columns(title: str, places: Sequence[str], panels: Sequence[Panel], axis: str) -> Drawing:
    """Panels one above the other over the same places, such as days.

    Args:
        title: of the chart.
        places: the labels of the columns, at least one; some are left out where there is no room.
        panels: what is counted; each holds a value for every place.
        axis: what the places are, with their unit.
    """
    left, right = 54, 14
    with _style():
        figure, height = _figure(title, _TITLE_HEIGHT + len(panels) * (_PANEL_HEAD + _PANEL_HEIGHT) + _AXIS_HEIGHT)
        top = _TITLE_HEIGHT
        for panel in panels:
            figure.text(_EDGE / WIDTH, 1 - (top + 20) / height, panel.axis, fontsize=SMALL, color=QUIET)
            axes = _axes(figure, height, left, top + _PANEL_HEAD, WIDTH - left - right, _PANEL_HEIGHT)
            axes.bar(range(len(places)), panel.values, width=0.8, color=MAIN)
            # A few columns stand in the middle, instead of growing as wide as the chart.
            spare = max(0, _FEW_COLUMNS - len(places)) / 2
            axes.set_xlim(-0.6 - spare, len(places) - 0.4 + spare)
            ticks = _round_ticks(max(panel.values))
            axes.set_ylim(0, ticks[-1])
            axes.set_yticks(ticks, [in_figures(tick) for tick in ticks])
            axes.grid(axis="y", color=GRID, linewidth=0.8)
            axes.set_xticks([])
            top += _PANEL_HEAD + _PANEL_HEIGHT
        _label_places(axes, places)
        axes.set_xlabel(axis, fontsize=SMALL, color=QUIET, labelpad=3)
        return _drawn(figure, height)


def shades(
    title: str, rows: Sequence[str], places: Sequence[str], values: Sequence[Sequence[float | None]], axis: str
) -> Drawing:
    """A row of cells for each label, darker for more, each with its number.

    Args:
        title: of the chart.
        rows: labels at the left, at least one.
        places: labels of the columns, at least one and at most a dozen or so.
        values: per cent from 0 to 100, by row and column; None leaves a cell empty.
        axis: what the columns are, with their unit.
    """
    plot = len(rows) * _CELL_HEIGHT
    with _style():
        figure, height = _figure(title, _TITLE_HEIGHT + plot + _AXIS_HEIGHT)
        axes = _axes(figure, height, _LABEL_WIDTH, _TITLE_HEIGHT, WIDTH - _LABEL_WIDTH - _EDGE, plot)
        axes.set_xlim(-0.5, len(places) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        cells = [(x, y, value) for y, row in enumerate(values) for x, value in enumerate(row) if value is not None]
        axes.bar(
            [x for x, _, _ in cells],
            0.92,
            0.94,
            [y - 0.46 for _, y, _ in cells],
            color=[(FILL, max(0.04, value / 100)) for _, _, value in cells],
        )
        for x, y, value in cells:
            axes.text(x, y, f"{value:.0f}", fontsize=9.5, color=INK, ha="center", va="center")
        axes.set_yticks(range(len(rows)), list(rows), fontsize=TEXT, color=INK)
        _label_places(axes, places)
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(axis, fontsize=SMALL, color=QUIET, labelpad=3)
        return _drawn(figure, height)


def in_figures(value: float) -> str:
    """A number with thousands separators and no more decimals than it needs: 12,000, 2.5."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def shortened(text: str) -> str:
    """The text cut to what fits over a bar."""
    taken = 0
    for place, character in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > MAX_LABEL:
            return text[: place - 1].rstrip() + "…"
    return text


@contextmanager
def _style() -> Iterator[None]:
    """Matplotlib's own defaults, whatever the user's settings are, and text that stays text."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        # The reader's fonts draw the text, not those that matplotlib measures it with.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "prompt_report", "text.parse_math": False})
        yield


def _figure(title: str, height: int) -> "tuple[Figure, int]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    figure.text(_EDGE / WIDTH, 1 - 16 / height, title, fontsize=12, color=INK, weight="bold")
    return figure, height


def _axes(figure: "Figure", height: int, left: int, top: int, width: int, plot: int) -> "Axes":
    """A plotting area, `top` pixels below the upper edge, with nothing around it but its lower line."""
    axes = figure.add_axes((left / WIDTH, 1 - (top + plot) / height, width / WIDTH, plot / height))
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=QUIET, pad=4)
    return axes


def _round_ticks(highest: float) -> list[float]:
    """From 0 to the round number at or above the highest value, in steps of whole numbers."""
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=2)
    ticks = [float(tick) for tick in locator.tick_values(0, max(highest, 1))]
    return [tick for place, tick in enumerate(ticks) if place == 0 or ticks[place - 1] < max(highest, 1)]


def _legend(figure: "Figure", height: int, names: tuple[str, str]) -> None:
    from matplotlib.patches import Rectangle

    x = float(_EDGE)
    for name, color in zip(names, (MAIN, SECOND), strict=True):
        at = 1 - (_TITLE_HEIGHT + 8) / height
        figure.add_artist(Rectangle((x / WIDTH, at), 10 / WIDTH, 8 / height, facecolor=color, edgecolor="none"))
        figure.text((x + 15) / WIDTH, at, name, fontsize=SMALL, color=QUIET)
        x += 15 + 7 * len(name)


def _label_places(axes: "Axes", places: Sequence[str]) -> None:
    """Label the places, or every second, third … as there is room; none is cut at the edges."""
    box, (low, high) = axes.get_position(), axes.get_xlim()
    label_width = _CHARACTER_WIDTH * max(map(len, places))
    most = max(1, int(WIDTH * box.width / (label_width + 12)))
    shown = range(0, len(places), -(-len(places) // most))
    axes.set_xticks(shown, [places[place] for place in shown])
    for place, text in zip(shown, axes.get_xticklabels(), strict=True):
        middle = WIDTH * (box.x0 + box.width * (place - low) / (high - low))
        if middle + label_width / 2 > WIDTH:
            text.set_horizontalalignment("right")
        elif middle < label_width / 2:
            text.set_horizontalalignment("left")


def _drawn(figure: "Figure", height: int) -> Drawing:
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return Drawing(WIDTH, height, tidy(file.getvalue()))
