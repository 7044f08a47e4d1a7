"""The last touches on a demonstration's team: when each was here, and which structure to try."""

from __future__ import annotations

from core.accounts.service import set_password
from core.accounts.sessions import end_session, open_session
from core.demo.scene import PASSWORD, Scene

_BUSIEST = """
SELECT p.organisation_id FROM programme p JOIN housing_unit u ON u.programme_id = p.id
LEFT JOIN vacancy v ON v.unit_id = u.id LEFT JOIN referral f ON f.vacancy_id = v.id
LEFT JOIN placement s ON s.unit_id = u.id
GROUP BY p.organisation_id
ORDER BY count(DISTINCT f.id) FILTER (WHERE f.state IN ('sent_to_structure', 'preadmission',
           'admitted')) DESC,
         count(DISTINCT s.id) FILTER (WHERE s.state = 'present')
           + count(DISTINCT v.id) FILTER (WHERE v.state = 'declared') DESC,
         p.organisation_id
LIMIT 1
"""


async def come_and_go(scene: Scene) -> None:
    """Everybody who acted came in on the last working days, and left."""
    everybody = [*scene.team.values(), *scene.prescribers, *scene.structures.values()]
    for actor in everybody:
        assert actor.account_id is not None
        async with scene.act(None) as unit:
            cookie, _ = await open_session(unit, actor.account_id, "admin")
            await end_session(unit, cookie)


async def structure_to_try(scene: Scene) -> None:
    """The structure with most to answer, then most people living there, is the one to try."""
    async with scene.act(None) as unit:
        organisation_id = await unit.value(_BUSIEST)
        actor = scene.structures.get(organisation_id)
        if actor is not None:
            await set_password(unit, actor.account_id or 0, PASSWORD)
