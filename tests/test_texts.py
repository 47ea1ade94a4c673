"""A sentence of the conversation that an editor broke is told before anybody is left without an answer."""

from __future__ import annotations

import shutil

import pytest

from actions.texts import FILE, text_faults
from tests.built_base import ROOT


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "actions").mkdir()
    shutil.copy(ROOT / FILE, tmp_path / FILE)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{lieu}", "{endroit}", "« {endroit} » n'est pas connu dans « lieu_inconnu ». Ici, vous pouvez écrire « {lieu} »."),
        ("\nfin:", "\nfini:", "Il manque « fin » : le programme en a besoin. Remettez ce nom à la place de « fini »."),
        ('\nhumain: "', '\nhumain: "{prenom}, ', "« {prenom} » n'est pas connu dans « humain ». Retirez les accolades."),
        ('\nfin: "', '\nfin: "La "fin" ', "YAML illisible"),
    ],
)  # fmt: skip
def test_a_broken_sentence_is_named(copy, old, new, said):
    assert text_faults(copy) == []
    text = (copy / FILE).read_text(encoding="utf-8")
    assert old in text
    (copy / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in str(fault) for fault in text_faults(copy)), [str(fault) for fault in text_faults(copy)]
