"""The files of deploy/ against the code: nothing named there may be missing here. No container is run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from channels.app import create_app
from cli.project import ROOT
from tests.door_server import alone

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
CLUSTER = [
    one
    for path in sorted((DEPLOY / "kubernetes").glob("*.yml"))
    for one in yaml.safe_load_all(path.read_text("utf-8"))
]
TEXTS = {
    path.name: path.read_text("utf-8")
    for path in (
        *DEPLOY.glob("compose.yml"),
        *DEPLOY.glob("*.env"),
        *DEPLOY.glob("Dockerfile"),
        *DEPLOY.glob("kubernetes/*.yml"),
    )
}


def _cluster(kind: str) -> dict:
    return next(one for one in CLUSTER if one["kind"] == kind)


def _containers() -> list[dict]:
    pods = [
        _cluster("Deployment")["spec"]["template"]["spec"],
        _cluster("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"],
    ]
    return [container for pod in pods for container in pod["containers"]]


def _ours() -> dict[str, dict]:
    return {n: s for n, s in COMPOSE["services"].items() if s["image"].startswith("jalon-")}


@pytest.mark.parametrize("name", TEXTS)
def test_every_setting_named_is_documented(name):
    documented = (ROOT / "docs/running.md").read_text("utf-8")
    for variable in re.findall(r"\bJALON_[A-Z_]+", TEXTS[name].replace("JALON_PORT=tcp", "")):
        assert f"`{variable}`" in documented, variable


def test_every_command_names_a_module_that_exists():
    commands = [s["command"] for s in _ours().values() if "command" in s]
    commands += [c["command"] for c in _containers() if "command" in c]
    commands += [
        re.findall(r'"([^"]+)"', line) for line in TEXTS["Dockerfile"].splitlines() if line.startswith("CMD")
    ]
    assert len(commands) >= 7
    for command in commands:
        module = command[command.index("-m") + 1]
        assert module == "uvicorn" or (ROOT / f"{module.replace('.', '/')}.py").exists(), command


def test_every_file_that_the_images_copy_or_read_exists():
    for line in TEXTS["Dockerfile"].splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            assert (ROOT / line.split()[1]).exists(), line
    assert (ROOT / "channels/journal.yml").exists()


def test_the_images_of_compose_and_of_the_cluster_are_those_that_the_dockerfile_makes():
    targets = {f"jalon-{name}" for name in re.findall(r"--target (\w+)", TEXTS["Dockerfile"])}
    assert targets == {s["image"] for s in _ours().values()} == {c["image"] for c in _containers()}
    for service in _ours().values():
        assert f"jalon-{service['build']['target']}" == service["image"] if "build" in service else True


def test_probes_ask_for_an_address_of_the_door():
    paths = {
        probe["httpGet"]["path"]
        for container in _containers()
        for name, probe in container.items()
        if name.endswith("Probe") and "httpGet" in probe
    }
    known = set(create_app(alone()).openapi()["paths"])
    assert paths and paths <= known
    assert all("/sante" in text for text in (TEXTS["compose.yml"], TEXTS["cellule.yml"]))


def test_the_door_is_alive_when_the_dialogue_is_down_but_not_ready():
    door = _containers()[0]
    assert "httpGet" in door["livenessProbe"]  # /sante is always 200
    assert "statut'] != 'ok'" in door["readinessProbe"]["exec"]["command"][-1]


def test_ports_are_the_same_everywhere():
    port = next(p for c in _containers() for p in c.get("ports", []) if p["name"] == "http")["containerPort"]
    assert _cluster("Service")["spec"]["ports"][0]["targetPort"] == "http"
    assert _cluster("NetworkPolicy")["spec"]["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port}]
    assert f'"--port", "{port}"' in TEXTS["Dockerfile"]
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    doors = [
        name
        for name, service in _ours().items()
        if "command" not in service and "network_mode" not in service
    ]
    assert re.findall(r"server (\S+):(\d+) max_fails", proxy) == [(name, str(port)) for name in doors]
    inside = {published.split(":")[1] for published in COMPOSE["services"]["proxy"]["ports"]}
    assert inside == set(re.findall(r"listen (\d+)", proxy))


def test_only_the_proxy_is_published_and_the_parts_behind_share_the_loopback_of_a_door():
    published = [name for name, service in COMPOSE["services"].items() if "ports" in service]
    assert published == ["proxy"]
    behind = [s for s in _ours().values() if "network_mode" in s]
    assert len(behind) == 4
    assert all("networks" not in service for service in behind)


def test_nothing_of_ours_may_write_where_it_should_not_nor_become_root():
    for service in _ours().values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["user"] == "10001:10001"
    for container in _containers():
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
        assert container["resources"]["limits"]["memory"]
    assert TEXTS["Dockerfile"].count("USER 10001") == 2


def test_an_update_never_takes_a_cell_away_before_another_is_ready():
    spec = _cluster("Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    pod = spec["template"]["spec"]
    waits = {c["name"]: int(c["lifecycle"]["preStop"]["exec"]["command"][1]) for c in pod["containers"]}
    # The dialogue outlives the last turns of the door, and all of it fits in the time that the pod has.
    assert waits["porte"] + 8 <= waits["dialogue"] <= waits["actions"] < pod["terminationGracePeriodSeconds"]
    assert pod["enableServiceLinks"] is False


def test_no_secret_is_written_in_these_files():
    for name, text in TEXTS.items():
        for line in re.findall(r"^(JALON_\w*(?:CLE|JETON|SECRET)\w*)=(.*)$", text, re.MULTILINE):
            assert not line[1].strip(), (name, line[0])


def test_kubernetes_objects_are_whole():
    for one in CLUSTER:
        assert {"apiVersion", "kind", "metadata"} <= set(one) and one["metadata"]["name"]
    assert {one["kind"] for one in CLUSTER} >= {"Deployment", "Service", "NetworkPolicy", "CronJob"}


def test_nginx_reads_its_configuration(tmp_path):
    if not shutil.which("nginx"):
        pytest.skip("nginx is absent: apt install nginx-light")
    pytest.importorskip("cryptography")
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = re.sub(r"server cellule-\d", "server 127.0.0.1", text).replace("/tls/", f"{tmp_path}/")
    _certificate(tmp_path)
    file = tmp_path / "nginx.conf"
    file.write_text(text)
    done = subprocess.run(
        ["nginx", "-t", "-c", str(file), "-g", f"error_log {tmp_path}/errors;"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def _certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=jalon"]
    command += ["-keyout", str(folder / "cle.pem"), "-out", str(folder / "certificat.pem")]
    subprocess.run(command, check=True, capture_output=True)
