"""A new base and a new model put in the place of those that serve, without a cut: what `jalon remplacer` asks for.

The new actions and dialogue servers start beside the others, must be well and pass the golden conversations; then the
doors, one after the other, send people to them, the conversations in memory are handed over, and the former ones end. At
the first thing that fails the doors go back, the new ones end, and the former files take their places back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.server import RELAY_VARIABLE, ModelError, read_model
from cli import orders, served
from cli.project import ROOT, fingerprint
from cli.served import Files, Shelf
from data.city import KEY_HEADER, KEY_VARIABLE, POSTGRES

# What the doors hold in memory and cannot change while it runs: it must be the same for all processes.
CODE = ("actions/**/*.py", "assistant/*.py", "channels/**/*.py", "data/**/*.py", "rules/**/*.py")
_START_S, _GOLDEN_S, _DOOR_S, _RELAY_S = 180, 180, 60, 120
_POLL_S = 0.2
_DOOR = "porte"  # stays: it is told to serve others

Said = Callable[[str], None]


class ReplacementError(Exception):
    """Why the new files do not serve, in French."""


class Processes(Protocol):
    """Those of the supervisor."""

    def add(self, name: str, command: list[str], environment: Mapping[str, str]) -> None: ...

    def has_ended(self, name: str) -> bool: ...

    def adopt(self, names: list[str]) -> None:
        """These matter from now on: the end of one ends all."""

    def retire(self, names: list[str]) -> None:
        """Stop these and wait for their end, which matters no more."""


@dataclass(frozen=True)
class Serving:
    """What serves behind the doors: its rank, files, processes, and the environment that they have."""

    rank: int
    files: Files
    names: list[str]
    environment: Mapping[str, str]

    def order(self) -> dict:
        """What the doors must know of it."""
        names = {"rasa_url": "JALON_RASA_URL", "actions_url": "JALON_ACTIONS_URL"}
        return {"base": str(self.files.base)} | {key: self.environment[name] for key, name in names.items()}


def parts_behind(commands: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The commands of what is replaced: the actions, then the dialogue servers."""
    return {name: command for name, command in commands.items() if name != _DOOR}


