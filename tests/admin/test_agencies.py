"""An agency's colour and logo, in Django admin."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Agency, Logo
from tests.architecture.world import World
from tests.pictures import png

NO_COLOUR = (
    "“teal” is not a colour. Write # and six digits or letters from a to f, such as #0b7a75."
)


def page_of(agency: Agency) -> str:
    return f"/admin/accounts/agency/{agency.pk}/change/"


def sent(content: bytes = b"", **fields: Any) -> dict[str, Any]:
    file = {"logo": SimpleUploadedFile("logo.png", content)} if content else {}
    return {"name": "Riverside Agency", "colour": "", "logo_words": "", **file, **fields}


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_an_agency_admin_gives_their_pages_a_colour_and_a_logo(world: World, admin: Client) -> None:
    agency = world.here.agency

    admin.post(page_of(agency), sent(png(30, 10), colour="#0B7A75", logo_words="Riverside"))

    logo = Logo.objects.get(agency=agency)
    assert Agency.objects.get(pk=agency.pk).colour == "#0b7a75"
    assert (bytes(logo.content), logo.kind, logo.width, logo.height, logo.words) == (
        png(30, 10),
        "image/png",
        30,
        10,
        "Riverside",
    )


def test_a_logo_stays_until_it_is_removed_and_is_called_as_the_agency(
    world: World, admin: Client
) -> None:
    agency = world.here.agency
    page = admin.get(page_of(agency)).content.decode()

    admin.post(page_of(agency), sent(colour="#0b7a75"))
    kept = list(Logo.objects.filter(agency=agency).values_list("words", flat=True))
    admin.post(page_of(agency), sent() | {"logo-clear": "on"})

    assert "Remove the logo" in page
    assert kept == [""]  # whatever it is called by then
    assert list(Logo.objects.values_list("agency", flat=True)) == [world.there.agency.pk]
    assert Agency.objects.get(pk=agency.pk).colour == ""


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (
            {"colour": "teal"},
            {"colour": [NO_COLOUR]},
        ),
        (
            {"content": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"},
            {"logo": ["This is not a PNG, JPEG or WebP picture. Other kinds are not taken."]},
        ),
        (
            {"content": png() + b"\0" * 200_000},
            {"logo": ["This file is too large. 200 kB is the most."]},
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_in_plain_words(
    fields: dict[str, Any], refusal: dict[str, list[str]], world: World, admin: Client
) -> None:
    before = list(Logo.objects.values_list("digest", flat=True))

    answer = admin.post(page_of(world.here.agency), sent(**fields))

    assert errors(answer) == refusal
    assert list(Logo.objects.values_list("digest", flat=True)) == before
    assert Agency.objects.get(pk=world.here.agency.pk).colour == ""


def test_a_superuser_founds_an_agency_with_a_logo(world: World) -> None:
    client = Client()
    client.force_login(world.superuser, "django.contrib.auth.backends.ModelBackend")

    client.post("/admin/accounts/agency/add/", sent(png(), name="Lakeside Agency"))

    assert Logo.objects.get(agency__name="Lakeside Agency").words == ""
