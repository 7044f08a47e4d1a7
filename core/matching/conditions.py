"""Core's own criteria: what makes a place fit a household, registered like a plugin's.

Hard ones bar a referral; soft ones are said. What nobody knows is to be checked, and never a no.
The order is that of an interview: what is recommended, who they are, what they can pay, where,
how, and last the only administrative conditions the law knows (domain.md 1.4 and 2).
"""

from __future__ import annotations

from core.extension.contributions import Criterion
from core.kernel.words import N_

OTHER = N_("Une autre condition n’est pas remplie.")
OTHER_UNKNOWN = N_("Une autre condition est à vérifier.")
"""What a reader without the field class reads; a household too, of a class that is guarded."""

YEARS = "interval '1 year'"

_PAST_TERM = "r.soon_on < :on - 60"
"""Two months after the term, either the child is in the file or the answer is out of date."""

CRITERIA = (
    Criterion(
        "core.kind",
        N_("Type de place préconisé"),
        "v.kind = ANY(r.kinds)",
        no=N_("Ce type de place n’est pas préconisé."),
        unknown=N_("Aucune préconisation n’est notée."),
        plain_no=N_("Un autre type de lieu vous est conseillé."),
        plain_unknown=N_("Le type de lieu à vous proposer reste à choisir."),
        reads=("kinds", "kind"),
        order=10,
        code="kind",
        would_help=N_("Revoir la préconisation avec le ménage, si sa situation a changé."),
        plain_help=N_("Parlez avec votre référent du type de lieu."),
    ),
    Criterion(
        "core.size",
        N_("Nombre de personnes"),
        "r.persons BETWEEN v.min_persons AND v.max_persons",
        no=N_(
            "Personnes dans le ménage : %(persons)s. La place en prévoit %(place_min_persons)s au "
            "moins et %(place_max_persons)s au plus."
        ),
        unknown=N_("Nombre de personnes à vérifier."),
        plain_no=N_("Ce lieu n’a pas la bonne taille pour vous."),
        plain_unknown=N_("Nous devons savoir combien vous êtes."),
        reads=("persons", "min_persons", "max_persons"),
        order=20,
        code="size",
    ),
    Criterion(
        "core.size_soon",
        N_("Place pour l’enfant attendu"),
        f"r.persons <> v.max_persons OR CASE WHEN {_PAST_TERM} THEN NULL "
        "ELSE r.persons_soon <= v.max_persons END",
        no=N_(
            "Ils seront %(persons_soon)s, et la place est prévue pour %(place_max_persons)s au "
            "plus."
        ),
        unknown=N_("Une naissance attendue ? La place serait juste : à vérifier."),
        plain_no=N_("Ce lieu sera trop petit dans quelques mois."),
        plain_unknown=N_("Nous devons savoir combien vous serez bientôt."),
        hard=False,
        reads=("persons", "persons_soon", "soon_on", "max_persons"),
        field_class="health",
        order=30,
        code="size",
    ),
    Criterion(
        "core.rooms",
        N_("Nombre de pièces"),
        "v.rooms IS NULL OR CASE WHEN r.rooms_from IS NULL THEN NULL "
        f"ELSE coalesce(r.rooms_from[v.rooms + 1] > :on + {YEARS}, true) END",
        no=N_("%(place_rooms)s pièce(s) : trop peu pour ce ménage d’ici un an."),
        unknown=N_("Pièces nécessaires à vérifier : une date de naissance manque."),
        plain_no=N_("Ce lieu a trop peu de pièces pour vous."),
        plain_unknown=N_("Nous devons connaître l’âge des enfants."),
        hard=False,
        reads=("rooms_from", "rooms"),
        order=40,
        code="size",
    ),
    Criterion(
        "core.dormitory",
        N_("Intimité des couples et des familles"),
        "coalesce(v.typology, '') <> 'dormitory' OR r.composition IN (10, 20, 70)",
        no=N_("Un dortoir ne convient ni à un couple ni à une famille."),
        unknown=N_("Dortoir : composition du ménage à vérifier."),
        plain_no=N_("Ce lieu est un dortoir. Vous ne seriez pas entre vous."),
        plain_unknown=N_("Ce lieu est un dortoir. Nous vérifions s’il vous convient."),
        hard=False,
        reads=("composition", "typology"),
        order=50,
        code="size",
    ),
    Criterion(
        "core.audience",
        N_("Public accueilli"),
        "CASE WHEN v.compositions IS NOT NULL THEN r.composition = ANY(v.compositions) "
        "WHEN v.audience_said THEN NULL ELSE true END",
        no=N_("Cette composition de ménage n’est pas accueillie ici."),
        unknown=N_("Public accueilli à vérifier avec la structure."),
        plain_no=N_("Ce lieu est réservé à d’autres personnes."),
        plain_unknown=N_("Nous vérifions si ce lieu vous est ouvert."),
        reads=("composition", "compositions", "audience_said"),
        order=60,
        code="audience",
    ),
    Criterion(
        "core.age",
        N_("Âge"),
        f"(v.age_min IS NULL OR r.main_birth + v.age_min * {YEARS} <= :on) "
        f"AND (v.age_max IS NULL OR r.main_birth + (v.age_max + 1) * {YEARS} > :on)",
        no=N_("La personne principale n’a pas l’âge accueilli ici."),
        unknown=N_("Âge à vérifier : date de naissance de la personne principale."),
        plain_no=N_("Ce lieu est pour des personnes d’un autre âge."),
        plain_unknown=N_("Nous devons connaître votre date de naissance."),
        reads=("main_birth", "age_min", "age_max"),
        order=70,
        code="audience",
    ),
    Criterion(
        "core.resources",
        N_("Ressources et coût"),
        "v.effort_percent IS NULL OR v.cost_cents = 0 "
        "OR v.cost_cents * 100 <= r.resources_cents * v.effort_percent",
        no=N_(
            "%(place_cost_cents)s par mois pour %(resources_cents)s de ressources : plus de "
            "%(place_effort_percent)s %%, la part admise par le financeur."
        ),
        unknown=N_("Ressources du ménage ou coût de la place à vérifier."),
        plain_no=N_("Le prix est trop élevé pour vos ressources."),
        plain_unknown=N_("Nous devons connaître vos ressources ou le prix du lieu."),
        reads=("resources_cents", "cost_cents", "effort_percent"),
        order=80,
        code="resources",
        would_help=N_("Ouvrir les droits qui manquent, ou noter l’aide au logement attendue."),
        plain_help=N_("Vérifiez vos aides avec votre référent."),
    ),
    Criterion(
        "core.area_refused",
        N_("Commune non refusée"),
        "NOT (v.area_id = ANY(r.areas_refused))",
        no=N_("Le ménage refuse cette commune."),
        unknown=N_("Communes refusées : à demander au ménage."),
        plain_no=N_("Vous avez refusé cette commune."),
        plain_unknown=N_("Dites-nous si vous refusez certaines communes."),
        reads=("areas_refused", "area_id"),
        order=90,
        code="area",
    ),
    Criterion(
        "core.area_wanted",
        N_("Commune souhaitée"),
        "cardinality(r.areas_wanted) = 0 OR v.area_id = ANY(r.areas_wanted)",
        no=N_("Hors des communes souhaitées."),
        unknown=N_("Communes souhaitées : à demander au ménage."),
        plain_no=N_("Ce lieu est loin de vos choix."),
        plain_unknown=N_("Dites-nous où vous souhaitez vivre."),
        hard=False,
        reads=("areas_wanted", "area_id"),
        order=100,
        code="area",
        would_help=N_("Demander au ménage si d’autres communes lui conviendraient."),
        plain_help=N_("Vous pouvez ajouter des communes à vos choix."),
    ),
    Criterion(
        "core.accessibility",
        N_("Accessibilité"),
        # 3 and 4 say nothing of the place: neither yes nor no.
        "nullif(nullif(v.accessible, 3), 4) = 1 OR NOT r.accessible_needed",
        no=N_("Le ménage a besoin d’un lieu accessible ; celui-ci ne l’est pas."),
        unknown=N_("Accessibilité de la place, ou besoin du ménage, à vérifier."),
        plain_no=N_("Ce lieu n’est pas accessible pour vous."),
        plain_unknown=N_("Nous vérifions si ce lieu est accessible pour vous."),
        reads=("accessible_needed", "accessible"),
        order=110,
        code="accessibility",
    ),
    Criterion(
        "core.animals",
        N_("Animaux"),
        "nullif(nullif(v.animals, 3), 4) = 1 OR NOT r.animals",
        no=N_("Le ménage a un animal ; la structure ne les accepte pas."),
        unknown=N_("Animal du ménage, ou accueil des animaux, à vérifier."),
        plain_no=N_("Les animaux ne sont pas acceptés dans ce lieu."),
        plain_unknown=N_("Nous vérifions si les animaux sont acceptés."),
        reads=("animals",),
        order=120,
        code="animal",
    ),
    Criterion(
        "core.lease",
        N_("Contrat"),
        "v.lease IS NULL OR v.lease NOT IN ('bail_direct', 'sous_location', 'bail_glissant') "
        f"OR r.eldest_birth + 18 * {YEARS} <= :on",
        no=N_("Un bail se signe à 18 ans, sauf mineur émancipé : à voir avec la structure."),
        unknown=N_("Bail : une date de naissance d’adulte est à vérifier."),
        plain_no=N_("Il faut un adulte pour signer le bail."),
        plain_unknown=N_("Nous devons savoir qui peut signer le bail."),
        hard=False,
        reads=("eldest_birth", "lease"),
        order=130,
    ),
    Criterion(
        "core.support",
        N_("Accompagnement"),
        "r.support = 0 OR r.support <= v.support",
        no=N_(
            "Accompagnement de niveau %(support)s nécessaire, de niveau %(place_support)s sur "
            "place."
        ),
        unknown=N_("Accompagnement nécessaire, ou proposé sur place, à vérifier."),
        plain_no=N_("Ce lieu propose moins d’aide que nécessaire."),
        plain_unknown=N_("Nous vérifions l’aide proposée dans ce lieu."),
        hard=False,
        reads=("support",),
        order=140,
        would_help=N_("Prévoir une mesure d’accompagnement en plus de celui du lieu."),
        plain_help=N_("Une aide peut s’ajouter : parlez-en avec votre référent."),
    ),
    Criterion(
        "core.social_housing_no",
        N_("Numéro unique"),
        "NOT coalesce(v.number_required, false) OR r.social_housing_no",
        no=N_("Pas de numéro unique de demande de logement social."),
        unknown=N_("Numéro unique de demande de logement social à vérifier."),
        plain_no=N_("Il faut une demande de logement social."),
        plain_unknown=N_("Nous devons savoir si vous demandez un logement social."),
        hard=False,
        reads=("social_housing_no", "number_required"),
        order=150,
        would_help=N_("Déposer la demande de logement social avec le ménage."),
        plain_help=N_("Déposez une demande de logement social avec votre référent."),
    ),
    Criterion(
        "core.lawful_stay",
        N_("Droit au séjour, là où la loi le demande"),
        "NOT coalesce(v.lawful_stay_required, false) OR r.lawful_stay",
        no=N_("La loi demande ici un droit au séjour de chaque adulte."),
        unknown=N_("Droit au séjour à vérifier : la loi le demande ici."),
        plain_no=N_("La loi demande ici un droit au séjour."),
        plain_unknown=N_("Nous vérifions une condition demandée par la loi."),
        reads=("lawful_stay", "lawful_stay_required"),
        order=160,
        would_help=N_("Accompagner la démarche, ou chercher un lieu sans cette condition."),
        plain_help=N_("D’autres lieux ne le demandent pas. Parlez avec votre référent."),
    ),
)
