"""Settings: what production refuses, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage import config, create_app
from engage.config import Settings, SettingsError, contrast
from engage.pages import DARK_CANVAS, lighter_until_readable

SAFE = {
    "environment": "production",
    "secret_key": "x" * 40,
    "base_url": "https://engage.example.org",
    "council_name": "Our council",
    "phone": "01632 960 100",
    "email": "talk@example.org",
    "safeguarding_phone": "01632 960 101",
}
colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret_key": config.DEFAULT_SECRET_KEY}, "ENGAGE_SECRET_KEY is missing or too short"),
        ({"secret_key": "short"}, "ENGAGE_SECRET_KEY is missing or too short"),
        ({"debug": True}, "ENGAGE_DEBUG is on"),
        ({"base_url": "http://engage.example.org"}, "ENGAGE_BASE_URL is http://engage.example.org"),
        ({"safeguarding_phone": "0808 157 0420"}, "ENGAGE_SAFEGUARDING_PHONE: these still hold invented"),
    ],
)
def test_production_refuses_what_endangers_people(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    settings = Settings(**{**SAFE, "data_folder": tmp_path / "data", **change})
    with pytest.raises(SettingsError, match=reason):
        create_app(settings)
    assert not (tmp_path / "data").exists()


def test_production_starts_with_safe_settings(tmp_path: Path) -> None:
    app = create_app(Settings(**{**SAFE, "data_folder": tmp_path}))
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert app.debug is False


def test_production_is_what_you_get_when_you_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ENGAGE_{name.upper()}", raising=False)
    with pytest.raises(SettingsError, match="ENGAGE_ENVIRONMENT=development"):
        config.load()


def test_a_setting_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGE_SESSION_HOURS", "soon")
    monkeypatch.setenv("ENGAGE_BRAND", "teal")
    with pytest.raises(SettingsError) as caught:
        config.load()
    assert "ENGAGE_SESSION_HOURS" in str(caught.value)
    assert "like #0c4a52" in str(caught.value)


def test_colours_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match=r"contrast of 1\.1 to 1"):
        Settings(brand="#ffff00", brand_ink="#ffffff")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@given(colours)
def test_every_brand_has_a_lighter_twin_for_the_dark(colour: str) -> None:
    assert contrast(lighter_until_readable(colour, DARK_CANVAS), DARK_CANVAS) >= 8.5
