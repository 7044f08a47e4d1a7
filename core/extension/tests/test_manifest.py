"""A manifest says what a plugin is; a wrong one is refused with what to change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.extension import manifest as manifests
from core.extension.manifest import CONTRACT, Manifest, Need, RegistryError, in_order, validated

GOOD = Manifest(
    name="essai",
    version="1.2",
    title="Essai",
    purpose="Un essai.",
    contract=CONTRACT,
    data=(("Date de rendez-vous", "social"),),
    seen_by=("coordinator", "resident"),
    needs=(Need("convention", "Une convention avec la ville"),),
)
KNOWN: dict[str, Any] = {
    "roles": ("coordinator", "resident"),
    "field_classes": ("social", "health"),
}


def test_a_good_one_is_handed_back_with_its_schema() -> None:
    assert validated(GOOD, "essai", **KNOWN) is GOOD
    assert GOOD.schema == "plugin_essai"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Essai"}, "the name 'Essai' cannot be used"),
        ({"name": "portal"}, "the name 'portal' cannot be used"),
        ({"name": "autre"}, "its entry point is 'essai' and its manifest 'autre'"),
        ({"version": " "}, "`version` is empty"),
        ({"title": ""}, "`title` is empty"),
        ({"contract": "1"}, "`contract` must be of type int, not str"),
        ({"depends": ["autre"]}, "`depends` must be of type tuple, not list"),
        ({"depends": ("essai",)}, "it depends on itself"),
        ({"seen_by": ("chief",)}, "the role 'chief', which does not exist"),
        ({"data": (("Santé", "secret"),)}, "the field class 'secret'"),
        ({"data": ("Santé",)}, "write (label, field class)"),
        ({"needs": ("une convention",)}, "Need(kind, label)"),
    ],
)
def test_a_wrong_one_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RegistryError) as refused:
        validated(replace(GOOD, **change), "essai", **KNOWN)
    assert str(refused.value).startswith("essai: ")
    assert said in str(refused.value)


def test_what_is_no_manifest_is_refused() -> None:
    with pytest.raises(RegistryError, match="essai: no MANIFEST of type Manifest"):
        validated(None, "essai")


def test_an_older_contract_is_refused_with_what_changed_and_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifests, "CONTRACT", 3)
    monkeypatch.setattr(manifests, "OLDEST", 2)
    monkeypatch.setattr(
        manifests, "CHANGES", {1: "the first.", 2: "cards are Parts.", 3: "jobs have a key."}
    )
    with pytest.raises(RegistryError) as refused:
        validated(replace(GOOD, contract=1), "essai", where="plugins/essai/plugin.py:9", **KNOWN)
    text = str(refused.value)
    assert "2: cards are Parts.; 3: jobs have a key." in text and "the first" not in text
    assert "`contract=1` into `contract=3`" in text and "plugins/essai/plugin.py:9" in text
    assert validated(replace(GOOD, contract=2), "essai", **KNOWN).contract == 2


def test_a_newer_contract_asks_for_another_seuil() -> None:
    with pytest.raises(RegistryError, match="update Seuil"):
        validated(replace(GOOD, contract=CONTRACT + 1), "essai", **KNOWN)


def named(**depends: tuple[str, ...]) -> dict[str, Manifest]:
    return {name: replace(GOOD, name=name, depends=on) for name, on in depends.items()}


def test_each_comes_after_what_it_depends_on() -> None:
    assert in_order(named(a=("c",), b=("a",), c=())) == ["c", "a", "b"]


def test_a_circle_is_drawn() -> None:
    with pytest.raises(RegistryError, match=r"a: .*circle \(a → b → c → a\)"):
        in_order(named(a=("b",), b=("c",), c=("a",)))


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(RegistryError, match="a: it depends on the plugin 'b', which is not inst"):
        in_order(named(a=("b",)))