class Replacement:
    """`commands`: those of all parts under an environment; `moved`: an environment on free ports; `doors`: how many."""

    def __init__(
        self,
        processes: Processes,
        commands: Callable[[Mapping[str, str]], dict[str, list[str]]],
        moved: Callable[[Mapping[str, str]], dict[str, str]],
        shelf: Shelf,
        serving: Serving,
        doors: int = 1,
    ):
        self._processes, self._commands, self._moved = processes, commands, moved
        self._shelf, self._now, self._doors = shelf, serving, doors
        self._code = fingerprint(CODE)

    def obey(self, order: str, said: Said) -> bool:
        """Handler of the orders (cli/orders.py)."""
        usual = served.usual_files()
        try:
            if fingerprint(CODE) != self._code:
                raise ReplacementError(
                    "Le code de Jalon a changé depuis son démarrage : il faut le redémarrer (docs/exploitation.md)."
                )
            if order == orders.REPLACE:
                self._replace(usual, said)
        except ReplacementError as error:
            said(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - who asked must know, and Jalon goes on
            said(f"Le remplacement a échoué ({type(error).__name__}). Redémarrez Jalon dès que possible.")
            return False
        return True

    def _replace(self, usual: Files, said: Said) -> None:
        former = self._now
        try:
            new = self._begin(usual)
        except (OSError, ValueError, KeyError) as error:
            self._put_back(usual)
            raise ReplacementError(
                f"Les nouveaux fichiers ne se lisent pas ({type(error).__name__})."
            ) from None
        try:
            self._prove(new, said)
            self._move_doors(former, new)
        except ReplacementError as error:
            self._processes.retire(new.names)
            self._shelf.drop(new.files)
            self._put_back(usual)
            raise ReplacementError(
                f"{error}\nL'ancienne version continue, ses fichiers sont remis."
            ) from None
        self._now = new
        self._processes.adopt(new.names)
        self._shelf.is_good(new.files)
        served.end_trial(usual)
        said("La page parle au nouveau dialogue.")
        if self._take_over(new, said):
            self._processes.retire(former.names)
        said("Les nouveaux fichiers servent.")

    def _begin(self, usual: Files) -> Serving:
        former, rank = self._now, self._now.rank + 1
        files = self._shelf.keep(usual)
        environment = {**self._moved(former.environment), **files.environment()}
        if not environment.get(POSTGRES):
            environment[RELAY_VARIABLE] = former.environment["JALON_RASA_URL"]
        commands = parts_behind(self._commands(environment))
        new = Serving(rank, files, [f"{part}.{rank}" for part in commands], environment)
        for name, command in zip(new.names, commands.values(), strict=True):
            self._processes.add(name, command, environment)
        return new

    def _prove(self, new: Serving, said: Said) -> None:
        """Raises ReplacementError unless the new processes are well and pass the golden conversations."""
        try:
            read_model(new.files.manifest)
        except ModelError as error:
            raise ReplacementError(str(error)) from None
        dialogues = new.order()["rasa_url"].split()
        health = [
            f"{new.order()['actions_url']}/health",
            *(f"{one}/webhooks/jalon/sante" for one in dialogues),
        ]
        limit = time.monotonic() + _START_S
        for name, address in zip(new.names, health, strict=True):
            while not self._answers(new, "GET", address):
                if self._processes.has_ended(name):
                    raise ReplacementError(
                        f"Le nouveau processus « {name} » s'est arrêté : son journal dit pourquoi."
                    )
                if time.monotonic() > limit:
                    raise ReplacementError(f"Après {_START_S} secondes, « {name} » ne répond pas.")
                time.sleep(_POLL_S)
        said("Les nouveaux processus répondent.")
        for dialogue in dialogues:
            self._play_golden({**new.environment, "JALON_RASA_URL": dialogue})
        said("Les conversations témoins réussissent.")

    def _play_golden(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "cli.operations.golden"]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_GOLDEN_S,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ReplacementError("Les conversations témoins durent trop longtemps.") from None
        if done.returncode:
            told = done.stdout.strip() or "Les conversations témoins n'ont pas pu être jouées."
            raise ReplacementError(told)

    def _move_doors(self, former: Serving, new: Serving) -> None:
        """Raises ReplacementError when all doors serve with the former ones, as before."""
        self._shelf.note_serving(new.order())
        try:
            moved = self._order_doors(new.order())
            if moved < self._doors:
                raise ReplacementError(f"Seules {moved} portes sur {self._doors} ont répondu.")
        except ReplacementError:
            # Some have moved, and one may have without saying so. If they do not go back nothing may be stopped.
            self._shelf.note_serving(former.order())
            try:
                self._order_doors(former.order())
            except ReplacementError as error:
                raise RuntimeError("a door does not move back") from error
            raise

    def _order_doors(self, order: dict) -> int:
        """How many doors serve what `order` says. Raises ReplacementError at the first that cannot."""
        moved = 0
        for door in self._shelf.doors():
            try:
                fault = orders.ask(door, order, _DOOR_S)["erreur"]
            except orders.NoOrder:  # a door that was killed: the one that took its place reads what serves
                door.unlink(missing_ok=True)
                continue
            except (OSError, ValueError, KeyError) as error:
                raise ReplacementError(f"Une porte n'a pas répondu ({type(error).__name__}).") from None
            if fault:
                raise ReplacementError(fault)
            moved += 1
        return moved

    def _take_over(self, new: Serving, said: Said) -> bool:
        """Whether the former dialogue server has nothing left that people may come back to."""
        if RELAY_VARIABLE not in new.environment:
            return True
        url = f"{new.order()['rasa_url']}/webhooks/jalon/relais"
        if self._answers(new, "POST", url, _RELAY_S) or self._answers(new, "POST", url, _RELAY_S):
            return True
        said(
            "Toutes les conversations en cours n'ont pas pu être reprises : l'ancien dialogue reste, pour qu'elles"
            " le soient à leur prochain message. Redémarrez Jalon cette nuit."
        )
        return False

    def _answers(self, one: Serving, method: str, url: str, seconds: float = 3) -> bool:
        request = urllib.request.Request(
            url, method=method, headers={KEY_HEADER: one.environment[KEY_VARIABLE]}
        )
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                json.load(answer)
                return True
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def _put_back(self, usual: Files) -> None:
        try:
            served.put_back(self._now.files, usual)
        except (OSError, ValueError, KeyError) as error:
            raise ReplacementError(
                f"L'ancienne version continue, mais ses fichiers n'ont pas pu être remis ({type(error).__name__}) :"
                " remettez-les avant tout redémarrage (docs/exploitation.md)."
            ) from None
