"""A base is built only from files without a fault; a bad edit is refused with its line and never replaces it."""

import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from built_base import ROOT, copy_sources, database

import data.build
from data.base_file import DatabaseError
from data.build import BuildError, build, check
from data.checks import check_services
from data.database import open_database
from data.yaml_reader import read_yaml

SERVICES = "data/services.yml"


@pytest.fixture
def copy(tmp_path):
    return copy_sources(tmp_path / "depot")


def edit(root: Path, old: str, new: str, file: str = SERVICES) -> int:
    """Replace the first `old` by `new` and return the line where `new` starts to differ (1-based)."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    common = os.path.commonprefix([old, new])
    return text[: text.index(old) + len(common)].count("\n") + 1


# The base


def _not_closed_for_good() -> int:
    return sum(place["statut"] != "ferme_definitif" for place in read_yaml(ROOT / SERVICES))


def test_the_same_files_give_the_same_version_at_any_time(copy, tmp_path):
    first = build(copy, tmp_path / "1.db")
    second = build(ROOT, tmp_path / "2.db")
    assert first.version == second.version
    edit(copy, "27 rue des Haies", "29 rue des Haies")
    assert build(copy, tmp_path / "3.db").version != first.version


def test_a_comment_does_not_change_the_version(copy, tmp_path):
    first = build(copy, tmp_path / "1.db").version
    edit(copy, "- id: bd-audubon", "# Relu en novembre.\n- id: bd-audubon")
    assert build(copy, tmp_path / "1.db").version == first


def test_building_takes_less_than_five_seconds(tmp_path):
    report = build(ROOT, tmp_path / "jalon.db")
    assert report.seconds < 5
    assert report.counts["services"] == len(read_yaml(ROOT / SERVICES))
    located = [
        place["id"]
        for place in read_yaml(ROOT / SERVICES)
        if place["position"] and place["statut"] not in ("ferme_travaux", "ferme_definitif")
    ]
    nearest = open_database(report.target).nearest((48.85, 2.35), hidden=True)
    assert sorted(place["id"] for place in nearest) == sorted(located)


def test_every_place_and_its_rules_come_back_from_the_base():
    db = database()
    assert len(db.services()) == _not_closed_for_good()
    assert {"bains_douches", "domiciliation"} <= set(db.base.dispositifs)
    assert db.gazetteer.resolve("gare du nord").arrondissement == 10
    assert all(source["id"] in db.sources for place in db.services() for source in place["sources"])


def test_no_source_is_named_after_where_it_was_found():
    for source in database().sources.values():
        assert source["titre"] and source["editeur"] and source["licence"]
        assert "github" not in " ".join(str(value) for value in source.values()).lower()


# A failed build


def test_a_fault_leaves_the_good_base_in_place(copy, tmp_path):
    target = tmp_path / "jalon.db"
    build(copy, target)
    before = target.read_bytes()
    edit(copy, "statut: ouvert", "statut: ouvertt")
    with pytest.raises(BuildError):
        build(copy, target)
    assert target.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def test_a_crash_while_writing_leaves_the_good_base_in_place(copy, tmp_path, monkeypatch):
    target = tmp_path / "jalon.db"
    build(copy, target)
    before = target.read_bytes()
    monkeypatch.setattr(
        data.build, "create_tables", lambda *_: (_ for _ in ()).throw(OSError("disque plein"))
    )
    with pytest.raises(OSError, match="disque plein"):
        build(copy, target)
    assert target.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def test_readers_keep_their_base_while_a_new_one_takes_its_place(copy, tmp_path):
    target = tmp_path / "jalon.db"
    build(copy, target)
    reader = open_database(target)
    edit(copy, "27 rue des Haies", "29 rue des Haies")
    build(copy, target)
    assert reader.service("bd-haies")["adresse"] == "27 rue des Haies"
    assert open_database(target).service("bd-haies")["adresse"] == "29 rue des Haies"


# Reading


def test_the_base_is_read_only():
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database().connection.execute("DELETE FROM services")


def test_a_missing_or_foreign_file_says_what_to_do(tmp_path):
    with pytest.raises(DatabaseError, match="jalon construire"):
        open_database(tmp_path / "absent.db")
    (tmp_path / "other.db").write_text("bonjour")
    with pytest.raises(DatabaseError, match="jalon construire"):
        open_database(tmp_path / "other.db")


def test_a_base_of_another_version_is_refused(tmp_path):
    target = build(ROOT, tmp_path / "jalon.db").target
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE meta SET valeur = '0' WHERE cle = 'schema'")
    connection.close()
    with pytest.raises(DatabaseError, match="autre version"):
        open_database(target)


def test_many_threads_may_read_together():
    def read(_):
        return len(list(database().nearest((48.85, 2.35), services=["douche"])))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(read, range(240)))
    assert set(found) == {found[0]}
    assert found[0] > 20


def test_reading_needs_neither_the_builder_nor_the_hours_library():
    code = (
        "import sys; sys.modules['opening_hours'] = sys.modules['sqlite_utils'] = None;"
        "from data.database import open_database; db = open_database(sys.argv[1]);"
        "print(len(db.services()), len(db.base.dispositifs) > 0, db.gazetteer.resolve('nation').nom)"
    )
    target = database().connection.execute("PRAGMA database_list").fetchone()[2]
    done = subprocess.run(
        [sys.executable, "-c", code, target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[:2] == [str(_not_closed_for_good()), "True"]


# What is refused, and what is said

SOURCES_OF_THE_FIRST = """  sources:
    - {id: paris_ilots_fraicheur_2025, confiance: haute}
    - {id: paris_bains_douches_2026, confiance: moyenne}
    - {id: freres_soeurs_coeur_2019, confiance: moyenne}
    - {id: guide_solidarite_2014, confiance: basse}
