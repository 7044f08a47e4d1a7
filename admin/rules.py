"""The ranking rules of a territory: each list's, its versions, and two of them compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from admin.paging import asked
from core.figures.secrecy import withheld
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.comparing import DIMENSIONS, compare_rules, open_places, place_of
from core.matching.ranking import Rule
from core.matching.rulehistory import Draft, drafts, rules_in_force, versions
from core.matching.ruletexts import key_names, plain_sentences, tests_said
from core.requests.recommendations import kind_labels
from core.territories.codes import code_list
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting

HERE = "/reglages/regles"
STANDINGS = {
    "in_force": (N_("En vigueur"), "ok"),
    "coming": (N_("À venir"), "info"),
    "replaced": (N_("Remplacée"), "neutral"),
    "never": (N_("Remplacée avant son entrée en vigueur"), "neutral"),
}
DRAFT = "brouillon"
NO_DRAFT = N_("Aucun brouillon n’est ouvert pour cette liste.")


class NoDraft(NotFound):
    """The address of a draft that was signed or given up since: its list says what became of it."""


@get(HERE, opt={"permission": "rules.read"})
async def rules(visit: Visiting) -> Response[str]:
    """Each list with the rule that orders it, what comes, and the draft under work."""
    async with visit.ctx.unit() as unit:
        labels = await kind_labels(unit)
        found = await versions(unit)
        written = await drafts(unit)
    now = {v.kind: v for v in found if v.standing == "in_force"}
    orders = {v.kind: [visit._(k) for k in key_names(v.rule)] for v in now.values() if v.rule}
    coming = {v.kind: v for v in found if v.standing == "coming"}
    return visit.page(
        "admin/rules/overview.html",
        rows=[
            {
                "kind": kind,
                "label": label,
                "now": now.get(kind),
                "keys": orders.get(kind, []),
                "coming": coming.get(kind),
                "draft": written.get(kind),
            }
            for kind, label in labels.items()
        ],
    )


async def label_of(unit: Unit, kind: str) -> str:
    """What a list is called. Raises NotFound for one that is not kept here."""
    labels = await kind_labels(unit)
    if kind not in labels:
        raise NotFound()
    return labels[kind]


def told(visit: Visit, rule: Rule | None) -> dict[str, Any] | None:
    """A rule as a page says it: its keys, its classes with the words of their tags, and what a
    household reads. None for one that cannot be read any more."""
    if rule is None:
        return None
    tags = visit.ctx.registry.tags

    def tag(key: str) -> str:
        return visit._(tags[key].label) if key in tags else key

    return {
        "keys": [visit._(name) for name in key_names(rule)],
        "classes": [
            {
                "number": one.number,
                "label": one.label,
                "who": [tag(t) for t in one.tags] + [t.render(visit._) for t in tests_said(one)],
            }
            for one in rule.classes
        ],
        "default": rule.default_class,
        "plain": [s.render(visit._) for s in plain_sentences(rule)],
    }


@get(f"{HERE}/{{kind:str}}", opt={"permission": "rules.read"})
async def one_list(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """The rule of a list in words, its versions with their authors, and what may be done."""
    async with visit.ctx.unit() as unit:
        label = await label_of(unit, kind)
        found = await versions(unit, kind)
        written = (await drafts(unit, kind)).get(kind)
    now = next((v for v in found if v.standing == "in_force"), None)
    return visit.page(
        "admin/rules/one.html",
        kind=kind,
        label=label,
        now=now,
        said=told(visit, now.rule if now else None),
        versions=[(v, told(visit, v.rule)) for v in found],
        standings=STANDINGS,
        draft=written,
        form=visit.blank(),
    )


async def chosen(unit: Unit, kind: str, which: str) -> tuple[Rule, str, Draft | None]:
    """The rule that an address names, with its name: a version's number, or the open draft."""
    if which == DRAFT:
        draft = (await drafts(unit, kind)).get(kind)
        if draft is None:
            raise NoDraft()
        return draft.rule, "", draft
    number = whole(which, 9)
    found = [v for v in await versions(unit, kind) if v.version == number]
    if not found or found[0].rule is None:
        raise NotFound()
    return found[0].rule, str(number), None


@get(f"{HERE}/{{kind:str}}/comparer", opt={"permission": "rules.read"})
async def compare(visit: Visiting, kind: FromPath[str]) -> Response[str]:
    """What one version would do to today's list after another, before it is signed."""
    try:
        return await comparison(visit, kind)
    except NoDraft:
        return visit.to(f"{HERE}/{kind}", said=NO_DRAFT, tone="warn")


async def comparison(
    visit: Visit, kind: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    """The page of two versions; the draft's carries the form that signs it."""
    ctx = visit.ctx
    named = bool(ctx.can("lists.read"))
    async with ctx.unit() as unit:
        label = await label_of(unit, kind)
        found = [v for v in await versions(unit, kind) if v.rule is not None]
        written = (await drafts(unit, kind)).get(kind)
        now = (await rules_in_force(unit, [kind])).get(kind)
        first = asked(visit, "de") or (str(now.version) if now else "")
        second = asked(visit, "a") or (DRAFT if written else first)
        before, before_name, _ = await chosen(unit, kind, first)
        after, after_name, draft = await chosen(unit, kind, second)
        places = await open_places(unit, kind)
        ref = asked(visit, "place")
        place, seed = place_of(places, ref) if ref else (None, _seed(kind, draft or written))
        result = await compare_rules(unit, kind, before, after, seed=seed, place=place, named=named)
        today = unit.today
    choices = [(str(v.version), visit._(N_("Version %(n)s"), n=v.version)) for v in found]
    if written:
        choices.append((DRAFT, visit._(N_("Brouillon"))))
    return visit.page(
        "admin/rules/compare.html",
        status=status,
        kind=kind,
        label=label,
        result=result,
        named=named,
        names=(before_name, after_name),
        sides=(told(visit, before), told(visit, after)),
        choices=choices,
        places=[(p["ref"], p["name"]) for p in places],
        place=ref,
        filter_form=visit.blank({"de": first, "a": second, "place": ref or ""}),
        groups=_groups(visit, result.groups),
        draft=draft,
        texts=[text for text in (draft.text if draft else "").splitlines() if text.strip()],
        form=form
        or visit.blank(starts_on=today.isoformat(), version=draft.version if draft else 0),
    )


def _seed(kind: str, draft: Draft | None) -> bytes:
    """What draws between equals where no place does: the draft's own seed, else the list's name,
    so that a page read again says the same."""
    return draft.seed if draft else kind.encode()


def group_names(visit: Visit, dimension: str) -> Callable[[str], str]:
    """What the code of a group reads."""
    compositions = code_list("composition").labels() if dimension == "composition" else {}
    unknown = visit._(N_("non renseigné"))
    return lambda code: (
        str(compositions.get(int(code), code) if compositions and code else code) or (unknown)
    )


def _groups(visit: Visit, groups: Any) -> list[tuple[str, list[Any], int]]:
    """(dimension, the groups that may be shown with their names, how many are not)."""
    found = []
    for dimension, label in DIMENSIONS.items():
        parts = [g for g in groups if g.dimension == dimension]
        hidden = withheld({g.code: g.households for g in parts})
        name = group_names(visit, dimension)
        shown = [(name(g.code), g) for g in parts if g.code not in hidden]
        found.append((visit._(label), shown, len(hidden)))
    return found


HANDLERS = (rules, one_list, compare)
