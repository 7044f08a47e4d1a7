"""Journals only grow: refused by trigger, and the one door by which words are erased from them."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from core.kernel.promises import ERASABLE, GROWING, Erasable
from core.kernel.roles import APP

IN_TERRITORY = "territory_id = (SELECT nullif(current_setting('seuil.territory', true), '')::int)"
"""What a row must be for the bound territory to see it."""

JOURNALS = frozenset(
    {
        "event",
        "request_state",
        "decision",
        "seniority_act",
        "simulation_report",
        "vacancy_state",
        "referral_state",
        "passed_over",
        "placement_state",
        "life_event",
        "stop_messages",
        "setting",
        "plugin_enablement",
        "job_run",
        "access_log",
        "rights_act",
    }
)
"""Tables that only grow: UPDATE, DELETE and TRUNCATE are refused by trigger."""

_JOURNAL = """
CREATE OR REPLACE FUNCTION sl_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('seuil.erasing', true) = TG_RELID::text
     AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the journal % only grows', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
"""Its owner alone may erase words there, inside the function laid for that (`_ERASE`)."""

_ERASE = """
CREATE OR REPLACE FUNCTION {function}(wanted bigint[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  erased bigint;
BEGIN
  PERFORM set_config('seuil.erasing', '{table}'::regclass::oid::text, true);
  UPDATE {table} SET {blanks} WHERE {policy} AND id = ANY (wanted) AND ({held});
  GET DIAGNOSTICS erased = ROW_COUNT;
  PERFORM set_config('seuil.erasing', '', true);
  RETURN erased;
END $$;
REVOKE EXECUTE ON FUNCTION {function}(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function}(bigint[]) TO {app};
"""
"""Erases the words of rows of a journal in the bound territory; gives how many held some."""


async def lay_journals(owner: asyncpg.Connection, tables: Iterable[str]) -> None:
    """The triggers that refuse, and the function that erases what is declared erasable."""
    await owner.execute(_JOURNAL)
    for table in tables:
        if table not in JOURNALS | GROWING:
            continue
        for name, when, each in (
            ("sl_only_grows", "UPDATE OR DELETE", "ROW"),
            ("sl_not_truncated", "TRUNCATE", "STATEMENT"),
        ):
            await owner.execute(
                f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION sl_only_grows()"
            )
        if (erasable := ERASABLE.get(table)) is not None:
            await owner.execute(_erase(erasable))


def _erase(erasable: Erasable) -> str:
    return _ERASE.format(
        function=erasable.function,
        table=erasable.table,
        blanks=", ".join(f"{column} = {blank}" for column, blank in erasable.blanks),
        held=" OR ".join(f"{c} IS DISTINCT FROM {blank}" for c, blank in erasable.blanks),
        policy=IN_TERRITORY,
        app=APP,
    )
