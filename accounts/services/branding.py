"""What agencies give to the public pages of their sub-accounts: a style sheet and a logo."""

from functools import cache, lru_cache
from hashlib import sha256

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from accounts.brand import DARK, LIGHT, Theme, tokens
from accounts.models import Agency, Logo
from accounts.pictures import Picture

PUBLIC_SHEET = "daybook/public-pages.css"


def wear(agency: Agency, picture: Picture, *, words: str) -> None:
    """Make this picture the agency's logo, in place of the one it has."""
    told = {
        "content": picture.content,
        "digest": sha256(picture.content).hexdigest(),
        "kind": picture.kind,
        "width": picture.width,
        "height": picture.height,
        "words": words,
    }
    Logo.objects.update_or_create(agency=agency, defaults=told)


@lru_cache(maxsize=64)
def sheet_for(colour: str) -> str:
    """The style sheet of public pages in a colour, `#rrggbb`.

    It follows from the colour alone. Where style sheets are sent as one file it holds all of that
    file, so that pages in a colour ask for no more files than others.
    """
    own = f"{_rule(colour, LIGHT)}@media (prefers-color-scheme: dark) {{ {_rule(colour, DARK)} }}"
    return f"{_public_sheet()}\n{own}\n"


def version_of(sheet: str) -> str:
    return sha256(sheet.encode()).hexdigest()[:16]


def _rule(colour: str, theme: Theme) -> str:
    values = " ".join(f"{name}: {value};" for name, value in tokens(colour, theme).items())
    return f":root {{ {values} }} "


@cache
def _public_sheet() -> str:
    if not settings.STATIC_MANIFEST:
        return ""
    with staticfiles_storage.open(PUBLIC_SHEET) as file:
        content: bytes = file.read()
    return content.decode()
