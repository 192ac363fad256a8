"""The page in a browser: asks for nothing, fits a phone, is readable by everybody in light and dark."""

import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Page

from collect_pipeline.report import Report, render_page
from collect_pipeline_tests.conftest import LANTERN
from collect_pipeline_tests.report.page_reader import PageReader

ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "formaction", "background"}
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]


def opened(browser: Browser, file: Path, width: int, scheme: Literal["light", "dark"] = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


def test_the_same_warehouse_gives_the_same_page(report: Report) -> None:
    assert render_page(report) == render_page(report)


def test_it_holds_no_address_and_no_script(report: Report, page: PageReader) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "image", "iframe", "object", "embed", "use", "form", "base"}
    addresses = [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ADDRESSES and value
    ]
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    assert not re.search(r"url\(|@import|\son\w+=|javascript:", render_page(report))
    [policy] = [attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes]
    assert policy
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_every_link_leads_to_a_place_on_the_page(page: PageReader) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes.get("href") or "").removeprefix("#") for tag, attributes in page.elements if tag == "a"}
    assert links <= set(ids)
    assert f"version-{LANTERN.version_id}" in links


def test_every_chart_is_described_and_stands_beside_a_table(page: PageReader) -> None:
    charts = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(charts) > 30
    assert all(attributes.get("role") == "img" and attributes.get("aria-label") for attributes in charts)
    assert len(page.tables) >= len(charts)
    assert all(table.caption and table.rows for table in page.tables.values())
    assert {scope for table in page.tables.values() for scope in table.scopes} == {"col", "row"}


def test_hostile_names_stay_words(page: PageReader) -> None:
    names = [row[0] for row in page.table("all-loras", "LoRAs that most images name").rows]
    [hostile] = [name for name in names if "$x$" in name]
    assert page.texts.count(hostile) >= 2
    assert "b" not in {tag for tag, _ in page.elements}


def test_chinese_and_japanese_stay_text_that_the_browser_draws(page: PageReader) -> None:
    # In the chart and in the table, over all and for the version.
    assert page.texts.count("水彩風") >= 4
    assert page.texts.count("夕暮れ") >= 4


def test_opening_it_asks_for_nothing(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(page_file.as_uri())
    page.wait_for_load_state("networkidle")
    assert requests == [page_file.as_uri()]
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(
    browser: Browser, page_file: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = opened(browser, page_file, width, scheme)
    # One version is enough: the others are made alike.
    page.locator("details.version > summary").first.click()
    found = Axe().run(page).response["violations"]
    assert [f"{each['id']}: {each['help']}" for each in found if each["impact"] in {"serious", "critical"}] == []
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_in_charts_stand_out_from_what_is_behind_them(
    browser: Browser, page_file: Path, scheme: Literal["light", "dark"]
) -> None:
    page = opened(browser, page_file, 1280, scheme)
    colors = page.evaluate(
        "['ground', 'ink', 'quiet', 'fill', 'main', 'second'].map(name => "
        "getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim())"
    )
    ground, ink, quiet, fill, main, second = (luminance(color) for color in colors)
    assert contrast(ink, ground) >= 7
    assert contrast(ink, fill) >= 4.5
    assert contrast(quiet, ground) >= 4.5
    assert contrast(main, ground) >= 3
    assert contrast(second, ground) >= 3
    page.close()


def test_it_fits_a_phone(browser: Browser, page_file: Path) -> None:
    page = opened(browser, page_file, 390)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    too_wide = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(each => !each.closest('.wide') && "
        "each.getBoundingClientRect().right > 390).map(each => each.outerHTML.slice(0, 80))"
    )
    assert too_wide == []
    page.close()


def test_no_word_of_a_chart_is_cut(browser: Browser, page_file: Path) -> None:
    page = opened(browser, page_file, 1280)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    cut = page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(each => { const word = each.getBoundingClientRect(), "
        "chart = each.closest('svg').getBoundingClientRect(); return word.left < chart.left - 1 || "
        "word.right > chart.right + 1 || word.bottom > chart.bottom + 1 }).map(each => each.textContent)"
    )
    assert cut == []
    page.close()


def test_a_link_to_a_version_opens_its_section(browser: Browser, page_file: Path) -> None:
    page = opened(browser, page_file, 1280)
    section = page.locator(f"#version-{LANTERN.version_id}")
    assert not section.is_visible()
    page.locator(f"a[href='#version-{LANTERN.version_id}']").click()
    assert section.is_visible()
    page.close()


def luminance(color: str) -> float:
    """Relative luminance as WCAG defines it, of #rrggbb."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
