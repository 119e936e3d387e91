"""Which settings are there, and where does each value come from: the environment, a file that it names, or the default?

INSIGHTS_ and the name of the setting, or the same with _FILE, which names a file whose first line is the value: so that a secret
stands in no environment, where every child of the process would inherit it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from insights.access import Role
from insights.ledger.errors import Refused

PREFIX, BY_FILE = "INSIGHTS_", "_FILE"
FOR_TESTS = {"INSIGHTS_FAULT", "INSIGHTS_REAL_LEDGERS", "INSIGHTS_FUZZ"}
SECRET, ONLY_BY_FILE = "secret", "only_by_file"  # of a field: its value is shown to nobody; stands in no environment


class ByFile(PydanticBaseSettingsSource):
    """Values from the files that INSIGHTS_..._FILE name. Refused where one cannot be read."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(variable(field_name) + BY_FILE, "")
        return (first_line(Path(path), field_name) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """Every setting of the product, with what it means."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    home: Path = Field(Path("workspace"), description="The folder of ledgers, models and predictions.")
    database: str = Field(
        "",
        description="The database as a SQLAlchemy URL, postgresql+psycopg://USER@HOST/NAME; by default SQLite in the home. "
        "A URL with a password comes by file.",
        json_schema_extra={SECRET: True},
    )
    lease_seconds: float = Field(20, gt=0, description="A worker that gives no sign of life for so long counts as dead.")
    idle_seconds: float = Field(
        900, ge=0, description="A worker that the app started ends itself when there was nothing to do for so long."
    )
    jobs_at_once: int = Field(
        1, ge=1, description="How many jobs may run at the same time, over all workers of the workspace; one per worker."
    )
    device: Literal["cpu", "cuda"] = Field(
        "cpu", description="On what models are trained; cuda: an NVIDIA card (requirements-gpu.txt), where there is one."
    )
    start_workers: bool = Field(
        default=True, description="Whether the app starts a worker on its own host; no where hosts of their own have them."
    )
    upload_megabytes_of_one: int = Field(
        1000, ge=1, description="How many megabytes of uploads one person may have open at the same time (a file: at most 500)."
    )
    upload_megabytes_of_all: int = Field(2000, ge=1, description="The same for all people together, in each app process.")

    metrics_token: str = Field(
        "",
        description="With which a monitor asks /metrics (Authorization: Bearer ...); only by file. Unless set, it is not there.",
        json_schema_extra={SECRET: True, ONLY_BY_FILE: True},
    )
    log: Literal["", "json"] = Field("", description="json: what the server says, and each request, as lines of JSON on stderr.")

    sign_in: Literal["", "password", "proxy", "oidc"] = Field(
        "", description="How people sign in (docs/sign-in.md); empty: whoever is at this machine, and nobody else."
    )
    address: str = Field("", description="Under which browsers reach the server, as https://insights.example.com.")
    proxies: str = Field(
        "", description="Addresses or networks of proxies in front, whose headers are believed; separated by commas."
    )
    proxy_header: str = Field("X-Forwarded-User", description="The header in which a trusted proxy names the user.")
    newcomers: Role | None = Field(
        None, description="The role of whom proxy or provider know and we do not; unless set, they are not let in."
    )
    oidc_issuer: str = Field("", description="The address of the OpenID provider.")
    oidc_client_id: str = Field("", description="The name under which the provider knows this server.")
    oidc_client_secret_file: Path | None = Field(None, description="The file that holds what the provider gave us as secret.")
    oidc_scopes: str = Field("openid profile email", description="What the provider is asked for.")
    oidc_name_claim: str = Field("email", description="The claim after which a newcomer is called.")
    oidc_groups_claim: str = Field("groups", description="The claim that names somebody's groups.")
    oidc_roles: str = Field("", description="Which groups have which role: group=role, separated by commas; the highest counts.")

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - of any setting
        """As they are now. Refused, with the setting's name, where a value is none that it can have."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            first = error.errors()[0]
            named = variable(str(first["loc"][0]))
            raise Refused(f"The setting {named} has a value that it cannot have: {first['msg']}.", "setting") from None
        if exposed := [name for name in type(self).model_fields if marked(name, ONLY_BY_FILE) and is_in_environment(name)]:
            named = variable(exposed[0])
            raise Refused(f"{named} is a secret: write it into a file, and name that by {named}{BY_FILE}.", "secret_exposed")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes before files."""
        return init_settings, env_settings, ByFile(settings_cls)


@dataclass(frozen=True)
class Shown:
    """A setting as people see it. A secret is "set" or "", never itself."""

    name: str  # of the variable
    value: str
    source: str  # "environment", "file PATH" or "default"
    meaning: str


def listed() -> list[Shown]:
    """Every setting, as it is now."""
    settings, shown = Settings(), []
    for name, field in Settings.model_fields.items():
        value, default = getattr(settings, name), field.default
        text = ("set" if value != default else "") if marked(name, SECRET) else "" if value is None else str(value)
        shown.append(Shown(variable(name), text, source_of(name), field.description or ""))
    return shown


def unknown() -> list[str]:
    """Variables that look like settings and are none: a slip of the pen."""
    known = {variable(name) + ending for name in Settings.model_fields for ending in ("", BY_FILE)}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known | FOR_TESTS)


def source_of(name: str) -> str:
    """Where the value of a setting comes from."""
    if is_in_environment(name):
        return "environment"
    path = os.environ.get(variable(name) + BY_FILE, "")
    return f"file {path}" if path else "default"


def is_in_environment(name: str) -> bool:
    return variable(name) in {key.upper() for key in os.environ}


def marked(name: str, mark: str) -> bool:
    """Whether a setting is secret, or to be given by file only."""
    extra = Settings.model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(mark))


def variable(name: str) -> str:
    return PREFIX + name.upper()


def first_line(path: Path, name: str) -> str:
    """The first line of a file, without blanks at its ends. Refused where it cannot be read."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        named = variable(name) + BY_FILE
        raise Refused(f"{named} names {path}, which cannot be read.", "setting_file", setting=named) from error
    return lines[0].strip() if lines else ""
