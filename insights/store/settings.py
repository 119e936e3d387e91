"""Which settings come from the environment? INSIGHTS_HOME and the like: INSIGHTS_ and the name of the setting."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from insights.access import Role


class Settings(BaseSettings):
    """`home` holds ledgers, models and predictions; `database` is a SQLAlchemy URL, by default SQLite inside `home`.

    A worker that gives no sign of life for `lease_seconds` counts as dead; one that the app started ends itself when there
    was nothing to do for `idle_seconds`. From `sign_in` on: docs/sign-in.md.
    """

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_")

    home: Path = Path("workspace")
    database: str = ""
    lease_seconds: float = 20
    idle_seconds: float = 900

    sign_in: Literal["", "password", "proxy", "oidc"] = ""  # "": whoever is at this machine, and nobody else
    address: str = ""  # under which browsers reach the server, as https://insights.example.com
    proxies: str = ""  # addresses or networks of proxies in front, whose headers are believed; separated by commas
    proxy_header: str = "X-Forwarded-User"  # in which a trusted proxy names the user
    newcomers: Role | None = None  # the role of whom proxy or provider know and we do not; None: they are not let in
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_scopes: str = "openid profile email"
    oidc_name_claim: str = "email"  # what a newcomer is called
    oidc_groups_claim: str = "groups"
    oidc_roles: str = ""  # group=role, separated by commas; the highest counts
