"""The roles of a database: who owns the tables, who serves, each with a password of its own."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

OWNER, APP = "seuil_owner", "seuil_app"


def with_user(url: str, user: str, secret: str) -> str:
    """The same database, signed in as `user` with the password drawn from the server's secret."""
    parts = urlsplit(url)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k not in ("user", "password")]
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{user}:{quote(password_of(user, secret), safe='')}@{host}"
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(query, safe="/"), ""))


def password_of(user: str, secret: str) -> str:
    """A role's password: derived, so that no second secret has to be kept."""
    return hashlib.scrypt(
        secret.encode(), salt=f"seuil role {user}".encode(), n=2**12, r=8, p=1, dklen=24
    ).hex()


async def prepare_roles(admin: asyncpg.Connection, database: str, secret: str) -> None:
    """Make the owning and the serving role, and give the first the database's public schema."""
    for role, rights in ((OWNER, "NOSUPERUSER BYPASSRLS"), (APP, "NOSUPERUSER NOBYPASSRLS")):
        exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        secret_text = password_of(role, secret)
        await admin.execute(
            f"{verb} ROLE {role} LOGIN {rights} NOCREATEDB NOCREATEROLE PASSWORD '{secret_text}'"
        )
    await admin.execute(
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT ALL ON SCHEMA public TO {OWNER}; "
        f"ALTER SCHEMA public OWNER TO {OWNER}; "
        f'GRANT CREATE, CONNECT ON DATABASE "{database}" TO {OWNER}; '
        f'GRANT CONNECT ON DATABASE "{database}" TO {APP}; GRANT USAGE ON SCHEMA public TO {APP}'
    )
