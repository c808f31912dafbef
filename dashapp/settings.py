"""Settings of a process: one table that is parser, help text and documentation.

Values come from the environment, then from a `.env` file, then from the default; a secret may also be named by
`NAME_FILE`, a path whose content is the value. Only web, api, jobs and commands read this module; everything below
receives what it needs as arguments.
"""
from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.organisation import Organisation

MIN_SECRET = 32
WEAK_SECRETS = ("changeme", "change-me", "secret", "default", "password", "ledgerline")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Settings:
    """What a process was told. Secrets stay out of `repr`, so that no log line can carry them."""

    env: Literal["dev", "production"] = "production"
    secret_key: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    data_dir: Path = Path("instance")
    facts_dir: Path = Path("instance/facts")
    facts_engine: str = "duckdb://"
    host: str = "127.0.0.1"
    port: int = 8050
    admin_email: str = "admin@example.com"
    admin_password: str = field(default="", repr=False)
    demo: bool = False
    watch_dir: Path | None = None
    smtp_url: str = field(default="", repr=False)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    trusted_proxies: int = 0
    trusted_hosts: tuple[str, ...] = ()
    public_url: str = ""
    timezone: str = "UTC"
    locale: str = "en_GB"
    currency: str = "EUR"
    fiscal_month: int = 1
    week_start: int = 0
    calendar: str = "gregorian"
    failpoint: str = ""
    real_data: Path | None = None

    @property
    def is_dev(self) -> bool:
        return self.env == "dev"

    @property
    def organisation(self) -> Organisation:
        """What the environment seeds; a version saved in the database wins over it."""
        return Organisation(timezone=self.timezone, locale=self.locale, currency=self.currency,
                            fiscal_month=self.fiscal_month, week_start=self.week_start,
                            calendar_family=self.calendar)

    @property
    def address(self) -> str:
        """Where people find this installation."""
        return self.public_url or f"http://{self.host}:{self.port}"


def _text(text: str) -> str:
    return text


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _maybe_folder(text: str) -> Path | None:
    return _folder(text) if text else None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)
    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text
    return parse


def _switch(text: str) -> bool:
    return _one_of("0", "1")(text) == "1"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _week_start(text: str) -> int:
    return WEEKDAYS.index(_one_of(*WEEKDAYS)(text.lower()))


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Europe/Berlin") from None
    return text


