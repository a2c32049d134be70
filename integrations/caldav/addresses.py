"""Where the client may go: pure functions over URLs and paths."""

import re
from urllib.parse import unquote, urljoin, urlsplit

from integrations.caldav.errors import RefusedAddress

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
DEFAULT_PORTS = {"https": 443, "http": 80}


def allowed(url: str, allowed_hosts: tuple[str, ...]) -> bool:
    """Say whether ``url`` may be contacted with credentials.

    An entry is ``.example.com`` (any host below it), ``caldav.example.com`` (that host), both
    https on port 443 only, or an origin with its scheme, ``http://127.0.0.1:5232``, for exactly
    that scheme, host and port. User information, odd characters and unreadable URLs never pass.
    """
    place = origin(url)
    return place is not None and any(_matches(place, entry) for entry in allowed_hosts)


def origin(url: str) -> tuple[str, str, int] | None:
    """Return (scheme, host, port) in lower case, or None where ``url`` is not a plain address."""
    if UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or not _plain(host, parts.netloc):
        return None
    return parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port


def _plain(host: str, netloc: str) -> bool:
    """Letters, digits, hyphens and dots (RFC 1123 2.1), or an IPv6 address in brackets."""
    if netloc.startswith("["):
        return re.fullmatch(r"[0-9a-f:.]+", host) is not None
    return HOST.fullmatch(host) is not None


def _matches(place: tuple[str, str, int], entry: str) -> bool:
    if "://" in entry:
        return place == origin(entry)
    scheme, host, port = place
    if (scheme, port) != ("https", 443):
        return False
    entry = entry.lower()
    return host.endswith(entry) and host != entry if entry.startswith(".") else host == entry


def after_redirect(url: str, location: str, allowed_hosts: tuple[str, ...]) -> str:
    """Return the address a redirect leads to; RefusedAddress where we do not follow."""
    target = _joined(url, location)
    downgrade = url.startswith("https:") and not target.startswith("https:")
    if downgrade or not allowed(target, allowed_hosts):
        raise RefusedAddress
    return target


def _joined(base: str, reference: str) -> str:
    """Resolve a reference (RFC 3986 5.2); "" where it is none."""
    try:
        return "" if UNSAFE.search(reference) else urljoin(base, reference)
    except ValueError:
        return ""


def path_of(href: str, *, base: str, allowed_hosts: tuple[str, ...]) -> str:
    """Return the path of an href exactly as the server spelled it.

    A resource is known by its path: hosts may change (iCloud's partitions do). An href on
    another host counts only where that host is allowed; else RefusedAddress. Percent-encoding
    is left alone, since some servers treat ``%40`` and ``@`` as two resources.
    """
    href = href.strip()
    if href.startswith("/") and not href.startswith("//"):
        return href
    target = _joined(base, href)
    if origin(target) != origin(base) and not allowed(target, allowed_hosts):
        raise RefusedAddress
    return urlsplit(target).path or "/"


def check_path(path: str) -> None:
    """Refuse a path that another reader could take for a different resource.

    A query or fragment would cut the path short (``/calendar/#x.ics`` deletes the calendar), dot
    segments climb out of it (RFC 3986 5.2.4).
    """
    decoded = unquote(path)
    climbs = any(part in {".", ".."} for part in re.split(r"[/\\]", decoded))
    wrong_start = not path.startswith("/") or path.startswith("//")
    if wrong_start or climbs or re.search(r"[\x00-\x1f\x7f\\?#]", path):
        raise RefusedAddress


def same(one: str, other: str) -> bool:
    """Compare two paths without regard to percent-encoding and a closing slash."""
    return plain(one) == plain(other)


def plain(path: str) -> str:
    """Return a path decoded and without closing slash: a key to compare by, not to request."""
    return unquote(path).rstrip("/")
