"""Do compose.yaml and Containerfile start what the tests start from Debian's packages, with no more rights than that needs?"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from insights.store.settings import Settings, variable

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
CADDYFILE = (ROOT / "Caddyfile").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STAGES = dict(re.findall(r"^FROM \S+ AS (\w+)\n((?:(?!FROM ).*\n?)*)", CONTAINERFILE, re.MULTILINE))


def test_there_are_a_proxy_two_apps_two_workers_and_a_database() -> None:
    assert set(SERVICES) == {"proxy", "app1", "app2", "worker1", "worker2", "database"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_may_do_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "restart", "tmpfs"} <= set(service)
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)
    secret = {name for name, value in service["environment"].items() if "PASSWORD" in name or re.search(r"://.*@", str(value))}
    assert secret <= {"POSTGRES_PASSWORD_FILE"}, "passwords and their URLs come by file"


def test_nobody_is_root() -> None:
    assert [stage.rpartition("USER ")[2].split()[0] for name, stage in STAGES.items() if name in {"app", "proxy"}] == [
        "10001:10001",
        "caddy",
    ]
    assert SERVICES["database"]["user"] == "postgres"


def test_only_the_proxy_reaches_and_is_reached_from_outside() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    address = SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    assert {service["environment"]["INSIGHTS_PROXIES"] for name, service in SERVICES.items() if name[:-1] == "app"} == {address}


def test_every_image_is_pinned_and_everything_but_the_database_is_looked_at() -> None:
    named = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE) + [service["image"] for service in SERVICES.values()]
    assert [each for each in named if each not in STAGES and not re.search(r":\d+\.\d+", each)] == []
    assert "HEALTHCHECK" in STAGES["app"]
    assert "HEALTHCHECK" in STAGES["proxy"]
    assert "pg_isready" in SERVICES["database"]["healthcheck"]["test"]
    assert "--require-hashes" in STAGES["built"]


def test_what_is_set_is_a_setting_and_what_the_proxy_asks_for_is_set() -> None:
    known = {variable(name) + ending for name in Settings.model_fields for ending in ("", "_FILE")}
    for name in ("app1", "app2", "worker1", "worker2"):
        assert {each for each in SERVICES[name]["environment"] if each.startswith("INSIGHTS_")} <= known
    without_default = set(re.findall(r"\{\$(\w+)\}", CADDYFILE))
    assert without_default <= set(SERVICES["proxy"]["environment"])


def test_what_an_image_copies_is_there_and_reaches_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", CONTAINERFILE, re.MULTILINE)
    let_in = {line[1:] for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert all((ROOT / each).exists() for each in copied)
    assert set(copied) == let_in
