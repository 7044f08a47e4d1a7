"""What becomes of each table of core when a person is erased: emptied, taken away, or kept and why.

One line per table: a new table without its line fails a test. `$1` are the persons, `$2` the
households in which no other adult ever was: their own rows go with the person, those of a couple
stay the other one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_REQUESTS = "SELECT id FROM housing_request WHERE household_id = ANY($2)"
_OF_REQUEST = f"request_id IN ({_REQUESTS})"
_REFERRALS = "SELECT id FROM referral WHERE household_id = ANY($2)"
_OWN_OR_SOLE = "(person_id = ANY($1) OR (person_id IS NULL AND household_id = ANY($2)))"
# A line of a file is one demande: it goes whole where the household does.
_LINES = f"""(
  (object_kind = 'person' AND object_id = ANY($1))
  OR (run_id, line) IN (SELECT c.run_id, c.line FROM import_change c
    WHERE (c.object_kind = 'household' AND c.object_id = ANY($2))
      OR (c.object_kind IN ('housing_request', 'demande') AND c.object_id IN ({_REQUESTS}))))"""  # noqa: S608
_DRAFTS = f"""subject IN (
  SELECT ref FROM person WHERE id = ANY($1)
  UNION SELECT ref FROM household WHERE id = ANY($2)
  UNION SELECT ref FROM housing_request WHERE id IN ({_REQUESTS}))"""  # noqa: S608
_NAMED = """(household_id = ANY($2) OR EXISTS (
  SELECT 1 FROM person p JOIN membership m ON m.territory_id = p.territory_id
    AND m.person_id = p.id
  WHERE p.id = ANY($1) AND m.household_id = external_change.household_id
    AND strpos(external_change.text, p.family_name || ' ' || p.given_name) > 0))"""

NOBODY = {"given_name": "Personne", "family_name": "effacée"}
"""What stands where a name was: a staff that meets the row reads why it has none."""


@dataclass(frozen=True)
class Taken:
    """Rows that are deleted."""

    where: str


@dataclass(frozen=True)
class Emptied:
    """Rows that stay, without words: (column, SQL literal)."""

    where: str
    blanks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """The words of a journal's rows, by the function the ground lays (`promises.Erasable`)."""

    where: str


@dataclass(frozen=True)
class Stays:
    """Rows that are not touched, and why."""

    why: str


Fate = Taken | Emptied | Words | Stays

_NO_PERSON = "of the territory or of its staff, of no person"
_CODES = "ids, codes and dates: nobody's, once the person is"

