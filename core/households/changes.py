"""The words of life events: what happened, what is known, and each typed change of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.households.people import Member, Role, Sex
from core.kernel.words import N_, Sentence

HERE = "here"
NEW = "new"
JOINING = "joining"
"""Which household a change is about: the event's own, the one it opens, the one that joins."""

EVENT_LABELS = {
    "birth": N_("Naissance"),
    "child_arrives": N_("Arrivée d’un enfant"),
    "child_leaves": N_("Départ d’un enfant"),
    "turns_18": N_("Majorité d’un enfant"),
    "shared_custody": N_("Garde partagée"),
    "couple_formed": N_("Mise en couple"),
    "separation": N_("Séparation"),
    "guardianship": N_("Curatelle ou tutelle"),
    "death": N_("Décès"),
}
PROTECTIONS = {
    "curatelle": N_("Curatelle"),
    "tutelle": N_("Tutelle"),
    "none": N_("Fin de la mesure"),
}

ADDRESSED = {
    "curatelle": N_(
        "Écrivez à la personne, et aussi au curateur pour un contrat ou de l’argent : ils signent "
        "ensemble."
    ),
    "tutelle": N_(
        "Écrivez au tuteur, qui signe, et informez la personne, dont l’avis est demandé."
    ),
}
"""Who is written to: assistance under a curatelle, representation under a tutelle (civil code)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a measure of protection, and until when the judge gave it (None: not said)."""

    name: str = ""
    organisation: str = ""
    phone: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """What happened, and when. Fields that do not concern the kind stay empty.

    `person_id`: whom it happens to (the leaving adult of a separation); `children`: those who
    go along; `shared_children`: those who live in both homes; `joining`: the members of the
    household that joins (couple formed); `protection`: a key of `PROTECTIONS`, with its `holder`.
    """

    kind: str
    on: date
    person_id: int | None = None
    birth: date | None = None
    sex: Sex | None = None
    children: tuple[int, ...] = ()
    shared_children: tuple[int, ...] = ()
    joining: HouseholdFacts | None = None
    protection: str | None = None
    holder: Holder = Holder()


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that has not ended, with the seniority it gives."""

    request_id: int
    seniority_on: date | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place proposed to the household, up to the keys; `place`: its words, nobody's data."""

    referral_id: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """What a plan needs to know. `today` comes from the caller's clock."""

    members: tuple[Member, ...]
    today: date
    requests: tuple[OpenRequest, ...] = ()
    housed: bool = False
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class StartMembership:
    """A person enters a household. `person_id` None: a person to create."""

    household: str
    person_id: int | None
    role: Role
    on: date
    birth: date | None = None
    sex: Sex | None = None
    shared_custody: bool = False


@dataclass(frozen=True, slots=True)
class EndMembership:
    """A person leaves a household; the row ends in time and stays."""

    person_id: int
    on: date
    reason: str
    household: str = HERE


@dataclass(frozen=True, slots=True)
class SetRole:
    """A person's place in this household changes."""

    person_id: int
    role: Role
    on: date


@dataclass(frozen=True, slots=True)
class SetCustody:
    """Whether a child lives in two homes."""

    person_id: int
    shared: bool
    on: date


@dataclass(frozen=True, slots=True)
class SetProtection:
    """A legal protection starts, changes or ends."""

    person_id: int
    protection: str
    on: date
    holder: Holder = Holder()


@dataclass(frozen=True, slots=True)
class OfferOwnAccess:
    """The person gets a file access of their own."""

    person_id: int
    on: date


@dataclass(frozen=True, slots=True)
class StopMessages:
    """Nothing more is sent to this person, queued messages included, at once."""

    person_id: int


@dataclass(frozen=True, slots=True)
class RevokeAccess:
    """Codes, sessions and help authorisations of this person end, at once."""

    person_id: int


@dataclass(frozen=True, slots=True)
class CarryRequest:
    """The new household gets its own request with the original seniority."""

    request_id: int
    household: str
    seniority_on: date | None


@dataclass(frozen=True, slots=True)
class KeepOldestSeniority:
    """A recorded act gives this request the oldest seniority of two joined requests."""

    request_id: int
    seniority_on: date


@dataclass(frozen=True, slots=True)
class EndRequest:
    """A request ends because of the event."""

    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The facts of a request changed: its recommendation is to be looked at again."""

    request_id: int


@dataclass(frozen=True, slots=True)
class WithdrawProposal:
    """A running proposal cannot go on: it is withdrawn, its place is free again."""

    referral_id: int


@dataclass(frozen=True, slots=True)
class CheckProposal:
    """A running proposal was made to other people: to confirm or to withdraw."""

    referral_id: int


@dataclass(frozen=True, slots=True)
class ReviewStay:
    """The household lives in a place: its stay and lease are to be looked at again."""

    reason: str


@dataclass(frozen=True, slots=True)
class CloseHousehold:
    """Nobody is left: the household ends, its history stays."""

    household: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class SetComposition:
    """The composition code that follows from the members; None when it cannot be said."""

    household: str
    code: int | None


Change = (
    StartMembership | EndMembership | SetRole | SetCustody | SetProtection | OfferOwnAccess
    | StopMessages | RevokeAccess | CarryRequest | KeepOldestSeniority | EndRequest
    | ReviewRequest | ReviewStay | CloseHousehold | SetComposition | WithdrawProposal
    | CheckProposal
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change and what to say before confirming; or why the event is refused."""

    changes: tuple[Change, ...] = ()
    effects: tuple[Sentence, ...] = ()
    refused: Sentence | None = None
