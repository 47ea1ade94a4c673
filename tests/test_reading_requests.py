"""Needs, dangers and acts said in clear words, without the learned model."""

import pytest

from assistant.reading.facts import Fact
from assistant.reading.lexicon import load_lexicon
from assistant.reading.requests import RequestReader
from assistant.reading.text import read
from assistant.reading.understanding import ANY_DANGER, DANGER, INFORM, NOT_UNDERSTOOD, Understander

LEXICON = load_lexicon()
REQUESTS = RequestReader(LEXICON)
UNDERSTANDER = Understander(REQUESTS)


def needs(text):
    return {label.value for label in REQUESTS.needs(read(text, LEXICON))}


def dangers(text):
    return {label.value for label in REQUESTS.dangers(read(text, LEXICON))}


def understand(text, facts=()):
    return UNDERSTANDER.understand(read(text, LEXICON), list(facts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("je voudrais me laver", {"douche"}),
        ("douche et lessive svp", {"douche", "lessive"}),
        (
            "un repas, une machine pour mon linge et une prise pour le téléphone",
            {"repas", "lessive", "numerique"},
        ),
        ("j'ai reçu un commandement de payer pour mes loyers impayés", {"expulsion", "loyer"}),
        ("pas besoin d'hébergement, je cherche une assistante sociale", {"travailleur_social"}),
        ("je ne suis pas à la rue, je veux juste une douche", {"douche"}),
        ("laver mon duvet", {"lessive"}),
        ("merci mais je veux une douche", {"douche"}),
        ("jé mé règl", {"protections"}),
    ],
)
def test_needs_in_clear_words(text, expected):
    assert needs(text) == expected


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("mon mari me frappe", "violences"),
        ("je veux mourir", "suicide"),
        ("il ne respire plus", "urgence_medicale"),
        ("jariv plu a respiré", "urgence_medicale"),
        ("il a 40 de fièvre", "urgence_medicale"),
        ("j'ai 15 ans et je dors dehors", "enfant_en_danger"),
        ("il y a le feu dans l'immeuble", "danger_immediat"),
        ("ça sent le gaz", "danger_immediat"),
        ("g envi den finir", "suicide"),
        ("jveu plu vivr", "suicide"),
        ("je suis un poids pour ma famille", "suicide"),
        ("ma cousine se taillade les poignets", "suicide"),
        ("mon oncle m'a touchée pendant la sieste", "violences"),
        ("mon grand-père est maltraité par son infirmier", "violences"),
        ("un scooter a renversé une dame", "urgence_medicale"),
        ("le bébé ne tète plus", "urgence_medicale"),
        ("papa me tape quand il boit", "enfant_en_danger"),
        ("elle laisse ses jumeaux seuls la nuit", "enfant_en_danger"),
        ("ils essaient d'entrer chez moi", "danger_immediat"),
        ("my husband beats me", "violences"),
        ("I don't want to live anymore", "suicide"),
        ("my friend passed out and is not breathing", "urgence_medicale"),
        ("I am 15 years old and alone", "enfant_en_danger"),
        ("a man with a knife is following me", "danger_immediat"),
    ],
)
def test_danger_is_caught(text, danger):
    assert danger in dangers(text)


