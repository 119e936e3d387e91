"""Which settings come from the environment? INSIGHTS_HOME and the like: INSIGHTS_ and the name of the setting."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`home` holds ledgers, models and predictions; `database` is a SQLAlchemy URL, by default SQLite inside `home`.

    A worker that gives no sign of life for `lease_seconds` counts as dead; one that the app started ends itself when there
    was nothing to do for `idle_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_")

    home: Path = Path("workspace")
    database: str = ""
    lease_seconds: float = 20
    idle_seconds: float = 900
