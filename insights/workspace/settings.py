"""Which settings come from the environment? INSIGHTS_HOME and INSIGHTS_DATABASE."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`home` holds ledgers, models and predictions; `database` is a SQLAlchemy URL, by default SQLite inside `home`."""

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_")

    home: Path = Path("workspace")
    database: str = ""
