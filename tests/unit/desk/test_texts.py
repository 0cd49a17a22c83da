"""The texts of the pages: both languages, every key that a template names, the words of lights as everywhere else."""

import re
from pathlib import Path

import pytest
import yaml

from services.alerts.words import LETTERS, LIGHTS
from services.desk import drawing
from services.desk.texts import HERE, texts, told

TEMPLATES = sorted((drawing.HERE / "templates").glob("*.html"))


def test_each_text_has_both_languages_and_the_same_blanks() -> None:
    """Chinese has Chinese characters or is a mere name; what is filled in is filled in in both."""
    for key, text in texts().items():
        assert text.zh.strip(), key
        assert text.en.strip(), key
        assert sorted(re.findall(r"{(\w+)}", text.zh)) == sorted(re.findall(r"{(\w+)}", text.en)), key


def test_no_comma_cuts_a_text_off() -> None:
    """A comma in an unquoted text begins another key, and the page says half a sentence."""
    for file in HERE.glob("*.yaml"):
        for name, text in yaml.safe_load(file.read_text("utf-8")).items():
            assert set(text) == {"zh", "en"}, f"{file.name} {name}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_key_of_a_template_exists(template: Path) -> None:
    """A page never fails for want of a text."""
    named = re.findall(r"\bt\(['\"]([\w.]+)['\"]\s*[,)]", template.read_text())
    assert [key for key in named if key not in texts()] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_text_of_their_own(template: Path) -> None:
    """No Chinese outside the catalogue of texts, no style, no script (data is none), no handler in a page."""
    source = template.read_text()
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"{#.*?#}", "", source, flags=re.DOTALL))
    assert not re.search(r"<style|\bstyle=|\son\w+=|<script(?! type=\"application/json\")(?![^>]*\bsrc=)", source)


def test_lights_are_called_as_everywhere() -> None:
    """The desk says the words of the API, the wall and the boards."""
    for colour, words in LIGHTS.items():
        assert texts()[f"base.{colour}"] == words
        assert texts()[f"base.{colour}_letter"] == LETTERS[colour]


def test_blanks_are_filled_in() -> None:
    """In the language that is asked for; an unknown key is a defect."""
    assert told("base.today", "zh", day="2023-07-06") == "平台日期 2023-07-06"
    assert told("base.today", "en", day="2023-07-06") == "Platform date 2023-07-06"
    with pytest.raises(KeyError):
        told("base.nothing", "zh")
