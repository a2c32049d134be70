import pytest

from integrations.caldav.addresses import after_redirect, allowed, check_path, path_of, same
from integrations.caldav.errors import RefusedAddress

ICLOUD = (".icloud.com", ".icloud.com.cn")


@pytest.mark.parametrize(
    "url",
    [
        "https://caldav.icloud.com/",
        "https://p42-caldav.icloud.com:443/123/calendars/",
        "https://P42-CALDAV.ICLOUD.COM/",
        "https://caldav.icloud.com.cn/",
    ],
)
def test_hosts_below_a_suffix_are_allowed_over_https(url: str) -> None:
    assert allowed(url, ICLOUD)


@pytest.mark.parametrize(
    "url",
    [
        "http://caldav.icloud.com/",
        "https://caldav.icloud.com:8443/",
        "https://caldav.icloud.com:80/",
        "https://caldav.icloud.com:0/",
        "https://caldav.icloud.com:99999/",
        "https://icloud.com/",
        "https://evilicloud.com/",
        "https://evil.icloud.com.attacker.com/",
        "https://caldav.icloud.com@attacker.com/",
        "https://attacker.com@caldav.icloud.com/",
        "https://user:word@caldav.icloud.com/",
        "https://attacker.com/caldav.icloud.com",
        "https://attacker.com?.icloud.com",
        "https://attacker.com#.icloud.com",
        "https://attacker.com\\.icloud.com/",
        "https://attacker.com%2f.icloud.com/",
        "https://attacker.com\t.icloud.com/",
        "https://attacker.com\n.icloud.com/",
        "https://.icloud.com/",
        "https://a..icloud.com/",
        "https://caldav.icloud.com./",
        "https://ⅽaldav.icloud.com/",
        "https://caldav.icloud。com/",
        "//caldav.icloud.com/",
        "caldav.icloud.com",
        "ftp://caldav.icloud.com/",
        "file:///etc/passwd",
        "gopher://caldav.icloud.com/",
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "https://[::1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not allowed(url, ICLOUD)


def test_an_exact_host_allows_no_host_below_it() -> None:
    hosts = ("caldav.example.com",)

    assert allowed("https://caldav.example.com/dav/", hosts)
    assert not allowed("https://a.caldav.example.com/", hosts)
    assert not allowed("https://example.com/", hosts)


def test_an_origin_allows_its_own_scheme_host_and_port_only() -> None:
    hosts = ("http://127.0.0.1:5232",)

    assert allowed("http://127.0.0.1:5232/ana/", hosts)
    assert not allowed("http://127.0.0.1:5233/", hosts)
    assert not allowed("https://127.0.0.1:5232/", hosts)
    assert not allowed("http://localhost:5232/", hosts)
    assert not allowed("http://127.0.0.1:5232@attacker.com/", hosts)


def test_no_entries_allow_nothing() -> None:
    assert not allowed("https://caldav.icloud.com/", ())


@pytest.mark.parametrize("location", ["/elsewhere/", "https://p7-caldav.icloud.com/elsewhere/"])
def test_a_redirect_may_lead_to_another_path_or_allowed_host(location: str) -> None:
    target = after_redirect("https://caldav.icloud.com/here/", location, ICLOUD)

    assert target.endswith(".icloud.com/elsewhere/")


@pytest.mark.parametrize(
    "location",
    [
        "//attacker.com/",
        "http://caldav.icloud.com/",
        "http://127.0.0.1:5232/",
        "https://[::1/",
        "\x00",
    ],
)
def test_a_redirect_never_leaves_https_or_the_allowed_hosts(location: str) -> None:
    hosts = (*ICLOUD, "http://127.0.0.1:5232")

    with pytest.raises(RefusedAddress):
        after_redirect("https://caldav.icloud.com/", location, hosts)


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/1/calendars/work/a%40b.ics", "/1/calendars/work/a%40b.ics"),
        ("/1/calendars/work/a@b.ics", "/1/calendars/work/a@b.ics"),
        ("/1/%e4%2F%20.ics", "/1/%e4%2F%20.ics"),
        ("https://p42-caldav.icloud.com:443/1/calendars/", "/1/calendars/"),
        ("https://caldav.icloud.com/1/a%40b/", "/1/a%40b/"),
        ("  /1/ \n", "/1/"),
        ("a.ics", "/1/a.ics"),
    ],
)
def test_an_href_is_its_path_as_the_server_spelled_it(href: str, path: str) -> None:
    assert path_of(href, base="https://caldav.icloud.com/1/", allowed_hosts=ICLOUD) == path


@pytest.mark.parametrize(
    "href",
    [
        "//attacker.com/1/",
        "https://attacker.com/1/",
        "http://caldav.icloud.com/1/",
        "x:/1/",
        "https://[::1/",
    ],
)
def test_an_href_on_another_host_is_refused(href: str) -> None:
    with pytest.raises(RefusedAddress):
        path_of(href, base="https://caldav.icloud.com/1/", allowed_hosts=ICLOUD)


@pytest.mark.parametrize(
    "path",
    [
        "/1/work/#x.ics",
        "/1/work/?x.ics",
        "/1/work/../home/x.ics",
        "/1/work/%2e%2E/home/x.ics",
        "/1/work/..%2fhome/x.ics",
        "/1/work/.",
        "/1\\x.ics",
        "/1/x\r\nHost: attacker.com",
        "//attacker.com/x.ics",
        "1/x.ics",
        "",
    ],
)
def test_a_path_that_could_mean_another_resource_is_refused(path: str) -> None:
    with pytest.raises(RefusedAddress):
        check_path(path)


def test_paths_are_compared_without_encoding_and_closing_slash() -> None:
    assert same("/a%40b/", "/a@b")
    assert not same("/a/", "/a/b/")
