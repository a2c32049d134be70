"""Long lists to choose from are written out without a template for each line."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, TemplatesSetting

from calendars.forms.zones import zone_choices

AWKWARD = [("", "None"), (1, "<b> & “one”"), ("Group", [("a b", "A"), (None, "Nothing")])]


@pytest.mark.parametrize(
    ("choices", "value", "attrs"),
    [
        (zone_choices(), "Europe/Berlin", {"id": "id_zone", "required": True}),
        (AWKWARD, "1", {"class": 'quoted "so"', "hidden": False}),
        (AWKWARD, "a b", {}),
        (AWKWARD, ["1", "a b"], {}),
        ([], "", {}),
    ],
)
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple])
def test_a_select_reads_as_django_writes_it(
    kind: type[forms.Select], choices: Any, value: Any, attrs: dict[str, Any]
) -> None:
    widget = kind(choices=choices)

    ours = widget.render("zone", value, attrs, TemplatesSetting())

    assert ours == widget.render("zone", value, attrs, DjangoTemplates())
