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
    "after": N_("Une fois dans votre espace, prenez dix codes pour revenir."),
    "secret": N_("Ne montrez ce code à personne."),
    "help": N_("Une question ? Un code perdu ? Demandez à :"),
    "emergency": N_("Sans abri ce soir ? Appelez ce numéro, gratuit, jour et nuit :"),
}

SHEET = {
    "title": N_("Vos codes pour revenir"),
    "hello": N_("Bonjour %(name)s,"),
    "how": N_("Comment faire ?"),
    "step_1": N_("1. Ouvrez cette adresse."),
    "step_2": N_("2. Écrivez un code et votre date de naissance."),
    "step_3": N_("3. Rayez ce code : il ne marche qu’une fois."),
    "until": N_("Ces codes marchent jusqu’au %(day)s."),
    "keep": N_("Gardez cette feuille. Ne la montrez à personne."),
    "lost": N_("Feuille perdue ? Demandez une nouvelle carte : ces codes ne marcheront plus."),
}
"""The sheet of ten codes that a resident comes back with."""
"""By the line they stand on; gathered with what households read, so that each is translated."""
