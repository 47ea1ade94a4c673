"""Places go out to other directories and come back the same; imports are kept, compared, undone, never half done."""

import json
import re
import sqlite3
from datetime import datetime, timedelta

import jsonschema_rs
import pytest
from click.testing import CliRunner
from data_inclusion.schema.v1 import Public, Service, Structure, Thematique

from cli.exchange import doublons, exporter, importer
from data.build import build
from data.checks import read_places
from data.database import open_database
from data.exchange import duplicates, store
from data.exchange.correspondances import FILE, read_correspondances
from data.exchange.exporting import export_file
from data.exchange.fiche import to_fiche, to_place
from data.exchange.flat import COLUMNS
from data.exchange.formats import FORMATS, READ_ONLY
from data.exchange.hsds import SCHEMA, to_osm, to_schedules
from data.exchange.importing import ImportFault, Origin, import_files, make_format, undo
from data.exchange.json_records import UnreadableFile
from data.exchange.report import SUGGESTION
from data.hours import opening_state
from tests.built_base import ROOT
from tests.exchange_files import (
    STRUCTURE,
    bring,
    content,
    inclusion,
    repository,
    service,
    silent,
    sourced,
    write_json,
)

EXPORTED = [name for name in FORMATS if name not in READ_ONLY]
PLACES = read_places(ROOT)[0].services
TOLD = [place for place in PLACES if place["statut"] != "ferme_definitif"]


@pytest.fixture
def root(tmp_path):
    return repository(tmp_path / "depot")


def fates(report) -> list[tuple[str, str]]:
    return [(fate.kind, fate.id) for fate in report.fates()]


# Round trip


@pytest.mark.parametrize("kind", EXPORTED)
def test_export_import_export_gives_the_same_bytes(tmp_path, root, kind):
    first, second = tmp_path / "premier", tmp_path / "second"
    assert export_file(ROOT, kind, first, "jalon") == len(TOLD)
    report, number = bring(root, kind, first)
    assert number == 1
    assert not list(report.findings("erreur")) + list(report.findings("avertissement"))
    assert export_file(root, kind, second, "essai") == len(TOLD)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("kind", EXPORTED)
def test_a_place_told_read_and_told_again_is_told_the_same(kind):
    """Without the raw record's help: the mapping itself loses nothing that it says."""
    form, context = make_format(ROOT, kind)
    context = sourced(context)
    for place in PLACES:
        told = form.render(to_fiche(place))
        record = json.loads(json.dumps(told["service"]))
        structure = told.get("structure")
        values = record | ({"structure": structure} if structure else {})
        again, why = to_place({**form.fiche(values, silent), "id": "essai-1"}, context, silent)
        assert again, (place["id"], why)
        back = form.render(to_fiche(again | {"id": place["id"], "statut": place["statut"]}))["service"]
        if not place["sensible"]:
            assert back == record


@pytest.mark.parametrize("kind", ["data-inclusion", "hsds"])
def test_what_another_directory_wrote_comes_out_as_it_came(tmp_path, root, kind):
    sample = ROOT / "tests" / "exchange" / f"{kind}.json"
    bring(root, kind, sample)
    export_file(root, kind, tmp_path / "a", "essai")
    given, told = json.loads(sample.read_text()), json.loads((tmp_path / "a").read_text())
    for section in ("structures", "services", "contents"):
        assert _by_id(given.get(section, [])) == _by_id(told.get(section, []))


@pytest.mark.parametrize("kind", EXPORTED)
def test_a_place_that_came_in_one_format_goes_out_in_the_others(tmp_path, root, kind):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)]))
    assert export_file(root, kind, tmp_path / "b") == 1
    assert "Point d'accès au droit" in (tmp_path / "b").read_text(encoding="utf-8")


def test_what_is_exported_follows_the_standards(tmp_path):
    export_file(ROOT, "data-inclusion", tmp_path / "di")
    told = json.loads((tmp_path / "di").read_text())
    for record in told["structures"]:
        Structure.model_validate(record, context={"ignore_warnings": False})
    for record in told["services"]:
        Service.model_validate(record, context={"ignore_warnings": False})
    assert {one["structure_id"] for one in told["services"]} == {one["id"] for one in told["structures"]}
    export_file(ROOT, "hsds", tmp_path / "hsds")
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()), validate_formats=True)
    page = json.loads((tmp_path / "hsds").read_text())
    assert page["total_items"] == len(page["contents"]) == len(TOLD)
    for record in page["contents"]:
        assert not list(schema.iter_errors(record))


