"""Facts said in a message: the value, nothing that was not said, whatever the writing."""

from datetime import date
from pathlib import Path

import pytest

from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.text import read
from data.gazetteer import Gazetteer
from data.yaml_reader import read_yaml

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 21)
LEXICON = load_lexicon()


@pytest.fixture(scope="module")
def reader():
    return MessageReader(LEXICON, Gazetteer.from_yaml(ROOT))


MESSAGES = [item for group in read_yaml(ROOT / "tests/nlu/faits.yml").values() for item in group]
ANSWERS = [
    (asked, item) for asked, items in read_yaml(ROOT / "tests/nlu/reponses.yml").items() for item in items
]
# Facts that any message may hold; the others are asked by some rules only.
COMMON = frozenset((
    "age", "genre", "adultes", "enfants", "enceinte", "logement_actuel", "arrondissement", "lieu",
    "anciennete_paris_mois", "ressources_mensuelles", "prestation", "statut", "dette_energie", "coupure_energie",
    "contrat_energie", "dette_loyer", "etape_expulsion", "dalo", "suivi_social", "sortant_ase", "animal",
    "mobilite_reduite", "a_domiciliation",
))  # fmt: skip
FOR_SOME_RULES = [
    ("j'habite à Paris depuis 2 ans", {"habite_paris": True}),
    ("j'habite en banlieue", {"habite_paris": False}),
    ("mon fils de 22 ans vit avec nous", {"enfants_majeurs_a_charge": 1, "age": None}),
    ("deux enfants majeurs à charge", {"enfants_majeurs_a_charge": 2}),
    ("je suis marié", {"en_couple": True}),
    ("je suis divorcée", {"en_couple": False}),
    ("on demande un T3 depuis 4 ans", {"taille_logement_demande": "t2_t3"}),
    ("on vit à cinq dans 22 m2", {"surface_m2": 22, "suroccupation": True}),
    ("locataire depuis 6 ans", {"anciennete_logement_mois": 72}),
    ("le médecin m'a déclaré inapte", {"inapte_travail": True}),
    ("il fait très froid dans le logement", {"froid_logement": True}),
    ("je paie 95 euros d'électricité par mois", {"depense_energie": 95, "dette_energie": None}),
    ("ma fille de 2 ans", {"enfant_moins_3_ans": True}),
    ("un bébé de 8 mois", {"enfant_moins_3_ans": True}),
    ("ma fille de 12 ans", {"enfant_moins_3_ans": None}),
    ("au chômage depuis 14 mois", {"mois_sans_emploi": 14}),
    ("mon fils est handicapé", {"handicap_foyer": True}),
    ("le 115 ne répond jamais", {"hebergement_demande": True}),
    ("loyer 620, APL 240", {"loyer": 620, "aide_logement": 240}),
    ("le bail est à mon nom", {"titulaire_bail": True}),
]


def facts(reader, text):
    return {fact.fait: fact.value for fact in reader.facts(read(text, LEXICON), TODAY)}


