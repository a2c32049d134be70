import pytest
from django.core.exceptions import ValidationError

from accounts.origins import origins_in


def test_sites_are_read_one_a_line_as_browsers_write_them() -> None:
    text = """
        https://www.Example.com/
        https://example.com:443
        https://example.com
        https://shop.example.com:8443
        https://m\u00fcller.example
    """

    assert origins_in(text) == [
        "https://www.example.com",
        "https://example.com",
        "https://shop.example.com:8443",
        "https://xn--mller-kva.example",
    ]
    assert origins_in("") == []


@pytest.mark.parametrize(
    "line",
    [
        "http://example.com",
        "example.com",
        "https://",
        "https://*",
        "https://*.example.com",
        "https://localhost",
        "https://10.0.0.1",
        "https://example.com/page",
        "https://example.com/?a",
        "https://user@example.com",
        "https://example.com:x",
        "https://example.com https://evil.example",
        "https://example.com; script-src *",
        "https://example.com,https://evil.example",
        "'self'",
        "javascript:alert(1)",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        "https://example.com:0",
        # Browsers take these for other names than Python does.
        "https://stra\u00dfe.example",
        "https://\u03b2\u03cc\u03bb\u03bf\u03c2.example",
        "https://a\u200db.example",
    ],
)
def test_what_is_no_site_is_refused_in_words(line: str) -> None:
    with pytest.raises(ValidationError, match="is not the address of a site") as refused:
        origins_in(line)

    words = (
        f"“{line}” is not the address of a site. Write https:// and the site's name, without a"
        " page, such as https://www.example.com. A name with letters like ß is written as the"
        " address bar copies it, with xn--."
    )
    assert refused.value.messages == [words]


def test_there_may_be_twenty_sites() -> None:
    lines = [f"https://site{number}.example" for number in range(21)]

    assert origins_in("\n".join(lines[:20])) == lines[:20]
    with pytest.raises(ValidationError, match="more than 20 sites"):
        origins_in("\n".join(lines))
