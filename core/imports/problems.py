"""What can be wrong in a file: every code, how grave it is, and its French sentence.

The gravity is policy, and this table is the one place to change it:

- `refuse`: the row is not taken (its identity cannot be trusted, or its cells cannot be lined up);
- `drop`: the cell is not taken, the row is kept and flagged;
- `flag`: the value is taken as written, somebody should look;
- `note`: read without doubt, told for the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.kernel.errors import DomainError
from core.kernel.words import N_

Gravity = Literal["refuse", "drop", "flag", "note"]


class Untrustworthy(DomainError):
    """The whole file cannot be read as demandes; `str()` is a French sentence for the person."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(FILE_MESSAGES[code], **params)
        self.code = code

    def __str__(self) -> str:
        return self.message % self.params  # even without params: the sentences double their %


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a cell or a row: a code of `CODES` and what fills its sentence.

    `params` never hold the value of the cell: the report decides whether a value may be shown.
    """

    code: str
    params: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def gravity(self) -> Gravity:
        return CODES[self.code][0]

    @property
    def message(self) -> str:
        """The French sentence; `CODES[code][1]` is its msgid for another language."""
        return CODES[self.code][1] % self.params

    @property
    def hushed(self) -> str:
        """The same sentence for a sensitive column: nothing of the cell is in it."""
        return CODES[self.code][1] % dict.fromkeys(self.params, "…")


FILE_MESSAGES: dict[str, str] = {
    "empty": N_("Le fichier est vide."),
    "unreadable": N_("Le fichier ne peut pas être ouvert."),
    "workbook": N_(
        "Ceci est un classeur (Excel ou LibreOffice). Ouvrez-le dans votre tableur, choisissez "
        "« Enregistrer sous », le format « CSV UTF-8 », puis envoyez le fichier CSV."
    ),
    "binary": N_(
        "Ce fichier n’est pas un tableau enregistré au format CSV : c’est peut-être une image, "
        "un PDF ou une archive."
    ),
    "undecodable": N_("L’encodage de ce fichier n’a pas pu être reconnu."),
    "no_header": N_(
        "Aucune ligne d’en-tête n’a été reconnue : le fichier doit nommer ses colonnes "
        "(nom, prénom, date de naissance…)."
    ),
    "no_rows": N_("Le fichier a un en-tête mais aucune ligne de demande."),
    "huge_line": N_("La ligne %(line)s est démesurée : ce n’est pas un fichier de demandes."),
    "missing_columns": N_("Il manque des colonnes indispensables : %(fields)s."),
    "unknown_column": N_("Le fichier n’a pas de colonne « %(column)s »."),
    "unknown_field": N_("« %(field)s » n’est pas un champ connu."),
    "too_many_bad_rows": N_(
        "%(bad)s lignes sur %(rows)s sont en erreur, plus de %(limit)s %% : rien n’est importé."
    ),
}

CODES: dict[str, tuple[Gravity, str]] = {
    # the line
    "too_many_cells": ("refuse", N_("La ligne a %(cells)s cellules pour %(width)s colonnes.")),
    "too_few_cells": ("refuse", N_("La ligne n’a que %(cells)s cellules sur %(width)s.")),
    "separator_in_cell": (
        "flag",
        N_("Un séparateur se trouvait dans une cellule : les cellules ont été réalignées."),
    ),
    "short_line": ("note", N_("Les dernières cellules manquent : elles sont lues comme vides.")),
    "not_a_row": ("note", N_("Pied de page ou total : la ligne est ignorée.")),
    "stray_quote": ("flag", N_("Un guillemet n’est pas refermé : la ligne est lue telle quelle.")),
    "control_characters": ("flag", N_("Des caractères de contrôle ont été retirés.")),
    "header_again": ("note", N_("L’en-tête est répété ici : la ligne est ignorée.")),
    # who
    "name_missing": ("refuse", N_("Ni nom ni prénom : la personne ne peut pas être reconnue.")),
    "name_incomplete": ("flag", N_("Il manque le nom ou le prénom.")),
    "name_not_text": ("refuse", N_("Ce nom ne contient aucune lettre.")),
    "name_split_guessed": (
        "flag",
        N_("Nom et prénom sont dans la même cellule : la séparation est à vérifier."),
    ),
    "name_too_long": ("refuse", N_("Ce nom est démesurément long.")),
    "formula": ("flag", N_("Cette cellule commence comme une formule : gardée comme du texte.")),
    "text_too_long": ("drop", N_("Ce texte dépasse %(limit)s caractères.")),
    # dates
    "birth_impossible": ("refuse", N_("Cette date de naissance n’existe pas.")),
    "birth_future": ("refuse", N_("Cette date de naissance est dans le futur.")),
    "birth_too_old": ("refuse", N_("Cette date de naissance donne plus de 120 ans.")),
    "birth_approximate": (
        "drop",
        N_("Seule l’année de naissance est connue (%(year)s) : la date est à compléter."),
    ),
    "birth_unreadable": ("drop", N_("Cette date de naissance n’est pas lisible.")),
    "date_impossible": ("drop", N_("Cette date n’existe pas.")),
    "date_future": ("drop", N_("Cette date est dans le futur.")),
    "date_too_old": ("drop", N_("Cette date est trop ancienne pour être juste.")),
    "date_year_only": ("drop", N_("Seule l’année est donnée : la date est à compléter.")),
    "date_unknown": ("note", N_("La date est notée comme inconnue.")),
    "date_unreadable": ("drop", N_("Cette date n’est pas lisible.")),
    "two_digit_year": ("flag", N_("Année sur deux chiffres : lue %(year)s, à vérifier.")),
    "dates_disordered": (
        "flag",
        N_("La première transmission est postérieure à la dernière."),
    ),
    # the other cells
    "phone_invalid": ("drop", N_("Ce numéro de téléphone n’est pas valable.")),
    "phone_zero_added": ("note", N_("Le zéro initial du numéro avait été perdu.")),
    "phone_several": ("flag", N_("Plusieurs numéros : le premier est retenu.")),
    "email_invalid": ("drop", N_("Cette adresse électronique n’est pas valable.")),
    "money_unreadable": ("drop", N_("Ce montant n’est pas lisible.")),
    "money_negative": ("drop", N_("Un montant mensuel ne peut pas être négatif.")),
    "money_implausible": ("drop", N_("Ce montant mensuel n’est pas plausible.")),
    "number_unreadable": ("drop", N_("Un nombre entier de personnes est attendu.")),
    "sex_unknown": ("drop", N_("Le sexe noté n’est pas reconnu.")),
    "role_unknown": ("drop", N_("Le rôle dans le ménage n’est pas reconnu.")),
    "answer_unreadable": ("drop", N_("Réponse attendue : oui, non, refus ou ne sait pas.")),
    "code_unknown": ("drop", N_("Ce code ou ce libellé n’est pas dans la liste.")),
    "code_guessed": ("flag", N_("Libellé rapproché de « %(label)s » : à vérifier.")),
    "number_rounded": (
        "drop",
        N_("Ce numéro a été arrondi par un tableur : il faut le ressaisir."),
    ),
    "housing_number_invalid": ("drop", N_("Le numéro unique a 17 ou 18 caractères.")),
    # the household
    "group_missing": ("flag", N_("Il manque le numéro de groupe.")),
    "group_conflict": ("flag", N_("Une même demande porte plusieurs numéros de groupe.")),
    "no_number": ("flag", N_("Ni numéro de demande ni numéro de groupe.")),
    "role_missing": ("flag", N_("Le rôle de cette personne n’est pas indiqué.")),
    "main_guessed": ("flag", N_("Demandeur principal déduit : à vérifier.")),
    "main_alone": ("note", N_("Rôle absent : personne seule, lue comme demandeur principal.")),
    "main_several": ("flag", N_("Plusieurs demandeurs principaux : le premier est retenu.")),
    "main_refused": (
        "refuse",
        N_("La ligne du demandeur principal est refusée : toute la demande attend sa correction."),
    ),
    "member_refused": ("flag", N_("Une personne du ménage est refusée (ligne %(line)s).")),
    "size_contradicts": (
        "flag",
        N_("Le ménage est annoncé à %(size)s personnes et le fichier en montre %(members)s."),
    ),
    "value_contradicts": (
        "flag",
        N_("Les lignes d’une même demande se contredisent : la ligne %(line)s est retenue."),
    ),
    "older_state": (
        "flag",
        N_("Demande exportée deux fois : l’état plus récent, ligne %(line)s, est retenu."),
    ),
    "newer_state": ("flag", N_("Demande exportée deux fois : remplace la ligne %(line)s.")),
    "repeated_line": ("note", N_("Ligne identique à la ligne %(line)s.")),
    "maybe_same_person": (
        "flag",
        N_("Peut-être la même personne qu’à la ligne %(line)s (%(score)s %%)."),
    ),
    # what stands here already
    "maybe_known": ("flag", N_("Peut-être une personne déjà connue ici.")),
    "person_elsewhere": ("flag", N_("Cette personne est aussi dans un autre ménage d’ici.")),
    "number_conflict": (
        "flag",
        N_("Ce numéro est ici celui d’une autre personne : la personne est créée à part."),
    ),
    "group_known": (
        "flag",
        N_("Ce numéro de groupe est ici celui d’un autre ménage : le ménage est créé à part."),
    ),
    "local_newer": (
        "flag",
        N_("Modifié ici et dans le fichier : la valeur d’ici est gardée, les deux sont montrées."),
    ),
    "member_gone": ("flag", N_("Une personne du ménage n’est plus dans le fichier.")),
}
