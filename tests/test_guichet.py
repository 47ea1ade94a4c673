"""What an agent gets from the counter: words, results, reasons, places, calculators, corrections."""

import re
from html import unescape

import httpx
import pytest

from channels.guichet import calculators, view
from channels.guichet.note import cut, segments
from channels.guichet.words import blind, form, words
from data.upkeep.boxes import Folder
from data.upkeep.proposals import pending
from tests.counter_door import enter, from_page, open_counter

HIDDEN = "esi-halte-femmes"


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    with open_counter(tmp_path_factory.mktemp("guichet"), service="EPS 18e") as found:
        yield found


@pytest.fixture(scope="module")
def post(counter):
    """Sends JSON as the page does: (status, answer)."""
    url, settings = counter
    with httpx.Client(timeout=30) as client:
        csrf = enter(client, url, settings)

        def send(path: str, **body):
            answer = client.post(
                f"{url}/guichet/{path}", json=body, headers=from_page(url, **{"x-jalon-jeton": csrf})
            )
            return answer.status_code, answer.json()

        yield send


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_every_fact_need_and_subject_has_a_professional_word(base):
    said, rules = words(), base.base
    assert set(said["faits"]) == set(rules.facts)
    assert set(said["besoins"]) == set(rules.needs)
    assert set(said["sujets"]) == {fact.subject for fact in rules.facts.values()}
    for name, choices in said["choix"].items():
        assert set(choices) <= set(rules.facts[name].choices), name
    for pair in said["comparaisons"]:
        assert set(pair["entre"]) <= set(rules.dispositifs)
    for kind, facts in said["calculs"]["depuis_les_faits"].items():
        assert set(facts.values()) <= set(rules.facts), kind


def test_every_fact_of_the_base_has_a_field(base):
    fields = [field["id"] for subject in form(base.base) for field in subject["champs"]]
    assert sorted(fields) == sorted(base.base.facts)


def test_the_calculators_ask_for_every_entry_by_its_name(base):
    forms = calculators.forms(base)
    for part in ("cotation", "ressources", "depenses"):
        assert all(field["libelle"] != field["nom"] for field in forms[part]), part
        for field in forms[part]:
            assert all(label != choice for choice, label in field["choix"].items()), field


@pytest.mark.parametrize("limit", [7, 20, 500])
def test_a_long_note_is_read_whole_piece_by_piece(limit):
    note = "M. 54 ans, rue depuis 2 mois, chien.\nGare de Lyon ; RSA, dette EDF 640"
    pieces = list(cut(note, limit))
    assert all(len(piece) <= limit and note[start:].startswith(piece) for start, piece in pieces)
    assert "".join(piece for _, piece in pieces) == note


def test_a_note_is_shown_whole_with_what_was_understood(base):
    note = "54 ans, chien, dette EDF 640"
    marks = [
        {"type": "fait", "id": "age", "valeur": 54, "debut": 0, "fin": 7},
        {"type": "fait", "id": "dette_energie", "valeur": 640, "debut": 15, "fin": 28},
        {"type": "besoin", "id": "energie", "valeur": None, "debut": 15, "fin": 24},
    ]
    pieces = segments(base.base, note, marks)
    assert "".join(piece["texte"] for piece in pieces) == note
    meanings = [mark["sens"] for piece in pieces for mark in piece["reperes"]]
    assert meanings == ["Âge : 54\xa0ans", "Dette d'énergie : 640\xa0€", "Besoin : Énergie"]


def test_searching_does_not_see_accents_nor_capitals():
    assert blind("Aide médicale de l'État (ÂGE, cœur)") == "aide medicale de l etat age coeur"


def test_results_say_status_reason_and_what_is_missing(post):
    status, answer = post("orientation", faits={"age": 54, "logement_actuel": "rue"}, besoins=["douche"], attendre=True)
    assert status == 200 and answer["en_retard"] == 0
    assert answer["compte"]["oui"] >= 1
    shown = answer["fragments"]["resultats"]
    assert 'id="d-bains_douches"' in shown and 'id="d-rsa"' in shown, "all the dispositifs are there to be searched"
    assert 'data-vers="' in shown


