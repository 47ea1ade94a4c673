"""What is left of a sentence kept for review: never what tells who wrote it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.text import plain
from channels.relecture.kept import lists
from channels.relecture.redaction import TRAINING, load_redactor
from tests.built_base import database
from tests.strategies import examples

REDACTOR = load_redactor(database().gazetteer, lists())
LETTERS = re.compile(r"[^\W\d_]+")
MASKS = re.compile(r"\[(?:nom|lieu|mot)\]|#")

PEOPLE = """
Karim Benali|Fatou Diallo|Jean Dupont|Marie Martin|Pierre Rose|Nguyen Van Minh|Ousmane Traoré|Léa Moreau|Ionut Popescu
Svetlana Ivanova|Ali Rezaï|Rose Berger|Claire Fontaine|Mohamed El Amrani|Chen Wei|João Silva|Aminata Koné|Zoé Lefèvre
Marc Boulanger|Violette Marchand|Noël Olivier|Ibrahim Sow|Yacine Haddad|Anne-Marie Le Goff|N'Golo Kanté|Sékou Camara
""".strip()
NAMES = [name for line in PEOPLE.splitlines() for name in line.split("|")]
WITH_NAME = [
    "je m'appelle {} et je cherche un endroit au calme",
    "bonjour moi c'est {}, vous avez quoi pour ce soir",
    "mme {} m'a dit de venir ici avec mon fils",
    "le voisin {} dit que je peux dormir chez lui",
    "mon prénom {} et je veux manger",
    "je veux laver mon linge. {} aussi",
    "{} et moi on cherche un toit",
    "on est chez {} depuis hier soir",
    "vous avez un plan pour dormir. Cordialement, {}",
]
SPELLINGS = [str, str.lower, str.upper, str.title, lambda name: " ".join(name.replace(" ", "").upper())]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("je m'appelle karim benali et je cherche un truc", "je m'appelle [nom] et je cherche un truc"),
        ("j'ai 34 ans et deux enfants", "j'ai # ans et # enfants"),
        ("je suis à la rue depuis trois jours", "je suis à la rue depuis # jours"),
        ("M. Dupont m'a dit de venir", "[nom] m'a dit de venir"),
        ("je dors vers gare du nord ce soir", "je dors vers [lieu] ce soir"),
        ("avec les enfants on vient du 27 rue des Haies", "avec les enfants on vient du # [lieu]"),
        ("mon ami zorglub veut un lit", "mon ami [mot] veut un lit"),
        ("Rose cherche un toit", "[nom] cherche un toit"),
        ("y a-t-il un repas dimanche", "y a-t-il un repas dimanche"),
    ],
)
def test_each_kind_of_detail_has_its_mask(text, left):
    assert REDACTOR.redact(text).texte == left


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", NAMES)
def test_no_name_survives_however_it_is_typed(name, spelling):
    for sentence in WITH_NAME:
        left = plain(MASKS.sub(" ", REDACTOR.redact(sentence.format(spelling(name))).texte))
        words = LETTERS.findall(left)
        assert not {part for part in LETTERS.findall(plain(name)) if len(part) > 2} & set(words), left
        assert not re.search(r"\b[b-z] [a-z] [b-z]\b", left), left


DIGITS = st.integers(0, 10**15).map(str)
SEPARATORS = st.sampled_from(["", " ", ".", "-", "/", " . "])
WORDS = st.text("abcdefghijklmnopqrstuvwxyzéèàç", min_size=3, max_size=12)
PLANTED = st.one_of(
    st.builds(lambda parts, sign: sign.join(parts), st.lists(DIGITS, min_size=1, max_size=7), SEPARATORS),
    st.builds("{}.{}@{}.fr".format, WORDS, WORDS, WORDS),
    st.builds("https://{}.com/{}?id={}".format, WORDS, WORDS, DIGITS),
    st.builds("www.{}.org".format, WORDS),
    st.builds("@{}_{}".format, WORDS, DIGITS),
    st.builds("{}{}{}".format, WORDS, DIGITS, WORDS),
    st.builds("le {} {} {}".format, st.integers(1, 31), st.sampled_from(lists()["mois"]), st.integers(1930, 2026)),
    st.builds("{} euros {}".format, DIGITS, st.integers(0, 99)),
    st.builds("{} {} {}".format, st.integers(1, 400), st.sampled_from(["rue", "bis avenue", "bd"]), WORDS),
    st.lists(st.sampled_from(["zéro", "six", "douze", "trente-quatre", "vingt", "quatre-vingt-dix", "sept"]), min_size=4).map(
        " ".join
    ),
    WORDS,
    WORDS.map(str.title),
    st.text(min_size=1, max_size=30),
)  # fmt: skip
CARRIERS = [
    re.sub(r"\]\([^)]*\)|\[", "", line)
    for path in sorted(TRAINING.glob("besoins_*.yml"))
    for line in re.findall(r"^ +- (.{20,})$", path.read_text(encoding="utf-8"), re.MULTILINE)
]


@examples(400)
@given(st.sampled_from(CARRIERS), PLANTED, st.integers(0, 100))
def test_what_is_left_is_made_of_public_words_without_any_digit(carrier, planted, place):
    words = carrier.split()
    words.insert(place % (len(words) + 1), planted)
    left = MASKS.sub(" ", REDACTOR.redact(" ".join(words)).texte)
    assert not re.search(r"[\d@/_\\\[\]#]", left)
    public = REDACTOR._known
    for word in LETTERS.findall(left):
        form = plain(word)
        assert len(form) <= 1 or form in public or form[:-1] in public, word
        assert form not in REDACTOR._names and form not in lists()["mois"], word


@examples(200)
@given(st.text(max_size=500))
def test_any_text_is_answered(text):
    found = REDACTOR.redact(text)
    assert found.left >= 0 and found.hidden >= 0
    REDACTOR.keepable(text)


@pytest.mark.parametrize(
    "text",
    [
        "je suis malade et je cherche un endroit pour la nuit",
        "jai plus mes papiers et je sais pas ou aller",
        "il me tape et je veux partir loin de lui",
        "on m'a dit que la police cherche mon frère ici",
        "écrivez à rose point martin arobase free point fr merci",
        "je suis enceinte et je dors dans la voiture",
    ],
)
def test_what_is_too_private_is_never_kept(text):
    assert REDACTOR.keepable(text) is None


@pytest.mark.parametrize(
    "text", ["oui", "chez moi", "zig zag zorglub je veux", "0612345678", "مرحبا كيف حالك", ""]
)
def test_what_is_too_short_or_too_much_hidden_is_not_kept(text):
    assert REDACTOR.keepable(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "jcherche ou laver mon linge gratos stp",
        "Bonjour, à qui dois-je m'adresser pour un chauffage en panne depuis 15 jours ?",
        "mon fils a 19 ans et il dort dans sa voiture",
        "VOUS AVEZ UN PLAN POUR MANGER CE SOIR",
        "on m'a coupé l'eau hier, je fais comment pour boire et me laver",
        "la dame du guichet me dit de revenir demain mais demain c'est fermé",
        "ou jpe laisser mes sacs la journée vers nation",
    ],
)
def test_ordinary_messages_can_be_kept(text):
    assert REDACTOR.keepable(text)
