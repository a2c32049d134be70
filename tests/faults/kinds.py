"""What can go wrong with one request, by name."""

from tests.fakes.icloud import Misdeed
from tests.fakes.icloud.faults import (
    answering,
    empty_multistatus,
    huge,
    redirecting,
    web_page,
)

KINDS = {
    "401": answering(401),
    "403": answering(403),
    "404": answering(404),
    "412": answering(412),
    "429": answering(429, retry_after="60"),
    "500": answering(500),
    "503": answering(503, retry_after="60"),
    "507": answering(507),
    "reset before": Misdeed(reset="before"),
    "reset during": Misdeed(reset="during"),
    "reset after": Misdeed(reset="after"),
    "cut off": Misdeed(cut=40),
    "truncated": Misdeed(shorten=40),
    "web page": web_page(),
    "empty 207": empty_multistatus(),
    "redirect elsewhere": redirecting("http://169.254.169.254/latest/"),
    "huge": huge(80_000_000),
}
