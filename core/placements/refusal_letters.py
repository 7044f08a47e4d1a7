"""Letters about a refusal: the structure's, with its reason (CASF R345-4), and one that two people
judged against the household. Both say how to contest, and until when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.notifications.composing import write_letters
from core.notifications.content import Block, Letter, Value, head, points, text
from core.placements.reasons import class_of
from core.requests.rules import refusal_remedies
from core.territories.settings import read_settings

WORDS = {
    "title": N_("Un lieu a dit non"),
    "judged": N_("Votre refus a été étudié"),
    "place": N_("Lieu"),
    "day": N_("Jour"),
    "why": N_("Pourquoi"),
    "stays": N_("Vous restez sur la liste. Votre date d’inscription ne change pas."),
    "two": N_("Deux personnes ont lu votre raison."),
    "refresh": N_("Votre demande est à mettre à jour."),
    "may_change": N_("Votre date d’inscription peut changer. Appelez-nous."),
    "remedies": N_("Si vous n’êtes pas d’accord"),
    "until": N_("%(remedy)s Avant le %(day)s."),
    "help": N_("L’équipe peut vous aider à écrire. C’est gratuit."),
    "keep": N_("Gardez cette lettre."),
}
"""What these letters say."""

_ROW = """
SELECT f.state, p.name AS programme, s.at, s.words, w.author, w.code, w.label, w.plain,
       w.contestable, w.keeps_seniority,
       (SELECT max(j.at) FROM referral_state j WHERE j.territory_id = f.territory_id
        AND j.referral_id = f.id AND j.verb = 'judge:inadmissible') AS judged_at,
       (SELECT t.country FROM territory t WHERE t.id = f.territory_id) AS country
FROM referral f
JOIN vacancy v ON v.territory_id = f.territory_id AND v.id = f.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
JOIN referral_state s ON s.territory_id = f.territory_id AND s.referral_id = f.id
JOIN refusal_reason w ON w.territory_id = s.territory_id AND w.id = s.reason_id
WHERE f.id = $1 AND s.state = f.state ORDER BY s.id DESC LIMIT 1
"""


async def _refusal(unit: Unit, event: Event) -> Letter | None:
    row = await unit.row(_ROW, event.subject_id)
    judged = event.kind == "referral.judged_inadmissible"
    if row is None or (judged and row["judged_at"] is None):
        return None
    at = (row["judged_at"] if judged else row["at"]).astimezone(ZoneInfo(unit.zone)).date()
    facts = ((Sentence(WORDS["place"]), row["programme"]), (Sentence(WORDS["day"]), at))
    blocks = [Block("facts", rows=facts)]
    if judged:
        blocks += [text(WORDS["two"]), text(WORDS["refresh"])]
        if not row["keeps_seniority"]:
            blocks.append(text(WORDS["may_change"]))
    else:
        blocks += [text(WORDS["stays"]), head(WORDS["why"]), text(row["plain"] or row["label"])]
        if row["words"] and class_of(row["author"], row["code"]) == "social":
            blocks.append(Block("words", (row["words"],)))
    if judged or row["contestable"]:
        settings = await read_settings(unit)
        ways: list[Value] = []
        for one in refusal_remedies(
            at, court_relevant=settings.court_relevant, country=row["country"]
        ):
            said = Sentence(one.resident)
            if one.until:
                said = Sentence(WORDS["until"], {"remedy": said, "day": one.until})
            ways.append(said)
        blocks += [head(WORDS["remedies"]), points(ways), text(WORDS["help"])]
    blocks.append(text(WORDS["keep"]))
    return Letter(Sentence(WORDS["judged" if judged else "title"]), tuple(blocks))


write_letters(_refusal, "referral.refused_by_structure", "referral.judged_inadmissible")
