"""The demo's iCloud: what is in it, and that it is found again."""

from datetime import date, timedelta
from pathlib import Path

from demo.icloud import ANA, BEN, CARLA, furnish, home_of
from tests.fakes.icloud import ICloudServer
from tests.fakes.icloud.gate import is_app_specific

TUESDAY = date(2026, 12, 1)


def test_everybody_signs_in_with_a_password_of_the_form_apple_gives_out(tmp_path: Path) -> None:
    with ICloudServer(tmp_path) as server:
        furnish(server, tmp_path, TUESDAY)

        assert server.users == {a.apple_id: a.app_password for a in (ANA, BEN, CARLA)}
        assert all(is_app_specific(password) for password in server.users.values())


def test_people_have_calendars_of_every_kind_and_one_that_is_shared_with_them(
    tmp_path: Path,
) -> None:
    with ICloudServer(tmp_path) as server:
        furnish(server, tmp_path, TUESDAY)
        rota = server.calendar(f"{home_of(server, CARLA)}rota/").collection

        for account in (ANA, BEN):
            calendars = server.account(account.apple_id).calendars.values()
            assert sorted((c.kind, c.title, c.can_write, c.share) for c in calendars) == [
                ("events", f"{account.name}'s work", True, ""),
                ("events", "Home", True, ""),
                ("events", "Studio rota (Carla)", False, "shared"),
                ("inbox", "", True, ""),
                ("notification", "", True, ""),
                ("outbox", "", True, ""),
                ("reminders", "Reminders", True, ""),
                ("subscribed", "Public holidays", True, ""),
            ]
            assert [c.collection for c in calendars if c.share] == [rota]


def test_what_people_did_in_a_week_stays_and_the_next_week_is_furnished_anew(
    tmp_path: Path,
) -> None:
    with ICloudServer(tmp_path) as server:
        furnish(server, tmp_path, TUESDAY)
        planning = f"{home_of(server, BEN)}work/demo-planning.ics"
        server.put(f"{home_of(server, BEN)}work/own.ics", server.get(planning))
        server.delete(planning)

    with ICloudServer(tmp_path) as again:
        furnish(again, tmp_path, TUESDAY + timedelta(days=5))
        same_week = again.names(f"{home_of(again, BEN)}work/")
        furnish(again, tmp_path, TUESDAY + timedelta(days=6))

        assert same_week == ["demo-training.ics", "own.ics"]
        assert again.names(f"{home_of(again, BEN)}work/") == [
            "demo-planning.ics",
            "demo-training.ics",
            "own.ics",
        ]
        assert "DTSTART;TZID=Europe/Berlin:20261208T100000" in again.get(planning)


def test_events_are_put_where_another_server_left_its_folder_behind(tmp_path: Path) -> None:
    (tmp_path / "furnished").write_text("2026-49")

    with ICloudServer(tmp_path) as server:
        furnish(server, tmp_path, TUESDAY)

        assert server.names(f"{home_of(server, CARLA)}rota/") == ["demo-rota.ics"]
