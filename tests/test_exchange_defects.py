"""An import file with faults planted in it: each is told with its line, and nothing else is lost."""

import json

import pytest

from data.exchange.report import ERROR, SUGGESTION, WARNING
from tests.exchange_files import STRUCTURE, bring, repository, service

# (what is wrong, fields of the service, field where it is written, level, words of the message or the hint)
IN_A_SERVICE = [
    ("a day that does not exist", {"date_maj": "2025-13-01"}, "date_maj", ERROR, "n'est pas une date"),
    ("a day in the future", {"date_maj": "2031-01-01"}, "date_maj", ERROR, "futur"),
    ("a day of another century", {"date_maj": "1926-05-12"}, "date_maj", ERROR, "trop ancienne"),
    ("no day", {"date_maj": None}, "date_maj", ERROR, "date_maj"),
    ("a phone too short", {"telephone": "01 42 76 40"}, "telephone", ERROR, "8 chiffres au lieu de 10"),
    ("a phone without its zero", {"telephone": "142764040"}, "telephone", ERROR, "0142764040"),
    ("words for a phone", {"telephone": "voir l'accueil"}, "telephone", ERROR, "numéro de téléphone"),
    ("a position in the sea", {"latitude": 0, "longitude": 0}, "latitude", ERROR, "n'est pas à Paris"),
    ("a position in Lyon", {"latitude": 45.76, "longitude": 4.83}, "latitude", ERROR, "n'est pas à Paris"),
    ("a swapped position", {"latitude": 2.3872, "longitude": 48.8462}, "latitude", ERROR, "échangées"),
    ("words for a position", {"latitude": "quarante-huit"}, "latitude", ERROR, "deux nombres"),
    ("a position that is no number", {"latitude": float("nan")}, "latitude", ERROR, "deux nombres"),
    ("a position across Paris", {"longitude": 2.251}, "latitude", WARNING, "milieu de : 12e"),
    ("hours in French", {"horaires_accueil": "Lundi 9h-12h"}, "horaires_accueil", ERROR, "Mo, Tu"),
    ("an impossible hour", {"horaires_accueil": "Mo 09:00-25:30"}, "horaires_accueil", ERROR, "heure"),
    ("no hours at all", {"horaires_accueil": "demander"}, "horaires_accueil", ERROR, "demander"),
    ("an unknown theme", {"thematiques": ["sante--acces-aux-soin"]}, "thematiques", ERROR,
     "Vouliez-vous dire « sante--acces-aux-soins »"),
    ("an unknown public", {"publics": ["femme"]}, "publics", ERROR, "Vouliez-vous dire « femmes »"),
    ("all publics and one", {"publics": ["tous-publics", "femmes"]}, "publics", ERROR, "tous-publics"),
    ("an unknown price", {"frais": "gratuits"}, "frais", ERROR, "Vouliez-vous dire « gratuit »"),
    ("an unknown way in", {"modes_accueil": ["a-distanc"]}, "modes_accueil", ERROR, "« a-distance »"),
    ("an unknown kind", {"type": "accompagnemen"}, "type", ERROR, "« accompagnement »"),
    ("no name", {"nom": None}, "nom", ERROR, "nom"),
    ("an empty name", {"nom": "  "}, "nom", ERROR, "nom"),
    ("a list for a name", {"nom": ["a", "b"]}, "nom", ERROR, "doit être un texte"),
    ("a name too long", {"nom": "Très " * 40}, "nom", ERROR, "trop long"),
    ("a text too long", {"description": "a" * 10_001}, "description", ERROR, "trop long"),
    ("no description", {"description": None}, "description", ERROR, "description"),
    ("web page code", {"conditions_acces": "<p>Vous <b>venez</b>.</p>"}, "conditions_acces", WARNING, "page web"),
    ("spoilt accents", {"conditions_acces": "Venez Ã©tudier."}, "conditions_acces", WARNING, "étudier"),
    ("a forbidden character", {"conditions_acces": "Venez\u0000."}, "conditions_acces", WARNING, "caractère"),
    ("half of a character", {"conditions_acces": "Venez \ud83d."}, None, WARNING, "moitié de caractère"),
    ("a sentence nobody can read", {"conditions_acces": "mot " * 30}, "conditions_acces", SUGGESTION, "30 mots"),
    ("a postcode of elsewhere", {"code_postal": "93200"}, "code_postal", ERROR, "code de Saint-Denis"),
    ("a postcode too short", {"code_postal": "7501"}, "code_postal", ERROR, "5 chiffres"),
    ("an unknown structure", {"structure_id": "essai--s9"}, "structure_id", ERROR, "n'est pas dans le fichier"),
    ("an address that is none", {"courriel": "accueil"}, "courriel", ERROR, "électronique"),
    ("a link that is none", {"lien_source": "page"}, "lien_source", ERROR, "internet"),
    ("weeks below zero", {"nombre_semaines": -1}, "nombre_semaines", ERROR, "nombre_semaines"),
    ("a name that ends with a dot", {"nom": "Permanence."}, "nom", WARNING, "point"),
]  # fmt: skip

