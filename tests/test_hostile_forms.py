"""Every act's own form, about an object that is there, with one field at a time made hostile.

`test_hostile_addresses.py` sends rubbish about objects that nobody has, which most handlers refuse
before they read the form. Here the rest of the form is right, so that the field itself is met.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar

from core.extension.context import Ctx
from core.testing import Browser, make_professional
from tests.access_world import files, people
from tests.test_write_matrix import acts, bound
from tests.write_world import stock

HOSTILE = ("", "a\x00b", "²", "9" * 40, "-1", "2147483648", "0001-01-01", "9999-12-31", "x" * 5000)
"""Nothing, a NUL, a digit that `int` does not read, numbers no column holds, dates at the ends of
the calendar, a page of text."""


@pytest.mark.parametrize("face", ("admin", "portal"))
async def test_no_field_breaks_the_server(
    ctx: Ctx, browser: Browser, app: Litestar, ground: Any, face: str
) -> None:
    own = await files(ctx, "Propre")
    await stock(ctx, own)

    async def no_launch(job: Any) -> None:
        """The importer is a process of its own: another test's."""

    app.state.launch_import = no_launch
    who = (await people(ctx, own))["resident"]
    if face == "admin":
        who = await make_professional(ctx, "coordinator", "administrator")
    assert who is not None
    await browser.get("/")
    broken = []
    for path, at, name, act in acts(app):
        if at != face or "quitter" in path:
            continue
        target = bound(path, act, own, "essai")
        await ground.execute("SAVEPOINT act")
        try:
            if act.before is not None:
                async with replace(ctx, actor=None).unit() as unit:
                    await act.before(unit, own)
            right = dict(act.form(own))
            for field in right:
                for word in HOSTILE:
                    await ground.execute("SAVEPOINT visit")
                    await browser.sign_in(ctx, who, face)
                    answer = await browser.post(target, {**right, field: word})
                    if answer.status_code >= 500:
                        broken.append(f"{name}: {field}={word[:12]!r} {answer.status_code}")
                    await ground.execute("ROLLBACK TO SAVEPOINT visit; RELEASE SAVEPOINT visit")
        finally:
            await ground.execute("ROLLBACK TO SAVEPOINT act; RELEASE SAVEPOINT act")
    assert broken == []
