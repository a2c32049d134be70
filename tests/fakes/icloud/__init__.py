"""An iCloud one can run at home: CalDAV over real sockets, with what iCloud does differently."""

from tests.fakes.icloud.faults import Misdeed
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.server import ICloudServer

__all__ = ["ICloudServer", "Misdeed", "Quirks"]
