"""The shipped kinds of housing (CHRS, pension de famille…): data of a territory, to start from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DEVICES = ("hebergement", "logement_accompagne", "logement", "soin")
UNITS_COUNTED = ("persons", "rooms", "dwellings", "lodgings", "beds")
DECIDERS = ("structure", "manager", "association", "owner", "caleol", "director")
SOURCED = ("sourced", "partial", "general")
LEASE_KINDS = (
    "sejour", "hotel", "occupation", "titre_occupation", "bail_direct", "sous_location",
    "bail_glissant",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place: for whom, how long, under which contract, counted how, decided by whom.

    `stay_months_max` and `review_months` in months, None when no limit or rule is known.
    `lawful_stay_required` only where the law asks. `sourced` says how sure all this is: `general`
    must be checked before it is quoted to a household. The texts are French, for the screen.
    `age_min` and `age_max` are those of the main person, both included; `effort_percent_max` the
    most of its resources that the funder lets a household spend here (none is shipped: a territory
    notes its own); `number_required`, a social housing number.
    """

    code: str
    label: str
    label_en: str
    plain: str
    device: str
    audience: str
    contract: str
    stay: str
    unit_counted: str
    lease_kind: str
    decides: str
    sourced: str
    source: str
    stay_months_max: int | None = None
    review_months: int | None = None
    lawful_stay_required: bool = False
    age_min: int | None = None
    age_max: int | None = None
    effort_percent_max: int | None = None
    number_required: bool = False

    def __post_init__(self) -> None:
        known = (
            (self.device, DEVICES), (self.unit_counted, UNITS_COUNTED), (self.decides, DECIDERS),
            (self.lease_kind, LEASE_KINDS), (self.sourced, SOURCED),
        )  # fmt: skip
        for value, allowed in known:
            if value not in allowed:
                raise ValueError(f"kind {self.code}: {value!r} is none of {allowed}")
        if self.lawful_stay_required and self.device in ("hebergement", "soin"):
            raise ValueError(f"kind {self.code}: shelter and care never ask for a right to stay")
        for months in (self.stay_months_max, self.review_months):
            if months is not None and months < 1:
                raise ValueError(f"kind {self.code}: a number of months is at least 1")


@cache
def shipped_kinds() -> dict[str, Kind]:
    """All shipped kinds by code, from emergency to ordinary housing and care."""
    text = files("core.housing").joinpath("data/kinds.json").read_text("utf-8")
    kinds = [Kind(**item) for item in json.loads(text)["items"]]
    by_code = {kind.code: kind for kind in kinds}
    if len(by_code) != len(kinds):
        raise ValueError("a kind of housing is written twice")
    return by_code
