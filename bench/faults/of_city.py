"""Faults of a whole Jalon: two doors, two dialogue servers, an action server, PostgreSQL and Redis, all real."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bench.faults.seen import ANSWER, CUT, EXCUSE, Person, Row
from bench.faults.servers import Server, make_postgres, make_redis
from channels.rasa import RasaClient
from tests.city import City

_NOTHING, _MESSAGE = "rien", "ce message seul, et on le dit"


@dataclass
class Scene:
    """The processes of a city, with those of its two engines."""

    city: City
    postgres: Server
    redis: Server

    def send(self, name: str, what: signal.Signals) -> None:
        self.city.processes[name].send_signal(what)

    def person(self) -> Person:
        """Someone who has already told an age."""
        person = Person(self.city.doors)
        person.say("bonjour j'ai 22 ans")
        if person.facts.get("age") != 22:
            raise RuntimeError("la conversation ne commence pas")
        return person

    def server_of(self, person: Person) -> str:
        """The dialogue server that the doors choose for this person."""
        line = RasaClient(self.city.settings(*self.city.dialogues))
        return f"rasa-{self.city.dialogues.index(line._in_order(line.sender(person.session))[0])}"


@contextmanager
def scene() -> Iterator[Scene]:
    """Raises LookupError when an engine is not installed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        postgres, store = make_postgres(Path(folder)), make_redis(Path(folder))
        city = None
        try:
            postgres.start()
            store.start()
            city = City.planned(postgres.url, store.url)
            city.start(*city.commands)
            yield Scene(city, postgres, store)
        finally:
            if city:
                city.stop()
            for server in (postgres, store):
                if server.process and server.process.poll() is None:
                    server.thaw()
                    server.kill()


def _judge(name: str, person: Person, seen: str, waited: float, mend: Callable[[], object]) -> Row:
    """Mend, wait until it works, then look at what is still known."""
    begun = time.monotonic()
    mend()
    back = time.monotonic() - begun + person.back()
    kept = person.facts.get("age") == 22 and (seen != ANSWER or person.facts.get("genre") == "femme")
    lost = (_NOTHING if seen == ANSWER else _MESSAGE) if kept else "CE QUI ÉTAIT DIT"
    return Row(name, seen, lost, waited, back, kept and seen in (ANSWER, EXCUSE, CUT))


def _before(scene: Scene, name: str, break_: Callable, mend: Callable) -> Row:
    """The fault is there when the message comes."""
    person = scene.person()
    break_(person)
    seen = person.say("je suis une femme")
    return _judge(name, person, seen, person.seconds, lambda: mend(person))


def _during(scene: Scene, name: str, hold: Callable, break_: Callable, mend: Callable) -> Row:
    """`hold` keeps the turn under way until the fault."""
    person = scene.person()
    hold(person)
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(person.say, "je suis une femme")
        time.sleep(1.0)
        break_(person)
        seen = turn.result()
    return _judge(name, person, seen, person.seconds, lambda: mend(person))


def _after(scene: Scene, name: str, break_: Callable, mend: Callable) -> Row:
    """The fault comes once the message is answered."""
    person = scene.person()
    seen = person.say("je suis une femme")
    waited = person.seconds
    break_(person)
    return _judge(name, person, seen, waited, lambda: mend(person))


def _do_nothing(person: Person) -> None:
    """Nothing to hold, or to mend."""


def rows(scene: Scene) -> Iterator[Row]:
    """One row for each fault."""
    yield from _of_dialogue(scene)
    yield from _of_actions(scene)
    yield from _of_doors(scene)
    yield from _of_engines(scene)