@pytest.mark.parametrize("kind", EXPORTED)
def test_a_place_to_protect_goes_out_without_where_it_is(tmp_path, kind):
    export_file(ROOT, kind, tmp_path / "a")
    told = (tmp_path / "a").read_text(encoding="utf-8")
    for place in PLACES:
        if place["sensible"]:
            # The name itself stays out too, unless it is the public one.
            secret = {place["id"], place["adresse"], place["nom"]} - {None, place["nom_public"]}
            others = json.dumps([one for one in PLACES if not one["sensible"]], ensure_ascii=False)
            assert not [word for word in secret if word in told and word not in others]
            assert place["nom_public"] in told
            fiche = to_fiche(place)
            for key in ("adresse", "code_postal", "lat", "lon", "metro", "gestionnaire"):
                assert not fiche[key]


@pytest.mark.parametrize("kind", EXPORTED)
def test_a_place_closed_for_good_is_not_told_and_works_are(tmp_path, kind):
    export_file(ROOT, kind, tmp_path / "a")
    told = (tmp_path / "a").read_text(encoding="utf-8")
    names = " ".join(place["nom"] for place in TOLD)
    for place in PLACES:
        if place["statut"] == "ferme_definitif" and place["nom"] not in names:
            assert place["nom"] not in told
    assert re.search("ferme_travaux|temporarily closed|Fermé pour travaux", told)


def test_hours_of_a_plain_week_survive_schedules():
    for osm in ("Mo-Fr 09:00-12:00,14:00-17:00", "Tu-Sa 07:30-13:00; Su 08:00-12:30", "Fr-Mo 21:00-23:00"):
        again = to_osm(to_schedules(osm))
        for hour in range(24 * 8):
            at = _hour(hour)
            assert opening_state(again, at, "haute")["etat"] == opening_state(osm, at, "haute")["etat"], osm


def test_schedules_that_are_no_plain_week_are_not_guessed():
    assert to_osm([{"freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "12:00"}]) is None
    every_other = {"freq": "WEEKLY", "interval": 2, "byday": "MO", "opens_at": "09:00", "closes_at": "12:00"}
    assert to_osm([every_other]) is None


# The words of other directories


def test_every_word_of_data_inclusion_has_a_meaning_or_is_refused_in_so_many_words():
    words, faults = read_correspondances(ROOT, read_places(ROOT)[0])
    assert not faults
    assert set(words.themes) == {one.value for one in Thematique}
    assert set(words.publics) == {one.value for one in Public}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{categorie: aide_alimentaire}", "{categorie: aide_alimentair}", "« aide_alimentaire »"),
        ("services: [vetements]", "services: [vetement]", "« vetements »"),
        ("bagagerie: []", "bagageri: []", "bagageri"),
        ("mots: halte de nuit", "mots: Halte de nuit", "Écrivez halte de nuit."),
        ("- mobilite--preparer-un-permis", "- sante--addictions", "déjà écrit plus haut"),
    ],
)
def test_a_fault_in_the_correspondances_is_told_with_its_line(root, old, new, said):
    path = root / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    _, faults = read_correspondances(root, read_places(root)[0])
    line = text[: text.index(old)].count("\n") + 1
    assert any(said in str(fault) and fault.line in (line, line + 1) for fault in faults), list(map(str, faults))


def test_a_place_that_may_have_to_be_hidden_is_never_shown(tmp_path, root):
    one = service(1, thematiques=["famille--surmonter-conflits-separation-violence"], nom="Accueil de jour")
    report, _ = bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [one]))
    assert report.counts()["montrés"] == 0
    assert "protéger" in str(report.not_shown())


