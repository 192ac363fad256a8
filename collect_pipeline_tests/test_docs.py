"""What the documentation says of the program is what the program says."""

import re
from pathlib import Path

import pytest

from collect_pipeline.settings import PROJECT_ROOT, Settings

DOCS = PROJECT_ROOT / "docs"
PAGES = [PROJECT_ROOT / "README.md", *DOCS.glob("*.md"), *(PROJECT_ROOT / "collect_pipeline").rglob("README.md")]
SOURCE = "".join(
    # A sentence may be broken over lines, into strings that follow each other.
    re.sub(r'"\s+f?"', "", path.read_text(encoding="utf-8"))
    for path in (PROJECT_ROOT / "collect_pipeline").rglob("*.py")
)


@pytest.mark.parametrize("text", re.findall(r"^### `(.+)`$", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE))
def test_every_error_that_is_explained_is_one_that_the_program_says(text: str) -> None:
    assert text in SOURCE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", ["docs/settings.md", "README.md", ".env.example"])
def test_every_setting_is_documented_with_its_default(page: str) -> None:
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert name.upper() in text
        if isinstance(field.default, float | int) or "civitai" in str(field.default):
            assert f"{field.default}" in text
