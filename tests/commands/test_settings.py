"""Settings: what wins over what, secrets from files, every problem at once, and no secret in a log line."""
from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid
from dashapp.settings import Settings, from_environment, signing_key

DEV = {"LEDGERLINE_ENV": "dev"}
GOOD = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


def read(**given: str) -> Settings:
    return from_environment(DEV | given, dotenv=None)


def refusal(**given: str) -> str:
    with pytest.raises(Invalid) as caught:
        from_environment(DEV | given, dotenv=None)
    return caught.value.message


def test_the_defaults_make_a_development_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read()
    assert found.data_dir == tmp_path / "instance"
    assert found.facts_dir == tmp_path / "instance" / "facts"
    assert found.database_url == f"sqlite:///{tmp_path}/instance/ledgerline.db"
    assert (found.host, found.port, found.demo, found.is_dev) == ("127.0.0.1", 8050, False, True)
    assert found.address == "http://127.0.0.1:8050"


def test_facts_follow_the_data_folder_unless_they_are_elsewhere(tmp_path: Path) -> None:
    assert read(DATA_DIR=str(tmp_path)).facts_dir == tmp_path / "facts"
    assert read(DATA_DIR=str(tmp_path), FACTS_DIR="/big/disk").facts_dir == Path("/big/disk")


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text('# how we run it\nexport PORT=9001\nHOST="0.0.0.0"\nLEDGERLINE_CURRENCY=\'USD\'\nnonsense\n')
    found = from_environment(DEV | {"PORT": "9002"}, dotenv, defaults={"HOST": "10.0.0.1", "LEDGERLINE_DEMO": "1"})
    assert (found.port, found.host, found.currency, found.demo) == (9002, "0.0.0.0", "USD", True)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(GOOD + "\n")
    assert read(SECRET_KEY_FILE=str(file)).secret_key == GOOD
    assert "cannot be read" in refusal(SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "both set" in refusal(SECRET_KEY_FILE=str(file), SECRET_KEY=GOOD)


def test_an_unknown_name_is_an_error_with_a_suggestion() -> None:
    assert refusal(LEDGERLINE_CURENCY="USD") == \
        "Unknown setting LEDGERLINE_CURENCY. Did you mean LEDGERLINE_CURRENCY?"
    assert "LEDGERLINE_CURRENCY_FILE" in refusal(LEDGERLINE_CURRENCY_FILE="/x")


def test_every_problem_is_told_at_once() -> None:
    told = refusal(PORT="70000", LEDGERLINE_TIMEZONE="Mars/Olympus", LEDGERLINE_CURRENCY="euro",
                   LEDGERLINE_LOCALE="xx_YY", LEDGERLINE_WEEK_START="8", LEDGERLINE_FISCAL_MONTH="13",
                   LEDGERLINE_DEMO="yes", LEDGERLINE_CALENDAR="lunar", PUBLIC_URL="kpi.example.org",
                   DATABASE_URL="mysql://x", FACTS_ENGINE="spark://", TRUSTED_PROXIES="-1")
    for name in ("PORT", "TIMEZONE", "CURRENCY", "LOCALE", "WEEK_START", "FISCAL_MONTH", "DEMO", "CALENDAR",
                 "PUBLIC_URL", "DATABASE_URL", "FACTS_ENGINE", "TRUSTED_PROXIES"):
        assert f"{name} must be" in told


def test_the_size_of_a_file_is_a_setting() -> None:
    assert read().upload_bytes == 50 * 1024 * 1024
    assert read(LEDGERLINE_MAX_UPLOAD_MB="200").upload_bytes == 200 * 1024 * 1024
    assert "LEDGERLINE_MAX_UPLOAD_MB must be" in refusal(LEDGERLINE_MAX_UPLOAD_MB="0")


@pytest.mark.parametrize("secret", ["", "short", "a" * 64, "changeme"])
def test_a16_production_refuses_a_missing_or_weak_key(secret: str) -> None:
    with pytest.raises(Invalid, match="SECRET_KEY"):
        from_environment({"SECRET_KEY": secret}, dotenv=None)
    assert from_environment({"SECRET_KEY": GOOD}, dotenv=None).env == "production"


def test_the_organisation_is_seeded_by_the_environment() -> None:
    found = read(LEDGERLINE_TIMEZONE="Europe/Berlin", LEDGERLINE_LOCALE="de-DE", LEDGERLINE_FISCAL_MONTH="4",
                 LEDGERLINE_WEEK_START="Sunday", LEDGERLINE_CALENDAR="4-4-5").organisation
    assert (found.timezone, found.locale, found.fiscal_month, found.week_start, found.calendar_family) == \
        ("Europe/Berlin", "de_DE", 4, 6, "4-4-5")


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_a_postgresql_address_names_the_driver_we_have(url: str) -> None:
    assert read(DATABASE_URL=url).database_url == "postgresql+psycopg://u:p@h/d"


def test_i12_no_secret_shows_when_settings_are_printed() -> None:
    canary = "canary-9f8e7d6c5b4a-0123456789-abcdef"
    found = read(SECRET_KEY=canary, DATABASE_URL=f"postgresql://u:{canary}@h/d", LEDGERLINE_ADMIN_PASSWORD=canary,
                 SMTP_URL=f"smtp://u:{canary}@h", OIDC_CLIENT_SECRET=canary)
    assert canary not in repr(found)
    assert canary not in str(found)


def test_in_development_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path / "data"))
    key = signing_key(settings)
    assert len(key) >= 64
    assert signing_key(settings) == key
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600
    assert signing_key(read(SECRET_KEY=GOOD, DATA_DIR=str(tmp_path / "data"))) == GOOD.encode()


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    settings, keys, start = read(DATA_DIR=str(tmp_path / "data")), [], threading.Barrier(8)

    def begin() -> None:
        start.wait()
        keys.append(signing_key(settings))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["secret-key"]
