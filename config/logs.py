"""What log lines leave out."""

import re

from structlog.typing import EventDict, WrappedLogger

# The last part of these addresses lets whoever has it in. Django logs the address of each request
# that it answers with an error.
_PRIVATE = re.compile(r"/(appointments|reset/[^/]+|invitations/\d+/[^/]+)/[-\w]{20,}")


def without_private_links(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**event, "event": _PRIVATE.sub(r"/\1/…", str(event["event"]))}
