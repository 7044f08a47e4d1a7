"""The words of the letter that carries a code card: said in French and in the person's language."""

from core.kernel.words import N_

LETTER = {
    "title": N_("Votre carte d’accès"),
    "hello": N_("Bonjour %(name)s,"),
    "why": N_("Avec cette carte, vous suivez votre demande de logement."),
    "how": N_("Comment faire ?"),
    "step_1": N_("1. Ouvrez cette adresse, ou visez le carré avec un téléphone."),
    "step_2": N_("2. Écrivez votre code et votre date de naissance."),
    "code": N_("Votre code"),
    "until": N_("Ce code marche une seule fois, jusqu’au %(day)s."),
    "secret": N_("Ne montrez ce code à personne. Gardez cette feuille."),
    "help": N_("Une question ? Un code perdu ? Demandez à :"),
    "emergency": N_("Sans abri ce soir ? Appelez ce numéro, gratuit, jour et nuit :"),
}
"""By the line they stand on; gathered with what households read, so that each is translated."""
