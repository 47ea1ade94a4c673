"""Whoever writes a rule is told, in one run, each mistake: the file, the line, what is wrong, the fix."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.yaml_reader import YamlError, parse_yaml
from rules import Base, BaseError, Fault, load_base
from rules.model import literals
from tests.strategies import examples

FILES = {
    "sources.yml": """\
guide_2025:
  titre: Guide des aides
  editeur: Ville de Paris
  date: 2025-02
  adresse: https://www.paris.fr
""",
    "faits.yml": """\
age:
  type: entier
  min: 0
  max: 120
  sujet: personne
  cout: 1
  libelle: votre âge
  question: Quel âge avez-vous ?
  pourquoi: L'âge change les aides.
animal:
  type: bool
  sujet: personne
  cout: 1
  libelle: votre animal
  question: Avez-vous un animal ?
  pourquoi: Des lieux refusent les animaux.
logement:
  type: choix
  valeurs: {rue: À la rue, hotel: À l'hôtel, locataire: Locataire}
  sujet: logement
  cout: 1
  sensible: non
  libelle: votre logement
  question: Où dormez-vous ?
  pourquoi: Le logement change les aides.
lien:
  type: choix_multiple
  valeurs: {travail: Travail, famille: Famille}
  sujet: logement
  cout: 2
  libelle: votre lien avec Paris
  question: Quel est votre lien avec Paris ?
  pourquoi: La mairie demande un lien.
lieu:
  type: texte
  sujet: lieu
  cout: 1
  libelle: votre lieu
  question: Où êtes-vous ?
  pourquoi: Pour trouver un lieu proche.
""",
    "baremes.yml": """\
majorite:
  libelle: Âge de la majorité
  unite: ans
  confiance: haute
  source: guide_2025
  valeurs:
    - {du: "1974-07-05", au: null, valeur: 18}
""",
    "besoins.yml": """\
douche:
  libelle: Prendre une douche
  phrase: Vous voulez vous laver.
  aide_humaine:
    texte: Appelez le 115.
    telephone: "115"
    source: guide_2025
""",
    "alertes.yml": """\
danger:
  priorite: 1
  texte: Vous êtes en danger.
  numeros:
    - {numero: "17", texte: Appelez le 17.}
  suite: [Restez en ligne.]
  source: guide_2025
""",
    "numeros.yml": """\
- numero: "115"
  nom: Samu social
  texte: Le 115 aide les personnes à la rue.
  confiance: haute
  source: guide_2025
""",
    "presomptions.yml": """\
- id: a_la_rue
  si_connu: [lieu]
  alors: {logement: rue}
  pourquoi: Vous avez donné un lieu.
  source: guide_2025
""",
    "dispositifs/douches.yml": """\
id: douches
nom: Douches
besoins: [douche]
texte: Vous pouvez prendre une douche.
demarche: Venez sans rendez-vous.
telephone: {numero: "3975", texte: Appelez la mairie., source: guide_2025}
documents:
  - {texte: Une serviette, source: guide_2025, confiance: haute}
conditions:
  tous:
    - id: majeur
      fait: age
      min: {bareme: majorite}
      force: ferme
      confiance: haute
      source: guide_2025
      du: "2020-01-01"
      au: "2030-12-31"
      vrai: Vous êtes majeur.
      faux: Vous êtes mineur.
      inconnu: Quel est votre âge ?
    - au_moins_un:
        - id: dehors
          fait: logement
          parmi: [rue, hotel]
          force: ferme
          confiance: haute
          source: guide_2025
          vrai: Vous n'avez pas de logement.
          faux: Vous avez un logement.
          inconnu: Avez-vous un logement ?
        - id: lien_paris
          fait: lien
          contient: travail
          force: souple
          confiance: moyenne
          source: guide_2025
          vrai: Vous travaillez à Paris.
          faux: Vous ne travaillez pas à Paris.
          inconnu: Travaillez-vous à Paris ?
    - aucun:
        - id: avec_animal
          fait: animal
          egal: oui
          force: ferme
          confiance: haute
          source: guide_2025
          vrai: Vous avez un animal.
          faux: Vous n'avez pas d'animal.
          inconnu: Avez-vous un animal ?
    - id: place_libre
      a_verifier: true
      qui: L'accueil
      force: ferme
      confiance: haute
      source: guide_2025
      inconnu: L'accueil dit s'il y a de la place.
lieux:
  - categories: [bains_douches]
    titre: Bains-douches
lacunes:
  - {texte: Le règlement manque., qui: La mairie}
""",
    "dispositifs/douches.cas.yml": """\
- cas: Un homme à la rue
  pourquoi: C'est le cas le plus fréquent.
  date: "2026-11-21"
  faits: {age: 30, logement: rue, animal: non}
  attendu: {statut: a_verifier, raisons: [place_libre], manque: []}
""",
}
RULE, CASES = "dispositifs/douches.yml", "dispositifs/douches.cas.yml"


def load(files: dict[str, str]) -> Base:
    return load_base({path: parse_yaml(text, path) for path, text in files.items()})


def faults_of(files: dict[str, str]) -> tuple[Fault, ...]:
    with pytest.raises(BaseError) as caught:
        load(files)
    return caught.value.faults


def changed(path: str, old: str, new: str) -> dict[str, str]:
    assert FILES[path].count(old) == 1, f"{old!r} must stand once in {path}"
    return {**FILES, path: FILES[path].replace(old, new)}


# (file, what is written, what is typed instead, words only on the line to name, message, hint)
MISTAKES = {
    "unknown key": (RULE, "qui: L'accueil\n", "qi: L'accueil\n", "qi:", "« qi » n'est pas connue", "« qui »"),
    "unknown key of a case": (CASES, "raisons:", "raison:", "attendu:", "« raison »", "« raisons »"),
    "unknown key of a place": (RULE, "titre: Bains", "titrre: Bains", "titrre:", "« titrre »", "« titre »"),
    "unknown status that cannot be reached": (
        RULE,
        "lacunes:",
        "statuts_inatteignables: {peut_etre: Sans objet.}\nlacunes:",
        "statuts_inatteignables",
        "peut_etre",
        None,
    ),
    "missing key of a leaf": (RULE, "faux: Vous êtes mineur.", "", "id: majeur", "Il manque « faux »", None),
    "missing key of a file": (RULE, "nom: Douches\n", "", "id: douches", "Il manque « nom »", None),
    "missing question": (
        "faits.yml",
        "  question: Où dormez-vous ?\n",
        "",
        "type: choix\n",
        "Il manque « question »",
        None,
    ),
    "missing checker": (RULE, "qui: L'accueil\n", "\n", "id: place_libre", "Il manque « qui »", None),
    "missing date of a case": (CASES, '  date: "2026-11-21"\n', "", "- cas:", "Il manque « date »", None),
    "missing type of a fact": (
        "faits.yml",
        "  type: bool\n",
        "",
        "sujet: personne\n  cout: 1\n  libelle: votre animal",
        "Il manque « type »",
        None,
    ),
    "empty text": (RULE, "texte: Vous pouvez prendre une douche.", 'texte: " "', 'texte: " "', "texte", None),
    "no source": (
        "baremes.yml",
        "  source: guide_2025\n",
        "",
        "  libelle: Âge",
        "Il manque « source »",
        None,
    ),
    "empty list of sources": (
        "baremes.yml",
        "source: guide_2025",
        "source: []",
        "source: []",
        "source",
        None,
    ),
    "unknown source": (
        "baremes.yml",
        "source: guide_2025",
        "source: guide_2052",
        "source:",
        "La source « guide_2052 » n'existe pas",
        "« guide_2025 »",
    ),
    "source written as a mapping": (
        "baremes.yml",
        "source: guide_2025",
        "source: [{a: b}]",
        "source:",
        "La source",
        None,
    ),
    "unknown fact": (
        RULE,
        "fait: logement\n",
        "fait: logment\n",
        "fait: logment",
        "Le fait « logment » n'existe pas",
        "« logement »",
    ),
    "unknown fact of a case": (
        CASES,
        "{age: 30,",
        "{ages: 30,",
        "faits:",
        "Le fait « ages » n'existe pas",
        "« age »",
    ),
    "unknown fact of a presumption": (
        "presomptions.yml",
        "{logement: rue}",
        "{logemnt: rue}",
        "alors:",
        "« logemnt »",
        "« logement »",
    ),
    "unknown fact said to be missing": (
        CASES,
        "manque: []",
        "manque: [agge]",
        "attendu:",
        "« agge »",
        "« age »",
    ),
    "unknown need": (
        RULE,
        "besoins: [douche]",
        "besoins: [douches]",
        "besoins:",
        "Le besoin « douches »",
        "« douche »",
    ),
    "unknown barème": (
        RULE,
        "{bareme: majorite}",
        "{bareme: majorité}",
        "min:",
        "Le barème « majorité »",
        "« majorite »",
    ),
    "wrong operator for a choice": (
        RULE,
        "parmi: [rue, hotel]",
        "min: 3",
        "min: 3",
        "« min » ne va pas avec « logement »",
        "Possible",
    ),
    "wrong operator for a list": (
        RULE,
        "contient: travail",
        "egal: travail",
        "egal: travail",
        "« egal » ne va pas avec « lien »",
        None,
    ),
    "comparison of a text": (
        RULE,
        "fait: age\n",
        "fait: lieu\n",
        "min: {",
        "« min » ne va pas avec « lieu »",
        None,
    ),
    "no comparison": (
        RULE,
        "      min: {bareme: majorite}\n",
        "",
        "id: majeur",
        "une seule comparaison",
        "Choisissez",
    ),
    "two comparisons": (
        RULE,
        "egal: oui\n",
        "egal: oui\n          min: 3\n",
        "id: avec_animal",
        "une seule comparaison",
        "Choisissez",
    ),
    "comparison of what a person checks": (
        RULE,
        "qui: L'accueil\n",
        "qui: L'accueil\n      min: 3\n",
        "min: 3",
        "ne compare rien",
        None,
    ),
    "value above the highest": (
        RULE,
        "min: {bareme: majorite}",
        "min: 180",
        "min: 180",
        "180 est hors des bornes",
        "0 à 120",
    ),
    "value that is not a number": (
        RULE,
        "min: {bareme: majorite}",
        "min: beaucoup",
        "min:",
        "se compare à un nombre",
        None,
    ),
    "unknown choice": (
        RULE,
        "[rue, hotel]",
        "[rue, hotell]",
        "parmi:",
        "« hotell » n'est pas une valeur",
        "« hotel »",
    ),
    "unknown choice of a case": (
        CASES,
        "logement: rue",
        "logement: rues",
        "faits:",
        "« rues » n'est pas une valeur",
        "« rue »",
    ),
    "several values for a single one": (
        RULE,
        "contient: travail",
        "contient: [travail, famille]",
        "contient:",
        "une seule valeur",
        None,
    ),
    "no value at all": (RULE, "parmi: [rue, hotel]", "parmi: []", "parmi:", "parmi", None),
    "empty list in a case": (CASES, "{age: 30,", "{lien: [], age: 30,", "faits:", "lien", None),
    "barème in a case": (CASES, "{age: 30,", "{age: {bareme: majorite},", "faits:", "age", None),
    "bool that is not oui or non": (
        RULE,
        "egal: oui\n",
        "egal: peut-être\n",
        "egal:",
        "se compare à oui ou non",
        None,
    ),
    "flag that is not oui or non": (
        "faits.yml",
        "sensible: non",
        "sensible: parfois",
        "sensible:",
        "oui ou non",
        None,
    ),
    "always that is not oui": (
        RULE,
        "fait: animal\n          egal: oui\n",
        "toujours: parfois\n",
        "toujours:",
        "toujours",
        None,
    ),
    "always no": (
        RULE,
        "fait: animal\n          egal: oui\n",
        "toujours: non\n",
        "toujours:",
        "toujours",
        None,
    ),
    "wrong force": (
        RULE,
        "force: souple",
        "force: soupe",
        "force: soupe",
        "« soupe » n'est pas permis",
        "« souple »",
    ),
    "wrong confidence": (
        RULE,
        "confiance: moyenne\n",
        "confiance: moyen\n",
        "confiance: moyen\n",
        "« moyen »",
        "« moyenne »",
    ),
    "wrong status of a case": (
        CASES,
        "statut: a_verifier",
        "statut: a_verfier",
        "attendu:",
        "« a_verfier »",
        "« a_verifier »",
    ),
    "wrong type of a fact": (
        "faits.yml",
        "type: bool",
        "type: booleen",
        "type: booleen",
        "« booleen »",
        "« bool »",
    ),
    "lowest above highest": ("faits.yml", "min: 0", "min: 130", "min: 130", "min", None),
    "choice without values": (
        "faits.yml",
        "{travail: Travail, famille: Famille}",
        "{}",
        "valeurs: {}",
        "valeurs",
        None,
    ),
    "question that costs nothing": (
        "faits.yml",
        "  cout: 2\n",
        "  cout: 0\n",
        "cout: 0",
        "« cout »",
        None,
    ),
    "two leaves with one name": (
        RULE,
        "id: dehors",
        "id: majeur",
        "conditions:",
        "s'appellent « majeur »",
        None,
    ),
    "bad date": (RULE, '"2020-01-01"', '"2020-13-01"', 'du: "2020-13', "une date comme 2026-11-21", None),
    "bad date of a source": ("sources.yml", "2025-02", "février 2025", "date:", "2023-07", None),
    "period that ends before it starts": (
        RULE,
        '"2030-12-31"',
        '"2019-12-31"',
        'au: "2019',
        "finit avant de commencer",
        None,
    ),
    "amount that is not a number": (
        "baremes.yml",
        "valeur: 18",
        "valeur: dix-huit",
        "valeur:",
        "n'est ni un fait, ni un calcul, ni un barème",
        None,
    ),
    "name that is not the file's": (RULE, "id: douches\n", "id: douche\n", "id: douche", "« douches »", None),
    "place rule that finds nothing": (
        RULE,
        "  - categories: [bains_douches]\n    titre",
        "  - titre",
        "  - titre",
        "Il faut « categories »",
        None,
    ),
    "group left empty": (
        RULE,
        "conditions:\n  tous:\n",
        "conditions:\n  tous:\nautre:\n",
        "tous:",
        "tous",
        None,
    ),
    "priority that is not a number": (
        "alertes.yml",
        "priorite: 1",
        "priorite: haute",
        "priorite:",
        "un nombre entier",
        None,
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_file_its_line_and_its_fix(name):
    path, old, new, line_text, message, hint = MISTAKES[name]
    files = changed(path, old, new)
    assert files[path].count(line_text) == 1, f"{line_text!r} must show one line"
    line = files[path][: files[path].index(line_text)].count("\n") + 1
    about = [
        fault
        for fault in faults_of(files)
        if message in fault.message and (fault.file, fault.line) == (path, line)
    ]
    assert about, f"expected at line {line}:\n" + "\n".join(map(str, faults_of(files)))
    if hint:
        assert any(hint in f"{fault.message} {fault.hint}" for fault in about)
    assert str(about[0]).startswith(f"{path}:{line} : ")


def test_the_example_itself_is_right():
    base = load(FILES)
    assert list(base.dispositifs) == ["douches"]
    negated = [
        literal.leaf.id for literal in literals(base.dispositifs["douches"].conditions) if literal.negated
    ]
    assert negated == ["avec_animal"]
    assert base.cases[0].facts == {"age": 30, "logement": "rue", "animal": False}


def test_all_the_mistakes_are_found_in_one_run():
    """One mistake of each file at once, and several in the same rule: nobody corrects one by one."""
    together = [
        "unknown key of a case",
        "unknown source",
        "unknown fact",
        "unknown need",
        "wrong force",
        "bad date",
        "wrong type of a fact",
        "priority that is not a number",
    ]
    files = dict(FILES)
    for name in together:
        path, old, new = MISTAKES[name][:3]
        files[path] = files[path].replace(old, new)
    found = " ".join(fault.message for fault in faults_of(files))
    assert [name for name in together if MISTAKES[name][4] not in found] == []


def test_cases_of_an_unknown_dispositif_are_refused():
    files = {**FILES, "dispositifs/douche.cas.yml": FILES[CASES]}
    (fault,) = faults_of(files)
    assert fault.file == "dispositifs/douche.cas.yml"
    assert "« douche »" in fault.message and "« douches »" in fault.hint


def test_a_file_that_nobody_reads_is_refused():
    (fault,) = faults_of({**FILES, "presomption.yml": "[]"})
    assert fault.file == "presomption.yml" and "« presomptions.yml »" in fault.hint


def test_a_key_written_twice_is_refused_with_its_line():
    text = FILES[RULE].replace("nom: Douches\n", "nom: Douches\nnom: Bains\n")
    with pytest.raises(YamlError) as caught:
        parse_yaml(text, RULE)
    assert (caught.value.path, caught.value.line) == (RULE, 3)
    assert "« nom » est écrite deux fois (déjà ligne 2)" in caught.value.message


def test_a_file_without_lines_still_says_which_file():
    documents = {path: json.loads(json.dumps(parse_yaml(text))) for path, text in FILES.items()}
    documents[RULE]["besoins"] = ["douches"]
    with pytest.raises(BaseError) as caught:
        load_base(documents)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == (RULE, None)
    assert str(fault).startswith(f"{RULE} : ")


JUNK = st.sampled_from(
    [None, "", "x", "oui", 0, -1, 2.5, True, [], ["x"], [[]], [{}], {}, {"x": 1}, {"bareme": []}, [None]]
)


@examples(400)
@given(st.data())
def test_no_mistake_at_all_stops_the_reading_without_an_explanation(data):
    """Anything at all in the place of any value: a base, or faults that name a file; never a crash."""
    documents = {path: json.loads(json.dumps(parse_yaml(text))) for path, text in FILES.items()}
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(documents)))
        parent, key = data.draw(st.sampled_from(_places(documents, path)))
        change = data.draw(st.sampled_from(["put", "put", "remove", "move"]))
        if change == "put":
            parent[key] = copy.deepcopy(data.draw(JUNK))
        elif change == "remove":
            del parent[key]
            if parent is documents:
                break
        elif isinstance(parent, dict):
            parent[data.draw(st.sampled_from(["x", "si", "min", "tous", "toujours"]))] = parent.pop(key)
            if parent is documents:
                break
    try:
        assert isinstance(load_base(documents), Base)
    except BaseError as error:
        assert error.faults
        assert all(fault.file and fault.message.endswith((".", "»", ")")) for fault in error.faults)


def _places(parent: dict | list, key: object) -> list[tuple]:
    """Every place of a document where a value can be replaced: (container, key)."""
    node = parent[key]
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [(parent, key), *(place for below in keys for place in _places(node, below))]
