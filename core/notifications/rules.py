"""How a message leaves for a person: by what, tried again when, and why it did not. Pure."""

from __future__ import annotations

from datetime import timedelta

from core.kernel.words import N_

CHANNELS = {
    "email": N_("Courriel"),
    "sms": N_("SMS"),
    "letter": N_("Courrier"),
    "voice": N_("De vive voix"),
}
"""The ways out of here; the portal is not one. `voice`: no other is safe, or there is none."""

READ_HERE = {"portal": N_("Espace personnel"), "desk": N_("Bureau du référent")}
"""Where a message is only to be read."""

MOST_TRIES = 6
LONGEST_WAIT = timedelta(hours=12)

TROUBLES = {
    "no_server": N_("Le serveur d’envoi ne répond pas. Un nouvel essai est prévu."),
    "account_refused": N_("Le service d’envoi refuse notre compte : son réglage est à vérifier."),
    "bad_address": N_("L’adresse notée n’est pas une adresse de courriel."),
    "refused_address": N_("La messagerie de la personne refuse cette adresse."),
    "refused_content": N_("La messagerie de la personne a refusé le message."),
    "later": N_("La messagerie de la personne demande d’attendre. Un nouvel essai est prévu."),
    "too_long": N_("La messagerie de la personne a demandé d’attendre trop de fois."),
    "no_gateway": N_("Le service de SMS ne répond pas. Un nouvel essai est prévu."),
    "bad_number": N_("Le numéro noté n’est pas celui d’un téléphone mobile."),
    "refused_number": N_("L’opérateur refuse ce numéro."),
    "opted_out": N_("La personne a répondu STOP à un SMS."),
    "seen": N_("Lu sur l’espace personnel avant l’envoi."),
    "unsafe": N_("La personne ne veut pas être jointe ainsi."),
    "overtaken": N_("Ce que disait ce courrier n’était plus vrai."),
    "joined": N_("Un autre courrier le dit déjà."),
    "returned_npai": N_("Courrier revenu : n’habite pas à l’adresse indiquée."),
    "returned_unclaimed": N_("Courrier revenu : pli non réclamé."),
    "returned_refused": N_("Courrier revenu : pli refusé."),
}
"""Why a message did not leave, as the team reads it, by the key that is stored."""

NOTICE = {
    "subject": N_("Du nouveau dans votre espace"),
    "hello": N_("Bonjour,"),
    "news": N_("Il y a du nouveau dans votre espace."),
    "where": N_("Pour le lire, ouvrez cette adresse :"),
    "card": N_("Vous entrez avec votre carte et votre date de naissance."),
    "no_card": N_("Plus de code ? Demandez une carte à votre équipe."),
    "stop": N_("Pour ne plus recevoir ces messages, dites STOP à votre équipe."),
}
"""All that ever leaves by e-mail or letter: that there is news and where to read it.

No name, no address of a home, not even which kind of news: a mailbox has many readers.
"""


SHORT = N_("Du nouveau dans votre espace : %(address)s Pour ne plus en recevoir, dites STOP.")
"""The SMS: as little, in the signs of one plain SMS (GSM 03.38)."""

RETURNS = {
    "npai": N_("N’habite pas à l’adresse indiquée (NPAI)"),
    "unclaimed": N_("Pli non réclamé"),
    "refused": N_("Pli refusé"),
}
"""Why a letter came back, as the post writes it."""

QUIET = range(8, 20)
"""Hours of the day, there, at which a telephone may ring: no bad news alone at night."""


def wait_after(tries: int) -> timedelta:
    """How long before the next try: five minutes, then four times longer each, at most 12 h."""
    return min(timedelta(minutes=5) * 4 ** max(tries - 1, 0), LONGEST_WAIT)


def text_of(say: dict[str, str], address: str) -> str:
    """The body of a notice from its lines, already in the person's language."""
    return "\n".join(
        (
            say["hello"], "", say["news"], say["where"], address, "", say["card"], say["no_card"],
            "", say["stop"], "",
        )
    )  # fmt: skip
