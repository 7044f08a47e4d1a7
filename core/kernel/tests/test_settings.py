"""Settings: read once, refused clearly, never printing a secret."""

from __future__ import annotations

import pytest

from core.kernel.errors import SettingsError
from core.kernel.settings import DEMO_SECRET, Settings, new_secret

PRODUCTION = {
    "SEUIL_ENV": "production",
    "SEUIL_SECRET_KEY": "x" * 40,
    "SEUIL_PUBLIC_URL": "https://seuil.example",
    "DATABASE_URL": "postgresql://seuil_app@db/seuil",
}


def test_nothing_set_is_a_demonstration() -> None:
    settings = Settings.from_env({})
    assert (settings.environment, settings.port) == ("demo", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.https


@pytest.mark.parametrize("missing", ["SEUIL_SECRET_KEY", "SEUIL_PUBLIC_URL", "DATABASE_URL"])
def test_production_says_which_setting_is_missing(missing: str) -> None:
    env = {k: v for k, v in PRODUCTION.items() if k != missing}
    with pytest.raises(SettingsError, match=missing):
        Settings.from_env(env)


@pytest.mark.parametrize("secret", [DEMO_SECRET, "hunter2"])
def test_production_refuses_a_demonstration_secret(secret: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**PRODUCTION, "SEUIL_SECRET_KEY": secret})
    assert secret not in str(refused.value)


def test_production_needs_https_outside_this_machine() -> None:
    with pytest.raises(SettingsError, match="https"):
        Settings.from_env({**PRODUCTION, "SEUIL_PUBLIC_URL": "http://seuil.example"})


def test_secrets_never_show() -> None:
    settings = Settings.from_env(
        {**PRODUCTION, "SEUIL_SMTP_URL": "smtp://me:hidden@mail", "SEUIL_SMTP_FROM": "a@b.test"}
    )
    assert "x" * 40 not in repr(settings)
    assert "hidden" not in repr(settings)
    assert "seuil_app" not in repr(settings)


@pytest.mark.parametrize("port", ["0", "99999", "eighty", "-1"])
def test_a_wrong_port_is_named(port: str) -> None:
    with pytest.raises(SettingsError, match="SEUIL_PORT"):
        Settings.from_env({"SEUIL_PORT": port})


def test_a_new_secret_is_good_enough_for_production() -> None:
    Settings.from_env({**PRODUCTION, "SEUIL_SECRET_KEY": new_secret()})
