"""Under which name and address wrong passwords are counted."""

from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def counted_as(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address somebody tries, in one spelling: `Ana@…` and `ana@…` share their ten tries."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(typed).strip().lower()


def address_of(request: HttpRequest) -> str:
    """The address a request comes from; of an IPv6 address its /64, which one household has.

    Behind our own proxy that is the last one in X-Forwarded-For, which the proxy itself appended;
    what stands before it is the visitor's to invent, as the whole header is without a proxy.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.BEHIND_PROXY:
        return _network(direct)
    forwarded = request.headers.get("X-Forwarded-For", direct).rpartition(",")[2].strip()
    return _network(forwarded or direct)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:  # all of IPv4 is one /64 there
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
