"""A plugin's tables: made, kept, carried on, held back; nothing outside its schema ever changes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest
from piccolo.conf.apps import AppConfig

from core.app import CORE
from core.commands import doctor
from core.commands.site import Site
from core.extension.discovery import discover
from core.extension.registry import Registry
from core.extension.tests.making import APP, TABLES, forget, load_plugin, package_of
from core.kernel import migrate as migrating
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.errors import Conflict
from core.kernel.migrate import Migrated, installed_apps, migrate
from core.kernel.settings import DEMO_SECRET, Settings
from core.kernel.unit import Unit
from core.kernel.wall import wall_faults
from core.territories.holding import hold_behind
from core.testing import NOW, Databases, make_place

FIRST = '''
"""The first tables."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-01-01T00:00:00:000000"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="{name}", description="")
    manager.add_table(class_name="Slip", tablename="slip", schema="plugin_{name}", columns=None)
    for column, kind in (("id", "BigSerial"), ("territory_id", "Integer"), ("text", "Text"),
                         ("household_id", "BigInt")):
        manager.add_column(
            table_class_name="Slip", tablename="slip", column_name=column, db_column_name=column,
            column_class_name=kind, schema="plugin_{name}",
            params={{"primary_key": column == "id", "null": column == "household_id",
                    "default": None}},
        )
    return manager
'''

THEN = '''
"""What another version changes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.kernel.database import ENGINE

ID = "2026-02-02T00:00:00:000000"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="{name}", description="")

    async def run():
        for sql in {sql!r}:
            await ENGINE._run_in_new_connection(sql)

    manager.add_raw(run)
    return manager
'''

PROMISES = """

declare(
    Reference("plugin_{name}.slip", "household_id", "household"),
    Constraint("plugin_{name}.slip", "said", "CHECK (text <> '')", "Écrivez quelque chose."),
    Index("plugin_{name}.slip", "text", "(territory_id, text)"),
)
"""

Made = Callable[..., ModuleType]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Write a plugin with a table; `then` are the statements of its second migration."""

    def make(
        name: str = "essai", *then: str, promises: str = PROMISES, first: str = FIRST
    ) -> ModuleType:
        tables = TABLES.replace("household_id = Integer", "household_id = BigInt")
        tables = tables.replace("import Integer, Text", "import BigInt, Text")
        files = {
            "piccolo_app.py": APP.format(name=name, package=package_of(name)),
            "tables.py": tables.format(schema=f"plugin_{name}") + promises.format(name=name),
            f"migrations/{name}_2026_01_01.py": first.format(name=name),
        }
        if then:
            files[f"migrations/{name}_2026_02_02.py"] = THEN.format(name=name, sql=then)
            forget(f"{name}_2026_02_02")
        forget(f"{name}_2026_01_01")
        return load_plugin(monkeypatch, tmp_path, name, files)

    return make


def apps(*modules: ModuleType) -> list[AppConfig]:
    """Core's app and those of these plugins, without what else is installed."""
    own = [importlib.import_module(f"{m.__name__.rpartition('.')[0]}.piccolo_app") for m in modules]
    return [installed_apps()[0], *(m.APP_CONFIG for m in own)]


async def bring_up(admin_url: str, *modules: ModuleType) -> Migrated:
    return await migrate(admin_url, DEMO_SECRET, apps(*modules))


