"""How a message leaves for a person: by what, tried again when, and why it did not. Pure."""

from __future__ import annotations

from datetime import timedelta

from core.kernel.words import N_

CHANNELS = {
    "email": N_("Courriel"),
    "sms": N_("SMS"),
    "letter": N_("Courrier"),
}
"""The ways out of here; the portal is not one."""

MOST_TRIES = 6
LONGEST_WAIT = timedelta(hours=12)

TROUBLES = {
    "no_server": N_("Le serveur d’envoi ne répond pas. Un nouvel essai est prévu."),
    "account_refused": N_("Le serveur d’envoi refuse notre compte : son réglage est à vérifier."),
    "bad_address": N_("L’adresse notée n’est pas une adresse de courriel."),
    "refused_address": N_("La messagerie de la personne refuse cette adresse."),
    "refused_content": N_("La messagerie de la personne a refusé le message."),
    "later": N_("La messagerie de la personne demande d’attendre. Un nouvel essai est prévu."),
    "too_long": N_("La messagerie de la personne a demandé d’attendre trop de fois."),
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


def channel_of(email: str, phone: str) -> str:
    """The person's own e-mail, else their own phone, else a letter. Never the household's: what
    reaches one adult may not reach the other."""
    return "email" if email else "sms" if phone else "letter"


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