def test_a_broad_public_never_turns_anybody_away(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1, publics=["femmes"])]))
    (place,) = _imported(root)
    publics = place["publics"]
    assert (publics["texte"], publics["profils"]) == ("Pour les femmes.", [{"genre": "femme"}])
    assert publics["confiance"] == "basse"  # then nobody is left out


def test_an_imported_place_is_to_be_checked_and_says_where_it_comes_from(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(1)])
    import_files(root, "data-inclusion", [path], Origin("dora", "Plateforme DORA", "Licence Ouverte 2.0"), True)
    base = open_database(build(root, tmp_path / "jalon.db").target)
    (place,) = base.services()
    assert place["statut"] == "a_verifier"
    assert place["derniere_source_le"] == "2026-05-12"
    assert place["sources"] == [{"id": "apport_dora", "confiance": "moyenne"}]
    assert base.sources["apport_dora"]["editeur"] == "Plateforme DORA"
    assert base.sources["apport_dora"]["licence"] == "Licence Ouverte 2.0"


# Keep, compare, undo


def test_a_dry_run_says_what_writing_does_and_writes_nothing(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(1), service(2, telephone="12")])
    dry, number = bring(root, "data-inclusion", path, write=False)
    assert number is None and not store.path_of(root).exists()
    wet, number = bring(root, "data-inclusion", path)
    assert number == 1
    assert fates(dry) == fates(wet)
    assert list(dry.findings()) == list(wet.findings())
    before = content(root)
    bring(root, "data-inclusion", inclusion(path, [service(1, nom="Autre nom")]), write=False)
    assert content(root) == before


def test_the_same_file_twice_changes_nothing(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(number) for number in range(20)])
    bring(root, "data-inclusion", path)
    before = store.path_of(root).read_bytes()
    report, number = bring(root, "data-inclusion", path)
    assert number is None
    assert report.counts()["inchangé"] == 21
    assert store.path_of(root).read_bytes() == before


def test_the_report_tells_what_is_new_changed_gone_and_the_same(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(n) for n in (1, 2, 3)]))
    after = [service(1), service(2, telephone="01 43 00 00 00"), service(4)]
    report, number = bring(root, "data-inclusion", inclusion(tmp_path / "b.json", after))
    assert number == 2
    counts = report.counts()
    assert [counts[kind] for kind in ("nouveau", "changé", "inchangé", "disparu")] == [1, 1, 2, 1]
    (changed,) = report.fates("changé")
    (field, before, now), *rest = changed.changes
    assert not rest and field == "telephone"
    assert (before["numero"], now["numero"]) == ("01 42 76 40 40", "01 43 00 00 00")
    (gone,) = report.fates("disparu")
    assert gone.id.startswith("essai-essai-3")


def test_a_change_in_a_field_that_jalon_does_not_use_is_told_too(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1, description="Avant tout.")]))
    path = inclusion(tmp_path / "a.json", [service(1, description="Après tout.")])
    report, _ = bring(root, "data-inclusion", path)
    assert [fate.changes for fate in report.fates("changé")] == [(("description", "Avant tout.", "Après tout."),)]
    assert any("« description »" in str(one) for one in report.findings(SUGGESTION))


def test_a_service_follows_its_structure(tmp_path, root):
    here = {key: None for key in ("adresse", "code_postal", "commune", "latitude", "longitude", "telephone")}
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1, **here)]))
    (place,) = _imported(root)
    assert (place["adresse"], place["telephone"]["numero"]) == ("22 rue de la Saïda", "01 42 76 40 40")
    moved = STRUCTURE | {"adresse": "3 rue de Picpus"}
    report, _ = bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1, **here)], [moved]))
    assert report.counts()["changé"] == 2
    assert _imported(root)[0]["adresse"] == "3 rue de Picpus"


def test_undoing_an_import_gives_back_everything_as_it_was(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(n) for n in (1, 2, 3)]))
    before = _rows(root)
    bring(root, "data-inclusion", inclusion(tmp_path / "b.json", [service(1), service(2, nom="Autre"), service(4)]))
    assert _rows(root) != before
    with pytest.raises(store.StoreError, match="dernier"):
        undo(root, 1)
    assert undo(root, 2) == 3
    assert _rows(root) == before
    with pytest.raises(store.StoreError, match="déjà annulé"):
        undo(root, 2)
    assert undo(root, 1) == 4
    assert _rows(root) == []


