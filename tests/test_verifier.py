"""The rules base is right today, and no slip of an editor's hand goes unseen.

Each slip is planted in a copy of the real base, then looked for with its file, its line and a word.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from data.yaml_reader import YamlError, parse_yaml
from rules import BaseError, Fault, load_base, verify

BASE = Path(__file__).parent.parent / "rules" / "base"
TODAY = date(2026, 11, 21)


def faults_of(folder: Path, at: date = TODAY) -> list[Fault]:
    """Everything wrong in a folder of rules, as an editor would read it."""
    documents, unreadable = {}, []
    for path in sorted(folder.rglob("*.yml")):
        name = path.relative_to(folder).as_posix()
        try:
            documents[name] = _parse(path.read_text(encoding="utf-8"), name)
        except YamlError as error:
            unreadable.append(Fault(error.path, error.line, error.message))
    if unreadable:
        return unreadable
    try:
        return verify(load_base(documents), at, documents)
    except BaseError as error:
        return list(error.faults)


@cache
def _parse(text: str, name: str) -> object:
    """Reading is the slow part, and each slip changes one file only. Nothing changes what was read."""
    return parse_yaml(text, name)


@dataclass(frozen=True)
class Slip:
    """After the words `after`, the first `old` becomes `new`; the fault must name the line of `named`."""

    file: str
    after: str
    old: str
    new: str
    named: str
    says: str

    def plant(self, folder: Path) -> int:
        """Write the slip in `folder`; returns the line that must be named."""
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        start = text.index(self.after)
        at = text.index(self.old, start)
        text = text[:at] + self.new + text[at + len(self.old) :]
        path.write_text(text, encoding="utf-8")
        return text.count("\n", 0, text.index(self.named, start)) + 1


def leaf(identifier: str, test: str, indent: int = 4, **more: str) -> str:
    """YAML of one more firm condition, well sourced and well written."""
    fields = {"force": "ferme", "confiance": "haute", "source": "casf_l264", **more}
    lines = [f"- id: {identifier}", *(f"  {part}" for part in test.split("\n"))]
    lines += [f"  {key}: {value}" for key, value in fields.items()]
    lines += ['  vrai: "Oui."', '  faux: "Non."', '  inconnu: "Il faut savoir."']
    return "".join(" " * indent + line + "\n" for line in lines)


DOM, DOM_CASES = "dispositifs/domiciliation.yml", "dispositifs/domiciliation.cas.yml"
ENERGY, ENERGY_CASES = "dispositifs/fsl_energie_curatif.yml", "dispositifs/fsl_energie_curatif.cas.yml"
BATHS = "dispositifs/bains_douches.yml"

SLIPS = {
    # What nobody can get, and what is said about it
    "a yes that nobody can get": Slip(
        DOM,
        "conditions:",
        "  tous:\n",
        "  tous:\n" + leaf("a_une_adresse", "fait: a_domiciliation\negal: oui"),
        "conditions:",
        "Personne ne peut obtenir « oui »",
    ),
    "a no that nobody can get": Slip(
        BATHS,
        "id:",
        "statuts_inatteignables:\n  non:",
        "statuts_inatteignables:\n  oui:",
        "conditions:",
        "Personne ne peut obtenir « non »",
    ),
    "a status said impossible that is possible": Slip(
        DOM,
        "lacunes:",
        "lacunes:",
        'statuts_inatteignables: {non: "Tout le monde peut demander."}\nlacunes:',
        "statuts_inatteignables",
        "« non » est déclaré inatteignable",
    ),
    # Conditions that do nothing
    "the same condition twice": Slip(
        DOM,
        "conditions:",
        "  tous:\n",
        "  tous:\n" + leaf("encore", "fait: a_domiciliation\negal: non"),
        "- id: encore",
        "« encore » ne change rien",
    ),
    "a condition that everybody meets": Slip(
        ENERGY,
        "conditions:",
        "    - id: dette_energie",
        leaf("age_normal", "fait: age\nmin: 0") + "    - id: dette_energie",
        "- id: age_normal",
        "« age_normal » ne change rien",
    ),
    "two conditions that exclude each other in one branch": Slip(
        ENERGY,
        "conditions:",
        "  tous:\n",
        "  tous:\n"
        + "    - au_moins_un:\n"
        + leaf("revenus_connus", "fait: ressources_mensuelles\nmax: 1000", 8)
        + "        - tous:\n"
        + leaf("peu", "fait: ressources_mensuelles\nmax: 2000", 12)
        + leaf("beaucoup", "fait: ressources_mensuelles\nmin: 3000", 12),
        "- id: beaucoup",
        "« beaucoup » ne change rien",
    ),
    # Time
    "an expired condition": Slip(
        ENERGY,
        "- id: contrat_individuel",
        "      vrai:",
        '      au: "2026-11-20"\n      vrai:',
        "- id: contrat_individuel",
        "« contrat_individuel » a expiré le 2026-11-20",
    ),
    "an expired condition on the places": Slip(
        "dispositifs/asll.yml",
        "id: dort_dehors",
        "force:",
        'au: "2025-12-31"\n      force:',
        "id: dort_dehors",
        "« dort_dehors » a expiré",
    ),
    "an expired condition that always holds": Slip(
        BATHS,
        "id: ouvert_a_tous",
        "  force:",
        '  au: "2026-01-31"\n  force:',
        "id: ouvert_a_tous",
        "« ouvert_a_tous » a expiré",
    ),
    "periods that overlap": Slip(
        "baremes.yml",
        "fsl_habitat_plafond_1_personne:",
        "valeurs:\n",
        'valeurs:\n    - {du: "2020-01-01", au: "2023-02-01", valeur: 1700}\n',
        "fsl_habitat_plafond_1_personne:",
        "se recouvrent",
    ),
    "days forgotten between two periods": Slip(
        "baremes.yml",
        "forfait_charges_aide_logement:",
        'au: "2026-09-30"',
        'au: "2026-08-30"',
        "forfait_charges_aide_logement:",
        "n'a pas de valeur entre",
    ),
    "an amount with its unit": Slip(
        "baremes.yml", "rsa_montant:", "valeur: 651.69}", "valeur: 651,69 €}", "adultes: 1", "avec un point"
    ),
    "a period that ends before it starts": Slip(
        "baremes.yml", "valeurs:", "au: null", 'au: "2022-01-01"', "- {du:", "finit avant de commencer"
    ),
    # Cases
    "a case with another status": Slip(
        DOM_CASES,
        "Locataire d'un logement social",
        "statut: non",
        "statut: oui",
        "Locataire d'un logement social",
        "attendu oui, obtenu non",
    ),
    "a case with another reason": Slip(
        DOM_CASES,
        "Locataire d'un logement social",
        "[sans_domicile_stable]",
        "[lien_avec_paris]",
        "Locataire d'un logement social",
        "raison « lien_avec_paris » absent",
    ),
    "a case that misses another fact": Slip(
        ENERGY_CASES,
        "Dette inconnue",
        "manque: [dette_energie]",
        "manque: [age]",
        "Dette inconnue",
        "fait manquant « age » absent",
    ),
    "a case said complete that is not": Slip(
        ENERGY_CASES,
        "Dette inconnue",
        "manque: [dette_energie]",
        "manque: []",
        "Dette inconnue",
        "il manque encore",
    ),
    "a rule changed under its cases": Slip(
        ENERGY,
        "- id: dette_energie",
        "min: 1",
        "min: 500",
        "- id: dette_energie",  # the fault names the case, found below in its own file
        "attendu a_verifier, obtenu non",
    ),
    # Words
    "a promise": Slip(
        DOM, "texte:", 'texte: "', 'texte: "Vous avez le droit à une adresse. ', "texte:", "Promesse"
    ),
    "a sentence too long": Slip(
        ENERGY,
        "demarche:",
        'demarche: "',
        'demarche: "' + "Allez avec votre facture et vos papiers et vos revenus " * 3 + "à la mairie. ",
        "demarche:",
        "mots",
    ),
    "heavy punctuation in a reason": Slip(
        ENERGY,
        "- id: vit_a_paris",
        'vrai: "',
        'vrai: "(Vu.) ',
        "vrai:",
        "Ponctuation",
    ),
    # What is left out
    "a prescriber without a word about it": Slip(
        "dispositifs/asll.yml",
        "orientation_par:",
        "orientation_texte:",
        "# orientation_texte:",
        "orientation_par:",
        "demande aussi « orientation_texte »",
    ),
    "a need that nothing answers": Slip(
        "besoins.yml",
        "douche:",
        "douche:",
        'jardin:\n  libelle: "Un jardin"\n  phrase: "Vous voulez un jardin."\ndouche:',
        "jardin:",
        "Rien ne répond au besoin « jardin »",
    ),
    "a dispositif for no need": Slip(
        DOM, "besoins:", "besoins: [adresse]", "besoins: []", "besoins:", "aucun besoin"
    ),
    # Typing mistakes, found on loading
    "an unknown source": Slip(
        DOM, "- id: pas_deja_d_adresse", "[instruction", "[instructoin", "source:", "La source « instructoin"
    ),
    "an unknown fact": Slip(
        DOM,
        "- id: pas_deja_d_adresse",
        "fait: a_domiciliation",
        "fait: domiciliation",
        "fait:",
        "Le fait « domiciliation » n'existe pas",
    ),
    "an unknown barème": Slip(
        "dispositifs/fsl_habitat_acces.yml",
        "conditions:",
        "{bareme: fsl_habitat",
        "{bareme: fsl_habitaa",
        "{bareme:",
        "Le barème « fsl_habitaa",
    ),
    "an unknown choice": Slip(
        DOM, "- id: sans_domicile_stable", "[rue,", "[la_rue,", "parmi:", "« la_rue » n'est pas une valeur"
    ),
    "an unknown key": Slip(ENERGY, "lieux:", "titre:", "tittre:", "tittre:", "La clé « tittre »"),
    "a key written twice": Slip(
        ENERGY,
        "id:",
        "besoins:",
        'gere_par: "La mairie"\nbesoins:',
        'gere_par: "Ville de Paris"',
        "écrite deux fois",
    ),
    "an amount without a source": Slip(
        "baremes.yml",
        "fsl_habitat_plafond_1_personne:",
        "  source:",
        "  # source:",
        "  libelle:",
        "Il manque « source »",
    ),
    "a condition without a source": Slip(
        DOM, "- id: pas_deja_d_adresse", "      source:", "      # source:", "- id: pas_deja", "« source »"
    ),
    "a condition without its question": Slip(
        DOM, "- id: pas_deja_d_adresse", "      inconnu:", "      # inconnu:", "- id: pas_deja", "« inconnu »"
    ),
}
ELSEWHERE = {"a rule changed under its cases": (ENERGY_CASES, '- cas: "Facture de gaz de 300')}


def test_the_base_has_no_fault():
    assert list(map(str, faults_of(BASE))) == []


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(BASE, tmp_path / "base"))


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_found_where_it_is(copy, name):
    slip = SLIPS[name]
    file, line = slip.file, slip.plant(copy)
    if name in ELSEWHERE:
        file, words = ELSEWHERE[name]
        line = (copy / file).read_text(encoding="utf-8").split(words)[0].count("\n") + 1
    found = faults_of(copy)
    about = [fault for fault in found if slip.says in fault.message]
    assert (file, line) in {(fault.file, fault.line) for fault in about}, "\n".join(map(str, found))
    assert len(set(found)) == len(found), "the same fault is said several times"


def test_an_amount_that_has_no_value_today_is_named_at_each_condition_that_needs_it(copy):
    path = copy / "baremes.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("au: null", 'au: "2026-11-20"'), encoding="utf-8"
    )
    found = [fault for fault in faults_of(copy) if "n'a pas de valeur le 2026-11-21" in fault.message]
    for name in ("fsl_habitat_acces", "fsl_habitat_maintien"):
        file = f"dispositifs/{name}.yml"
        lines = (copy / file).read_text(encoding="utf-8").splitlines()
        named = [lines[fault.line - 1] for fault in found if fault.file == file]
        assert named and all("- id:" in line for line in named)


def test_a_dispositif_with_too_few_cases_is_named(copy):
    path = copy / DOM_CASES
    cases = path.read_text(encoding="utf-8").split("- cas:")
    path.write_text("- cas:".join(cases[:3]), encoding="utf-8")
    assert [str(fault) for fault in faults_of(copy)] == [
        f"{DOM}:1 : Il y a 2 cas, il en faut 6. Ajoutez-les dans le fichier .cas.yml."
    ]


def test_a_condition_is_right_on_its_last_day_and_wrong_the_day_after(copy):
    SLIPS["an expired condition"].plant(copy)
    for day, expected in ((date(2026, 11, 20), 0), (TODAY, 1)):
        assert sum("a expiré" in fault.message for fault in faults_of(copy, day)) == expected


def test_several_slips_are_all_found_in_one_run(copy):
    together = [
        "a promise",
        "the same condition twice",
        "periods that overlap",
        "a need that nothing answers",
    ]
    for name in together:
        SLIPS[name].plant(copy)
    messages = " ".join(fault.message for fault in faults_of(copy))
    assert [name for name in together if SLIPS[name].says not in messages] == []