async def value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_its_tables_are_behind_the_wall(databases: Databases, made: Made) -> None:
    admin_url, app_url = await databases.fresh()
    done = await bring_up(admin_url, made())
    assert (done.ran, done.held) == (["2026-01-01T00:00:00:000000"], {})
    assert (await bring_up(admin_url, made())).ran == []
    admin = await asyncpg.connect(admin_url)
    assert await wall_faults(admin) == []
    await admin.close()
    clock = StillClock(NOW)
    await ENGINE.open(app_url, 2)
    try:
        here, other = await make_place(clock), await make_place(clock, "ailleurs", "Ailleurs")
        async with Unit(territory_id=other.id) as unit:
            theirs = await unit.value(
                "INSERT INTO household (ref) VALUES ('AAAAAAAAAA') RETURNING id"
            )
            await unit.fetch("INSERT INTO plugin_essai.slip (text) VALUES ('là-bas')")
        async with Unit(territory_id=here.id) as unit:
            assert await unit.fetch("SELECT * FROM plugin_essai.slip") == []
        with pytest.raises((asyncpg.ForeignKeyViolationError, Conflict)):
            async with Unit(territory_id=here.id) as unit:
                await unit.fetch(
                    "INSERT INTO plugin_essai.slip (text, household_id) VALUES ('x', $1)", theirs
                )
        with pytest.raises(Conflict, match="Écrivez quelque chose"):
            async with Unit(territory_id=here.id) as unit:
                await unit.fetch("INSERT INTO plugin_essai.slip (text) VALUES ('')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with Unit(territory_id=here.id) as unit:
                await unit.fetch("CREATE TABLE plugin_essai.other (id int)")
    finally:
        await ENGINE.close()


async def test_a_table_of_core_s_name_has_its_own_policy(databases: Databases, made: Made) -> None:
    """The wall looks at the schema too: `household` of a plugin is not core's."""
    admin_url, _ = await databases.fresh()
    plugin = made(
        first=FIRST.replace('"slip"', '"household"').replace("'slip'", "'household'"), promises=""
    )
    assert (await bring_up(admin_url, plugin)).held == {}
    sql = "SELECT count(*) FROM pg_policies WHERE schemaname = 'plugin_essai'"
    assert await value(admin_url, sql) == 1


async def test_its_journal_only_grows(databases: Databases, made: Made) -> None:
    admin_url, app_url = await databases.fresh()
    plugin = made(promises='\n\nonly_grows("plugin_{name}.slip")\n')
    assert (await bring_up(admin_url, plugin)).held == {}
    await ENGINE.open(app_url, 2)
    try:
        place = await make_place(StillClock(NOW))
        async with Unit(territory_id=place.id) as unit:
            await unit.fetch("INSERT INTO plugin_essai.slip (text) VALUES ('écrit')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with Unit(territory_id=place.id) as unit:
                await unit.fetch("UPDATE plugin_essai.slip SET text = 'réécrit'")
    finally:
        await ENGINE.close()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="only grows"):
        await value(admin_url, "UPDATE plugin_essai.slip SET text = 'réécrit'")


async def test_a_new_version_carries_its_rows_on(databases: Databases, made: Made) -> None:
    admin_url, app_url = await databases.fresh()
    await bring_up(admin_url, made())
    await ENGINE.open(app_url, 2)
    try:
        place = await make_place(StillClock(NOW))
        async with Unit(territory_id=place.id) as unit:
            await unit.fetch("INSERT INTO plugin_essai.slip (text) VALUES ('gardé')")
    finally:
        await ENGINE.close()
    newer = made(
        "essai",
        "ALTER TABLE plugin_essai.slip ADD COLUMN loud text",
        "UPDATE plugin_essai.slip SET loud = upper(text)",
    )
    assert (await bring_up(admin_url, newer)).held == {}
    assert await value(admin_url, "SELECT loud FROM plugin_essai.slip") == "GARDÉ"


async def test_one_that_fails_half_way_leaves_all_as_it_was(
    databases: Databases, made: Made
) -> None:
    admin_url, app_url = await databases.fresh()
    await bring_up(admin_url, made())
    failing = made(
        "essai", "ALTER TABLE plugin_essai.slip ADD COLUMN loud text", "SELECT 1 / 0 AS secret"
    )
    done = await bring_up(admin_url, failing, made("zoologie"))
    assert list(done.held) == ["essai"]
    assert "essai: its migration failed in essai_2026_02_02.py" in done.held["essai"]
    assert "DivisionByZeroError, 22012" in done.held["essai"]
    columns = (
        "SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns "
        "WHERE table_schema = 'plugin_essai'"
    )
    assert await value(admin_url, columns) == "household_id id territory_id text"
    assert await value(admin_url, "SELECT to_regclass('plugin_zoologie.slip') IS NOT NULL") is True
    # The site stands without it, and says so, until its migrations have run.
    registry = Registry.build(CORE, {**discover(), "essai": failing, "zoologie": made("zoologie")})
    await ENGINE.open(app_url, 2)
    try:
        await hold_behind(registry, StillClock(NOW))
    finally:
        await ENGINE.close()
    assert registry.held == {"essai": "1 migration(s) to run: seuil migrate"}
    on = frozenset({"essai", "zoologie"})
    assert not registry.is_on("essai", on) and registry.is_on("zoologie", on)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE public.stray (territory_id int)", "public.stray"),
        ("CREATE TABLE plugin_autre_chose (id int)", "public.plugin_autre_chose"),
        ("ALTER TABLE household ADD COLUMN mood text", "public.household"),
        ("DROP POLICY sl_territory ON household", "public.household"),
        ("ALTER TABLE event DISABLE TRIGGER sl_only_grows", "public.event"),
        ("CREATE SCHEMA plugin_other", "plugin_other"),
        ("UPDATE code SET label = label", "public.code"),
    ],
)
async def test_a_migration_that_reaches_outside_is_undone(
    statement: str, named: str, databases: Databases, made: Made
) -> None:
    admin_url, _ = await databases.fresh()
    connection = await asyncpg.connect(admin_url)
    await connection.execute("INSERT INTO code (list, code, label) VALUES ('essai', 1, 'Un')")
    await connection.close()
    done = await bring_up(admin_url, made("essai", statement))
    assert (
        named in done.held["essai"] and "outside its own schema plugin_essai" in done.held["essai"]
    )
    assert await value(admin_url, "SELECT to_regclass('plugin_essai.slip') IS NULL") is True
    assert await value(admin_url, "SELECT to_regclass('public.stray') IS NULL") is True


