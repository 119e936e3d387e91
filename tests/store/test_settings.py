"""Is every setting listed with where it comes from, and no secret with its value?"""

from pathlib import Path

import pytest

from insights.store import settings
from insights.store.settings import Settings
from tests.support.processes import refusal

SECRET = "postgresql+psycopg://ada:s3cret@db/insights"  # noqa: S105 - an example


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        for ending in ("", settings.BY_FILE):
            monkeypatch.delenv(settings.variable(name) + ending, raising=False)


def shown() -> dict[str, tuple[str, str]]:
    return {each.name: (each.value, each.source) for each in settings.listed()}


def test_every_setting_is_listed_with_its_meaning_and_where_it_comes_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lease").write_text("7\n")
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS_FILE", str(tmp_path / "lease"))
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "5")
    assert [each.name for each in settings.listed()] == [settings.variable(name) for name in Settings.model_fields]
    assert all(each.meaning.endswith(".") for each in settings.listed())
    assert shown()["INSIGHTS_LEASE_SECONDS"] == ("7.0", f"file {tmp_path / 'lease'}")
    assert shown()["INSIGHTS_IDLE_SECONDS"] == ("5.0", "environment")
    assert shown()["INSIGHTS_HOME"] == ("workspace", "default")
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "9")  # comes before the file
    assert shown()["INSIGHTS_LEASE_SECONDS"] == ("9.0", "environment")


def test_a_secret_is_only_said_to_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert shown()["INSIGHTS_DATABASE"] == ("", "default")
    (tmp_path / "url").write_text(SECRET)
    monkeypatch.setenv("INSIGHTS_DATABASE_FILE", str(tmp_path / "url"))
    assert Settings().database == SECRET
    assert shown()["INSIGHTS_DATABASE"] == ("set", f"file {tmp_path / 'url'}")
    assert "s3cret" not in repr(settings.listed())


def test_a_value_that_a_setting_cannot_have_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "soon")
    assert refusal(Settings) == "setting"
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "-1")
    assert refusal(Settings) == "setting"


def test_a_file_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INSIGHTS_HOME_FILE", str(tmp_path / "missing"))
    assert refusal(Settings) == "setting_file"


def test_what_looks_like_a_setting_and_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_LEASE_SECOND", "7")
    assert settings.unknown() == ["INSIGHTS_LEASE_SECOND"]