"""
PLANTED = {
    "unknown source": ("  - {id: freres_soeurs_coeur_2019", "  - {id: freres_soeurs_coeur_2018", "La source",
                       "freres_soeurs_coeur_2019"),
    "no source": (SOURCES_OF_THE_FIRST, "  sources: []\n", "sans source", "au moins une"),
    "impossible hour": ("Mo-Fr 12:00-18:00", "Mo-Fr 12:00-28:30", "n'est pas une heure", "21:00-02:00"),
    "unreadable hours": ("Mo-Fr 12:00-18:00", "Mo-Fr midi-18:00", "illisible", "Exemple"),
    "French days": ("Mo-Fr 12:00-18:00", "Lun-Ven 12:00-18:00", "n'est pas un jour", "Mo, Tu"),
    "never open": ("Mo-Fr 12:00-18:00; Jan", "Mo-Fr off; Jan", "aucun moment", "statut"),
    "unknown key": ("  gestionnaire: Ville", "  gestionaire: Ville", "n'est pas connue", "gestionnaire"),
    "unknown category": ("categorie: bains_douches", "categorie: bain_douche", "categorie", "bains_douches"),
    "unknown status": ("statut: ouvert", "statut: ferme", "statut", "Vouliez-vous dire"),
    "unknown service": ("services: [douche]", "services: [douches]", "Le service", "douche"),
    "position abroad": ("lat: 48.846121", "lat: 45.846121", "n'est pas à Paris", None),
    "exchanged position": ("lat: 48.846121, lon: 2.369391", "lat: 2.369391, lon: 48.846121", "n'est pas à Paris",
                           "échangées"),
    "position as text": ("lat: 48.846121", "lat: environ", "nombres", "48.8566"),
    "postcode of another arrondissement": ('code_postal: "75012"', 'code_postal: "75011"', "ne va pas avec",
                                           "arrondissement: 11"),
    "postcode outside the region": ('code_postal: "75012"', 'code_postal: "69001"', "code postal", "75018"),
    "no such arrondissement": ("arrondissement: 12", "arrondissement: 21", "21e arrondissement", None),
    "phone without spaces": ('numero: "01 43 47 60 07"', 'numero: "0143476007"', "téléphone", "01 43 47 60 07"),
    "phone too short": ('numero: "01 43 47 60 07"', 'numero: "01 43 47 60"', "téléphone", "Exemple"),
    "phone from elsewhere": ("basse, source: guide_solidarite_2014}", "basse, source: ban_2024}",
                             "dans les sources de ce lieu", "guide_solidarite_2014"),
    "duplicate id": ("- id: bd-bidassoa", "- id: bd-audubon", "déjà pris, ligne 6", None),
    "id with spaces": ("- id: bd-audubon", "- id: Bains Audubon", "minuscules", "bd-oberkampf"),
    "no name": ("  nom: Bains-douches Audubon", "  nom: null", "nom", None),
    "confidence in English": ("confiance_adresse: haute", "confiance_adresse: high", "confiance_adresse", None),
    "wrong date": ('derniere_source_le: "2026-02-16"', 'derniere_source_le: "16/02/2026"', "n'est pas une date",
                   "2026-11-21"),
    "date before the newest source": ('derniere_source_le: "2026-02-16"', 'derniere_source_le: "2014"',
                                      "source la plus récente", "2026-02-16"),
    "long sentence": ("nom. Apportez du savon", f"nom. {'Apportez tout ce qui est utile ' * 4}et du savon",
                      "Phrase de", "Coupez-la"),
    "heavy punctuation": ("Apportez du savon et une serviette.", "Apportez du savon (et une serviette).",
                          "difficile à lire", None),
    "both for all and for some": ("    tous: true\n", "    tous: true\n    profils: [{age_min: 18}]\n",
                                  "pour tous", "tous: false"),
    "upside-down ages": ("profils: [{age_min: 18, age_max: 30}]", "profils: [{age_min: 30, age_max: 18}]",
                         "âge minimum", None),
    "sensitive without public name": ("  nom_public: Halte Femmes\n", "", "nom_public", "ne dit pas où"),
    "public name that tells where": ("nom_public: Accueil de jour pour les femmes",
                                     "nom_public: Accueil des femmes de Javel", "dit où il est", "javel"),
    "special hours without words": ("    texte: Ouvert du 16 septembre", "    notice: Ouvert du 16 septembre",
                                    "ne savent pas se dire", "texte"),
    "key written twice": ("  nom: Bains-douches Audubon", "  nom: Bains-douches\n  nom: Bains-douches Audubon",
                          "deux fois", None),
    "tab in the margin": ("  statut: ouvert", "\tstatut: ouvert", "une tabulation", None),
    "out of line": ("  statut: ouvert", "   statut: ouvert", "pas alignée", None),
    "no space after the colon": ("statut: ouvert", "statut:ouvert", "une espace après", None),
    "colon in a text": ("conditions: Vous", "conditions: Attention : vous", "« : » dans le texte", None),
    "quote in a quoted text": ("nom: Bains-douches Audubon", 'nom: "Bains-douches "Audubon""', "Écrivez tout le texte",
                               None),
    "apostrophe in a quoted text": ("nom: Bains-douches Audubon", "nom: 'Bains-douches d'Audubon'",
                                    "Écrivez tout le texte", None),
    "quote not closed": ("nom: Bains-douches Audubon", 'nom: "Bains-douches Audubon', "n'est pas fermé", None),
    "postcode without quotes": ('code_postal: "75012"', "code_postal: 75012", "texte non vide", '"75012"'),
    "decimal comma": ("lat: 48.846121", "lat: 48,846121", "avec un point", None),
    "month in French": ("Dec 25 off", "25 déc off", "n'est pas un mois", "2026 Dec 01"),
    "reason without quotes": ("Dec 25 off", "Dec 25 off travaux", "pas entre guillemets", 'off "travaux"'),
    "closure written backwards": ("Dec 25 off", "Dec 25 off; 2027 Jan 15-2026 Dec 01 off",
                                  "finit avant de commencer", "2026 Dec 01"),
    "not YAML": ("services: [douche]", "services: [douche", "YAML illisible", None),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_refused_with_its_line(copy, name):
    old, new, message, hint = PLANTED[name]
    line = edit(copy, old, new)
    faults = check_services(copy)
    assert faults and {fault.file for fault in faults} == {SERVICES}
    assert any(abs((fault.line or 0) - line) <= 1 for fault in faults), (line, [str(f) for f in faults])
    if message:
        assert any(message in fault.message for fault in faults), [str(f) for f in faults]
    if hint:
        assert any(hint in (fault.hint or "") for fault in faults), [str(f) for f in faults]


def test_all_the_faults_are_told_at_once(copy):
    lines = [
        edit(copy, "statut: ouvert", "statut: ouvertt"),
        edit(copy, 'numero: "01 46 36 40 41"', 'numero: "1"'),
        edit(copy, "lat: 48.843305", "lat: 12.5"),
    ]
    assert [fault.line for fault in check_services(copy)] == lines
    assert len(check(copy)) == 3


def test_a_dispositif_that_leads_to_no_kind_of_place_is_refused(copy):
    file = "rules/base/dispositifs/laverie_solidaire.yml"
    line = edit(copy, "services: [laverie]", "services: [lavrie]", file)
    (fault,) = check(copy)
    assert (fault.file, fault.line) == (file, line)
    assert "lavrie" in fault.message and "« laverie »" in fault.hint


def test_a_bad_source_is_refused(copy):
    edit(copy, "Base Adresse Nationale, adresses de Paris", "github:dupont/depot", "data/sources.yml")
    edit(copy, 'date: "2024-06-21"', "date: hier", "data/sources.yml")
    found = [str(fault) for fault in check(copy)]
    assert any("pas ce qu'il est" in text for text in found)
    assert any("n'est pas une date" in text for text in found)


def test_a_fault_in_a_rule_or_in_the_gazetteer_also_refuses_the_base(copy, tmp_path):
    line = edit(copy, "besoins:", "besoin:", "rules/base/dispositifs/bains_douches.yml")
    edit(copy, "lat: 48.86256", "lat: 12", "data/lieux/arrondissements.yml")
    with pytest.raises(BuildError) as refused:
        build(copy, tmp_path / "jalon.db")
    told = {(fault.file, fault.line) for fault in refused.value.faults}
    assert ("rules/base/dispositifs/bains_douches.yml", line) in told
    assert any(file == "data/lieux/arrondissements.yml" for file, _ in told)


def test_a_missing_file_is_named(copy):
    (copy / SERVICES).unlink()
    assert [str(fault) for fault in check_services(copy)] == [f"{SERVICES} : Ce fichier manque."]


def test_the_files_of_the_repository_have_no_fault():
    assert check(ROOT) == []


def test_the_example_of_the_guide_is_accepted(copy):
    guide = (ROOT / "docs" / "donnees.md").read_text(encoding="utf-8")
    source, place, *_ = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    for file, example in (("data/sources.yml", source), (SERVICES, place)):
        with (copy / file).open("a", encoding="utf-8") as target:
            target.write(f"\n{example}")
    assert check_services(copy) == []


def test_every_field_of_a_place_is_explained_in_the_guide():
    guide = (ROOT / "docs" / "donnees.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)`", guide, re.MULTILINE))
    assert set(database().service("bd-haies")) <= explained
    assert set(database().service("bd-haies")["horaires"]) <= explained
