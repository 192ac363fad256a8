"""From the SVG that matplotlib writes to one that stands in a page, or for itself as an image.

Drawn are stand-ins for colours: a page gives them meaning by CSS variables, so that one drawing is right in light and
dark; an image by itself, which cannot know what it stands on, brings a light ground.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

INK: Final = "#010101"
QUIET: Final = "#010102"
GRID: Final = "#010103"
MAIN: Final = "#010104"
SECOND: Final = "#010105"
FILL: Final = "#010106"

NAMES: Final = {INK: "ink", QUIET: "quiet", GRID: "grid", MAIN: "main", SECOND: "second", FILL: "fill"}
LIGHT: Final = {
    "ink": "#1b1f24",
    "quiet": "#4d5560",
    "grid": "#d9dde2",
    "main": "#2f6fb0",
    "second": "#b35900",
    "fill": "#8ab8e0",
    "ground": "#ffffff",
    "raised": "#f1f3f6",
    "link": "#0b5394",
}
DARK: Final = {
    "ink": "#eceff3",
    "quiet": "#aab3bf",
    "grid": "#3a424d",
    "main": "#6aaee8",
    "second": "#f0a04b",
    "fill": "#2d6aa3",
    "ground": "#14181d",
    "raised": "#1f262e",
    "link": "#8cc4f5",
}


@dataclass(frozen=True)
class Drawing:
    """A chart: pixels wide and high, and what stands within the element `svg`."""

    width: int
    height: int
    body: str

    def inline(self, description: str) -> str:
        """An element for a page that defines the colours as CSS variables; screen readers read the description."""
        body = _colored(self.body, {name: f"var(--{name})" for name in NAMES.values()})
        return (
            f'<svg class="chart" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{escape(description)}">{body}</svg>'
        )

    def data_uri(self) -> str:
        """The whole image as an address, for Markdown and the element `img`."""
        body = _colored(self.body, LIGHT)
        size = f'width="{self.width * 3 // 2}" height="{self.height * 3 // 2}"'
        image = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="-8 -4 {self.width + 16} {self.height + 8}">'
            f'<rect x="-8" y="-4" width="100%" height="100%" rx="6" fill="{LIGHT["ground"]}"/>'
            f'<g font-family="sans-serif">{body}</g></svg>'
        )
        return f"data:image/svg+xml;base64,{base64.b64encode(image.encode()).decode()}"


def tidy(svg: str) -> str:
    """The content of an SVG without names, fonts and needless digits, which make up most of it.

    Touches only what stands within tags: the words of a chart may look like anything.
    """
    body = svg[svg.index("</defs>") + len("</defs>") : svg.rindex("</svg>")]
    body = re.sub(r"<!--.*?-->|<defs>.*?</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r"<[^>]+>\s*", lambda tag: _tidy_tag(tag.group()), body)
    return body.strip()


def _tidy_tag(tag: str) -> str:
    if re.match(r"</?g\b", tag):
        return ""
    tag = re.sub(r"\s+", " ", tag).strip()
    tag = re.sub(r' (?:id|clip-path)="[^"]*"', "", tag)
    tag = re.sub(r' ?font-family: [^;"]*;?', "", tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", tag)
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number.group()):.1f}", tag)


def _colored(body: str, colors: Mapping[str, str]) -> str:
    """The drawing with what stands for each colour; words that look like a colour stay words."""
    return re.sub(
        r"<[^>]+>", lambda tag: re.sub("|".join(NAMES), lambda found: colors[NAMES[found.group()]], tag.group()), body
    )
