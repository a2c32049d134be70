"""The tests' own environment: loaded by pytest before Django reads its settings.

Nothing here comes from a developer's `.env`, so that a test run means the same everywhere.
"""

import os
import tempfile

_OWN = {
    "SECRET_KEY": "tests-only-" + "k" * 50,
    "FERNET_KEYS": "tests-only-fernet-key",
    "DEBUG": "off",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "EMAIL_URL": "memorymail://",
    "ICLOUD_CALDAV_URL": "http://127.0.0.1:9/",
    "CALDAV_ALLOWED_HOSTS": "http://127.0.0.1:9",
}

os.environ.update(_OWN)
if "TEST_DATA_DIR" not in os.environ:
    # Inherited by xdist's workers, so that one run leaves one folder.
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="daybook-tests-")
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    os.environ["DATABASE_URL"] = f"sqlite:///{os.environ['DATA_DIR']}/daybook.sqlite3"
