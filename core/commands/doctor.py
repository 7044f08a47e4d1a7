"""`seuil doctor`: what is missing for this installation, and for each territory, to work."""

from __future__ import annotations

import asyncio
import ipaddress
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
import click

from core.commands.site import Site, one_line, site
from core.extension.context import Place
from core.extension.troubles import FLOOD
from core.households.alone import alone
from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable
from core.kernel.migrate import OTHER_VERSION, known_migrations
from core.kernel.postgres import data_home, has_data
from core.kernel.roles import APP, OWNER
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.kernel.upgrades import ran_by_app
from core.kernel.wall import wall_faults
from core.notifications.paper import faults
from core.notifications.sending import carriers_of
from core.territories.queries import load_places
from core.territories.settings import read_settings
from core.territories.troubles import troubles_of

OLDEST = 16
"""The oldest PostgreSQL whose features this platform uses."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `bad` makes the command fail; otherwise `remark` is only said."""

    text: str
    bad: bool = False
    remark: bool = False

    def __str__(self) -> str:
        mark = "MISSING" if self.bad else "look" if self.remark else "ok"
        return f"{mark:<8} {self.text}"


@click.command()
@one_line
def doctor() -> None:
    """Look at everything this site needs; fails when something is missing."""
    findings = [_python()]
    settings = Settings.from_env()
    if settings.database_url is None and not has_data(data_home(settings.home)):
        # A look makes nothing: where no database was made, none is made to be looked at.
        for finding in findings:
            click.echo(str(finding))
        raise click.ClickException(
            f"no database in {settings.home}: seuil migrate makes an empty one, seuil demo a full "
            "one."
        )
    with site() as here:
        findings.append(
            Finding(f"settings: {here.settings.environment}, {here.settings.public_url}")
        )
        findings += _sending(here)
        findings += proxies(here.settings)
        findings += asyncio.run(examine(here))
    for finding in findings:
        click.echo(str(finding))
    bad = sum(f.bad for f in findings)
    if bad:
        raise click.ClickException(f"{bad} thing(s) missing: see above.")
    click.echo("All is well.")


def _python() -> Finding:
    version = ".".join(str(n) for n in sys.version_info[:3])
    return Finding(f"Python {version}", bad=sys.version_info < (3, 11))


def _sending(here: Site) -> list[Finding]:
    """Which messages can leave this installation; the others are the team's to tell."""
    carried = carriers_of(here.settings)
    if "email" in carried:
        mail = Finding(f"mail: sent as {here.settings.smtp_from}")
    else:
        text = "mail: SEUIL_SMTP_URL is not set: the team tells people otherwise (page Envois)"
        mail = Finding(text, remark=True)
    if "sms" in carried:
        host = urlsplit(here.settings.sms_url or "").hostname
        sms = Finding(f"SMS: sent through {host}")
        if not here.settings.sms_token:
            sms = Finding(f"SMS: sent through {host} without SEUIL_SMS_TOKEN", remark=True)
    else:
        text = "SMS: SEUIL_SMS_URL is not set: the team calls people (page Envois)"
        sms = Finding(text, remark=True)
    return [mail, sms, *letters()]


def letters() -> list[Finding]:
    """Whether letters can be printed here, in every alphabet that the pages speak."""
    missing = faults()
    if missing:
        return [Finding(f"letters: missing {what}", bad=True) for what in missing]
    return [Finding("letters: typst and its fonts print tagged PDF")]


def proxies(settings: Settings) -> list[Finding]:
    """Whether visitors are told apart: the limits on signing in count by their address."""
    name = "SEUIL_TRUSTED_PROXIES"
    trusted = [ipaddress.ip_network(text) for text in settings.trusted_proxies]
    found = [
        Finding(f"{name}: {network} is a public network, anybody in it may lie", remark=True)
        for network in trusted
        if network.is_global and network.num_addresses > 1
    ]
    if settings.production and settings.https and not trusted:
        # The site speaks plain HTTP: https means that something stands before it.
        text = f"{name} is empty: behind a proxy every visitor seems to be the proxy"
        found.append(Finding(text, bad=True))
    if not settings.production and trusted:
        found.append(Finding(f"{name} is set outside of production", remark=True))
    return found


async def examine(here: Site) -> list[Finding]:
    """The database first; the territories only when it stands."""
    findings: list[Finding] = []
    try:
        admin = await asyncpg.connect(here.admin_url)
    except (OSError, asyncpg.PostgresError) as error:
        return [Finding(f"database: it does not answer ({type(error).__name__})", bad=True)]
    try:
        findings += await _server(admin)
        findings += await _migrations(admin)
        made = await admin.fetchval("SELECT to_regclass('public.household') IS NOT NULL")
        faults = await wall_faults(admin) if made else []
        findings += [Finding(f"wall: {fault}", bad=True) for fault in faults]
        if made and not faults:
            findings.append(Finding("wall: every table of a territory is behind its policy"))
    finally:
        await admin.close()
    if any(f.bad for f in findings):
        return findings
    try:
        await ENGINE.open(here.app_url, 2)
    except DatabaseUnavailable:
        return [*findings, Finding(f"database: {APP} cannot sign in: run seuil migrate", bad=True)]
    try:
        async with Unit(territory_id=None) as unit:
            places = await load_places(unit)
        for place in places.values():
            async with Unit(territory_id=place.id, zone=place.zone) as unit:
                findings += [f async for f in _territory(unit, place)]
    finally:
        await ENGINE.close()
    if not places:
        text = "no territory yet: seuil territory create SLUG NAME"
        findings.append(Finding(text, remark=True))
    return findings


