"""The next rule of a list: written in a form, compared on today's list, given up or signed."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Compared, version_of
from admin.rule_form import NUMBERS, PLACED, keys_of, shown_rule, slots
from admin.rules import HERE, NO_DRAFT, comparison, label_of, told
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.ranking import DATE_KEYS, KEYS, Rule
from core.matching.rulebook import (
    change_draft,
    drop_draft,
    open_draft,
    sign_draft,
    tags_here,
)
from core.matching.rulecheck import BOUNDS, BadRule, read_rule
from core.matching.rulehistory import Draft, draft_of, drafts, rule_in_force
from core.matching.ruletexts import plain_sentences
from core.territories.jobs import run_job
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

ONE = f"{HERE}/{{kind:str}}"
TESTS = {
    "accessible_needed": N_("A besoin d’un lieu accessible"),
    "support_from": N_("Accompagnement nécessaire : niveau minimum"),
    "persons_from": N_("Nombre de personnes minimum"),
    "youngest_under": N_("Le plus jeune a moins de (ans)"),
    "eldest_under": N_("Tous ont moins de (ans)"),
}


@post(f"{ONE}/brouillon/ouvrir", opt={"permission": "rules.write"})
async def open_one(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """Begin the next version of a list from the one in force."""
    form = await visit.form()

    async def work(unit: Unit) -> int:
        return await open_draft(unit, kind)

    await visit.once(form, "ranking.open", work)
    return visit.to(f"{HERE}/{kind}/brouillon")


@get(f"{ONE}/brouillon", opt={"permission": "rules.write"})
async def draft(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """The form of a draft: its keys, its classes, and the words for households."""
    async with visit.ctx.unit() as unit:
        await label_of(unit, kind)
        if kind not in await drafts(unit, kind):
            return visit.to(f"{HERE}/{kind}", said=NO_DRAFT, tone="warn")
    return await _draft(visit, kind)


async def _draft(
    visit: Visit, kind: str, form: Form | None = None, status: int = 200, compared: Any = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        label = await label_of(unit, kind)
        written = await draft_of(unit, kind)
        now = await rule_in_force(unit, kind)
    form = form or visit.blank(
        {**shown_rule(written.rule), "text": written.text, "why": written.why},
        version=written.version,
    )
    tags = tags_here(visit.ctx)
    return visit.page(
        "admin/rules/draft.html",
        status=status,
        kind=kind,
        label=label,
        form=form,
        compared=compared,
        slots=slots(form),
        placed=[(key, visit._(KEYS[key])) for key in PLACED],
        places=[(n, str(n)) for n in range(1, len(PLACED) + 1)],
        dates=[(key, visit._(KEYS[key])) for key in DATE_KEYS],
        numbers=NUMBERS,
        tags=[(key, visit._(one.label)) for key, one in tags.items()],
        tests=[(name, visit._(label), BOUNDS[name]) for name, label in TESTS.items()],
        written=written,
        said=told(visit, written.rule),
        now=told(visit, now.rule),
    )


@post(f"{ONE}/brouillon", opt={"permission": "rules.write"})
async def save(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """Keep what was typed; then look at what it does, or go on writing."""
    form = await visit.form()
    keys = keys_of(form)
    text, why = form.text("text", 2000), form.text("why", 500)
    follow = form.value("then")
    tags = tags_here(visit.ctx)

    async def work(unit: Unit) -> str:
        form.check()
        written = await draft_of(unit, kind)
        words = text
        if follow == "write":
            rule = read_rule(keys, tags)
            words = "\n".join(s.render(visit._) for s in plain_sentences(rule))
        await change_draft(
            unit, written.id, keys, text=words, why=why, version=version_of(form), tags=tags
        )
        return f"{HERE}/{kind}/" + ("comparer?a=brouillon" if follow == "compare" else "brouillon")

    try:
        path = await visit.once(form, "ranking.change_draft", work)
    except BadRule as bad:
        said = " ".join(visit._(r.msgid, **_spoken(visit, r.params)) for r in bad.reasons)
        form.wrong("rule", said)
        return await _draft(visit, kind, form, 422)
    except Invalid as error:
        return await _draft(visit, kind, keep(visit, form, error), 422)
    except Conflict as error:
        return await _conflict(visit, kind, form, error)
    return visit.to(path, said=N_("Brouillon enregistré."))


def _spoken(visit: Visit, params: Any) -> dict[str, Any]:
    """A reason's places, with the name of a key in the reader's language."""
    return {n: visit._(v) if isinstance(v, str) and v else v for n, v in params.items()}


async def _conflict(visit: Visit, kind: str, form: Form, error: Conflict) -> Response[str]:
    """What the other one saved beside what was typed, over their version."""
    if not error.theirs:
        return visit.to(f"{HERE}/{kind}", said=error.message, tone="error")
    async with visit.ctx.unit() as unit:
        theirs = await draft_of(unit, kind)
    mine = read_rule(keys_of(form))
    rows = [
        (label, before, None if name in error.untouched else after)
        for name, label, before, after in _fields(visit, theirs, mine, form)
        if before != after
    ]
    values: dict[str, Any] = {**form.dump(), "version": theirs.version}
    if "keys" in error.untouched:
        values = {n: v for n, v in values.items() if not n.startswith(("class_", "place_"))}
        values |= shown_rule(theirs.rule)
    for name in {"text", "why"} & error.untouched:
        values[name] = getattr(theirs, name)
    return await _draft(visit, kind, Form(values, csrf=form.csrf), 409, Compared(rows, error.own))


def _fields(visit: Visit, theirs: Draft, mine: Rule, form: Form) -> list[tuple[str, str, str, str]]:
    def words(rule: Rule) -> str:
        said = told(visit, rule)
        assert said is not None
        classes = [f"{c['number']} : {c['label']} ({', '.join(c['who'])})" for c in said["classes"]]
        return " → ".join(said["keys"]) + "".join(f" ; {one}" for one in classes)

    return [
        ("keys", visit._(N_("Critères")), words(theirs.rule), words(mine)),
        ("text", visit._(N_("En mots simples, pour les ménages")), theirs.text, form.value("text")),
        ("why", visit._(N_("Pourquoi ce changement")), theirs.why, form.value("why")),
    ]


@post(f"{ONE}/brouillon/abandonner", opt={"permission": "rules.write"})
async def drop(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """Give the draft up."""
    form = await visit.form()

    async def work(unit: Unit) -> None:
        await drop_draft(unit, (await draft_of(unit, kind)).id)

    await visit.once(form, "ranking.drop_draft", work)
    return visit.to(f"{HERE}/{kind}", said=N_("Brouillon abandonné."))


@post(f"{ONE}/signer", opt={"permission": "rules.sign"})
async def sign(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """Sign the draft that was compared, for a day; today, the list follows at once."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        starts_on = form.date("starts_on", required=True)
        form.check()
        assert starts_on is not None
        written = await draft_of(unit, kind)
        await sign_draft(unit, written.id, version_of(form), starts_on, tags_here(visit.ctx))
        return {"today": starts_on == unit.today}

    try:
        done = await visit.once(form, "ranking.sign", work)
    except BadRule as bad:
        form.wrong("starts_on", " ".join(visit._(r.msgid, **r.params) for r in bad.reasons))
        return await comparison(visit, kind, form, 422)
    except Invalid as error:
        return await comparison(visit, kind, keep(visit, form, error), 422)
    except Conflict as error:
        return visit.to(f"{HERE}/{kind}/brouillon", said=error.message, tone="error")
    except NotFound:
        return visit.to(f"{HERE}/{kind}", said=N_("Ce brouillon est déjà signé ou abandonné."))
    if done["today"]:
        await run_job(visit.ctx, "core.rankings", asked=True)
        return visit.to(f"{HERE}/{kind}", said=N_("Règle signée : la liste la suit."))
    return visit.to(f"{HERE}/{kind}", said=N_("Règle signée. Elle prendra effet le jour dit."))


HANDLERS = (open_one, draft, save, drop, sign)