def test_sources_do_not_touch_each_other(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(1)])
    bring(root, "data-inclusion", path, "dora")
    before = _imported(root)
    report, _ = bring(root, "data-inclusion", path, "soliguide")
    assert report.counts()["nouveau"] == 2
    assert _imported(root)[: len(before)] == before


def test_a_service_named_as_a_structure_is_another(tmp_path, root):
    services = [service(1, id="essai--s1"), service(2, id="structure-essai--s1")]
    report, _ = bring(root, "data-inclusion", inclusion(tmp_path / "a.json", services))
    assert report.counts()["nouveau"] == 3


def test_a_service_without_its_structure_id_is_still_a_service(tmp_path, root):
    one = {key: value for key, value in service(1).items() if key not in ("structure_id", "thematiques")}
    report, _ = bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [one]))
    assert any("« structure_id » manque" in str(one) for one in report.findings("erreur"))


def test_ids_never_meet(tmp_path, root):
    ids = ["a-1", "a--1", "a_1", "A-1", "a 1", "é-1", "e-1"]
    path = inclusion(tmp_path / "a.json", [service(n, id=key) for n, key in enumerate(ids)])
    report, _ = bring(root, "data-inclusion", path)
    assert report.counts()["refusé"] == 0
    found = [place["id"] for place in _imported(root)]
    assert len(set(found)) == len(ids)
    bring(root, "data-inclusion", path)
    assert [place["id"] for place in _imported(root)] == found


def test_a_file_cut_short_is_refused_whole(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(n) for n in range(5)])
    bring(root, "data-inclusion", path)
    before = content(root)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UnreadableFile, match="sa fin manque"):
        bring(root, "data-inclusion", path)
    assert content(root) == before


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("text", [b"", b"\x00\x01", b"\xff\xfe[\x00]\x00", b"[[[[[[", b'{"a": '])
def test_a_file_that_is_something_else_says_so_or_gives_nothing(tmp_path, root, kind, text):
    path = tmp_path / "a"
    path.write_bytes(text)
    try:
        report, _ = bring(root, kind, path)
    except UnreadableFile as error:
        assert error.message
    else:
        assert report.counts()["montrés"] == 0


def test_many_records_that_vanish_are_a_warning(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(n) for n in range(10)]))
    report, _ = bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)]), write=False)
    assert any("ne sont plus dans le fichier" in str(one) for one in report.findings("avertissement"))


# Duplicates


def _hand_kept_twin(**changes) -> dict:
    place = next(one for one in PLACES if one["id"] == "bd-audubon")
    told = {
        "nom": "Bains Douches municipaux Audubon",
        "adresse": "11, r. Audubon",
        "code_postal": "75012",
        "latitude": place["position"]["lat"] + 0.0001,
        "longitude": place["position"]["lon"],
        "telephone": "01 43 47 60 07",
    }
    return service(1, **(told | changes))


def test_a_place_that_looks_like_a_hand_kept_one_waits_for_a_person(tmp_path):
    root = repository(tmp_path / "depot", hand_kept=True)
    structures = [STRUCTURE | {"nom": "Bains-douches municipaux Audubon", "id": "essai--s1"}]
    path = inclusion(tmp_path / "a.json", [_hand_kept_twin(), service(2, structure_id="essai--s2")],
                     [*structures, STRUCTURE | {"id": "essai--s2"}])  # fmt: skip
    bring(root, "data-inclusion", path)
    twin = next(place["id"] for place in _imported(root) if "audubon" in place["nom"].lower())

    def shown() -> set[str]:
        base = open_database(build(root, tmp_path / "jalon.db").target)
        return {place["id"] for place in base.services()}

    assert twin not in shown()
    with _opened(root) as opened:
        (pair,) = duplicates.pairs(opened, {place["id"]: place["nom"] for place in PLACES})
        assert (pair.a, pair.b) == ("bd-audubon", twin)
        assert pair.score >= duplicates.LIKELY
        assert {"même adresse", "même téléphone", "à 11 m"} <= set(pair.reasons)
        duplicates.decide(opened, pair.number, "different", "Awa", "2026-11-21")
    assert twin in shown()
    with _opened(root) as opened:
        duplicates.decide(opened, pair.number, "meme", "Awa", "2026-11-21")
        assert not duplicates.pairs(opened, {})
    assert twin not in shown()
    bring(root, "data-inclusion", inclusion(path, [_hand_kept_twin(frais="payant")], structures))
    assert twin not in shown()  # what a person decided holds for the next imports


