"""The letter of a proposal: what the place is, what yes and no lead to, until when and how."""

from __future__ import annotations

from typing import Any

from core.housing.labels import PLAIN_SIZES
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.notifications.composing import helpers_of, write_letters
from core.notifications.content import Block, Letter, Money, Value, head, points, text
from core.placements.rules import effect_of

WORDS = {
    "title": N_("Un lieu vous est proposé"),
    "soon": N_("Vous n’avez pas encore répondu."),
    "place": N_("Le lieu"),
    "what": N_("Ce que c’est"),
    "name": N_("Nom du lieu"),
    "where": N_("Où"),
    "size": N_("Taille"),
    "most": N_("Pour"),
    "persons": N_("%(num)s personnes au plus"),
    "price": N_("Prix par mois"),
    "unknown": N_("Pas encore connu. Demandez."),
    "free": N_("Libre à partir du"),
    "long": N_("Combien de temps"),
    "months": N_("%(num)s mois au plus"),
    "rules": N_("Les règles du lieu"),
    "team": N_("Un mot de l’équipe"),
    "yes": N_("Si vous dites oui"),
    "kept": N_("La place reste gardée pour vous."),
    "may_refuse": N_("L’équipe du lieu peut encore dire non."),
    "no": N_("Si vous dites non"),
    "others": N_("La place sera proposée à d’autres personnes."),
    "free_word": N_("Vous pouvez ne pas dire pourquoi."),
    "how": N_("Comment répondre"),
    "before": N_("Répondez avant le %(until)s."),
    "call": N_("Appelez l’équipe. Le numéro est en bas."),
    "call_one": N_("Appelez %(name)s : %(phone)s."),
    "slip": N_("Ou cochez, et donnez cette feuille à l’équipe :"),
    "say_yes": N_("Oui, je veux ce lieu."),
    "say_ask": N_("J’ai une question. Appelez-moi."),
    "say_no": N_("Non, je ne veux pas ce lieu."),
    "nothing": N_("Rien n’est décidé sans vous."),
}
"""What the letter says; places are filled from the proposal."""

_PROPOSAL = """
SELECT f.state, f.answer_by, f.words, v.free_on, v.kind, k.label AS kind_label, k.plain,
       k.stay_months_max, p.name AS programme, p.house_rules, u.typology, u.cost_cents,
       u.max_persons, coalesce(ua.name, pa.name) AS area
FROM referral f
JOIN vacancy v ON v.territory_id = f.territory_id AND v.id = f.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN area ua ON ua.territory_id = u.territory_id AND ua.id = u.area_id
LEFT JOIN area pa ON pa.territory_id = p.territory_id AND pa.id = p.area_id
LEFT JOIN LATERAL (
  SELECT label, plain, stay_months_max FROM housing_kind h
  WHERE h.territory_id = v.territory_id AND h.code = v.kind AND h.starts_on <= $2
  ORDER BY h.starts_on DESC LIMIT 1) k ON true
WHERE f.id = $1
"""


def _said(key: str, /, **params: Any) -> Sentence:
    return Sentence(WORDS[key], params)


def _facts(row: Any) -> Block:
    size = PLAIN_SIZES.get(row["typology"])
    price: Value = _said("unknown")
    if row["cost_cents"] is not None:
        price = Money(row["cost_cents"])
    rows: list[tuple[Sentence, Value]] = [
        (_said("what"), Sentence(row["plain"]) if row["plain"] else row["kind_label"] or ""),
        (_said("name"), row["programme"]),
    ]
    if row["area"]:
        rows.append((_said("where"), row["area"]))
    if size:
        rows.append((_said("size"), Sentence(size)))
    if row["max_persons"] > 1:
        rows.append((_said("most"), _said("persons", num=row["max_persons"])))
    rows += [(_said("price"), price), (_said("free"), row["free_on"])]
    if row["stay_months_max"]:
        rows.append((_said("long"), _said("months", num=row["stay_months_max"])))
    return Block("facts", rows=tuple(rows))


async def _proposal(unit: Unit, event: Event) -> Letter | None:
    """None once it is no longer to be answered: a letter must not offer what is gone."""
    row = await unit.row(_PROPOSAL, event.subject_id, unit.today)
    if row is None or row["state"] != "proposed":
        return None
    soon = event.kind == "referral.deadline_soon"
    blocks = [text(WORDS["soon"])] if soon else []
    if row["answer_by"]:
        blocks.append(Block("due", (_said("before", until=row["answer_by"]),)))
    blocks += [text(WORDS["nothing"]), head(WORDS["place"]), _facts(row)]
    if row["words"]:
        blocks += [head(WORDS["team"]), Block("words", (row["words"],))]
    if row["house_rules"]:
        blocks += [head(WORDS["rules"]), Block("words", (row["house_rules"],))]
    blocks += [
        head(WORDS["yes"]),
        points([Sentence(effect_of("accepted").resident), _said("kept"), _said("may_refuse")]),
        head(WORDS["no"]),
        points([Sentence(effect_of("declined").resident), _said("others"), _said("free_word")]),
        head(WORDS["how"]),
    ]
    callable_ = [w for w in await helpers_of(unit, event.household_id) if w["phone"]]
    blocks += [
        points(
            [_said("call"), *(_said("call_one", name=w["name"], phone=w["phone"])
                              for w in callable_)]
        ),
        Block("slip", (_said("slip"), _said("say_yes"), _said("say_ask"), _said("say_no"))),
    ]  # fmt: skip
    return Letter(_said("title"), tuple(blocks))


write_letters(_proposal, "referral.proposed", "referral.deadline_soon")
