"""What iCloud answers to discovery, for a server that answers by script."""

from tests.fakes.scripted import Reply

NAMESPACES = 'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'


def multistatus(href: str, properties: str) -> Reply:
    body = (
        f"<multistatus {NAMESPACES}><response><href>{href}</href><propstat><prop>{properties}"
        "</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    return Reply(207, body.encode())


def discovery(dsid: str = "123") -> list[Reply]:
    """The three answers of an account without calendars."""
    principal, home = f"/{dsid}/principal/", f"/{dsid}/calendars/"
    return [
        multistatus(
            "/",
            f"<current-user-principal><href>{principal}</href></current-user-principal>",
        ),
        multistatus(
            principal,
            f"<c:calendar-home-set><href>{home}</href></c:calendar-home-set>"
            "<c:calendar-user-address-set><href>mailto:ana@icloud.com</href>"
            "<href>mailto:ana@me.com</href></c:calendar-user-address-set>",
        ),
        multistatus(home, "<resourcetype><collection/></resourcetype>"),
    ]


WITHOUT_HOME = [
    discovery()[0],
    multistatus("/123/principal/", "<displayname>Ana</displayname>"),
]
WEB_PAGE = Reply(
    200, b"<html><body>Sign in to this hotel</body></html>", {"Content-Type": "text/html"}
)