@pytest.mark.parametrize(
    "text",
    [
        "je suis mort de fatigue", "ça me tue ces factures", "mon téléphone est mort", "je meurs de faim",
        "tuer le temps jusqu'à l'ouverture", "l'huissier a frappé à la porte", "EDF menace de couper",
        "exercice incendie mardi", "il a 38 de fièvre", "j'ai 24 ans et je dors dehors",
        "mon mari est mort l'an dernier", "je suis suivie par une assistante sociale", "on m'a coupé le gaz",
        "je suis à la rue avec mes enfants", "on m'a volé mon sac hier",
        "mon ex me frappait, c'est fini depuis six ans", "la préfecture ne répond pas", "le feu est passé au vert",
        "je prends mes cachets tous les soirs", "le foyer a brûlé l'année dernière", "un livre sur un suicide",
        "mon fils de 13 ans rentre seul du lycée", "ma fille a perdu son écharpe dans le bus", "ex MNA, 20 ans, salarié",
        "mon fils bat tous les scores au judo", "j'en finirais bien avec ce formulaire", "je veux en finir avec ces papiers",
        "ce projet est suicidaire", "un coup de poignard dans le dos, ce refus", "je ne peux plus vivre chez ma tante",
        "mon infarctus en 2018 m'a changé", "le loyer nous étouffe", "le feu au lac, ça attendra", "je vais au Secours populaire",
        "SOS dossier de retraite", "l'agence a le couteau sous la gorge de tout le monde, 700 euros", "le chat me suit",
        "I need help with my electricity bill", "le juge m'a donné une claque morale",
        "les dettes m'étranglent", "ma gamine de 12 ans est la seule à ne pas avoir de tablette",
    ],
)  # fmt: skip
def test_everyday_speech_raises_no_alarm(text):
    assert not dangers(text)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Bonjour", "salut"), ("salam alikoum", "salut"), ("merci beaucoup", "merci"), ("ok", "oui"),
        ("non merci", "non"), ("je sais pas", "ne_sait_pas"), ("jsp", "ne_sait_pas"), ("vous pouvez répéter ?", "repeter"),
        ("j'ai pas compris", "pas_compris"), ("on recommence", "recommencer"), ("stop", "stop"),
        ("je veux parler à un humain", "humain"), ("pourquoi ?", "pourquoi"), ("plus tard", "plus_tard"),
        ("va te faire voir", "insulte"), ("au revoir", "au_revoir"),
    ],
)  # fmt: skip
def test_acts_of_a_message_that_is_nothing_else(text, act):
    assert understand(text).intent == act


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("j'ai honte de demander", "honte"), ("g honte", "honte"), ("je n'ose pas le dire", "honte"),
        ("J'en ai marre !", "colere"), ("chui degouté", "colere"), ("on se fout de nous", "colere"),
        ("je n'en peux plus", "decouragement"), ("personne ne m'aide", "decouragement"),
    ],
)  # fmt: skip
def test_a_feeling_alone_is_heard(text, feeling):
    heard = understand(text)
    assert heard.intent == "ressenti" and [label.value for label in heard.labels] == [feeling]


def test_a_feeling_beside_a_need_leaves_the_need_first():
    heard = understand("j'ai honte mais je cherche une douche")
    assert heard.intent == "informer"
    assert [(label.kind, label.value) for label in heard.labels] == [
        ("besoin", "douche"),
        ("ressenti", "honte"),
    ]


@pytest.mark.parametrize(
    "text",
    ["j'ai pas honte", "il a honte de moi", "je ne suis pas en colère", "mon mari me frappe, j'ai honte"],
)
def test_no_feeling_is_heard_where_none_is_told_nor_beside_a_danger(text):
    assert not [label for label in understand(text).labels if label.kind == "ressenti"]


class SureOf:
    """A learned model that gives one score to every label."""

    def __init__(self, score):
        self._score = score
        self.labels = ["alerte:violences", "besoin:loyer", "besoin:repas", ANY_DANGER]

    def scores(self, lines):
        return [[self._score] * len(self.labels) for _ in lines]

    def knows(self, line):
        return True


def test_a_need_in_clear_words_gives_way_when_the_model_denies_it():
    text = read("le repas de dimanche chez ma tante", LEXICON)
    assert Understander(REQUESTS, SureOf(0.01)).understand(text, []).labels == []
    kept = Understander(REQUESTS, SureOf(0.4)).understand(text, []).labels
    assert [label.value for label in kept] == ["repas"]


def test_a_danger_in_clear_words_holds_unless_the_model_finds_it_all_but_impossible():
    text = read("mon mari me frappe", LEXICON)
    doubted = Understander(REQUESTS, SureOf(0.05)).understand(text, []).labels
    assert [label.value for label in doubted] == ["violences"]
    assert Understander(REQUESTS, SureOf(0.001)).understand(text, []).labels == []


