"""Behind several doors, an agent is let in once and let out everywhere; without the shared memory, nobody is."""

import httpx
import pytest
import redis

from channels.guichet.settings import Oidc
from data.city import City
from tests.city_services import redis_url
from tests.counter_door import counter_settings
from tests.door_server import alone, closed_port, serve, serve_app
from tests.oidc_provider import CLIENT, SECRET, provider
from tests.test_guichet_oidc import AGENT

KEY = "0123456789abcdef"


@pytest.fixture(scope="module")
def shared():
    with redis_url() as url:
        yield url


@pytest.fixture
def doors(shared, tmp_path):
    ports = closed_port(), closed_port()
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    with serve_app(provider(AGENT)) as issuer:
        oidc = Oidc(issuer=issuer, client=CLIENT, door=first, secret=SECRET, domains=("ville.fr",))
        counter = counter_settings(tmp_path, oidc=oidc, listen="0.0.0.0")
        settings = alone(counter=counter, city=City(redis=shared), internal_key=KEY)
        with serve(settings, ports[0]), serve(settings, ports[1]):
            yield first, second


def come(client: httpx.Client, leaving: str, coming: str) -> httpx.Response:
    """Leave by one door for the provider, come back by another."""
    away = client.get(f"{leaving}/guichet/connexion").headers["location"]
    back = client.get(away).headers["location"]
    return client.get(back.replace(leaving, coming))


def test_an_agent_leaves_by_one_door_comes_back_by_the_other_and_works_at_both(doors):
    first, second = doors
    with httpx.Client() as client:
        assert come(client, first, second).status_code == 200
        for door in doors * 2:
            page = client.get(f"{door}/guichet")
            assert page.status_code == 200
        csrf = page.text.partition('data-jeton="')[2].partition('"')[0]
        cookie = client.cookies["jalon_guichet"]
        left = client.post(f"{first}/guichet/sortie", data={"jeton": csrf}, headers={"origin": first})
        assert left.status_code == 200
    for door in doors:
        assert httpx.get(f"{door}/guichet", cookies={"jalon_guichet": cookie}).status_code == 303


def test_what_redis_holds_lets_nobody_in(doors, shared):
    first, second = doors
    with httpx.Client() as client:
        come(client, first, second)
        cookie = client.cookies["jalon_guichet"]
    with redis.Redis.from_url(shared) as kept:
        names = list(kept.scan_iter("jalon:guichet:*"))
        assert names and not any(cookie in name.decode() for name in names)
        assert all(0 < kept.ttl(name) <= 3600 for name in names)
    for name in names:
        secret = name.decode().rpartition(":")[2]
        assert httpx.get(f"{first}/guichet", cookies={"jalon_guichet": secret}).status_code == 303


def test_without_the_shared_memory_the_counter_is_closed_and_says_so(doors, shared):
    first, second = doors
    with httpx.Client() as client:
        come(client, first, second)
        with redis.Redis.from_url(shared) as kept:
            kept.execute_command("CLIENT", "PAUSE", 4000, "ALL")
        page = client.get(f"{first}/guichet", headers={"accept": "text/html"}, timeout=10)
        assert page.status_code == 503 and "Réessayez dans 1 minute" in page.text
        assert client.get(f"{second}/", timeout=5).status_code == 200, "the rest of the door works"
        with redis.Redis.from_url(shared, socket_timeout=10) as kept:
            kept.execute_command("CLIENT", "UNPAUSE")
