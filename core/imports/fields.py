"""The fields a demande can bring, and the names teams give them in their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.imports.keys import fold
from core.kernel.words import N_

Kind = Literal[
    "key", "role", "name", "sex", "birth", "past", "date", "phone", "email",
    "code", "number", "text", "money", "answer", "housing_number",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical field: its kind of cell, its French label, and its known headers.

    `sensitive`: its values are never echoed in a report. `coded`: the name of the code list
    (as the caller supplies it) that its cells are matched against.
    """

    name: str
    kind: Kind
    label: str
    names: tuple[str, ...]
    sensitive: bool = False
    coded: str | None = None


def _field(
    name: str, kind: Kind, label: str, names: str, *, sensitive: bool = False,
    coded: str | None = None,
) -> Field:  # fmt: skip
    known = dict.fromkeys(fold(part) for part in (label, name, *names.split("|")) if part)
    return Field(name, kind, label, tuple(known), sensitive, coded)


FIELDS: tuple[Field, ...] = (
    _field("request_no", "key", N_("N° demande"),
        "numéro de demande|num demande|id demande|demande|demande id|numero dossier|n° dossier"
        "|id dossier|réf demande|référence demande|référence|request id|request number|n° suivi"
        "|identifiant demande|no demande|dossier|numéro de la demande|ref"),
    _field("group_no", "key", N_("N° groupe"),
        "numéro de groupe|num groupe|id groupe|groupe|fiche groupe|id fiche groupe|n° ménage"
        "|id ménage|numéro ménage|ménage|household id|group id|household|n° famille|foyer"
        "|identifiant groupe|no groupe|n° foyer"),
    _field("person_no", "key", N_("N° personne"),
        "numéro de personne|num personne|id personne|fiche personne|id fiche personne|person id"
        "|id usager|n° usager|identifiant personne|no personne|usager"),
    _field("role", "role", N_("Rôle"),
        "rôle dans le ménage|rôle dans le groupe|lien|lien de parenté|lien de famille|qualité"
        "|place dans le ménage|dp|relation|link|position|statut dans le ménage|lien avec le dp"
        "|type de personne"),
    _field("full_name", "name", N_("Nom et prénom"),
        "nom prénom|nom prénoms|prénom nom|nom complet|identité|personne|demandeur|full name"
        "|name|nom du demandeur|usager nom prénom|nom prénom du demandeur|bénéficiaire"),
    _field("family_name", "name", N_("Nom"),
        "nom de famille|nom de naissance|nom naissance|noms|patronyme|last name|lastname|surname"
        "|nom dp|nom personne|nom patronymique|nom de jeune fille|nom usager|birth name"),
    _field("given_name", "name", N_("Prénom"),
        "prénoms|first name|firstname|prénom dp|prénom personne|prénom usager|prenom s"
        "|christian name"),
    _field("usual_name", "name", N_("Nom d’usage"),
        "nom usage|nom usuel|nom marital|nom d'épouse|nom d'époux|usual name|married name"),
    _field("sex", "sex", N_("Sexe"), "genre|civilité|gender|h f|f h|sexe h f|m f|civ|homme femme"),
    _field("birth", "birth", N_("Date de naissance"),
        "né le|née le|né e le|naissance|date naissance|ddn|dn|date nais|date naiss|birth date"
        "|birthdate|date of birth|dob|date de naiss|birthday|dt naissance|d naissance"),
    _field("phone", "phone", N_("Téléphone"),
        "tel|tél|tel portable|portable|mobile|numéro de téléphone|gsm|n° tél|tél portable"
        "|téléphone portable|phone number|coordonnées téléphoniques|n° de téléphone"),
    _field("email", "email", N_("Courriel"),
        "e mail|mail|adresse mail|adresse électronique|mél|adresse e mail|courrier électronique"),
    _field("composition", "code", N_("Composition"),
        "composition familiale|typologie familiale|typologie|composition du ménage|type de ménage"
        "|situation familiale|compo|compo familiale|household type|composition du groupe"
        "|typologie du ménage", coded="composition"),
    _field("size", "number", N_("Nb personnes"),
        "nombre de personnes|nb pers|nbre personnes|nbre de personnes|taille du ménage|taille"
        "|effectif|household size|nb de personnes|nb membres|nombre de personnes du ménage"
        "|nb total personnes|taille ménage"),
    _field("status", "code", N_("Statut"),
        "statut demande|statut de la demande|état|état de la demande|etat demande|status|state"
        "|avancement", coded="status"),
    _field("reason", "code", N_("Motif de la demande"),
        "motif|motif demande|cause|raison|reason|motif principal|motif de demande",
        coded="request_reason"),
    _field("situation", "code", N_("Situation résidentielle"),
        "situation|situation logement|situation au regard du logement|hébergement actuel"
        "|situation actuelle|lieu de vie|situation résid|residential situation|housing situation"
        "|situation demande|situation à la demande|situation par rapport au logement"
        "|situation locative", coded="residential_situation"),
    _field("first_sent_on", "past", N_("Première transmission"),
        "1re transmission|1ère transmission|date première transmission|date 1ere transmission"
        "|date de transmission initiale|transmission initiale|date transmission initiale siao"
        "|date de la demande|date demande|date de création|date de dépôt|first sent|date dépôt"
        "|date d'inscription|first sent on|request date|créée le|date première demande"
        "|date de première transmission"),
    _field("last_sent_on", "past", N_("Dernière transmission"),
        "date dernière transmission|date de transmission|transmission|transmise le"
        "|date transmission siao|date d'actualisation|dernière actualisation|last sent"
        "|date de dernière transmission|maj le|date maj|dernière mise à jour|date transmission"),
    _field("seniority_on", "past", N_("Ancienneté"),
        "date d'ancienneté|date ancienneté|ancienneté depuis|seniority|depuis le|seniority date"
        "|ancienneté au"),
    _field("refresh_due", "date", N_("À actualiser avant le"),
        "actualiser avant|échéance|date d'échéance|date limite d'actualisation|à renouveler le"
        "|prochaine actualisation|refresh due|expire le|date limite|date d'expiration"
        "|échéance actualisation|actualisation avant le"),
    _field("recommendation_1", "code", N_("Préconisation 1"),
        "préconisation|1re préconisation|préco 1|préco|orientation préconisée|type de place"
        "|préconisation principale|dispositif|dispositif préconisé|recommendation"
        "|type d'établissement|préconisation n°1", coded="kind"),
    _field("recommendation_2", "code", N_("Préconisation 2"),
        "2e préconisation|2ème préconisation|préco 2|autre préconisation|préconisation n°2"
        "|préconisation secondaire", coded="kind"),
    _field("recommendation_3", "code", N_("Préconisation 3"),
        "3e préconisation|3ème préconisation|préco 3|préconisation n°3", coded="kind"),
    _field("commune", "text", N_("Commune"),
        "ville|commune souhaitée|localité|commune de résidence|commune actuelle|city|town"
        "|ville d'origine|commune d'origine|municipality"),
    _field("prescriber", "text", N_("Structure prescriptrice"),
        "prescripteur|structure|organisme prescripteur|service prescripteur|organisme"
        "|premier accueil|1er accueil|prescriber|service|structure référente|orienteur"
        "|service instructeur|structure premier accueil"),
    _field("worker", "text", N_("Travailleur social"),
        "référent|référent social|ts|ts1|travailleur social 1|intervenant|intervenant social"
        "|key worker"
        "|référent de parcours|worker|suivi par|nom du référent|social worker|as référente"),
    _field("resource_kind", "code", N_("Type de ressources"),
        "ressources|nature des ressources|type ressource|ressource|nature ressources|income type"
        "|ressource principale|nature ressource", coded="resources"),
    _field("resource_amount", "money", N_("Montant mensuel"),
        "montant|montant des ressources|montant ressources|ressources mensuelles|revenu|revenus"
        "|revenu mensuel|income|montant total ressources|ressources en euros|montant mensuel net"),
    _field("social_housing_no", "housing_number", N_("Numéro unique"),
        "nur|n° unique|numéro unique régional|numéro unique d'enregistrement|n° sne|numéro sne"
        "|nud|numéro départemental|n° demande de logement social|n° dls|sne"
        "|numéro unique départemental|numéro de demande de logement social"),
    _field("dalo", "answer", N_("DALO"), "reconnu dalo|dalo reconnu|recours dalo|statut dalo"),
    _field("daho", "answer", N_("DAHO"), "reconnu daho|daho reconnu|recours daho|statut daho"),
    _field("syplo", "code", N_("SYPLO"), "inscription syplo|inscrit syplo|syplo inscrit",
        coded="syplo"),
    _field("permit", "code", N_("Situation administrative"),
        "titre de séjour|droit au séjour|droit séjour|nationalité|séjour|situation adm|permit"
        "|situation au regard du séjour|statut administratif", sensitive=True, coded="permit"),
    _field("animals", "text", N_("Animaux"), "animal|animaux de compagnie|présence animal|pets"),
    _field("reduced_mobility", "answer", N_("Mobilité réduite"),
        "pmr|handicap|problème de mobilité|problème mobilité|accessibilité|fauteuil"
        "|pers à mobilité réduite"
        "|fauteuil roulant|reduced mobility", sensitive=True),
    _field("violence", "answer", N_("Victime de violences"),
        "violences|victime violence|vif|fvv|violences conjugales|victime de violence|violence",
        sensitive=True),
    _field("ase", "answer", N_("Parcours ASE"),
        "ase|prise en charge ase|sortant ase|ancien ase|suivi ase|jeune ase", sensitive=True),
    _field("remarks", "text", N_("Observations"),
        "observation|remarques|remarque|commentaire|commentaires|notes|comments|divers|précisions"
        "|informations complémentaires|remark|note sociale|bloc note", sensitive=True),
)  # fmt: skip

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
BY_HEADER: dict[str, Field] = {}
for _one in FIELDS:
    for _name in _one.names:
        if (_other := BY_HEADER.setdefault(_name, _one)) is not _one:
            raise ValueError(f"header {_name!r} names both {_other.name} and {_one.name}")