async def test_a_table_without_territory_is_refused(databases: Databases, made: Made) -> None:
    admin_url, _ = await databases.fresh()
    plugin = made("essai", "CREATE TABLE plugin_essai.code (id int)")
    done = await bring_up(admin_url, plugin)
    assert done.held == {
        "essai": "essai: table plugin_essai.code has no territory and is not listed as global"
    }


async def test_two_files_of_one_name_are_refused(databases: Databases, made: Made) -> None:
    admin_url, _ = await databases.fresh()
    one, two = made("un"), made("deux")
    folder = Path(str(two.__file__)).parent / "migrations"
    (folder / "deux_2026_01_01.py").rename(folder / "un_2026_01_01.py")
    with pytest.raises(Exception, match=r"deux: its migration un_2026_01_01\.py has the name of"):
        await bring_up(admin_url, one, two)


async def test_uninstalled_its_rows_stay_and_doctor_says_so(
    databases: Databases, made: Made, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin_url, app_url = await databases.fresh()
    await bring_up(admin_url, made())
    await ENGINE.open(app_url, 2)
    try:
        place = await make_place(StillClock(NOW))
        async with Unit(territory_id=place.id) as unit:
            await unit.fetch("INSERT INTO plugin_essai.slip (text) VALUES ('gardé')")
    finally:
        await ENGINE.close()
    forget(package_of("essai"))
    done = await migrate(admin_url, DEMO_SECRET, [installed_apps()[0]])
    assert (done.ran, done.held) == ([], {})
    promises = "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'sl_plugin_essai%'"
    assert await value(admin_url, promises) == 3
    monkeypatch.setattr(migrating, "installed_apps", lambda: [installed_apps()[0]])
    found = [str(f) for f in await doctor.examine(Site(settings, admin_url, app_url)) if f.bad]
    assert [line for line in found if "essai: not installed, and 1 row(s) of it are here" in line]


async def test_an_older_version_of_a_plugin_does_not_touch_newer_tables(
    databases: Databases, made: Made
) -> None:
    admin_url, _ = await databases.fresh()
    await bring_up(admin_url, made("essai", "SELECT 1"))
    older = made()
    (Path(str(older.__file__)).parent / "migrations" / "essai_2026_02_02.py").unlink()
    done = await bring_up(admin_url, older)
    assert "made by a newer version of the plugin" in done.held["essai"]
