"""The time zones to choose from, as a browser reads them."""

from html.parser import HTMLParser

import pytest
from django import forms

from calendars.forms.zone_select import ZoneSelect
from calendars.forms.zones import zone_choices


class Read(HTMLParser):
    """Tags with their attributes, and texts, without the white space between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts = list[object]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.parts += [data.strip()] if data.strip() else []


@pytest.mark.parametrize("value", ["Europe/Berlin", "UTC", "America/Argentina/Salta", None])
def test_it_reads_as_any_other_choice_does(value: str | None) -> None:
    attributes = {"id": "look_tz", "required": True, "aria-describedby": "hint"}
    usual = forms.Select(choices=zone_choices()).render("tz", value, attributes)

    assert Read(ZoneSelect().render("tz", value, attributes)).parts == Read(usual).parts


def test_a_zone_that_is_named_after_no_place_comes_first_and_is_chosen() -> None:
    parts = Read(ZoneSelect().render("tz", "Etc/GMT+3")).parts

    assert parts[1:4] == [
        ("option", {"value": "Etc/GMT+3", "selected": None}),
        "Etc/GMT+3",
        "/option",
    ]


@pytest.mark.parametrize("value", ["Nowhere/Land", '"><script>alert(1)</script>', "<b>"])
def test_what_is_no_zone_is_no_choice(value: str) -> None:
    assert ZoneSelect().render("tz", value) == ZoneSelect().render("tz", None)