def test_what_cannot_be_read_is_said_at_its_field_and_the_rest_still_counts(post):
    status, answer = post("orientation", faits={"age": 300, "loyer": "cher", "logement_actuel": "rue"}, attendre=True)
    assert status == 200 and set(answer["champs"]) == {"age", "loyer"}
    assert answer["presumes"].get("habite_paris") is None or answer["presumes"]["habite_paris"] == "oui"


def test_an_ambiguous_place_gives_its_meanings(post):
    _, answer = post("orientation", faits={"lieu": "saint denis"}, attendre=True)
    assert len(answer["lieu"]["choix"]) >= 2


def test_a_refusal_is_not_asked_again(post):
    _, answer = post("orientation", faits={}, besoins=["energie"], attendre=True)
    first = re.search(r'data-repond="(\w+)"', answer["fragments"]["question"])[1]
    _, answer = post("orientation", faits={}, besoins=["energie"], ecartes=[first], attendre=True)
    assert f'data-repond="{first}"' not in answer["fragments"]["question"]


def test_the_detail_gives_reasons_sources_steps_and_papers(post):
    _, answer = post("orientation", faits={"age": 30, "prestation": "salaire"}, choisi="rsa", attendre=True)
    shown = text(answer["fragments"]["detail"])
    for words_ in ("Pourquoi", "Toutes les conditions", "Source :", "confiance", "condition ferme", "Démarche"):
        assert words_ in shown
    assert re.search(r'href="https://[^"]+" target="_blank" rel="noopener noreferrer"', answer["fragments"]["detail"])


def test_the_statuses_are_those_of_the_public_api(counter, post):
    url, _ = counter
    facts = {"age": 30, "enfants": 2, "loyer": 700, "ressources_mensuelles": 1300, "logement_actuel": "locataire_prive"}
    public = httpx.post(f"{url}/api/v1/orientation", json={"besoins": ["loyer"], "faits": facts}).json()
    _, answer = post("orientation", faits=facts, besoins=["loyer"], attendre=True)
    counts = {status: 0 for status in ("oui", "a_verifier", "non")}
    for dispositif in public["dispositifs"]:
        counts[dispositif["statut"]] += 1
        assert f'id="d-{dispositif["id"]}"' in answer["fragments"]["resultats"]
    assert answer["compte"] == counts


def test_late_dispositifs_are_counted_and_come_in_the_second_answer(base):
    facts = {"age": 41, "enfants": 3, "loyer": 811}
    now = view.now()
    first = view.results(base, view.Situation(facts, [], []), now, patience=0.0)
    whole = view.results(base, view.Situation(facts, [], []), now, patience=None)
    assert whole["en_retard"] == 0 <= first["en_retard"]


def test_a_place_to_hide_is_located_for_the_agent_only(counter, post, base):
    url, _ = counter
    secret = base.service(HIDDEN)["adresse"]
    assert secret
    _, answer = post("lieux", faits={"lieu": "Gare de Lyon"}, categorie="esi", public="femme", proche=True)
    assert secret in answer["fragments"]["lieux"] and "Lieu protégé" in answer["fragments"]["lieux"]
    body = {"besoins": ["accueil_jour", "douche"], "faits": {"genre": "femme"}, "canal": "guichet", "limite": 20}
    assert secret not in httpx.post(f"{url}/api/v1/orientation", json=body).text
    assert secret not in httpx.get(f"{url}/api/v1/services", params={"categorie": "esi", "limite": 50}).text


def test_no_request_can_ask_for_hidden_places(counter, post):
    url, _ = counter
    assert post("lieux", faits={}, public_channel=False)[0] == 422
    assert httpx.post(f"{url}/api/v1/orientation", json={"public_channel": False}).status_code == 422


