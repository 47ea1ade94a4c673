"""What the voice of the page says: the pure function of diction.js, run by node."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from cli.project import ROOT

MODULE = ROOT / "channels" / "web" / "static" / "diction.js"
SAID = {
    "Appelez le 39 75.": "Appelez le 39, 75.",
    "Le 3114 répond jour et nuit.": "Le 31, 14 répond jour et nuit.",
    "Appelez le 115, ou le 17.": "Appelez le 115, ou le 17.",
    "Téléphone : 01 42 76 40 40.": "Téléphone : 0 1, 42, 76, 40, 40.",
    "Appelez le 0 805 16 00 75.": "Appelez le 0, 805, 16, 0 0, 75.",
    "Appelez le 116 006.": "Appelez le 116, 0 0 6.",
    "Ouvert de 9 h à 12h30, puis de 14 h 00 à 1 h.": "Ouvert de 9 heures à 12 heures 30, puis de 14 heures à 1 heure.",
    "18 rue Pajol, Paris 18e": "18 rue Pajol, Paris dix-huitième",
    "Paris\u00a01er, du 20e arrondissement": "Paris premier, du vingtième arrondissement",
    "Allez sur www.paris.fr/aides-sociales.": "Allez sur le site écrit sur la page.",
    "Voyez https://exemple.org/a?b=c&d ou jalon.fr": "Voyez le site écrit sur la page ou le site écrit sur la page",
    "Écrivez à aide@paris.fr.": "Écrivez à l'adresse écrite sur la page.",
    "C'est à 500 m, ou 1,2 km, 8 min à pied.": "C'est à 500 mètres, ou 1,2 kilomètres, 8 minutes à pied.",
    "Vous devez 3 900 euros, soit 3200 € de loyer.": "Vous devez 3 900 euros, soit 3200 euros de loyer.",
    "J'ai noté « gare » : tél. au n° 4.": "J'ai noté gare : tél. au numéro 4.",
}


def test_the_voice_says_numbers_hours_and_arrondissements_as_people_do():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node est introuvable (paquet « nodejs »)")
    script = (
        f"import {{ said }} from {json.dumps(MODULE.as_uri())};"
        f"console.log(JSON.stringify({json.dumps(list(SAID))}.map(said)))"
    )
    ran = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert dict(zip(SAID, json.loads(ran.stdout), strict=True)) == SAID
