"""`jalon sms etat` and `jalon sms relancer`: what a person in charge sees of the queue."""

from __future__ import annotations

import asyncio

import pytest

from channels.sms.providers import Refused
from cli.main import main
from tests.sms_queue import message, queue


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("JALON_SMS_FOURNISSEUR", "kannel")
    monkeypatch.setenv("JALON_SMS_FICHIER", str(tmp_path / "sms.db"))
    return tmp_path


def said(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["sms", *arguments])
    output = capsys.readouterr()
    return left.value.code, output.out + output.err


def test_a_quiet_queue_is_told_with_code_0(file, capsys):
    with queue(file):
        code, text = said(capsys, "etat")
    assert code == 0 and "0,00 € sur 20,00 €" in text


def test_a_dead_letter_is_told_with_code_1_and_can_be_sent_again(file, capsys):
    async def play(world):
        world.gateway.fault = lambda sms: Refused("http_400")
        await world.receive(message(1, "je dors dehors"))
        await world.worker.work()

    with queue(file) as world:
        asyncio.run(play(world))
        code, text = said(capsys, "etat")
        assert code == 1 and "Lettres mortes (http_400) : 1." in text
        assert "dehors" not in text and "612345678" not in text
        assert said(capsys, "relancer") == (0, "Messages remis dans la file : 1.\n")
        world.gateway.fault = lambda sms: None
        asyncio.run(world.worker.work())
        assert said(capsys, "etat")[0] == 0
    assert len(world.gateway.taken_sms) == 1


def test_without_a_provider_the_command_says_so(monkeypatch, capsys):
    monkeypatch.delenv("JALON_SMS_FOURNISSEUR", raising=False)
    assert said(capsys, "etat") == (1, "Le canal SMS est fermé. Pour l'ouvrir : JALON_SMS_FOURNISSEUR.\n")
