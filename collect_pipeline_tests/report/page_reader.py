"""Reads a report's page back into tables, words and attributes, as something that knows only HTML would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class ReadTable:
    """A table as it stands on the page."""

    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)
    """The attribute `scope` of every `th`."""


@dataclass
class PageReader(HTMLParser):
    """What stands on a page: its text nodes, its elements with attributes, and the tables of each section."""

    source: str

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[tuple[str, str], ReadTable] = {}
        """By the id of the section around them and their caption."""
        self._open: list[tuple[str, str]] = []
        self._table: ReadTable | None = None
        self.feed(self.source)
        self.close()

    def table(self, section: str, caption: str) -> ReadTable:
        """The table with that caption in the section with that id."""
        return self.tables[section, caption]

    def words(self) -> str:
        """Everything that a person can read or hear, in lower case."""
        described = [attributes.get("aria-label") or "" for _, attributes in self.elements]
        return "\n".join([*self.texts, *described]).lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes.get("id") or ""))
        if tag == "table":
            self._table = ReadTable()
        elif self._table is not None:
            if tag == "th":
                self._table.scopes.append(attributes.get("scope"))
            if tag == "tr" and self._within("tbody"):
                self._table.rows.append([])
            if tag in {"td", "th"}:
                (self._table.rows[-1] if self._within("tbody") else self._table.columns).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._table is not None:
            section = next(name for kind, name in reversed(self._open) if kind == "section")
            self.tables[section, self._table.caption] = self._table
            self._table = None
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        if self._within("style") or not data.strip():
            return
        self.texts.append(data.strip())
        if self._table is None:
            return
        if self._within("caption"):
            self._table.caption += data
        elif self._within("tbody"):
            self._table.rows[-1][-1] += data
        elif self._within("thead"):
            self._table.columns[-1] += data

    def _within(self, tag: str) -> bool:
        return any(kind == tag for kind, _ in self._open)


def read_page(source: str) -> PageReader:
    """Read a page; a tag that is closed wrongly fails."""
    return PageReader(source)
