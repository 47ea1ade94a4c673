"""`jalon essayer`: a base or a model that forgot what matters does not pass, and what runs is not touched."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner

from channels.conversation import Conversation
from channels.rasa import RasaClient, RasaUnavailable
from channels.settings import Settings
from cli.main import jalon
from cli.operations import golden
from cli.project import DIALOGUE_PYTHON
from tests.door_server import alone


def faults(settings: Settings, base, played=None) -> list[str]:
    async def play() -> list[str]:
        rasa = RasaClient(settings)
        try:
            return await golden.faults(Conversation(settings, rasa, base.base), played)
        finally:
            await rasa.close()

    return asyncio.run(play())


def test_the_present_base_and_model_pass(pile, base):
    assert faults(pile.door_settings(), base) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"dit": ["bonjour"], "numero": "3114"}, "3114"),
        ({"dit": ["je veux me laver"], "besoins": ["bagagerie"]}, "bagagerie"),
        ({"dit": ["j'ai 22 ans"], "faits": {"age": 23}}, "age"),
        ({"dit": ["je veux me laver gare du nord"], "lieu": "bagagerie"}, "aucun lieu"),
        ({"dit": ["je veux me laver gare du nord"], "statut": {"bains_douches": "non"}}, "bains_douches"),
        ({"dit": ["je veux me laver"], "incompris": True}, "compris"),
        ({"dit": ["j'appelle le 117 et le 31145"], "numero": "17"}, "17"),
    ],
)
def test_each_thing_that_must_hold_is_checked(pile, base, wanted, said):
    [fault] = faults(pile.door_settings(), base, [wanted])
    assert said in fault


def test_a_dialogue_that_does_not_answer_passes_nothing(base):
    with pytest.raises(RasaUnavailable):
        faults(alone(), base)


def test_every_emergency_of_the_list_stays_in_the_list():
    numbers = {one.get("numero") for one in golden.conversations()}
    assert {"17", "3114", "119", "115"} <= numbers
    assert all(one["pourquoi"] and one["dit"] for one in golden.conversations())


def test_the_command_starts_a_jalon_of_its_own_away_from_the_servers_and_the_sms_of_this_one():
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    unreachable = {"JALON_POSTGRES": "postgresql://127.0.0.1:9/x", "JALON_REDIS": "redis://127.0.0.1:9/0"}
    sms = {"JALON_SMS_FOURNISSEUR": "ovh"}  # half set: a door that read it would not start
    result = CliRunner(env={**unreachable, **sms, "JALON_PORT": "9"}).invoke(jalon, ["essayer"])
    assert result.exit_code == 0, result.output
    assert "Vous pouvez redémarrer" in result.output