@pytest.mark.parametrize(
    ("changes", "likely"),
    [
        ({}, True),
        ({"telephone": None}, True),
        ({"latitude": None, "longitude": None}, True),
        ({"adresse": "11 rue Audubon", "nom": "Permanence d'accès au droit Diderot", "telephone": None}, False),
        ({"adresse": "40 rue de Reuilly", "latitude": 48.8412, "telephone": None}, False),
    ],
)
def test_name_address_position_and_phone_make_the_score(tmp_path, changes, likely):
    root = repository(tmp_path / "depot", hand_kept=True)
    told = _hand_kept_twin(**changes)
    path = inclusion(tmp_path / "a.json", [told], [STRUCTURE | {"nom": told["nom"], "telephone": None}])
    bring(root, "data-inclusion", path)
    with _opened(root) as opened:
        assert bool(duplicates.held_back(opened, PLACES)) is likely


def test_two_directories_that_give_the_same_place_make_a_pair(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)]), "dora")
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)]), "soliguide")
    with _opened(root) as opened:
        (pair,) = duplicates.pairs(opened, {})
        assert pair.score == 100
        duplicates.decide(opened, pair.number, "meme", "Awa", "2026-11-21")
    base = open_database(build(root, tmp_path / "jalon.db").target)
    assert len(base.services()) == 1


def test_the_services_of_one_door_are_not_duplicates(tmp_path, root):
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(n, adresse=None) for n in (1, 2, 3)]))
    with _opened(root) as opened:
        assert not duplicates.pairs(opened, {})


# Other formats


def test_ville_de_paris_equipment(root):
    report, _ = bring(root, "paris", ROOT / "tests" / "exchange" / "paris.json")
    places = {place["nom"]: place for place in _imported(root)}
    rouvet = places["Bain-douche Rouvet"]
    assert rouvet["horaires"]["osm"] == "Tu,We,Th,Fr,Sa 07:30-13:00; Su 08:00-12:30"
    assert (rouvet["adresse"], rouvet["code_postal"], rouvet["arrondissement"]) == ("1 rue Rouvet", "75019", 19)
    assert rouvet["services"] == ["douche"] and rouvet["gratuit"] is True
    assert dict(report.not_shown()) == {"type non repris": 1, "type inconnu": 1}
    told = [str(one) for one in report.findings("erreur")]
    assert any("« de 7h à midi »" in text for text in told)
    assert any("« Bains-douche »" in text and "« Bains-douches »" in text for text in told)


def test_ville_de_paris_equipment_as_a_table(tmp_path, root):
    path = tmp_path / "bains.csv"
    path.write_text(
        "\ufeffIdentifiant;nom;type;adresse;arrondissement;horaires_lundi;horaires_mardi;payant;geo_point_2d\n"
        "BD15;Bain-douche Rouvet;Bains-douches;1, rue Rouvet;75019;-;07h30 - 13h00 / 14h-18h;Non;48.8929, 2.3851\n",
        encoding="utf-8",
    )
    report, _ = bring(root, "paris", path)
    assert report.counts()["refusé"] == 1  # « Identifiant » is not « identifiant »: said, not guessed
    path.write_text(path.read_text(encoding="utf-8").replace("Identifiant", "identifiant"), encoding="utf-8")
    bring(root, "paris", path)
    (place,) = _imported(root)
    assert place["horaires"]["osm"] == "Tu 07:30-13:00,14:00-18:00"
    assert place["position"]["lat"] == 48.8929


