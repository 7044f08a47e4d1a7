"""Settings, read once from the environment into one frozen object."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from core.kernel.errors import SettingsError

DEMO_SECRET = "a-secret-for-demonstrations-only-never-in-production"  # noqa: S105
ENVIRONMENTS = ("demo", "production", "test")


@dataclass(frozen=True)
class Settings:
    """Everything the process is told from outside.

    Each field says in `metadata["env"]` which variable it reads. Secrets never show in `repr`.
    """

    environment: str = field(default="demo", metadata={"env": "SEUIL_ENV"})
    host: str = field(default="127.0.0.1", metadata={"env": "SEUIL_HOST"})
    port: int = field(default=8000, metadata={"env": "SEUIL_PORT"})
    home: Path = field(default=Path(".seuil"), metadata={"env": "SEUIL_HOME"})
    public_url: str = field(default="", metadata={"env": "SEUIL_PUBLIC_URL"})
    secret_key: str = field(default="", repr=False, metadata={"env": "SEUIL_SECRET_KEY"})
    database_url: str | None = field(default=None, repr=False, metadata={"env": "DATABASE_URL"})
    owner_database_url: str | None = field(
        default=None, repr=False, metadata={"env": "SEUIL_OWNER_DATABASE_URL"}
    )
    smtp_url: str | None = field(default=None, repr=False, metadata={"env": "SEUIL_SMTP_URL"})
    smtp_from: str = field(default="", metadata={"env": "SEUIL_SMTP_FROM"})
    sms_url: str | None = field(default=None, repr=False, metadata={"env": "SEUIL_SMS_URL"})
    sms_token: str = field(default="", repr=False, metadata={"env": "SEUIL_SMS_TOKEN"})
    sms_from: str = field(default="", metadata={"env": "SEUIL_SMS_FROM"})
    pool_size: int = field(default=10, metadata={"env": "SEUIL_POOL_SIZE"})

    trusted_proxies: tuple[str, ...] = field(default=(), metadata={"env": "SEUIL_TRUSTED_PROXIES"})
    """Networks whose `X-Forwarded-For` is believed; empty: the peer is the visitor."""

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def https(self) -> bool:
        """Whether cookies may be Secure: the public address says so."""
        return self.public_url.startswith("https://")

    @property
    def netloc(self) -> str:
        """Host and port of the public address, as browsers send them."""
        return urlsplit(self.public_url).netloc

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read and check; raises SettingsError naming the variable, never its value."""
        env = os.environ if env is None else env
        values: dict[str, object] = {}
        for f in fields(cls):
            name = f.metadata["env"]
            raw = env.get(name, "").strip()
            if not raw:
                continue
            if f.name in ("port", "pool_size"):
                if not raw.isdigit() or not 0 < int(raw) < 65536:
                    raise SettingsError(f"{name} must be a whole number between 1 and 65535.")
                values[f.name] = int(raw)
            elif f.name in ("database_url", "owner_database_url"):
                _check_address(name, raw)
                values[f.name] = raw
            elif f.name == "smtp_url":
                _check_mail_server(name, raw)
                values[f.name] = raw
            elif f.name == "sms_url":
                _check_gateway(name, raw)
                values[f.name] = raw
            elif f.name == "trusted_proxies":
                values[f.name] = _networks(name, raw)
            elif f.name == "home":
                values[f.name] = Path(raw)
            else:
                values[f.name] = raw
        if "smtp_url" in values and "@" not in str(values.get("smtp_from", "")):
            raise SettingsError("SEUIL_SMTP_FROM is missing: mail needs a sender's address.")
        environment = values.get("environment", "demo")
        if environment not in ENVIRONMENTS:
            raise SettingsError(f"SEUIL_ENV must be one of: {', '.join(ENVIRONMENTS)}.")
        if environment == "production":
            cls._check_production(values)
        else:
            values.setdefault("secret_key", DEMO_SECRET)
            host, port = values.get("host", "127.0.0.1"), values.get("port", 8000)
            values.setdefault("public_url", f"http://{host}:{port}")
        return cls(**values)  # type: ignore[arg-type]

    @staticmethod
    def _check_production(values: Mapping[str, object]) -> None:
        """What a real deployment may not go without."""
        for name, variable in (
            ("secret_key", "SEUIL_SECRET_KEY"),
            ("public_url", "SEUIL_PUBLIC_URL"),
            ("database_url", "DATABASE_URL"),
        ):
            if name not in values:
                raise SettingsError(f"{variable} is missing: production needs it.")
        secret = str(values["secret_key"])
        if secret == DEMO_SECRET or len(secret) < 32:
            raise SettingsError(
                "SEUIL_SECRET_KEY is the demonstration's or shorter than 32 characters: "
                "choose a random one."
            )
        url = str(values["public_url"])
        if not url.startswith("https://") and urlsplit(url).hostname not in (
            "localhost",
            "127.0.0.1",
            "::1",
        ):
            raise SettingsError("SEUIL_PUBLIC_URL must be https outside this machine.")


def _check_address(variable: str, url: str) -> None:
    """Refuse what no driver could read, before it answers with a traceback of its own."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("postgresql", "postgres") and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            f"{variable} must be an address like postgresql://user:password@host:5432/database."
        )


def _check_mail_server(variable: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{variable} must be an address like smtp://user:password@host:587.")


def _check_gateway(variable: str, url: str) -> None:
    """A gateway is given a token and people's numbers: over TLS, or on this very machine."""
    try:
        parts = urlsplit(url)
        inside = parts.hostname in ("localhost", "127.0.0.1", "::1")
        good = bool(parts.hostname) and (parts.port or 1) > 0 and not parts.username
        good = good and (parts.scheme == "https" or (parts.scheme == "http" and inside))
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{variable} must be an address like https://gateway.example/send.")


def _networks(variable: str, raw: str) -> tuple[str, ...]:
    """The addresses or networks of a list; one that holds everybody would let anybody lie."""
    found = []
    for text in raw.replace(",", " ").split():
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            raise SettingsError(
                f"{variable} must be a list of addresses or networks, like 10.0.0.2, 172.30.0.0/24."
            ) from None
        if network.prefixlen == 0:
            raise SettingsError(f"{variable} trusts every address: name those of the proxy.")
        found.append(str(network))
    return tuple(found)


def new_secret() -> str:
    """A secret good enough for SEUIL_SECRET_KEY."""
    return secrets.token_urlsafe(48)