SAID = [
    # age
    ("j'ai 19 piges", {"age": 19}),
    ("né en 2004", {"age": 22}),
    ("je suis née le 4 décembre 1998", {"age": 27}),
    ("né le 12/03/1980", {"age": 46}),
    ("majeur depuis un mois", {"age": 18}),
    ("locataire, 54 a, RSA", {"age": 54, "prestation": "rsa"}),
    ("H, 38 a", {"age": 38, "genre": "homme"}),
    ("ma voisine de 91 ans vit seule", {"age": 91, "genre": "femme", "adultes": 1}),
    ("mon fils de 19 ans est à la rue", {"age": 19}),
    # money
    ("je touche 1,2k par mois", {"ressources_mensuelles": 1200}),
    ("six cents euros de RSA", {"ressources_mensuelles": 600, "prestation": "rsa"}),
    ("je gagne 18 000 euros par an", {"ressources_mensuelles": 1500}),
    ("aucun revenu", {"ressources_mensuelles": 0, "prestation": "aucune"}),
    ("jdoi 430 a edf", {"dette_energie": 430}),
    ("je dois 3 mois de loyer à 550", {"dette_loyer": 1650}),
    ("934 euros de pension et la RIVP me réclame 1 860 euros de loyers",
     {"ressources_mensuelles": 934, "dette_loyer": 1860, "logement_actuel": "locataire_social"}),
    ("je paie 450 de loyer et j'ai 210 d'APL", {"loyer": 450, "aide_logement": 210}),
    # durations
    ("à Paris depuis 7 mois", {"anciennete_paris_mois": 7}),
    ("je suis à Paris depuis janvier", {"anciennete_paris_mois": 10}),
    ("jabite a paris depui 3ans", {"anciennete_paris_mois": 36}),
    ("je viens d'arriver à Paris", {"anciennete_paris_mois": 0}),
    # household
    ("moi ma femme et 3 gosses", {"adultes": 2, "enfants": 3}),
    ("je suis seule avec 2 enfants", {"adultes": 1, "enfants": 2, "genre": "femme"}),
    ("couple, 2 enfants de 4 et 7 ans", {"adultes": 2, "enfants": 2}),
    ("j'ai un bébé de 8 mois", {"enfants": 1}),
    ("sans enfant", {"enfants": 0}),
    ("mes enfants sont au pays", {"enfants": 0}),
    ("ménage 2 A + 4 E", {"adultes": 2, "enfants": 4}),
    # housing
    ("je dors dans ma voiture porte d'Orléans", {"logement_actuel": "voiture_tente_squat", "lieu": "Porte d'Orléans"}),
    ("je dors à la gare", {"logement_actuel": "rue"}),
    ("je squatte le canapé d'un ami", {"logement_actuel": "heberge_tiers"}),
    ("on est en CHRS", {"logement_actuel": "centre_hebergement"}),
    ("au foyer Adoma", {"logement_actuel": "residence_sociale"}),
    ("mon proprio me harcèle", {"logement_actuel": "locataire_prive"}),
    # stages, benefits, the rest
    ("j'ai reçu un commandement de payer puis une assignation", {"etape_expulsion": "assignation"}),
    ("CFP demandé mais pas accordé", {"etape_expulsion": "commandement_quitter"}),
    ("on m'a remis l'électricité hier", {"coupure_energie": False}),
    ("ils ont coupé le gaz", {"coupure_energie": True}),
    ("pas enceinte", {"enceinte": False}),
    ("pas de domiciliation", {"a_domiciliation": False}),
    ("personne ne me suit", {"suivi_social": False}),
    ("mon assistante sociale me suit", {"suivi_social": True}),
    ("le DALO a été refusé", {"dalo": False}),
    ("reconnu prioritaire DALO", {"dalo": True}),
    ("j'étais en famille d'accueil", {"sortant_ase": True}),
    ("avec mon chien, le 115 ne veut pas du chien", {"animal": True}),
    ("je marche avec une canne", {"mobilite_reduite": True}),
    ("je suis apprenti en boulangerie", {"statut": "formation"}),
    ("DE non indemnisé", {"statut": "demandeur_emploi"}),
    ("jdor ds le 18", {"arrondissement": 18}),
    ("75012", {"arrondissement": 12}),
    # short answers and phonetic writing
    ("vin sis ans", {"age": 26}),
    ("jai dizuit ans", {"age": 18}),
    ("72a", {"age": 72}),
    ("7 janvier 1984", {"age": 42}),
    ("huit san euro le mois", {"ressources_mensuelles": 800}),
    ("mé gosse é moi on é a la ru", {"logement_actuel": "rue"}),
    ("jvi ché mé parans", {"logement_actuel": "heberge_tiers"}),
    ("jtouche lé zassédic", {"prestation": "chomage"}),
    ("jsui mamen de 3 zanfan", {"enfants": 3, "genre": "femme"}),
    ("dan le katorzième", {"arrondissement": 14}),
    # debts, homes and households said in several parts
    ("mon loyer est de 650 et j'ai 4 mois de retard", {"loyer": 650, "dette_loyer": 2600}),
    ("3 mois de retard de loyer, 2100 euros", {"dette_loyer": 2100}),
    ("600 euros de régul de charges de chauffage", {"dette_energie": 600}),
    ("je vis avec mon fils de 24 ans", {"adultes": 2, "age": None}),
    ("une fille de 3 ans et un garçon de 7 ans", {"enfants": 2}),
    ("l'hôtel social ne nous garde plus", {"logement_actuel": "hotel"}),
    ("je squatte une maison vide", {"logement_actuel": "voiture_tente_squat"}),
    ("mes béquilles, c'est fini", {"mobilite_reduite": False}),
]  # fmt: skip

