"""The files of deploy/ against the code and against the published schemas of Compose and Kubernetes. No container is run.

What the images do when they are built and started is played in tests/test_images.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from channels.app import create_app
from cli.main import jalon
from cli.project import ROOT
from data.city import POSTGRES, RABBITMQ, REDIS
from tests.door_server import alone

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
CLUSTER = [
    one
    for path in sorted((DEPLOY / "kubernetes").rglob("*.yml"))
    for one in yaml.safe_load_all(path.read_text("utf-8"))
]
TEXTS = {
    path.name: path.read_text("utf-8")
    for path in (
        *DEPLOY.glob("compose.yml"),
        *DEPLOY.glob("*.env"),
        *DEPLOY.glob("Dockerfile"),
        *DEPLOY.glob("kubernetes/**/*.yml"),
    )
}


# The oldest Kubernetes still kept up when these files were written, and the newest.
KUBERNETES = ("1.34", "1.37")
PORTS = {POSTGRES: 5432, REDIS: 6379, RABBITMQ: 5672}


def _cluster(kind: str, name: str = "") -> dict:
    return next(one for one in CLUSTER if one["kind"] == kind and name in ("", one["metadata"]["name"]))


def _pods() -> Iterator[dict]:
    """The template of each pod: labels and containers."""
    for one in CLUSTER:
        spec = one["spec"]
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield spec["template"]


def _containers() -> list[dict]:
    return [container for pod in _pods() for container in pod["spec"]["containers"]]


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


def test_every_jalon_command_named_exists():
    """`python -m cli.main X Y` in a command of a container."""
    commands = [s["command"] for s in _ours().values() if "command" in s]
    commands += [c["command"] for c in _containers() if "command" in c]
    named = [command[command.index("cli.main") + 1 :] for command in commands if "cli.main" in command]
    assert len(named) >= 3
    for words in named:
        found = jalon
        for word in words:
            if not hasattr(found, "commands"):
                break  # the arguments of the command
            assert word in found.commands, words
            found = found.commands[word]


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
    policy = _cluster("NetworkPolicy", "jalon")["spec"]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port}]
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
    # What is on the network of the proxy is a door; the engines are reached from behind alone.
    inside = {n for n, s in COMPOSE["services"].items() if "devant" in s.get("networks", ())}
    assert inside == {"cellule-1", "cellule-2", "proxy"}
    assert COMPOSE["networks"]["derriere"]["internal"]


def test_nothing_of_ours_may_write_where_it_should_not_nor_become_root():
    for service in _ours().values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["user"] == "10001:10001"
    for container in _containers():
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
        assert container["resources"]["limits"]["memory"]
    assert TEXTS["Dockerfile"].count("USER 10001") == 2


def test_an_update_never_takes_a_cell_away_before_another_is_ready():
    spec = _cluster("Deployment", "jalon")["spec"]
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


def test_compose_follows_its_specification():
    pytest.importorskip("check_jsonschema")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, str(DEPLOY / "compose.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_objects_follow_their_schemas(version):
    """Strictly: a field that Kubernetes does not know is a fault."""
    validate = pytest.importorskip("kubernetes_validate").validate
    for one in CLUSTER:
        validate(one, version, strict=True)
    assert {one["kind"] for one in CLUSTER} >= {"Deployment", "Service", "NetworkPolicy", "CronJob"}


def test_what_compose_names_in_itself_is_there():
    services = COMPOSE["services"]
    for name, service in services.items():
        for other in service.get("depends_on", ()):
            assert other in services, (name, other)
            if isinstance(service["depends_on"], dict):
                assert "healthcheck" in services[other], (name, other)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in COMPOSE["volumes"], (name, volume)
        for network in service.get("networks", ()):
            assert network in COMPOSE["networks"], (name, network)
        for secret in service.get("secrets", ()):
            assert secret in COMPOSE["secrets"], (name, secret)
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    written = {f"deploy/{one}" for s in services.values() for one in s.get("env_file", ())}
    written |= {f"deploy/{one['file'].removeprefix('./')}" for one in COMPOSE["secrets"].values()}
    assert written <= set(ignored), "a file of secrets may be committed by mistake"


def test_every_server_of_a_city_is_in_compose_and_named_by_the_secrets():
    named = dict(
        re.findall(r"^(JALON_\w+)=\w+://(?:\S+@)?([a-z]+)/", TEXTS["secrets.exemple.env"], re.MULTILINE)
    )
    assert set(named) == set(PORTS)
    for variable, machine in named.items():
        assert "derriere" in COMPOSE["services"][machine]["networks"], variable


def test_each_pod_reaches_what_its_code_needs_and_nothing_else():
    """`reseau.yml`: the pods of each label, the servers that they may speak to."""
    needs = {
        "jalon": {POSTGRES, REDIS, RABBITMQ},
        "jalon-statistiques": {POSTGRES, RABBITMQ},
        "jalon-sauvegarde": {POSTGRES},
    }
    assert {pod["metadata"]["labels"]["app"] for pod in _pods()} == set(needs)
    for name, servers in needs.items():
        spec = _cluster("NetworkPolicy", name)["spec"]
        assert spec["podSelector"] == {"matchLabels": {"app": name}}
        assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
        assert name == "jalon" or "ingress" not in spec
        names, *rules = spec["egress"]
        assert {one["port"] for one in names["ports"]} == {53}
        to = {
            (rule["to"][0]["podSelector"]["matchLabels"]["app"], rule["ports"][0]["port"]) for rule in rules
        }
        assert to == {(one.removeprefix("JALON_").lower(), PORTS[one]) for one in servers}


def test_the_internet_is_opened_by_an_option_alone_and_not_the_inside():
    outside = _cluster("NetworkPolicy", "jalon-vers-internet")["spec"]["egress"]
    [block] = [one["ipBlock"] for rule in outside for one in rule["to"]]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(block["except"])
    assert "ipBlock" not in TEXTS["reseau.yml"]
    assert (DEPLOY / "kubernetes/options/vers-internet.yml").exists(), "not applied with the others"


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
