"""What an import does to a household, for its timeline."""

from core.extension.contributions import EventKind
from core.kernel.words import N_

EVENT_KINDS = (
    EventKind(
        "import.demande_imported",
        N_("Demande reprise d’un fichier"),
        N_("Votre demande est arrivée dans ce site."),
        "info",
        notice=False,  # a first file would call thousands of people at once
    ),
    EventKind("import.demande_updated", N_("Demande mise à jour par un fichier")),
    EventKind("import.demande_reverted", N_("Reprise de fichier annulée"), None, "warn"),
    EventKind("import.name_settled", N_("Secteur ou prescripteur reconnu dans le fichier importé")),
    EventKind("import.flag_settled", N_("Point d’un fichier vérifié")),
)
