"""Letters: what each says, in whose language, kept word for word, on tagged paper."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.words import N_, Sentence
from core.matching.service import announce_lapse
from core.notifications import composing, post
from core.notifications.content import Block, Letter, plain, put, text
from core.notifications.paper import faults, pdf
from core.notifications.post import (
    content_of,
    letters,
    note_return,
    post_letters,
    print_letters,
    undo_letters,
)
from core.notifications.register import own_letter, told_household, told_person
from core.placements.service import answer, propose
from core.placements.tests.making import place, structure
from core.requests.seniority import move_seniority
from core.requests.service import decide, step
from core.requests.tests.making import listed, sent
from core.testing import make_place
from core.voice import voice_of
from core.worker import visit

HOME = "12 rue des Lilas, 67000 Strasbourg"


async def at_home(ctx: Ctx, request_id: int, language: str = "fr") -> tuple[int, int]:
    """(household, person) of a demande, who has an address, no e-mail and no telephone."""
    async with ctx.unit() as unit:
        home = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request_id
        )
        await unit.fetch("UPDATE household SET address = $2 WHERE id = $1", home, HOME)
        person = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1 AND role = 'main'", home
        )
        await unit.fetch(
            "UPDATE person SET phone = '', email = '', language = $2 WHERE id = $1",
            person,
            language,
        )
    return home, person


async def written(ctx: Ctx) -> dict[str, dict[str, Any]]:
    """The letters to print, by the event they are about."""
    await visit(ctx)
    async with ctx.unit() as unit:
        return {r["template"]: content_of(r) for r in await letters(unit, "to_print")}


async def offered(ctx: Ctx, language: str = "fr") -> tuple[int, int]:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        request_id = await listed(unit)
    home, person = await at_home(ctx, request_id, language)
    async with ctx.unit() as unit:
        await propose(
            unit, await place(unit, programme), request_id, words="Un lieu calme.",
            answer_by=unit.now + timedelta(days=7),
        )  # fmt: skip
    return home, person


async def test_a_proposal_says_what_yes_and_no_lead_to_and_how_to_answer(ctx: Ctx) -> None:
    await offered(ctx)
    content = (await written(ctx))["referral.proposed"]
    said = plain(content)
    for words in (
        "Un lieu vous est proposé", "Bonjour Awa,", "Répondez avant le 19 mars 2026",
        "Un lieu calme.", "L’équipe du lieu peut encore dire non.",
        "La place sera proposée à d’autres personnes.", "Oui, je veux ce lieu.",
        "Prix par mois : Pas encore connu. Demandez.", "03 00 00 00 00", "115",
    ):  # fmt: skip
        assert words in said, words
    assert content["to"] == {"name": "Awa Diallo", "address": HOME}
    assert len(content["parts"]) == 1


async def test_it_is_in_the_person_s_language_then_in_french(ctx: Ctx) -> None:
    await offered(ctx, "ar")
    content = (await written(ctx))["referral.proposed"]
    first, second = content["parts"]
    assert (first["lang"], first["dir"], second["lang"]) == ("ar", "rtl", "fr")
    assert first["title"] == "يُعرض عليك مكان" and "لم يراجع" in first["foot"][-1]
    ours = [line for b in first["blocks"] if b["kind"] != "words" for line in b["lines"]]
    assert ours and not [line for line in ours if re.search("[a-zà-ÿ]{4,}", line)]


async def test_a_language_that_lacks_a_sentence_gives_french(ctx: Ctx) -> None:
    letter = Letter(Sentence(N_("Bonjour")), (text("Une phrase que personne n’a traduite."),))
    for language in ("en", "ar", "xx"):
        content = put(letter, voice_of(ctx), language=language, given="Awa", family="Diallo",
                      address="", on=date(2026, 3, 12))  # fmt: skip
        assert [part["lang"] for part in content["parts"]] == ["fr"], language


async def test_a_refusal_carries_its_remedies_with_their_days(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await sent(unit)
    await at_home(ctx, request_id)
    async with ctx.unit() as unit:
        await step(unit, request_id, "take_up")
        await decide(unit, request_id, "refuse", reason="Interne", plain_text="Dans nos mots.")
    said = plain((await written(ctx))["request.refused"])
    assert "Dans nos mots." in said and "Interne" not in said
    assert "Vous pouvez demander un nouvel examen. Avant le 12 mai 2026." in said


async def test_a_seniority_that_moved_says_before_and_after(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    await at_home(ctx, request_id)
    async with ctx.unit() as unit:
        await move_seniority(unit, request_id, date(2025, 6, 1), "earlier_request", "Preuve")
    said = plain((await written(ctx))["seniority.earlier_request"])
    assert "Avant : 12 mars 2026" in said and "Maintenant : 1er juin 2025" in said
    assert "Preuve" not in said


async def test_a_lapse_is_announced_with_what_to_do(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    await at_home(ctx, request_id)
    async with ctx.unit() as unit:
        entry = await unit.value(
            "UPDATE waiting_entry SET state = 'to_refresh' WHERE request_id = $1 RETURNING id",
            request_id,
        )
        await announce_lapse(unit, entry)
    said = plain((await written(ctx))["entry.lapse_announced"])
    assert "Vous pouvez revenir pendant 90 jours." in said and "Appelez l’équipe." in said


async def test_a_key_worker_is_named(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    home, _ = await at_home(ctx, request_id)
    async with ctx.unit() as unit:
        unit.record("key_worker.assigned", household_id=home, role="siao")
    assert "Nom : Camille Roth" in plain((await written(ctx))["key_worker.assigned"])


async def test_every_event_with_a_letter_is_an_event_that_exists(ctx: Ctx) -> None:
    kinds = ctx.registry.event_kinds
    for key in composing.on_paper():
        assert key in kinds and kinds[key].resident, key


async def test_the_paper_is_tagged_and_its_first_page_says_nothing(ctx: Ctx) -> None:
    await offered(ctx, "ar")
    content = (await written(ctx))["referral.proposed"]
    made = await pdf([content, content], "Courriers")
    assert made == await pdf([content, content], "Courriers"), "the same words print the same"
    read = PdfReader(io.BytesIO(made))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"] and read.metadata.title == "Courriers"
    assert "pdfuaid" in read.trailer["/Root"]["/Metadata"].get_data().decode()
    pages = [page.extract_text() for page in read.pages]
    assert "Awa Diallo" in pages[0] and "12 rue des Lilas" in pages[0]
    for word in ("lieu", "propos", "Essai", "demande", "équipe"):
        assert word not in pages[0], word
    # The second letter begins on a sheet of its own.
    assert [n for n, page in enumerate(pages) if "12 rue des Lilas" in page][1] % 2 == 0
    fonts = {
        str(font["/BaseFont"]).split("+")[-1]
        for page in read.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert {f.split("-")[0] for f in fonts} == {"NotoSans", "NotoSansArabic"}


@pytest.mark.parametrize("words", ["#panic() *gras* $x$", "Bien 😀 你好", "<script>\n\n• [x]", ""])
async def test_what_somebody_wrote_is_never_read_as_layout(ctx: Ctx, words: str) -> None:
    letter = Letter(Sentence(N_("Bonjour")), (Block("words", (words,)), Block("facts")))
    content = put(letter, voice_of(ctx), language="fr", given=words or "A", family="D",
                  address=words, on=date(2026, 3, 12), sender=words)  # fmt: skip
    made = await pdf([content], "Essai")
    assert made.startswith(b"%PDF")
    if words.startswith("#"):
        assert words in PdfReader(io.BytesIO(made)).pages[1].extract_text()


def test_nothing_is_missing_here_to_print() -> None:
    assert faults() == []


# -- the post ------------------------------------------------------------------------------------


async def to_post(ctx: Ctx) -> tuple[int, int, str]:
    """(household, person, letter) of a proposal to print."""
    home, person = await offered(ctx)
    await visit(ctx)
    async with ctx.unit() as unit:
        rows = await letters(unit, "to_print")
        (ref,) = [r["ref"] for r in rows if r["template"] == "referral.proposed"]
    return home, person, ref


async def state(ctx: Ctx, ref: str) -> tuple[str, str]:
    async with ctx.unit() as unit:
        row = await post.letter(unit, ref)
    return row["state"], row["error"]


async def test_a_letter_is_printed_posted_returned_and_each_is_undone(ctx: Ctx) -> None:
    home, person, ref = await to_post(ctx)
    voice = voice_of(ctx)
    async with ctx.unit() as unit:
        with pytest.raises(Refused):
            await post_letters(unit, [ref], unit.today)
        batch, (result,) = await print_letters(unit, [ref], voice)
        assert result.why == "" and len(await post.batch_of(unit, batch)) == 1
        with pytest.raises(Invalid):
            await post_letters(unit, [ref], unit.today + timedelta(days=1))
        with pytest.raises(Invalid):
            await post_letters(unit, [ref], unit.today - timedelta(days=1))
        await post_letters(unit, [ref], unit.today)
    assert await state(ctx, ref) == ("posted", "")
    async with ctx.unit() as unit:
        # It failed, and a letter to hand over would use the address that was wrong.
        assert await note_return(unit, ref, "npai", voice) == "voice"
        with pytest.raises(Refused):
            await note_return(unit, ref, "npai", voice)
    assert await state(ctx, ref) == ("returned", "returned_npai")
    # What comes next does not go to the same address.
    async with ctx.unit() as unit:
        unit.record("key_worker.assigned", household_id=home, role="siao")
    await visit(ctx)
    async with ctx.unit() as unit:
        again = await letters(unit, "to_print")
        assert [r["template"] for r in again if r["template"].startswith("key_worker")] == []
        await undo_letters(unit, [ref])
    assert await state(ctx, ref) == ("posted", "")
    for expected in ("printed", "to_print"):
        async with ctx.unit() as unit:
            await undo_letters(unit, [ref])
        assert (await state(ctx, ref))[0] == expected
    async with ctx.unit() as unit:
        with pytest.raises(Refused):
            await undo_letters(unit, [ref])
        kinds = [
            r["kind"]
            for r in await unit.fetch(
                "SELECT kind FROM event WHERE kind LIKE 'letter.%' AND household_id = $1 "
                "AND person_id = $2 ORDER BY id", home, person,
            )
        ]  # fmt: skip
    assert kinds == ["letter.posted", "letter.returned", "letter.undone", "letter.undone"]


async def test_a_letter_of_another_territory_or_twice_is_refused(ctx: Ctx) -> None:
    _, _, ref = await to_post(ctx)
    far = Ctx(**{**ctx.__dict__, "territory": await make_place(ctx.clock, "loin", "Loin")})  # type: ignore[arg-type]
    async with far.unit() as unit:
        with pytest.raises(NotFound):
            await print_letters(unit, [ref], voice_of(far))
    async with ctx.unit() as unit:
        await print_letters(unit, [ref], voice_of(ctx))
        await post_letters(unit, [ref], unit.today, by_hand=True)
        with pytest.raises(Refused):
            await post_letters(unit, [ref], unit.today)
    assert (await state(ctx, ref))[0] == "handed"


async def test_the_register_says_who_was_told_what_and_each_adult_reads_their_own(
    ctx: Ctx,
) -> None:
    home, person, ref = await to_post(ctx)
    async with ctx.unit() as unit:
        rows = await told_household(unit, home)
        channels = {r["channel"] for r in rows}
        assert {"portal", "letter"} <= channels
        assert {r["event_kind"] for r in rows if r["ref"] == ref} == {"referral.proposed"}
        assert ref in {r["ref"] for r in await told_person(unit, person)}
        assert content_of(await own_letter(unit, person, ref))["to"]["name"] == "Awa Diallo"
        other = await create_household(unit, [NewPerson("Autre", "Une", date(1990, 1, 1), 2)])
        stranger = await unit.value(
            "SELECT person_id FROM membership WHERE household_id = $1", other
        )
        with pytest.raises(NotFound):
            await own_letter(unit, stranger, ref)


async def test_a_letter_whose_word_has_ended_is_not_printed(ctx: Ctx) -> None:
    """Answered on the portal since it was written, a proposal is not offered on paper."""
    home, _, ref = await to_post(ctx)
    async with ctx.unit() as unit:
        referral = await unit.value("SELECT id FROM referral WHERE household_id = $1", home)
        await answer(unit, referral, "accept", words="Au téléphone", oral=True)
        _, (result,) = await print_letters(unit, [ref], voice_of(ctx))
        assert result.why == post.ALREADY["overtaken"]
    assert await state(ctx, ref) == ("stopped", "overtaken")


async def test_a_letter_that_says_something_replaces_the_one_that_only_calls(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
    home, _ = await at_home(ctx, request_id)
    async with ctx.unit() as unit:
        unit.record("request.sent", household_id=home)
    assert set(await written(ctx)) == {"notice"}
    async with ctx.unit() as unit:
        unit.record("key_worker.assigned", household_id=home, role="siao")
        await unit.fetch("UPDATE outgoing_message SET printed_at = NULL")
    assert set(await written(ctx)) == {"key_worker.assigned"}