async def _server(admin: asyncpg.Connection) -> list[Finding]:
    version = admin.get_server_version()
    findings = [Finding(f"PostgreSQL {version.major}.{version.minor}", bad=version.major < OLDEST)]
    rows = await admin.fetch(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY($1)",
        [OWNER, APP],
    )
    known = {r["rolname"]: r for r in rows}
    for role in (OWNER, APP):
        if role not in known:
            findings.append(Finding(f"role {role} is not there: run seuil migrate", bad=True))
    serving = known.get(APP)
    if serving is not None:
        above = serving["rolsuper"] or serving["rolbypassrls"]
        text = f"role {APP} must not pass over the wall" if above else f"roles {OWNER}, {APP}"
        findings.append(Finding(text, bad=above))
    return findings


async def _migrations(admin: asyncpg.Connection) -> list[Finding]:
    """Whether core's tables and each plugin's are of the versions that are installed."""
    ran, known = await ran_by_app(admin), known_migrations()
    if ran.get("core", set()) - known["core"]:
        return [Finding(OTHER_VERSION, bad=True)]
    found = []
    for app, carried in known.items():
        if ran.get(app, set()) - carried:
            text = f"{app}: its tables were made by a newer version of the plugin: install that one"
            found.append(Finding(text, bad=True))
        elif pending := carried - ran.get(app, set()):
            text = f"{app}: {len(pending)} migration(s) to run: seuil migrate"
            found.append(Finding(text, bad=True))
    found += [f async for f in _left_behind(admin, set(known))]
    return found or [Finding("migrations: all have run")]


async def _left_behind(admin: asyncpg.Connection, known: set[str]) -> AsyncIterator[Finding]:
    """Plugins that are not installed any more while their rows are still here."""
    schemas = await admin.fetch(
        "SELECT table_schema::text AS schema, array_agg(table_name::text ORDER BY 1) AS tables "
        "FROM information_schema.tables WHERE table_schema LIKE 'plugin\\_%' "
        "AND table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1"
    )
    for row in schemas:
        schema = row["schema"]
        plugin = schema.removeprefix("plugin_")
        if plugin in known:
            continue
        rows = 0
        for table in row["tables"]:
            rows += await admin.fetchval(f'SELECT count(*) FROM "{schema}"."{table}"')  # noqa: S608
        if rows:
            text = (
                f"{plugin}: not installed, and {rows} row(s) of it are here: install it again, or "
                f"export what must be kept and drop the schema {schema}"
            )
            yield Finding(text, bad=True)
        else:
            yield Finding(f"{plugin}: not installed, its empty tables remain", remark=True)


_COUNTS = f"""
SELECT (SELECT count(DISTINCT g.account_id) FROM role_grant g JOIN account a ON a.id = g.account_id
        WHERE g.role = 'coordinator' AND a.disabled_at IS NULL
          AND (g.ends_on IS NULL OR g.ends_on > $1)) AS coordinators,
       (SELECT count(DISTINCT g.account_id) FROM role_grant g JOIN account a ON a.id = g.account_id
        WHERE g.role = 'administrator' AND a.disabled_at IS NULL
          AND (g.ends_on IS NULL OR g.ends_on > $1)) AS administrators,
       (SELECT count(*) FROM housing_kind) AS kinds,
       (SELECT count(*) FROM refusal_reason) AS reasons,
       (SELECT count(*) FROM ranking_rule) AS rules,
       (SELECT count(*) FROM delivery WHERE state = 'stuck') AS stuck,
       (SELECT count(*) FROM outgoing_message
        WHERE channel <> 'portal' AND state = 'failed') AS unsent,
       (SELECT count(*) FROM household h WHERE {alone("$1")}
          AND h.created_at < now() - make_interval(days => $2))
         AS without_worker,
       (SELECT count(*) FROM household h WHERE EXISTS (
          SELECT 1 FROM membership m WHERE m.household_id = h.id)) AS households
"""  # noqa: S608


async def _territory(unit: Unit, place: Place) -> AsyncIterator[Finding]:
    settings = await read_settings(unit)
    # Five working days are a week of the calendar.
    days = settings.key_worker_days + 2 * ((settings.key_worker_days + 4) // 5)
    seen = await unit.row(_COUNTS, unit.today, days)
    assert seen is not None
    name = place.slug
    yield Finding(f"{name}: {seen['households']} household(s), {', '.join(place.langs)}")
    if not seen["kinds"] or not seen["reasons"] or not seen["rules"]:
        yield Finding(f"{name}: no kinds of housing, reasons or ranking rules", bad=True)
    if not seen["coordinators"]:
        how = f"seuil territory invite {name} EMAIL NAME --role coordinator"
        text = f"{name}: nobody coordinates: {how}"
        yield Finding(text, bad=True)
    if not seen["administrators"]:
        text = f"{name}: nobody administrates: seuil territory invite {name} EMAIL NAME"
        yield Finding(text, bad=True)
    if seen["unsent"]:
        text = f"{name}: {seen['unsent']} message(s) could not be sent: page Envois"
        yield Finding(text, remark=True)
    if seen["stuck"]:
        yield Finding(f"{name}: {seen['stuck']} delivery(ies) stuck", bad=True)
    for one in await troubles_of(unit, days=7):
        how = "gave too many parts" if one["what"] == FLOOD else f"failed ({one['error']})"
        since = f"since {one['first_at']:%Y-%m-%d}, last {one['last_at']:%Y-%m-%d %H:%M} UTC"
        yield Finding(
            f"{name}: {one['part']} of {one['plugin']} {how} {one['times']} time(s) {since}: see "
            "the log, and the page Extensions",
            remark=True,
        )
    if seen["without_worker"]:
        text = f"{name}: {seen['without_worker']} household(s) without key worker for too long"
        yield Finding(text, remark=True)