NOT_SAID = [
    ("je ne suis plus au RSA", "prestation"),
    ("j'étais au RSA", "prestation"),
    ("je voudrais demander le RSA", "prestation"),
    ("mon RSA est suspendu", "prestation"),
    ("j'attends un HLM depuis 9 ans", "logement_actuel"),
    ("je vais me retrouver à la rue", "logement_actuel"),
    ("j'ai peur de finir à la rue", "logement_actuel"),
    ("EDF menace de couper le courant", "coupure_energie"),
    ("à la rue depuis 3 jours", "anciennete_paris_mois"),
    ("j'attends un logement social depuis 5 ans", "anciennete_paris_mois"),
    ("ma fille de 16 ans est au lycée avec moi", "age"),
    ("je suis venue avec ma mère de 74 ans", "age"),
    ("j'ai peur de la maison de retraite", "prestation"),
    ("je suis à la fac Paris 8", "arrondissement"),
    ("je suis au 5e étage", "arrondissement"),
    ("le recours DALO est en cours", "dalo"),
    ("je voudrais voir une assistante sociale", "suivi_social"),
    ("il me reste 120 euros pour manger", "ressources_mensuelles"),
    ("le chien du voisin aboie", "animal"),
    ("bonjour madame", "genre"),
    ("un seul problème", "adultes"),
    ("ma femme est partie", "adultes"),
    ("je voudrais une place en foyer", "sortant_ase"),
    ("où est le centre d'accueil", "logement_actuel"),
    ("le tribunal pour la garde de ma fille", "etape_expulsion"),
    ("je veux adopter un chat", "animal"),
    ("des couches pour ma fille", "genre"),
    ("0 euro sur le compte", "ressources_mensuelles"),
    ("ma femme ne travaille pas", "statut"),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_what_is_said_is_read(reader, text, expected):
    read_facts = facts(reader, text)
    assert {name: read_facts.get(name) for name in expected} == expected


@pytest.mark.parametrize(("text", "fait"), NOT_SAID)
def test_what_is_denied_past_wished_or_about_others_is_not_a_fact(reader, text, fait):
    assert fait not in facts(reader, text)


@pytest.mark.parametrize(
    ("text", "value"), [("47", 47), ("450 euros", 450), ("1 980", 1980), ("environ 800", 800)]
)
def test_a_number_attached_to_nothing_stays_a_number(reader, text, value):
    assert facts(reader, text) == {"nombre": value}


@pytest.mark.parametrize("item", MESSAGES, ids=lambda item: item["dit"])
def test_everything_said_and_nothing_else_is_read(reader, item):
    """Facts that only some rules ask are not listed for each message: they are tested apart."""
    expected, free = item["faits"], {"nombre", *item.get("libre", ())}
    found = facts(reader, item["dit"])
    unlisted = {"genre"} | ({"adultes"} if found.get("adultes") == 1 else set())
    kept = {
        name: value
        for name, value in found.items()
        if name in expected or name in COMMON and name not in free | unlisted
    }
    assert kept == expected


@pytest.mark.parametrize(("asked", "item"), ANSWERS, ids=lambda part: str(part))
def test_an_answer_is_read_in_the_light_of_its_question(reader, asked, item):
    found = {f.fait: f.value for f in reader.facts(read(item["dit"], LEXICON), TODAY, asked)}
    assert found.get(asked) == item["vaut"]


@pytest.mark.parametrize(("text", "expected"), FOR_SOME_RULES)
def test_facts_that_only_some_rules_ask(reader, text, expected):
    found = facts(reader, text)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("said", "taken_back"),
    [
        ("j'ai 38 ans, pardon 39", 38),
        ("je touche 600 non 650 euros de RSA", 600),
        ("j'ai 2 enfants, non 3 enfants", 2),
        ("ds le 18 euh non le 19", 18),
    ],
)
def test_a_number_taken_back_is_forgotten(reader, said, taken_back):
    assert taken_back not in facts(reader, said).values()


@pytest.mark.parametrize("text", [text for text, _ in SAID])
def test_each_fact_points_at_words_of_the_message(reader, text):
    for fact in reader.facts(read(text, LEXICON), TODAY):
        assert text[fact.start : fact.end].strip()


def test_the_reference_day_moves_ages_and_durations(reader):
    reading = read("né en 2004, à Paris depuis janvier 2026", LEXICON)
    later = {fact.fait: fact.value for fact in reader.facts(reading, date(2027, 3, 1))}
    assert (later["age"], later["anciennete_paris_mois"]) == (23, 14)


@pytest.mark.parametrize(
    "text", ["", "😀", "?", "- - -", "000", "9" * 400, "né en", "# # #", "€", "depuis depuis", "1/1/1"]
)
def test_odd_texts_never_break_the_reader(reader, text):
    assert isinstance(facts(reader, text), dict)
