"""Whatever a place says, CSV and GeoJSON carry it there and back; whatever a file holds, reading it never fails."""

import io
import json
import string
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.checks import ACCESS, ANIMALS, PRECISIONS
from data.exchange.fiche import Refused, to_fiche, to_place
from data.exchange.formats import FORMATS
from data.exchange.importing import make_format
from data.exchange.json_records import UnreadableFile
from data.exchange.values import clean_text, day, fold, number, phone, siret
from tests.built_base import ROOT
from tests.exchange_files import silent, sourced

FORMS = {kind: make_format(ROOT, kind) for kind in FORMATS}
WORDS = FORMS["csv"][1].places

# Letters, accents and what breaks tables: separators, quotes, formulas, line ends, invisible characters.
letters = st.text(string.ascii_letters * 2 + "éèêçœ'’\"-,.&=+@«»\u00a0\u200b\t\n😀", min_size=1, max_size=30)
words = letters.map(lambda text: clean_text(f"a{text}")[0])
sentence = st.lists(st.sampled_from(["Vous", "venez", "à l'accueil", "\"ici\"", "=1+1", "le,matin"]), min_size=1, max_size=6)
sentences = sentence.map(lambda parts: " ".join(parts) + ".")
profiles = st.lists(
    st.sampled_from(
        [
            {"genre": "femme"},
            {"age_min": 18, "age_max": 25},
            {"avec": ["enfant", "grossesse"]},
            {"genre": "homme", "sans_enfant": True},
            {"arrondissements": [1, 2, 20]},
        ]
    ),
    max_size=3,
)
maybe = st.none() | st.booleans()
fiches = st.fixed_dictionaries(
    {
        "id": st.just("essai-1"),
        "nom": words,
        "categorie": st.sampled_from(sorted(WORDS.categories)),
        "services": st.lists(st.sampled_from(sorted(WORDS.offers)), unique=True, max_size=4),
        "statut": st.sampled_from(["ouvert", "a_verifier", "ferme_travaux", "ferme_definitif", None]),
        "gestionnaire": st.none() | words,
        "adresse": st.none() | words,
        "code_postal": st.sampled_from(["75001", "75012", "75116", None]),
        "commune": st.just("Paris"),
        "lat": st.none() | st.floats(48.82, 48.9),
        "lon": st.floats(2.25, 2.45),
        "precision": st.sampled_from([*PRECISIONS, None]),
        "metro": st.lists(words, max_size=3),
        "osm": st.sampled_from([None, "Mo-Fr 09:00-12:00; PH off", "24/7", "Th[3] 09:00-12:00", "Mo 10:00+"]),
        "horaires_texte": st.none() | sentences,
        "derniere_entree_min": st.none() | st.integers(1, 240),
        "telephone": st.sampled_from([None, "01 42 76 40 40", "+33142764040", "115"]),
        "profils": profiles,
        "tous": maybe,
        "publics_texte": st.none() | sentences,
        "acces": st.sampled_from([*ACCESS, None]),
        "conditions": st.none() | sentences,
        "gratuit": maybe,
        "tarif": st.none() | sentences,
        "accessible": maybe,
        "langues": st.lists(words, max_size=2),
        "animaux": st.sampled_from([*ANIMALS, None]),
        "animaux_texte": st.none() | sentences,
        "a_savoir": st.none() | sentences,
        "date": st.sampled_from([None, "2026-11-21", "2026-05", "2014"]),
    }
)


def _through(kind: str, place: dict) -> dict:
    """The place that a file of one place gives back."""
    form, context = FORMS[kind]
    record = form.render(to_fiche(place))["service"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        out = io.StringIO(newline="")
        form.write(lambda _: iter([record]), 1, out)
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        (read,) = form.read([path], lambda _: None)
    fiche = form.fiche(read.values, silent)
    assert fiche["identifiant"] == place["id"] or kind == "geojson"
    return to_place({**fiche, "id": place["id"]}, sourced(context), silent)[0]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fiches)
def test_a_place_survives_a_table_and_geojson_whole(fiche):
    place, why = to_place(fiche, sourced(FORMS["csv"][1]), silent)
    assert place, why
    assert _through("csv", place) == place
    assert _through("geojson", place) == place


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fiches)
def test_the_standards_tell_again_what_they_told(fiche):
    place, _ = to_place(fiche, sourced(FORMS["csv"][1]), silent)
    for kind in ("data-inclusion", "hsds"):
        form, context = FORMS[kind]
        told = form.render(to_fiche(place))
        values = told["service"] | ({"structure": told["structure"]} if "structure" in told else {})
        again, why = to_place({**form.fiche(values, silent), "id": place["id"]}, sourced(context), silent)
        assert again, why
        assert form.render(to_fiche(again)) == told


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_record_with_anything_in_it_is_read_or_refused(kind, data):
    form, context = FORMS[kind]
    names = {"id", "nom", "name", "properties", "fields", "geometry", "service_at_locations", "schedules",
             "structure", "structure_id", "thematiques", "publics", "modes_accueil", "attributes", "phones",
             "organization", "siret", "latitude", "code_postal", "type", "geo_point_2d", "horaires_lundi",
             "minimum_age", "cost_options", "languages", "description", "services", "profils"}  # fmt: skip
    values = data.draw(st.dictionaries(st.sampled_from(sorted(names)), anything, max_size=8))
    form.check(values, silent)
    form.identity(values), form.group(values), form.homeless(values)
    try:
        fiche = form.fiche(values, silent)
        to_place({**fiche, "id": "essai-1"}, sourced(context), silent)
    except (Refused, ValueError) as reason:
        assert type(reason).__name__ in ("Refused", "NotShown")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200) | st.text("{}[]\",:\\\n a1;", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(kind, raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(raw)
        try:
            for record in FORMS[kind][0].read([path], lambda _: None):
                assert record.line >= 1
                assert (record.values is None) == (record.problem is not None)
        except UnreadableFile as error:
            assert error.message


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), anything, max_size=3), max_size=6), st.sampled_from([None, 1]))
def test_the_records_of_any_json_are_found_at_their_lines(records, indent):
    text = json.dumps({"autre": [[1], {"contents": []}], "contents": records, "fin": {}}, indent=indent)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_text(text, encoding="utf-8")
        found = list(FORMS["hsds"][0].read([path], lambda _: None))
    assert json.dumps([one.values for one in found]) == json.dumps(records)
    lines = text.split("\n")
    assert all("{" in lines[one.line - 1] for one in found)
    assert [one.line for one in found] == sorted(one.line for one in found)


@given(anything)
def test_reading_a_value_never_fails(value):
    for read in (clean_text, phone, number, siret):
        read(value)
    day(value, sourced(FORMS["csv"][1]).today)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
