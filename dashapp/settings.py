"""Settings of a process: one table that is parser, help text and documentation.

Values come from the environment, then from a `.env` file, then from the default; a secret may also be named by
`NAME_FILE`, a path whose content is the value. Only web, api, jobs and commands read this module; everything below
receives what it needs as arguments.
"""
from __future__ import annotations

import difflib
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dashapp import environment as read
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.organisation import Organisation

MIN_SECRET = 32
WEAK_SECRETS = ("changeme", "change-me", "secret", "default", "password", "ledgerline")


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
    cache_mb: int = 256
    max_upload_mb: int = 50
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
    def cache_bytes(self) -> int:
        """How much the answers kept in files may take."""
        return self.cache_mb * 1024 * 1024

    @property
    def upload_bytes(self) -> int:
        """How large one file may be."""
        return self.max_upload_mb * 1024 * 1024

    @property
    def address(self) -> str:
        """Where people find this installation."""
        return self.public_url or f"http://{self.host}:{self.port}"


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
    Setting("LEDGERLINE_ENV", "env", "production", read.one_of("dev", "production"),
            "`dev` works without a SECRET_KEY; `production` requires one and expects https in front."),
    Setting("SECRET_KEY", "secret_key", "", read.text,
            f"Signs what travels through a browser; at least {MIN_SECRET} characters. Required in production.",
            secret=True, shown="in dev: made once and kept in DATA_DIR/secret-key"),
    Setting("DATABASE_URL", "database_url", "", read.database,
            "State database: sqlite:///path or postgresql://user:password@host/name.", secret=True,
            shown="SQLite file ledgerline.db in DATA_DIR"),
    Setting("DATA_DIR", "data_dir", "instance", read.folder, "Everything that must be backed up lives here."),
    Setting("FACTS_DIR", "facts_dir", "", read.folder, "The Parquet vintages and the serving files.",
            shown="DATA_DIR/facts"),
    Setting("FACTS_ENGINE", "facts_engine", "duckdb://", read.one_of("duckdb://"),
            "The engine that answers questions."),
    Setting("HOST", "host", "127.0.0.1", read.text, "Address to listen on."),
    Setting("PORT", "port", "8050", read.whole(1, 65535), "Port to listen on."),
    Setting("LEDGERLINE_ADMIN_EMAIL", "admin_email", "admin@example.com", read.text, "Who the first admin is."),
    Setting("LEDGERLINE_ADMIN_PASSWORD", "admin_password", "", read.text, "Password of the first admin.", secret=True,
            shown="a one-time password, printed at the first start"),
    Setting("LEDGERLINE_DEMO", "demo", "0", read.switch, "`1` loads the demo company at the first start."),
    Setting("WATCH_DIR", "watch_dir", "", read.maybe_folder,
            "Folder whose new files are taken in: WATCH_DIR/<dataset>/, see docs/folder.md.", shown="none"),
    Setting("SMTP_URL", "smtp_url", "", read.text,
            "Mail server: smtp://user:password@host:587 (reserved: no effect yet).", secret=True,
            shown="none"),
    Setting("OIDC_ISSUER", "oidc_issuer", "", read.url,
            "Single sign-on: the issuer's address (reserved: no effect yet).", shown="none"),
    Setting("OIDC_CLIENT_ID", "oidc_client_id", "", read.text,
            "Single sign-on: this installation's client (reserved: no effect yet).", shown="none"),
    Setting("OIDC_CLIENT_SECRET", "oidc_client_secret", "", read.text,
            "Single sign-on: the client's secret (reserved: no effect yet).", secret=True,
            shown="none"),
    Setting("TRUSTED_PROXIES", "trusted_proxies", "0", read.whole(0, 10),
            "How many proxies in front set X-Forwarded-*; 0 ignores these headers."),
    Setting("TRUSTED_HOSTS", "trusted_hosts", "", read.names,
            "Host names this server answers to, separated by commas.", shown="any"),
    Setting("PUBLIC_URL", "public_url", "", read.url, "The address people use, for links in messages.",
            shown="http://HOST:PORT"),
    Setting("LEDGERLINE_TIMEZONE", "timezone", "UTC", read.zone, "Zone in which business days begin."),
    Setting("LEDGERLINE_LOCALE", "locale", "en_GB", read.locale, "How numbers and dates are written."),
    Setting("LEDGERLINE_CURRENCY", "currency", "EUR", read.currency, "The reporting currency."),
    Setting("LEDGERLINE_FISCAL_MONTH", "fiscal_month", "1", read.whole(1, 12), "First month of the fiscal year."),
    Setting("LEDGERLINE_WEEK_START", "week_start", "monday", read.week_start, "First day of the week, by its name."),
    Setting("LEDGERLINE_CALENDAR", "calendar", "gregorian", read.one_of("gregorian", "4-4-5", "4-5-4", "5-4-4"),
            "`gregorian` or a retail calendar."),
    Setting("LEDGERLINE_CACHE_MB", "cache_mb", "256", read.whole(0, 1024 * 1024),
            "Megabytes of answers kept in DATA_DIR/cache for all processes; 0 keeps none."),
    Setting("LEDGERLINE_MAX_UPLOAD_MB", "max_upload_mb", "50", read.whole(1, 1024),
            "Megabytes that one file may have; reading a larger one takes more memory and more time."),
    Setting("LEDGERLINE_FAILPOINT", "failpoint", "", read.text,
            "Tests only: where the process kills itself; production refuses it.", shown="none"),
    Setting("REAL_DATA", "real_data", "", read.maybe_folder, "Folder of real files for trials and benchmarks.",
            shown="none"),
)


def from_environment(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env"), *,
                     defaults: Mapping[str, str] | None = None, recorded: bool = False) -> Settings:
    """Settings from `environ` (default: of this process) over `dotenv` over `defaults` over the table's defaults.

    recorded: where neither LEDGERLINE_ENV nor SECRET_KEY is given, go by how the data folder was started: one that
    `make run` made keeps its key. For commands on what is there, never for a start. Raises Invalid naming every
    problem at once.
    """
    given = dict(defaults or {}) | read.dotenv(dotenv) | dict(os.environ if environ is None else environ)
    problems = _unknown(given)
    if recorded and not any(given.get(n, "").strip() for n in ("LEDGERLINE_ENV", "SECRET_KEY", "SECRET_KEY_FILE")):
        key = kept_key(read.folder(given.get("DATA_DIR", "").strip() or "instance"))
        if os.path.lexists(key):
            problems += _exposed(key)
            given["LEDGERLINE_ENV"] = "dev"
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
    path = kept_key(settings.data_dir)
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


def kept_key(data_dir: Path) -> Path:
    """Where a start in dev without SECRET_KEY keeps the key it made: also the record that there was such a start."""
    return data_dir / "secret-key"


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


def _exposed(key: Path) -> list[str]:
    """Why the kept key cannot be trusted: it is no file of ours, or other accounts of this machine can read it."""
    found = key.lstat()
    if not stat.S_ISREG(found.st_mode) or os.geteuid() not in (0, found.st_uid):
        return [f"{key} is not a file of this account. Run commands as the account that started the product."]
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [f"{key} is open to other accounts of this machine. Run: chmod 600 {key}"]
    return [] if found.st_size >= MIN_SECRET else [f"{key} does not hold a key. Remove it and start again."]


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