FATES: Mapping[str, Fate] = {
    # -- what was told, written or sent --------------------------------------------------------
    "exchange": Taken("person_id = ANY($1)"),
    "outgoing_message": Taken("person_id = ANY($1) OR household_id = ANY($2)"),
    "contact_choice": Taken("person_id = ANY($1)"),
    "answer": Taken(_OWN_OR_SOLE),
    "note": Taken(_OWN_OR_SOLE),
    "field_question": Taken("household_id = ANY($2)"),
    "draft": Taken(_DRAFTS),
    "external_change": Taken(_NAMED),
    "shelter_handover": Emptied("household_id = ANY($2)", {"need": "''", "outcome_text": "''"}),
    # -- the demande ---------------------------------------------------------------------------
    "request_state": Words(_OF_REQUEST),
    "decision": Words(_OF_REQUEST),
    "recommendation": Emptied(_OF_REQUEST, {"why": "''"}),
    "resource": Taken(_OWN_OR_SOLE),
    "request_facts": Emptied(
        _OF_REQUEST,
        {
            "youngest_birth": "NULL",
            "eldest_birth": "NULL",
            "resources_cents": "NULL",
            "areas_wanted": "NULL",
            "areas_refused": "NULL",
            "accessible_needed": "NULL",
            "animals": "NULL",
            "support": "NULL",
            "soon_on": "NULL",
            "persons_soon": "NULL",
            "main_birth": "NULL",
            "rooms_from": "NULL",
            "lawful_stay": "NULL",
            "social_housing_no": "NULL",
        },
    ),
    "request_tag": Emptied(_OF_REQUEST, {"reason": "''", "end_reason": "''"}),
    "seniority_act": Words(_OF_REQUEST),
    "waiting_state": Emptied(
        f"entry_id IN (SELECT id FROM waiting_entry WHERE {_OF_REQUEST})",  # noqa: S608
        {"reason": "''"},
    ),
    # -- proposals and stays -------------------------------------------------------------------
    "referral_state": Words(f"referral_id IN ({_REFERRALS})"),
    "referral_review": Emptied(
        f"referral_id IN ({_REFERRALS})", {"before": "'{}'", "after": "'{}'"}
    ),
    "referral": Emptied("household_id = ANY($2)", {"words": "''", "snapshot": "'{}'"}),
    "passed_over": Words(_OF_REQUEST),
    "passing_choice": Taken("person_id = ANY($1)"),
    "placement_state": Words(
        "placement_id IN (SELECT id FROM placement WHERE household_id = ANY($2))"
    ),
    "referral_visit": Emptied(
        f"referral_id IN ({_REFERRALS})",
        {"wish": "''", "meeting": "''"},
    ),
    "referral_alert": Stays(_CODES),
    "emergency_admission": Taken("household_id = ANY($2)"),
    "placement": Emptied("household_id = ANY($2)", {"exit_words": "''"}),
    # -- files that came in --------------------------------------------------------------------
    "import_flag": Taken(
        "person_id = ANY($1) OR other_person_id = ANY($1) OR household_id = ANY($2)"
    ),
    "import_change": Taken(_LINES),
    "imported_demande": Taken("household_id = ANY($2)"),
    # -- the person, last: what stands above is found through them --------------------------------
    "housing_request": Emptied("household_id = ANY($2)", {"summary": "''", "external_no": "NULL"}),
    "situation": Emptied("person_id = ANY($1)", {"source": "''"}),
    "protection": Taken("person_id = ANY($1)"),
    "circle_member": Taken("person_id = ANY($1)"),
    "access_code": Taken("person_id = ANY($1)"),
    "return_code": Taken("person_id = ANY($1)"),
    "mandate": Emptied("person_id = ANY($1)", {"given_how": "''"}),
    "resident_account": Taken("person_id = ANY($1)"),
    "household": Emptied(
        "id = ANY($2)",
        {"phone": "''", "email": "''", "address": "''", "external_no": "NULL", "language": "'fr'"},
    ),
    "person": Emptied(
        "id = ANY($1)",
        {
            **{column: f"'{said}'" for column, said in NOBODY.items()},
            "usual_name": "''",
            "search_key": "''",
            "birth": "NULL",
            "phone": "''",
            "email": "''",
            "external_no": "NULL",
            "language": "'fr'",
            "died_on": "NULL",
            "erased_on": "$3::date",
        },
    ),
    # -- what is done beside the list ----------------------------------------------------------
    "person_variant": Stays("the words under which a name is found go with `forget_people`"),
    "spelling": Stays("likewise, where nobody else bears the word"),
    "past_version": Stays("what the rows above held before goes with each of them"),
    # -- what stays ----------------------------------------------------------------------------
    "membership": Stays(_CODES),
    "key_worker": Stays(_CODES),
    "life_event": Stays(_CODES),
    "stop_messages": Stays(_CODES),
    "waiting_entry": Stays(_CODES),
    "lapse_try": Stays(_CODES),
    "event": Stays(_CODES),
    "delivery": Stays(_CODES),
    "command": Stays(_CODES),
    "rights_act": Stays("that it was done, by whom and why"),
    "import_chunk": Stays("which lines a run read, and what was wrong with them, by field"),
    "import_run": Stays(_NO_PERSON),
    "column_mapping": Stays(_NO_PERSON),
    "kept_answer": Stays("sealed with a key that is not there, for an hour"),
    "search": Stays("what staff typed, for some hours"),
    "role_grant": Stays(_NO_PERSON),
    "portfolio": Stays(_NO_PERSON),
    "absence": Stays(_NO_PERSON),
    "territory_organisation": Stays(_NO_PERSON),
    "housing_kind": Stays(_NO_PERSON),
    "programme": Stays(_NO_PERSON),
    "programme_kind": Stays(_NO_PERSON),
    "housing_unit": Stays(_NO_PERSON),
    "vacancy": Stays(_NO_PERSON),
    "vacancy_state": Stays(_NO_PERSON),
    "ranking_rule": Stays(_NO_PERSON),
    "ranking_draft": Stays(_NO_PERSON),
    "figure_rollup": Stays(_NO_PERSON),
    "figure_publication": Stays(_NO_PERSON),
    "simulation": Stays(_NO_PERSON),
    "simulation_report": Stays(_NO_PERSON),
    "refusal_reason": Stays(_NO_PERSON),
    "referral_procedure": Stays(_NO_PERSON),
    "sharing": Stays("who was given files, when, and how many: of the staff's work"),
    "import_name": Stays(_NO_PERSON),
    "sector": Stays(_NO_PERSON),
    "area": Stays(_NO_PERSON),
    "sector_area": Stays(_NO_PERSON),
    "setting": Stays(_NO_PERSON),
    "plugin_enablement": Stays(_NO_PERSON),
    "job_run": Stays(_NO_PERSON),
    "part_trouble": Stays(_NO_PERSON),
}
"""In the order in which they are done."""