# (what is wrong, the text of the record, line inside it, words of the message)
GOOD = json.dumps(service(0), ensure_ascii=False, indent=1)
IN_THE_WRITING = [
    ("no comma", GOOD.replace('"essai",', '"essai"', 1), 2, "pas du JSON"),
    ("no quote", GOOD.replace('"essai",', '"essai,', 1), 1, "pas du JSON"),
    ("one comma too many", GOOD.replace("\n}", ",\n}"), GOOD.count("\n") - 1, "pas du JSON"),
    ("a word for a record", '"oups"', 0, "Ce n'est pas un enregistrement"),
    ("a list for a record", "[1, 2]", 0, "Ce n'est pas un enregistrement"),
    ("no identifier", GOOD.replace('"essai--0"', "null"), 3, "identifiant manque"),
    ("an identifier already taken", GOOD.replace("essai--0", "essai--1000"), 3, "déjà pris, ligne"),
]  # fmt: skip


def _file(path, texts: list[str | bytes]) -> list[int]:
    """Write a data·inclusion file of services; returns the line where each starts."""
    head = b'{"structures": [\n' + json.dumps(STRUCTURE).encode() + b'],\n"services": [\n'
    lines, body = [], head
    for rank, text in enumerate(texts):
        lines.append(body.count(b"\n") + 1)
        body += (text if isinstance(text, bytes) else text.encode("utf-8")) + (
            b"\n" if rank == len(texts) - 1 else b",\n"
        )
    path.write_bytes(body + b"]}\n")
    return lines


def _line_in(text: str, field: str | None) -> int:
    lines = text.split("\n")
    return next((rank for rank, line in enumerate(lines) if field and line.strip().startswith(f'"{field}"')), 0)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """All the faults in one file, each between two right records."""
    folder = tmp_path_factory.mktemp("defauts")
    texts: list[str | bytes] = []
    expected = []
    for rank, (what, fields, field, level, words) in enumerate(IN_A_SERVICE):
        given = {key: value for key, value in (service(rank) | fields).items() if value is not None}
        text = json.dumps(given, indent=1)
        texts += [json.dumps(service(1000 + rank), indent=1), text]
        expected.append((what, len(texts) - 1, _line_in(text, field), level, words))
    for what, text, line, words in IN_THE_WRITING:
        texts += [json.dumps(service(2000 + len(texts)), indent=1), text]
        expected.append((what, len(texts) - 1, line, ERROR, words))
    latin = json.dumps(service(3000, nom="Accès à l'été"), ensure_ascii=False, indent=1).encode("cp1252")
    texts += [latin, json.dumps(service(3001), indent=1)]
    expected.append(("another encoding", len(texts) - 2, 0, WARNING, "UTF-8"))
    lines = _file(folder / "defauts.json", texts)
    root = repository(folder / "depot")
    report, _ = bring(root, "data-inclusion", folder / "defauts.json")
    told = [(what, lines[rank] + inside, level, words) for what, rank, inside, level, words in expected]
    return report, told, lines, {lines[rank] for _, rank, *_ in expected}


def test_there_are_more_than_thirty_different_faults(imported):
    assert len({what for what, *_ in imported[1]}) == len(imported[1]) >= 30


@pytest.mark.parametrize("rank", range(len(IN_A_SERVICE) + len(IN_THE_WRITING) + 1))
def test_each_fault_is_told_with_its_line(imported, rank):
    report, told, *_ = imported
    what, line, level, words = told[rank]
    found = [str(finding) for finding in report.findings(level) if finding.line == line]
    assert any(words in text for text in found), (what, line, found, list(map(str, report.findings()))[:60])


def test_nothing_is_said_of_the_records_that_are_right(imported):
    report, _, lines, faulty = imported
    starts = sorted(lines)
    for finding in report.findings():
        if finding.line:
            assert max(start for start in starts if start <= finding.line) in faulty, str(finding)


def test_every_record_of_the_file_is_accounted_for(imported):
    report, _, lines, faulty = imported
    fates = [fate for fate in report.fates() if fate.line and fate.line >= lines[0]]
    assert len(fates) == len(lines)
    by_start = {max(start for start in lines if start <= fate.line): fate for fate in fates}
    for start in lines:
        if start not in faulty:
            assert (by_start[start].kind, by_start[start].shown) == ("nouveau", True)
    refused = [fate for fate in fates if fate.kind == "refusé"]
    assert all(fate.why for fate in refused)


def test_a_record_with_one_wrong_value_keeps_the_others(imported):
    report, _, lines, _ = imported
    shown = {fate.line for fate in report.fates() if fate.shown}
    for rank, (what, *_) in enumerate(IN_A_SERVICE):
        if "name" not in what and "theme" not in what:
            assert lines[2 * rank + 1] in shown, what
