"""`seuil import`: bring in a file of demandes, list the runs, undo one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from core import own
from core.commands.site import Site, one_line, with_database
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.imports.problems import CODES
from core.imports.queries import list_runs
from core.imports.report import Report
from core.imports.reverting import REASONS, revert_import
from core.imports.service import run_import
from core.kernel.clock import Clock
from core.kernel.errors import Refused, SeuilError
from core.kernel.settings import Settings
from core.kernel.unit import Actor, Unit
from core.territories.queries import load_places

_PLACE = re.compile(r"%\(\w+\)s( %%)?")
EXIT_REFUSED = 2
"""What the command answers when the file was not taken."""


@click.group(name="import")
def imports() -> None:
    """Files of demandes: import, list, revert."""


async def acting_in(
    settings: Settings, clock: Clock, slug: str, *, email: str = "", account_id: int | None = None
) -> Ctx:
    """The context of an account in a territory; the system itself when none is named."""
    async with Unit(territory_id=None, clock=clock) as unit:
        place = (await load_places(unit)).get(slug)
        if place is None:
            raise Refused("No territory is called %(slug)s: see seuil territory list.", slug=slug)
        found = None
        if email or account_id:
            found = await unit.row(
                "SELECT id, name FROM account WHERE kind = 'professional' "
                "AND disabled_at IS NULL AND (id = $1 OR lower(email) = lower($2))",
                account_id,
                email or None,
            )
            if found is None:
                raise Refused("No account has the address %(email)s.", email=email)
    base = Ctx(settings=settings, registry=Registry.build({"core": own}), clock=clock,
               territory=place)  # fmt: skip
    if found is None:
        return base
    async with base.unit() as unit:
        grants = await unit.fetch(
            "SELECT role, organisation_id FROM role_grant WHERE account_id = $1 "
            "AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2)",
            found["id"],
            unit.today,
        )
    return base.acting(
        Actor(
            kind="professional",
            account_id=found["id"],
            name=found["name"],
            grants=frozenset((g["role"], g["organisation_id"]) for g in grants),
        )
    )


def _mapping(pairs: tuple[str, ...]) -> dict[str, str | None]:
    choices: dict[str, str | None] = {}
    for pair in pairs:
        column, sign, field = pair.rpartition("=")
        if not sign or not column.strip():
            raise click.BadParameter(f"{pair!r}: write COLUMN=FIELD", param_hint="--map")
        choices[column.strip()] = field.strip() or None
    return choices


@imports.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--territory", "slug", required=True, help="Short name of the territory.")
@click.option("--dry-run", is_flag=True, help="Read and compare; write nothing.")
@click.option("--report", "out", type=click.Path(path_type=Path), help="Write the report as JSON.")
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=FIELD",
              help="Correct one column; FIELD empty leaves it out.")  # fmt: skip
@click.option("--as", "email", default="", help="E-mail of the account in whose name it is done.")
@one_line
def demandes(
    file: Path, slug: str, dry_run: bool, out: Path | None, pairs: tuple[str, ...], email: str
) -> None:
    """Import a file of demandes into a territory."""
    choices = _mapping(pairs)
    if not file.is_file():
        raise SeuilError(f"there is no file {file}")
    if out is not None:
        # Before anything is written: a report that cannot be kept would be lost after the import.
        with out.open("a", encoding="utf-8"):
            pass

    async def work(here: Site) -> Any:
        ctx = await acting_in(here.settings, Clock(), slug, email=email)
        with _bar() as tell:
            return await run_import(
                ctx.unit, file, dry_run=dry_run, choices=choices or None, progress=tell
            )

    done = with_database(work, patience=None)
    if out is not None:
        out.write_text(done.report.to_json(), encoding="utf-8")
    _show(done.report)
    if not done.report.trusted:
        click.echo(f"Refused, nothing was written: {done.report.untrusted}", err=True)
        raise SystemExit(EXIT_REFUSED)
    counts = done.report.to_dict()["counts"]
    if done.ref and not (counts["created"] or counts["updated"]):
        click.echo(f"Nothing changed: the base held all of it already (run {done.ref}).")
    elif done.ref:
        click.echo(f"Done. To undo it: seuil import revert {done.ref} --territory {slug}")
    elif dry_run:
        click.echo("Dry run: nothing was written.")


class _bar:
    """A progress bar that knows the two phases of an import."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[far]}"),
            TimeElapsedColumn(), console=Console(stderr=True),
        )  # fmt: skip

    def __enter__(self) -> Callable[[str, int, int], None]:
        self._progress.start()
        reading = self._progress.add_task("Reading", total=None, far="")
        writing = self._progress.add_task("Writing", total=None, far="", visible=False)

        def tell(phase: str, done: int, total: int) -> None:
            if phase == "read":
                self._progress.update(reading, far=f"line {done}")
            else:
                self._progress.update(reading, total=1, completed=1)
                self._progress.update(
                    writing, visible=True, total=total, completed=done, far=f"{done} / {total}"
                )

        return tell

    def __exit__(self, *error: object) -> None:
        self._progress.stop()


def _show(report: Report) -> None:
    counts = report.to_dict()["counts"]
    click.echo(
        "  ".join(f"{name} {counts[name]}" for name in (
            "lines", "households", "people", "created", "updated", "unchanged", "rejected",
            "flagged",
        ))
    )  # fmt: skip
    for code, number in report.by_code.most_common():
        gravity, sentence = CODES[code]
        if gravity != "note":
            click.echo(f"  {gravity:<7}{number:>7}  {_PLACE.sub('…', sentence)}")


@imports.command("list")
@click.option("--territory", "slug", required=True)
@one_line
def list_(slug: str) -> None:
    """The runs of a territory, the newest first."""

    async def work(here: Site) -> Any:
        ctx = await acting_in(here.settings, Clock(), slug)
        async with ctx.unit() as unit:
            return await list_runs(unit)

    rows = with_database(work)
    for row in rows:
        counts = row["counts"]
        click.echo(
            f"{row['ref']}  {row['started_at']:%Y-%m-%d %H:%M}  {row['state']:<9}"
            f"{counts.get('created', 0):>7} created {counts.get('updated', 0):>6} updated  "
            f"{row['file_name']}"
        )
    if not rows:
        click.echo("No import yet.")


@imports.command()
@click.argument("ref")
@click.option("--territory", "slug", required=True)
@click.option("--as", "email", default="", help="E-mail of the account in whose name it is done.")
@one_line
def revert(ref: str, slug: str, email: str) -> None:
    """Undo a run: what nobody has touched since goes, the rest stays and is told."""

    async def work(here: Site) -> Any:
        ctx = await acting_in(here.settings, Clock(), slug, email=email)
        with _bar() as tell:
            return await revert_import(
                ctx.unit, ref, lambda done, total: tell("write", done, total)
            )

    undone = with_database(work, patience=None)
    click.echo(
        f"Undone: {undone.households} households, {undone.people} people, {undone.changes} changes."
    )
    for reason, number in undone.kept.items():
        click.echo(f"  kept {number:>6}  {REASONS[reason]}")