CSV = "id;Nom;categorie;Code postal;commune;services;profils;telephone;couleur\n"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_as_spreadsheets_write_it(tmp_path, root, separator, encoding):
    path = tmp_path / "a.csv"
    line = 'r1;"L\'été ""ici""";Bains-douches;75012;Paris;douche|toilettes;genre=femme,age_min=18;0142764040;bleu\n'
    path.write_text((CSV + line).replace(";", separator).replace("femme,age", "femme,age") if separator != ","
                    else (CSV + line.replace("genre=femme,age_min=18", '"genre=femme,age_min=18"')).replace(";", ","),
                    encoding=encoding)  # fmt: skip
    report, _ = bring(root, "csv", path)
    (place,) = _imported(root)
    assert place["nom"] == 'L\'été "ici"'
    assert place["categorie"] == "bains_douches"
    assert place["services"] == ["douche", "toilettes"]
    assert any("« couleur »" in str(one) for one in report.findings(SUGGESTION))


def test_faults_of_a_table_are_told_with_their_line(tmp_path, root):
    path = tmp_path / "a.csv"
    path.write_text(
        CSV + 'r1;Bon lieu;bains_douches;75012;Paris;douche;;;\n"r2";"Sur deux\nlignes";bains_douches;75012;Paris;'
        "douch;;;\nr3;Bon lieu;bain_douche;75012;Paris;;;;\nr4;Trop;bains_douches;75012;Paris;;;;;de cases\n"
        "r5;Profil;bains_douches;75012;Paris;;genr=femme;;\n;Sans id;bains_douches;75012;Paris;;;;\n",
        encoding="utf-8",
    )
    report, _ = bring(root, "csv", path)
    told = {finding.line: str(finding) for finding in report.findings("erreur")}
    assert sorted(told) == [3, 5, 6, 7, 8]
    assert "« douche »" in told[3] and "« bains_douches »" in told[5] and "10 cases" in told[6]
    assert "« genre »" in told[7] and "identifiant" in told[8]
    assert report.counts()["montrés"] == 3


def test_faults_of_geojson(tmp_path, root):
    def feature(key, **more):
        head = {"type": "Feature", "id": key, "geometry": {"type": "Point", "coordinates": [2.3872, 48.8462]}}
        words = {"nom": "Douches", "categorie": "bains_douches", "code_postal": "75012", "commune": "Paris"}
        return head | {"properties": words} | more

    features = [
        feature("1"),
        feature("2", geometry={"type": "Polygon", "coordinates": []}),
        feature("3", geometry={"type": "Point", "coordinates": [48.8462, 2.3872]}),
        feature("4", geometry=None),
        feature("5", properties=None),
    ]
    report, _ = bring(root, "geojson", write_json(tmp_path / "a", {"type": "FeatureCollection", "features": features}))
    told = " ".join(str(one) for one in report.findings("erreur"))
    assert "« Polygon » n'est pas un point" in told and "échangées" in told and "Le nom manque" in told
    assert report.counts()["montrés"] == 4


def test_faults_of_hsds(tmp_path, root):
    form, _ = make_format(ROOT, "hsds")
    told = form.render(to_fiche(PLACES[0]))["service"]
    key = told["id"][:-4] + "fff"
    services = [
        told,
        told | {"id": "pas-un-uuid", "status": "activ"},
        {name: value for name, value in told.items() if name != "status"} | {"id": f"{key}1"},
        told | {"id": f"{key}2", "phones": [{"id": told["id"]}]},
        told | {"id": f"{key}3", "schedules": [{"id": told["id"], "freq": "WEEKL", "byday": "MO"}]},
        told | {"id": f"{key}4", "status": "inactive"},
        told | {"id": f"{key}5", "service_at_locations": told["service_at_locations"] * 2},
    ]
    report, _ = bring(root, "hsds", write_json(tmp_path / "a", {"contents": services}))
    words = " ".join(str(one) for one in report.findings())
    for expected in (
        "« pas-un-uuid » n'est pas bien écrit",
        "Vouliez-vous dire « active »",
        "Le champ « status » manque",
        "Le champ « number » manque dans « phones »",
        "Vouliez-vous dire « WEEKLY »",
        "seul le premier est repris",
    ):
        assert expected in words, words
    assert dict(report.not_shown()) == {"service inactif": 1}
    assert report.counts()["montrés"] == 6


# The commands


def _run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments], terminal_width=200)