def test_places_are_filtered_by_public_animal_and_opening(post, base):
    _, answer = post("lieux", faits={"lieu": "Gare de Lyon"}, animal=True, proche=True)
    shown = re.findall(r'id="l-([\w-]+)"', answer["fragments"]["lieux"])
    assert shown and all(base.service(one)["animaux"]["accueil"] in ("oui", "dehors") for one in shown)
    _, answer = post("lieux", faits={}, public="femme", categorie="accueil_de_jour")
    for one in re.findall(r'id="l-([\w-]+)"', answer["fragments"]["lieux"]):
        publics = base.service(one)["publics"]
        assert publics["tous"] or any(profile.get("genre") in (None, "femme") for profile in publics["profils"])
    _, answer = post("lieux", faits={}, ouvert=True)
    assert "ouverture ferme" not in answer["fragments"]["lieux"]


def test_the_nearest_place_comes_first_when_asked(post):
    _, answer = post("lieux", faits={"lieu": "Gare de Lyon"}, proche=True)
    told = re.findall(r"<b>([\d,]+) (mètres?|kilomètres?)</b>", answer["fragments"]["lieux"].replace("\xa0", " "))
    metres = [float(number.replace(",", ".")) * (1000 if unit.startswith("kilo") else 1) for number, unit in told]
    assert len(metres) >= 5 and metres == sorted(metres)


@pytest.mark.parametrize("pair", [("avdl", "asll"), ("fsl_energie_curatif", "fsl_habitat_maintien")])
def test_neighbours_stand_side_by_side_with_the_conditions_of_the_base(post, base, pair):
    _, answer = post("comparer", faits={}, gauche=pair[0], droite=pair[1])
    shown = text(answer["fragments"]["comparaison"])
    for name in pair:
        assert base.base.dispositifs[name].long_name in shown
    assert "Conditions" in shown and "Démarche" in shown and "Source :" in shown


def test_the_calculators_answer_with_their_warnings(post):
    _, answer = post("cotation", loyer=600, apl=100, ressources_mensuelles=1000, adultes=1, mineurs=0)
    shown = text(answer["fragments"]["cotation"])
    assert "Totaux possibles : 7 ; 7,25" in shown and "10 janvier 2024" in shown
    _, answer = post(
        "reste-pour-vivre", personnes=[{"age": 35, "role": "titulaire"}], ressources={"salaires": 1200},
        depenses={"loyer": 450},
    )  # fmt: skip
    shown = text(answer["fragments"]["reste"])
    assert "25,00 €" in shown and "Au moins 11 €" in shown and "Ce calcul ne décide rien" in shown
    assert post("cotation", loyer=-1)[0] == 422


def test_without_the_dialogue_server_the_note_says_so_and_the_rest_works(post):
    status, answer = post("comprendre", texte="M. 54 ans")
    assert status == 200 and "arrêtée" in answer["arrete"]
    assert post("orientation", faits={"age": 54}, attendre=True)[0] == 200


def test_a_correction_is_kept_with_its_proof_and_the_service_and_changes_nothing(counter, post, base):
    _, settings = counter
    before = base.service("bd-haies")["telephone"]
    status, answer = post(
        "proposition", lieu="bd-haies", champ="telephone.numero", valeur="01 40 00 00 00", preuve="appel", note=None
    )
    assert status == 200 and "Une personne la vérifiera" in answer["message"]
    (kept,) = pending(Folder(settings.proposals))
    assert (kept.lieu, kept.preuve, kept.par) == ("bd-haies", "appel", "EPS 18e")
    assert base.service("bd-haies")["telephone"] == before
    status, answer = post("proposition", lieu="bd-haies", champ="sensible", valeur="non", preuve="appel")
    assert status == 422 and answer["erreurs"][0]["message"]
    status, _ = post("proposition", lieu="bd-haies", champ="horaires", valeur=None, preuve="visite")
    assert status == 200


@pytest.mark.parametrize("path", ["orientation", "lieux", "comparer", "proposition", "comprendre"])
def test_unknown_keys_are_refused_and_named(post, path):
    status, answer = post(path, inconnue=1)
    assert status == 422 and any(fault["chemin"] == "inconnue" for fault in answer["erreurs"])