def _of_dialogue(scene: Scene) -> Iterator[Row]:
    city, killed = scene.city, []

    def kill(person: Person) -> None:
        killed.append(scene.server_of(person))
        city.kill(killed[-1])

    def start(person: Person) -> None:
        city.start(killed.pop())

    def freeze(person: Person) -> None:
        killed.append(scene.server_of(person))
        scene.send(killed[-1], signal.SIGSTOP)

    def thaw(person: Person) -> None:
        scene.send(killed.pop(), signal.SIGCONT)

    yield _before(scene, "serveur de dialogue tué (kill -9) avant le tour", kill, _do_nothing)
    start(None)
    yield _during(
        scene, "serveur de dialogue tué pendant le tour", freeze, lambda person: city.kill(killed[-1]), _do_nothing
    )  # fmt: skip
    start(None)
    yield _after(scene, "serveur de dialogue tué après le tour", kill, _do_nothing)
    start(None)
    yield _before(scene, "serveur de dialogue figé", freeze, thaw)

    def kill_all(person: Person) -> None:
        for rank in range(2):
            city.kill(f"rasa-{rank}")

    yield _before(
        scene, "tous les serveurs de dialogue tués", kill_all, lambda person: city.start("rasa-0", "rasa-1")
    )


def _of_actions(scene: Scene) -> Iterator[Row]:
    city = scene.city
    kill, start = lambda person: city.kill("actions"), lambda person: city.start("actions")
    freeze = lambda person: scene.send("actions", signal.SIGSTOP)
    thaw = lambda person: scene.send("actions", signal.SIGCONT)
    yield _before(scene, "serveur d'actions tué avant le tour", kill, start)
    yield _during(scene, "serveur d'actions tué pendant le tour", freeze, kill, start)
    yield _before(scene, "serveur d'actions figé", freeze, thaw)
    port = urlsplit(city.actions).port
    for name, answer in {
        "serveur d'actions qui répond n'importe quoi (200)": Response("oups"),
        "serveur d'actions en erreur (500)": Response("{}", 500),
    }.items():
        with _instead(port, answer, lambda: kill(None)):
            person = Person(city.doors)
            seen = person.say("je cherche une douche")
            waited = person.seconds
        begun = time.monotonic()
        start(None)
        back = time.monotonic() - begun + person.back()
        yield Row(name, seen, _MESSAGE if seen != ANSWER else _NOTHING, waited, back, seen == EXCUSE)


@contextmanager
def _instead(port: int, answer: Response, kill: Callable[[], None]) -> Iterator[None]:
    """A server that always answers the same, on the port of one that is killed."""
    kill()

    async def always(request):
        return answer

    app = Starlette(routes=[Route("/{any:path}", always, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def _of_doors(scene: Scene) -> Iterator[Row]:
    city = scene.city
    kill, start = lambda person: city.kill("porte-0"), lambda person: city.start("porte-0")
    stop_rasa = lambda person: scene.send(scene.server_of(person), signal.SIGSTOP)

    def kill_under_way(person: Person) -> None:
        city.kill("porte-0")
        scene.send(scene.server_of(person), signal.SIGCONT)

    yield _before(scene, "porte tuée avant le tour (une autre répond)", kill, start)
    yield _during(scene, "porte tuée pendant le tour", stop_rasa, kill_under_way, start)
    yield _after(scene, "porte tuée après le tour", kill, start)


def _of_engines(scene: Scene) -> Iterator[Row]:
    for name, server in (("PostgreSQL", scene.postgres), ("Redis", scene.redis)):
        kill, start = lambda person, one=server: one.kill(), lambda person, one=server: one.start()
        freeze, thaw = lambda person, one=server: one.freeze(), lambda person, one=server: one.thaw()
        yield _before(scene, f"{name} tué avant le tour", kill, start)
        yield _during(scene, f"{name} tué pendant le tour", freeze, kill, start)
        yield _after(scene, f"{name} tué après le tour", kill, start)
        yield _before(scene, f"{name} figé", freeze, thaw)
    yield _before(scene, "PostgreSQL lent : la table est verrouillée", *_lock(scene))

    def full(person: Person) -> None:
        with redis.Redis.from_url(scene.redis.url) as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1")

    def room(person: Person) -> None:
        with redis.Redis.from_url(scene.redis.url) as client:
            client.config_set("maxmemory", "0")

    yield _before(scene, "Redis plein", full, room)


def _lock(scene: Scene) -> tuple[Callable, Callable]:
    held: list[psycopg.Connection] = []

    def lock(person: Person) -> None:
        held.append(psycopg.connect(scene.postgres.url))
        held[0].execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")

    return lock, lambda person: held.pop().close()
