"""A fault of a package that nobody has judged stops the audit, and an audit that looked at nothing never passes."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scripts import audit, sbom
from scripts.audit import Accepted, Finding, Unreachable, compare

TODAY = date(2026, 11, 21)
FOUND = Finding("aiohttp", "3.9.5", ("CVE-2024-52304", "GHSA-8495-4g3g-x7pr"))


def accepted(**changes) -> Accepted:
    return Accepted(**{
        "id": "CVE-2024-52304", "package": "aiohttp", "version": "3.9.5", "reason": "r", "review": TODAY, **changes
    })  # fmt: skip


def test_a_fault_is_accepted_under_any_of_its_names():
    for name in FOUND.names:
        assert compare([FOUND], [accepted(id=name)], TODAY).passes


@pytest.mark.parametrize(
    "other",
    [{"id": "CVE-2024-1"}, {"package": "sanic"}, {"version": "3.9.4"}],
    ids=["another fault", "another package", "another version"],
)
def test_what_was_judged_for_something_else_does_not_count(other):
    verdict = compare([FOUND], [accepted(**other)], TODAY)
    assert not verdict.passes and verdict.unknown == [FOUND]
    assert "INCONNUE  aiohttp 3.9.5 : CVE-2024-52304" in "\n".join(audit.report(verdict))


def test_a_judgement_is_good_until_its_day_and_one_that_is_of_no_use_is_said():
    assert not compare([FOUND], [accepted(review=date(2026, 11, 20))], TODAY).passes
    verdict = compare([], [accepted()], TODAY)
    assert verdict.passes and "DISPARUE  aiohttp" in audit.report(verdict)[0]


def test_every_accepted_fault_is_of_a_version_that_is_locked_and_has_its_reason():
    kept, outside = audit.read_accepted()
    locked = {pin for lock in audit.LOCKS for pin in audit.pinned((audit.ROOT / lock).read_text())}
    assert len(kept) == len({one.id for one in kept}) > 20
    assert not [one for one in kept if (one.package, one.version) not in locked]
    assert set(outside) <= {name for name, _ in locked}


def test_the_product_that_faces_people_has_no_accepted_fault():
    faces_people = audit.pinned((audit.ROOT / "requirements.lock").read_text())
    assert not [one for one in audit.read_accepted()[0] if (one.package, one.version) in faces_people]


def test_an_entry_without_a_reason_is_refused(tmp_path):
    file = tmp_path / "audit.yml"
    for entry in ("paquet: a", "paquet: a, version: 1, raison: non, revoir_le: 2027-01-01"):
        file.write_text(f"acceptes: [{{id: CVE-1, {entry}}}]\nhors_service: []\n")
        with pytest.raises(ValueError, match="audit.yml"):
            audit.read_accepted(file)


def fake_pip_audit(monkeypatch, *answers: dict):
    given, asked = list(answers), []

    def answer(pins):
        asked.append(pins)
        return (
            given.pop(0)
            if given
            else {"dependencies": [{"name": n, "version": v, "vulns": []} for n, v in pins]}
        )

    monkeypatch.setattr(audit, "_pip_audit", answer)
    return asked


def test_every_locked_version_is_looked_up_whatever_its_system(monkeypatch):
    asked = fake_pip_audit(monkeypatch)
    assert audit.audit_python(["assistant/requirements.lock"], []) == []
    looked_up = [pin for pins in asked for pin in pins]
    assert {("numpy", "1.22.3"), ("numpy", "1.23.5"), ("tensorflow-macos", "2.12.0")} <= set(looked_up)
    assert all(len(pins) == len({name for name, _ in pins}) for pins in asked)


def test_a_service_that_knows_nothing_is_not_taken_for_good_news(monkeypatch):
    """pip-audit itself then says « No known vulnerabilities found » with the exit code 0."""
    silent = {"dependencies": [{"name": "six", "skip_reason": "Dependency not found on PyPI"}]}
    fake_pip_audit(monkeypatch, silent)
    with pytest.raises(Unreachable, match="Rien n'a été vérifié"):
        audit.audit_python(["bench/rules/versions/python.lock"], [])


def test_a_tool_that_fails_is_not_taken_for_good_news(monkeypatch, tmp_path, capsys):
    for program in ("exit 1", 'echo \'{"message": "405"}\'', "echo no"):
        with pytest.raises(Unreachable, match="réseau"):
            audit._json_of(["sh", "-c", program], tmp_path, "vulnerabilities")
    monkeypatch.setattr(
        audit, "audit_python", lambda *_: (_ for _ in ()).throw(Unreachable("hors d'atteinte"))
    )
    assert audit.main() == 2 and "hors d'atteinte" in capsys.readouterr().err


def test_npm_faults_are_read_with_the_version_that_is_locked(monkeypatch):
    via = [{"source": 1, "url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc"}, "another"]
    monkeypatch.setattr(audit, "_json_of", lambda *_: {"vulnerabilities": {"publicodes": {"via": via}}})
    (found,) = audit.audit_npm(["bench/rules/versions"])
    assert found.names == ("GHSA-aaaa-bbbb-cccc",) and found.version[0].isdecimal()


@pytest.mark.parametrize("name", sbom.LOCKS)
def test_the_list_of_parts_is_whole_and_says_nothing_of_the_machine(name):
    lock = sbom.ROOT / sbom.LOCKS[name]
    document = sbom.bill(lock, name)
    assert (document["bomFormat"], document["metadata"]["component"]["name"]) == (
        "CycloneDX",
        f"jalon-{name}",
    )
    parts = {(part["name"].lower().replace("_", "-"), part["version"]) for part in document["components"]}
    assert parts == audit.pinned(lock.read_text())
    assert all(part["hashes"] and part["purl"].startswith("pkg:pypi/") for part in document["components"])
    written = json.dumps(document)
    assert str(sbom.ROOT) not in written and "simple/" not in written and "externalReferences" not in written
    known = {part["bom-ref"] for part in document["components"]} | {f"jalon-{name}"}
    assert {one["ref"] for one in document["dependencies"]} <= known