@pytest.mark.parametrize(
    "text", ["mon loyer est à jour", "je n'ai aucune dette", "je ne dois rien au bailleur"]
)
def test_a_rent_that_is_paid_asks_for_nothing(text):
    assert "loyer" not in needs(text)


def test_danger_comes_before_needs_and_needs_before_acts():
    assert understand("bonjour mon mari me frappe, je veux une douche").intent == DANGER
    assert understand("merci mais je veux une douche").intent == INFORM
    assert understand("merci").intent == "merci"


def test_a_fact_makes_the_message_informative():
    assert understand("oui", [Fact("enceinte", True, 0, 3)]).intent == INFORM


def test_nothing_understood_is_said_so():
    assert understand("zorglub").intent == NOT_UNDERSTOOD
    assert understand("").intent == NOT_UNDERSTOOD


def test_someone_who_tells_of_the_street_and_asks_for_nothing_needs_shelter():
    text = "voilà deux semaines que ma tente est au bord du canal"
    told = understand(text, [Fact("logement_actuel", "voiture_tente_squat", 0, 5)])
    assert {label.value for label in told.labels} == {"hebergement"}
    answer = understand("dans ma voiture", [Fact("logement_actuel", "voiture_tente_squat", 0, 5)])
    assert not answer.labels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("je travaille dans une laverie", set()),
        ("ma soeur est infirmière", set()),
        ("mon fils va à la crèche", set()),
        ("on crèche chez ma tante", set()),
        ("j'ai une assistante sociale", set()),
        ("mon avocat est sérieux", set()),
        ("l'hôpital est juste à côté", set()),
        ("j'ai un toit pour l'instant", set()),
        ("mon casier judiciaire est vierge", set()),
        ("il me faut juste un toit", {"hebergement"}),
        ("il lui faut un lit ce soir", {"hebergement"}),
        ("son titre de séjour se termine en mars", {"papiers_droits"}),
        ("cdt de payer reçu hier", {"expulsion"}),
        ("je voudrais un vrai chez moi", {"logement"}),
        ("qui pourrait le garder mardi", {"garde_enfant"}),
        ("on se lave où", {"douche"}),
        ("j'ai plus un slip propre", {"lessive"}),
        ("mon bébé a plus de lait", {"courses"}),
    ],
)
def test_the_words_of_a_need_are_not_always_a_request(text, expected):
    assert needs(text) == expected


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("coucou c'est encore moi", "salut"),
        ("wesh la mif bien ou quoi", "salut"),
        ("oé vazy", "oui"),
        ("non toujours pas", "non"),
        ("aucune idée, c'est ma mère qui gère", "ne_sait_pas"),
        ("je sais pas taper, quelqu'un peut m'appeler ?", "humain"),
        ("on en reparle demain", "plus_tard"),
        ("je dois coucher les petits, je reviens", "plus_tard"),
        ("ça vous regarde en quoi", "pourquoi"),
        ("je crève de faim", None),
        ("à quoi bon continuer", None),
        ("ma conseillère a changé", None),
    ],
)
def test_acts_as_people_write_them(text, act):
    assert REQUESTS.act(read(text, LEXICON)) == act


class SeesBlows(SureOf):
    """A learned model that is sure of a danger in a line where the word stands, less and less as the line grows."""

    def scores(self, lines):
        return [
            [0.9 if "frappe" in line and len(line.split()) < 10 else 0.01] * len(self.labels)
            for line in lines
        ]


def test_a_danger_told_in_one_part_of_a_long_message_is_not_drowned_by_the_rest():
    calm = "je suis passé à la mairie hier. le monsieur m'a donné un papier bleu. je dois le remplir. " * 3
    reader = Understander(REQUESTS, SeesBlows(0))
    told = reader.understand(read(f"{calm} mon mari me frappe. {calm}", LEXICON), [])
    assert told.intent == DANGER
    assert reader.understand(read(calm * 2, LEXICON), []).intent != DANGER