def test_the_commands_from_trial_to_undoing(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(1), service(2, telephone="12 34")])
    table = tmp_path / "rapport.csv"
    trial = _run(importer, "data-inclusion", path, "--source", "dora", "--racine", root, "--rapport", table)
    assert "rien n'est écrit" in trial.output and not store.path_of(root).exists()
    assert "n'est pas un numéro de téléphone" in trial.output
    assert "n'est pas un numéro de téléphone" in table.read_text(encoding="utf-8-sig")
    written = _run(importer, "data-inclusion", path, "--source", "dora", "--ecrire", "--racine", root)
    assert "Apport 1 écrit" in written.output
    again = _run(importer, "data-inclusion", path, "--source", "dora", "--ecrire", "--racine", root)
    assert "Rien à changer" in again.output
    assert "dora" in _run(importer, "liste", "--racine", root).output
    assert "2 lieux écrits" in _run(exporter, "geojson", tmp_path / "b", "--racine", root).output
    assert '"FeatureCollection"' in _run(exporter, "geojson", "--racine", root).output
    assert "Aucun doublon" in _run(doublons, "--racine", root).output
    assert "3 fiches remises" in _run(importer, "annuler", "1", "--racine", root).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("csv", "a.csv"), "--source"),
        (("csv", "--source", "dora"), "fichier"),
        (("csv", "absent.csv", "--source", "dora"), "n'existe pas"),
        (("csv", __file__, "--source", "DORA !"), "minuscules"),
        (("annuler", "un"), "numéro"),
        (("annuler", "7"), "aucun apport"),
    ],
)
def test_a_mistyped_command_says_what_to_do(root, arguments, said):
    assert said in _run(importer, *arguments, "--racine", root).output


def test_a_name_that_looks_like_a_formula_is_not_run_by_the_spreadsheet(tmp_path, root):
    structure = STRUCTURE | {"nom": "=1+1 Point d'accès au droit"}
    bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)], [structure]))
    export_file(root, "csv", tmp_path / "b.csv")
    assert ";'=1+1 Point" in (tmp_path / "b.csv").read_text(encoding="utf-8-sig")


def test_a_fault_in_the_files_of_jalon_stops_the_import(tmp_path, root):
    (root / "data" / "services.yml").write_text("- id: x\n", encoding="utf-8")
    with pytest.raises(ImportFault) as error:
        bring(root, "data-inclusion", inclusion(tmp_path / "a.json", [service(1)]))
    assert error.value.faults


def test_two_imports_at_once_do_not_mix(tmp_path, root):
    path = inclusion(tmp_path / "a.json", [service(1)])
    bring(root, "data-inclusion", path)
    with _opened(root) as opened:
        opened.execute("PRAGMA busy_timeout = 0")
        with store.transaction(opened, keep=False):
            other = sqlite3.connect(store.path_of(root), isolation_level=None, timeout=0)
            with pytest.raises(store.StoreError, match="en cours"), store.transaction(other):
                pass
            other.close()


def _imported(root) -> list[dict]:
    with _opened(root) as opened:
        return list(store.imported_places(opened))


def _rows(root) -> list[tuple]:
    with _opened(root) as opened:
        return opened.execute("SELECT * FROM services ORDER BY id").fetchall()


class _opened:
    def __init__(self, root):
        self.opened = store.open_store(store.path_of(root))

    def __enter__(self):
        return self.opened

    def __exit__(self, *_):
        self.opened.close()


def _by_id(records: list[dict]) -> list[dict]:
    return sorted(records, key=lambda one: one["id"])


def _hour(number: int):
    return datetime(2026, 3, 2) + timedelta(hours=number, minutes=10)


# The guide


GUIDE = (ROOT / "docs" / "echanges.md").read_text(encoding="utf-8")


def test_the_guide_names_every_format_and_every_column():
    for word in (*FORMATS, *COLUMNS):
        assert f"`{word}`" in GUIDE, word


def test_the_guide_says_the_true_threshold_and_count():
    assert f"À partir de {duplicates.LIKELY} sur 100" in GUIDE
    assert f"Chacune des {len(Thematique)} thématiques" in GUIDE
