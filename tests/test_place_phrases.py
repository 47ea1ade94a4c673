"""What people write means the right place, in the right arrondissement, or is asked back."""

import os
from pathlib import Path

import pytest

from data.gazetteer import Gazetteer, open_addresses
from data.gazetteer.importing import import_ban
from data.gazetteer.text import fold
from data.yaml_reader import read_yaml
from tests.built_base import ROOT

HERE = ROOT / "tests" / "lieux"
EXTRACT = HERE / "adresses-75-extrait.csv"
PHRASES = read_yaml(HERE / "phrases.yml")
BULK = Path(os.environ.get("JALON_SHARED", ROOT.parent / "shared")) / "geo" / "adresses_paris.csv.gz"
WITHOUT_ADDRESSES = [
    phrase for group, phrases in PHRASES.items() if group != "adresses" for phrase in phrases
]
WITH_ADDRESSES = PHRASES["adresses"]
NOTHING = {id(phrase) for phrase in PHRASES["rien"]} | {id(p) for p in WITH_ADDRESSES if p.get("rien")}


@pytest.fixture(scope="module")
def plain() -> Gazetteer:
    return Gazetteer.from_yaml(ROOT)


@pytest.fixture(scope="module")
def extract(tmp_path_factory) -> Gazetteer:
    """The gazetteer with a few streets imported."""
    target = tmp_path_factory.mktemp("extrait") / "adresses.db"
    import_ban(EXTRACT, target)
    return Gazetteer.from_yaml(ROOT, open_addresses(target))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Gazetteer:
    """The gazetteer with all the streets and numbers of Paris."""
    if not BULK.exists():
        pytest.skip("addresses of Paris absent: set JALON_SHARED to their folder")
    target = tmp_path_factory.mktemp("paris") / "adresses.db"
    import_ban(BULK, target)
    return Gazetteer.from_yaml(ROOT, open_addresses(target))


def _said(phrase) -> str:
    return phrase["dit"]


def test_there_are_at_least_300_phrases_and_none_twice():
    for phrases, least in ((WITHOUT_ADDRESSES, 300), (WITH_ADDRESSES, 20)):
        said = [phrase["dit"] for phrase in phrases]
        assert len(set(said)) == len(said) >= least


@pytest.mark.parametrize("phrase", WITHOUT_ADDRESSES, ids=_said)
def test_a_phrase_means_its_place(plain, phrase):
    _check(plain, phrase)


@pytest.mark.parametrize("phrase", WITHOUT_ADDRESSES, ids=_said)
def test_importing_the_streets_changes_no_other_place(whole, phrase):
    _check(whole, phrase)


@pytest.mark.parametrize("phrase", WITH_ADDRESSES, ids=_said)
def test_a_street_or_a_number_is_found_once_imported(extract, phrase):
    _check(extract, phrase)


@pytest.mark.parametrize("phrase", WITH_ADDRESSES, ids=_said)
def test_a_street_or_a_number_is_found_among_all_of_paris(whole, phrase):
    _check(whole, phrase)


def _check(gazetteer: Gazetteer, phrase: dict) -> None:
    mentions = gazetteer.find_in(phrase["dit"])
    if id(phrase) in NOTHING:
        assert mentions == []
    elif "ambigu" in phrase:
        asked = [{m.lieu.nom, *(other.nom for other in m.autres)} for m in mentions if m.ambigu]
        assert any(set(phrase["ambigu"]) <= names for names in asked)
    else:
        found = [m for m in mentions if m.lieu.nom == phrase["lieu"]]
        assert found and not found[0].ambigu
        place, where = found[0].lieu, phrase["ou"]
        assert place.arrondissement in where if isinstance(where, list) else place.commune == where


def test_a_missing_number_is_its_neighbour_and_says_so(extract):
    exact, missing = (extract.search(f"{n} rue du faubourg saint-antoine").lieux[0] for n in (182, 184))
    assert (exact.precision, missing.precision) == ("numero", "numero_voisin")
    assert missing.arrondissement == 12
    assert extract.reason("184 rue du faubourg saint-antoine", missing).startswith("numéro absent")


def test_a_number_far_from_all_is_the_street_alone(extract):
    assert extract.search("900 rue custine").lieux[0].nom == "Rue Custine"


def test_the_name_of_an_address_finds_it_again(extract):
    """A conversation keeps the name alone."""
    for text in ("12 rue de charonne", "184 rue du faubourg saint antoine", "60 rue de vaugirard"):
        address = extract.search(text).lieux[0]
        assert extract.search(address.nom).lieux[0] == address


@pytest.mark.parametrize(
    "text",
    [
        "à l'angle de la rue Custine et de la rue de Clignancourt",
        "angle rue custine rue de clignancour",
        "je suis au croisement rue de clignancourt, rue custine",
    ],
)
def test_the_corner_of_two_streets_is_where_they_meet(extract, text):
    (corner,) = [mention.lieu for mention in extract.find_in(text)]
    assert (corner.precision, corner.arrondissement) == ("angle", 18)
    doors = [extract.search(door).lieux[0] for door in ("1 rue custine", "2 rue custine")]
    assert min(abs(corner.lat - d.lat) + abs(corner.lon - d.lon) for d in doors) < 0.002
    assert extract.search(corner.nom).lieux[0] == corner


def test_streets_that_do_not_meet_have_no_corner(extract):
    found = extract.find_in("à l'angle de la rue Custine et de la rue de Charonne")
    assert [mention.lieu.nom for mention in found] == ["Rue Custine", "Rue de Charonne"]


def test_every_street_of_paris_is_found_by_its_name(whole):
    streets = [place for place in whole.places if place.type == "rue"]
    assert len({street.nom for street in streets}) > 6_400
    lost = []
    for street in streets[::7]:
        found = whole.search(street.nom, limit=10).lieux
        if fold(street.nom) not in [fold(place.nom) for place in found]:
            lost.append(street.nom)
    assert len(lost) <= len(streets[::7]) // 200, lost


def test_everyday_sentences_name_no_street(whole):
    """Every message without a place written for the reading of facts, with every street of Paris known."""
    from tests.test_gazetteer import NO_ARRONDISSEMENT, NO_PLACE

    for phrase in {*NO_PLACE, *NO_ARRONDISSEMENT} - {"12 rue de la paix"}:
        assert whole.find_in(phrase) == []