def _locale(text: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError("a locale such as en_GB or de_DE") from None


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        raise ValueError("a currency code such as EUR")
    return text


def _database(text: str) -> str:
    """Name the driver that is installed; a URL as hosting services write it works as it is."""
    for scheme in ("postgres://", "postgresql://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text.removeprefix(scheme)
    if text and not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("a URL that starts with sqlite:/// or postgresql://")
    return text


def _url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("an address that starts with https:// or http://")
    return text.rstrip("/")


@dataclass(frozen=True)
class Setting:
    """One row of the table. `attribute` is the field of Settings; `shown` replaces a default that is computed."""

    name: str
    attribute: str
    default: str
    parse: Callable[[str], Any]
    help: str
    secret: bool = False
    shown: str = ""


TABLE: tuple[Setting, ...] = (
    Setting("LEDGERLINE_ENV", "env", "production", _one_of("dev", "production"),
            "`dev` works without a SECRET_KEY; `production` requires one and expects https in front."),
    Setting("SECRET_KEY", "secret_key", "", _text,
            f"Signs what travels through a browser; at least {MIN_SECRET} characters. Required in production.",
            secret=True, shown="in dev: made once and kept in DATA_DIR/secret-key"),
    Setting("DATABASE_URL", "database_url", "", _database,
            "State database: sqlite:///path or postgresql://user:password@host/name.", secret=True,
            shown="SQLite file ledgerline.db in DATA_DIR"),
    Setting("DATA_DIR", "data_dir", "instance", _folder, "Everything that must be backed up lives here."),
    Setting("FACTS_DIR", "facts_dir", "", _folder, "The Parquet vintages and the serving files.",
            shown="DATA_DIR/facts"),
    Setting("FACTS_ENGINE", "facts_engine", "duckdb://", _one_of("duckdb://"), "The engine that answers questions."),
    Setting("HOST", "host", "127.0.0.1", _text, "Address to listen on."),
    Setting("PORT", "port", "8050", _whole(1, 65535), "Port to listen on."),
    Setting("LEDGERLINE_ADMIN_EMAIL", "admin_email", "admin@example.com", _text, "Who the first admin is."),
    Setting("LEDGERLINE_ADMIN_PASSWORD", "admin_password", "", _text, "Password of the first admin.", secret=True,
            shown="a one-time password, printed at the first start"),
    Setting("LEDGERLINE_DEMO", "demo", "0", _switch, "`1` loads the demo company at the first start."),
    Setting("WATCH_DIR", "watch_dir", "", _maybe_folder,
            "Folder whose new files are taken in (reserved: no effect yet).", shown="none"),
    Setting("SMTP_URL", "smtp_url", "", _text,
            "Mail server: smtp://user:password@host:587 (reserved: no effect yet).", secret=True,
            shown="none"),
    Setting("OIDC_ISSUER", "oidc_issuer", "", _url,
            "Single sign-on: the issuer's address (reserved: no effect yet).", shown="none"),
    Setting("OIDC_CLIENT_ID", "oidc_client_id", "", _text,
            "Single sign-on: this installation's client (reserved: no effect yet).", shown="none"),
    Setting("OIDC_CLIENT_SECRET", "oidc_client_secret", "", _text,
            "Single sign-on: the client's secret (reserved: no effect yet).", secret=True,
            shown="none"),
    Setting("TRUSTED_PROXIES", "trusted_proxies", "0", _whole(0, 10),
            "How many proxies in front set X-Forwarded-*; 0 ignores these headers."),
    Setting("TRUSTED_HOSTS", "trusted_hosts", "", _names,
            "Host names this server answers to, separated by commas.", shown="any"),
    Setting("PUBLIC_URL", "public_url", "", _url, "The address people use, for links in messages.",
            shown="http://HOST:PORT"),
    Setting("LEDGERLINE_TIMEZONE", "timezone", "UTC", _zone, "Zone in which business days begin."),
    Setting("LEDGERLINE_LOCALE", "locale", "en_GB", _locale, "How numbers and dates are written."),
    Setting("LEDGERLINE_CURRENCY", "currency", "EUR", _currency, "The reporting currency."),
    Setting("LEDGERLINE_FISCAL_MONTH", "fiscal_month", "1", _whole(1, 12), "First month of the fiscal year."),
    Setting("LEDGERLINE_WEEK_START", "week_start", "monday", _week_start, "First day of the week, by its name."),
    Setting("LEDGERLINE_CALENDAR", "calendar", "gregorian", _one_of("gregorian", "4-4-5", "4-5-4", "5-4-4"),
            "`gregorian` or a retail calendar."),
    Setting("LEDGERLINE_FAILPOINT", "failpoint", "", _text, "Tests only: where the process kills itself.",
            shown="none"),
    Setting("REAL_DATA", "real_data", "", _maybe_folder, "Folder of real files for trials and benchmarks.",
            shown="none"),
)


def from_environment(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env"), *,
                     defaults: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (default: of this process) over `dotenv` over `defaults` over the table's defaults.

    Raises Invalid naming every problem at once.
    """
    given = dict(defaults or {}) | _read_dotenv(dotenv) | dict(os.environ if environ is None else environ)
    problems = _unknown(given)
    values: dict[str, Any] = {}
    for setting in TABLE:
        text, problem = _value(setting, given)
        try:
            values[setting.attribute] = setting.parse(text)
        except ValueError as error:
            problem = f"{setting.name} must be {error}."
        if problem:
            problems.append(problem)
    if not problems:
        problems = _weak_secret(values)
    if problems:
        raise Invalid(" ".join(problems), issues=[Issue("setting", p) for p in problems])
    if not given.get("FACTS_DIR"):
        values["facts_dir"] = values["data_dir"] / "facts"
    values["database_url"] = values["database_url"] or f"sqlite:///{values['data_dir'] / 'ledgerline.db'}"
    return Settings(**values)


def signing_key(settings: Settings) -> bytes:
    """SECRET_KEY as bytes; in dev without one, the key kept (mode 0600) in DATA_DIR, made at its first use."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data_dir / "secret-key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked into place: of two processes that start together, one key wins for both.
        fresh = path.with_name(f"secret-key.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def documentation() -> str:
    """The table in Markdown, as README and `docs/operations.md` carry it."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for s in TABLE:
        file = f" May be given as `{s.name}_FILE`." if s.secret else ""
        rows.append(f"| `{s.name}` | {s.shown or f'`{s.default}`'} | {s.help}{file} |")
    return "\n".join(rows)


def _value(setting: Setting, given: Mapping[str, str]) -> tuple[str, str]:
    text = given.get(setting.name, "").strip()
    file = given.get(f"{setting.name}_FILE", "") if setting.secret else ""
    if text and file:
        return setting.default, f"{setting.name} and {setting.name}_FILE are both set."
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            return setting.default, f"{setting.name}_FILE cannot be read: {error.strerror}."
    return text or setting.default, ""


def _unknown(given: Mapping[str, str]) -> list[str]:
    known = [s.name for s in TABLE] + [f"{s.name}_FILE" for s in TABLE if s.secret]
    out = []
    for name in sorted(given):
        if name.startswith("LEDGERLINE_") and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            out.append(f"Unknown setting {name}." + (f" Did you mean {near[0]}?" if near else ""))
    return out


def _weak_secret(values: Mapping[str, Any]) -> list[str]:
    secret = values["secret_key"]
    if not secret:
        return [] if values["env"] == "dev" else ["SECRET_KEY is required unless LEDGERLINE_ENV=dev."]
    if len(secret) < MIN_SECRET or len(set(secret)) < 8 or secret.lower() in WEAK_SECRETS:
        return [f"SECRET_KEY is too weak: use at least {MIN_SECRET} random characters."]
    return []


def _read_dotenv(path: Path | None) -> dict[str, str]:
    """`NAME=value` lines; `export ` before and quotes around are allowed, `#` starts a comment line."""
    if path is None or not path.is_file():
        return {}
    out: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        out[name.strip()] = value
    return out
