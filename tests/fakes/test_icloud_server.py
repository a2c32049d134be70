"""The server's life: its log, its stops and starts, its folder, its command line."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.servers import event
from tests.fakes.conftest import ANA, PASSWORD, Person
from tests.fakes.icloud import ICloudServer, options
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.raw import Talk
from tests.fakes.served import REPOSITORY, free_port


def test_every_request_is_logged_with_what_it_said(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))
    icloud.clear()

    ana.talk.propfind(ana.home, "d:displayname", depth="1")
    Talk(icloud.partition_url, ANA, "wrong").get(f"{ana.work}x.ics")

    assert icloud.requests == [("PROPFIND", ana.home), ("GET", f"{ana.work}x.ics")]
    first, second = icloud.log
    assert (first.status, first.depth, first.host, first.user) == (207, "1", "caldav", ANA)
    assert b"<d:displayname/>" in first.body
    assert (second.status, second.depth, second.host, second.user) == (401, "", "p01", ANA)


def test_the_same_requests_get_the_same_answers() -> None:
    def play() -> list[bytes]:
        with ICloudServer() as server:
            home = server.add_user(ANA, PASSWORD)
            work = server.make_calendar(f"{home}work/", "Work")
            talk = Talk(server.url, ANA, PASSWORD)
            for name in "abc":
                talk.put(f"{work}{name}.ics", event(name), If_None_Match="*")
            talk.delete(f"{work}b.ics")
            said = [
                talk.propfind(home, "d:sync-token", "d:displayname", depth="1"),
                talk.sync(work),
                talk.multiget(work, f"{work}a.ics", f"{work}c.ics"),
            ]
            return [one.body for one in said]

    assert play() == play()


def test_out_of_service_at_the_same_address(icloud: ICloudServer, ana: Person) -> None:
    icloud.put(f"{ana.work}x.ics", event("x"))
    icloud.stop_process()
    with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the system likes
        ana.talk.get(f"{ana.work}x.ics")

    icloud.restart_process()

    assert ana.talk.get(f"{ana.work}x.ics").status == 200


def test_a_kept_folder_is_there_again(tmp_path: Path) -> None:
    with ICloudServer(tmp_path) as server:
        home = server.add_user(ANA, PASSWORD)
        server.add_user("ben@icloud.test", PASSWORD)
        work = server.make_calendar(f"{home}work/", "Work")
        there = server.share(work, to="ben@icloud.test")
        etag = server.put(f"{work}x.ics", event("x"))
        server.put(f"{work}y.ics", event("y"))
        server.delete(f"{work}y.ics")
        token = server.calendar(work).collection.token

    with ICloudServer(tmp_path) as again:
        assert again.users == {ANA: PASSWORD, "ben@icloud.test": PASSWORD}
        assert (again.get(f"{work}x.ics"), again.etag(f"{there}x.ics")) == (event("x"), etag)
        talk = Talk(again.url, ANA, PASSWORD)
        assert talk.sync(work, token).hrefs == [work]
        assert talk.put(f"{work}y.ics", event("y"), If_None_Match="*").status == 412


def test_a_kept_folder_holds_what_was_written_before_a_kill(tmp_path: Path) -> None:
    with ICloudServer(tmp_path) as server:
        work = server.make_calendar(f"{server.add_user(ANA, PASSWORD)}work/", "Work")
        Talk(server.url, ANA, PASSWORD).put(f"{work}x.ics", event("x"), If_None_Match="*")
        after_a_write = ICloudServer(tmp_path).names(work)
        server.put(f"{work}y.ics", event("y"))
        after_a_device = ICloudServer(tmp_path).names(work)
        server.keep()

        assert after_a_write == after_a_device == ["x.ics"]
        assert ICloudServer(tmp_path).names(work) == ["x.ics", "y.ics"]


def test_what_is_not_there_is_said_plainly(icloud: ICloudServer, ana: Person) -> None:
    with pytest.raises(AssertionError, match="no event at"):
        icloud.get(f"{ana.work}x.ics")
    with pytest.raises(AssertionError, match="no calendar at"):
        icloud.rename("/1/calendars/x/", "Name")
    with pytest.raises(AssertionError, match=r"a calendar at .* already"):
        icloud.make_calendar(ana.work, "Again")
    with pytest.raises(AssertionError, match="Nobody is called"):
        icloud.revoke("nobody")
    assert not icloud.has(f"{ana.work}x.ics")


def test_a_word_past_all_sockets(icloud: ICloudServer, ana: Person) -> None:
    icloud.refuse("PROPFIND", "/", 500)
    icloud.clear()

    status, headers, text = icloud.ask("PROPFIND", ana.work, headers={"Depth": "0"})

    assert (status, headers["content-type"]) == (207, 'text/xml; charset="utf-8"')
    assert ">Work</displayname>" in text
    assert icloud.requests == []
    with pytest.raises(AssertionError, match=r"GET .*: 404"):
        icloud.ask("GET", f"{ana.work}x.ics")


# By itself


def test_it_runs_by_itself(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tests.fakes.icloud", "--port", str(port)]
    command += ["--partition-port", "0", "--folder", str(tmp_path), "--quirk", "put_etag=none"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        welcome = [process.stdout.readline() for _ in range(3)]
        home = welcome[1].split()[-1]
        said = Talk(f"http://127.0.0.1:{port}", ANA, PASSWORD).put(
            f"{home}work/x.ics", event("x"), If_None_Match="*"
        )
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=10)[0]

    assert welcome[0].startswith(f"An iCloud at home: http://127.0.0.1:{port}/")
    assert (said.status, said.headers.get("etag"), process.returncode) == (201, None, 0)
    assert rest.endswith("Stopped.\n")
    with ICloudServer(tmp_path) as kept:
        assert kept.has(f"{home}work/x.ics")


def test_help_lists_every_quirk() -> None:
    text = options.parser().format_help()

    assert "expired_token=403" in text
    assert all(f"  {name}=" in text for name in Quirks.__dataclass_fields__)


def test_quirks_are_read_from_the_command_line() -> None:
    read = options.quirks(["put_etag=weak", "tombstones=off", "listing_lag=3", "retry_after="])

    assert read == Quirks(put_etag="weak", tombstones=False, listing_lag=3, retry_after="")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nonsense=on", "There is no quirk 'nonsense'."),
        ("tombstones=maybe", "tombstones takes on, off, not 'maybe'."),
        ("listing_lag=some", "listing_lag takes int, not 'some'."),
        ("put_etag=blue", "put_etag takes 'strong', 'weak', 'none', not 'blue'."),
    ],
)
def test_a_quirk_that_is_none_is_refused_in_words(given: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        options.quirks([given])


def test_faults_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"method": "PUT", "nth": 2, "do": {"status": 200, "body": "<html>"}}]')

    [rule] = options.faults(file).rules

    assert (rule.method, rule.nth, rule.misdeed.status, rule.misdeed.body) == (
        "PUT",
        2,
        200,
        b"<html>",
    )


@pytest.mark.parametrize("text", ["", "{}x", '[{"method": "PUT"}]', '[{"do": {"nothing": 1}}]'])
def test_a_file_that_is_no_script_is_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(text)

    with pytest.raises(ValueError, match="is no list of faults"):
        options.faults(file)


@pytest.mark.parametrize("given", ["ana", "ana:", ":word"])
def test_an_account_needs_name_and_password(given: str) -> None:
    with pytest.raises(ValueError, match="--user takes NAME:PASSWORD"):
        options.accounts([given])
