"""The least that any program does to read a calendar: one REPORT of all events, and parsing them.

`python -m benchmarks.plain_report URL NAME PASSWORD` says as JSON what that took, without starting
Python and importing.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlsplit

from icalendar import Calendar
from lxml import etree

QUERY = (
    '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
    '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"/></c:comp-filter>'
    "</c:filter></c:calendar-query>"
)
DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


def measured(work: Callable[[], int]) -> dict[str, float]:
    """Do it: `events` is what it returned; seconds by the clock, and of this process's own work."""
    began, worked = time.monotonic(), time.process_time()
    events = work()
    seconds, cpu = time.monotonic() - began, time.process_time() - worked
    return {"events": events, "seconds": seconds, "cpu": cpu}


def read(url: str, name: str, password: str) -> int:
    """Read all events of the calendar at that URL; returns how many."""
    address = urlsplit(url)
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Depth": "1", "Content-Type": "application/xml"}
    connection = HTTPConnection(address.netloc, timeout=600)
    connection.request("REPORT", address.path, QUERY, headers)
    answer = etree.fromstring(connection.getresponse().read(), etree.XMLParser(huge_tree=True))
    return sum(len(Calendar.from_ical(data.text).events) for data in answer.iter(DATA))


if __name__ == "__main__":
    print(json.dumps(measured(lambda: read(*sys.argv[1:]))))
