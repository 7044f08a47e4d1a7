"""By what a person may be reached, in which order, and never by what is not safe for them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

OUTSIDE = ("email", "sms", "letter")
"""The ways out of here that a message takes by itself, in the order tried where nobody chose."""

MOBILE = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)
FICTION = re.compile(r"63998\d{4}")
"""The mobiles that the French numbering plan keeps for stories: those of the demonstration."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of how to reach a person. `prefers`: their own order; `unsafe`: never by
    these; `asked`: somebody asked them what is safe; `guarded`: violence, or an address that must
    stay hidden, is known; `returned`: a letter came back from this address."""

    email: str = ""
    phone: str = ""
    address: str = ""
    prefers: tuple[str, ...] = ()
    unsafe: frozenset[str] = frozenset()
    asked: bool = False
    guarded: bool = False
    returned: bool = False


def mobile(phone: str, country: str) -> str | None:
    """The number to write an SMS to, `+33612345678`; None when it takes none, or is no number."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
    kept_for_fiction = FICTION.fullmatch(str(number.national_number)) and number.country_code == 33
    if not kept_for_fiction and phonenumbers.number_type(number) not in MOBILE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def safe_by(contact: Contact, channel: str) -> bool:
    """Whether a message may leave for the person by that channel, as things are known now."""
    return channel not in contact.unsafe and (contact.asked or not contact.guarded)


def ways(contact: Contact, country: str = "FR") -> tuple[str, ...]:
    """The channels that may reach the person, in order; `voice` alone where none is safe.

    Where violence or a hidden address is known and nobody has asked what is safe, nothing leaves:
    somebody asks first. A letter without an address is handed over, where nothing else reaches.
    """
    if contact.guarded and not contact.asked:
        return ("voice",)
    there = {
        "email": bool(contact.email.strip()),
        "sms": mobile(contact.phone, country) is not None,
        "letter": bool(contact.address.strip()) and not contact.returned,
    }
    chosen = [c for c in contact.prefers if c in OUTSIDE]
    order = [*chosen, *(c for c in OUTSIDE if c not in chosen)]
    found = tuple(c for c in order if there[c] and c not in contact.unsafe)
    if found:
        return found
    by_hand = not contact.phone.strip() and not contact.returned and "letter" not in contact.unsafe
    return ("letter",) if by_hand else ("voice",)


def chosen_ways(policy: str, possible: tuple[str, ...]) -> tuple[str, ...]:
    """What a policy takes of them: `portal` none, `best` the first, `letter` the first and paper,
    `all` every one."""
    if policy == "portal":
        return ()
    if policy == "all":
        return possible
    kept = possible[:1]
    return (*kept, "letter") if policy == "letter" and "letter" in possible[1:] else kept
