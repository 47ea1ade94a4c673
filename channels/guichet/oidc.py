"""Entering with the account of a city: OpenID Connect, authorization code with PKCE, by Authlib.

What waits between leaving for the provider and coming back (state, verifier, nonce) is known to all doors, bound to
the browser by a short cookie, and used once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from channels.guichet.access import EntryRefused
from channels.guichet.settings import RETURN_PATH, Oidc
from channels.shared import Doors

# Never a shared secret nor « none ».
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_PATIENCE = 600  # seconds between leaving and coming back
_MOST_WAITING = 10_000
_LEEWAY = 30  # seconds between two clocks


class Provider:
    """One identity provider. Its description is fetched at the first entry and kept for an hour."""

    def __init__(self, settings: Oidc, doors: Doors):
        self._settings = settings
        self._waiting = doors.values("depart", _PATIENCE, _MOST_WAITING)
        self._known: tuple[float, dict, KeySet] | None = None

    async def leave(self) -> tuple[str, str]:
        """(address to go to, state to remember in the browser). Raises EntryRefused when the provider is down."""
        described, _ = await self._description()
        departure = {"verifier": secrets.token_urlsafe(48), "nonce": secrets.token_urlsafe(24)}
        async with self._client() as client:
            address, state = client.create_authorization_url(
                described["authorization_endpoint"],
                code_verifier=departure["verifier"],
                nonce=departure["nonce"],
            )
        await self._waiting.put(state, departure)
        return address, state

    async def come_back(self, query: Mapping[str, str], remembered: str | None) -> str:
        """The service name of who comes back with `query`. Raises EntryRefused."""
        state = query.get("state", "")
        if not remembered or not secrets.compare_digest(state.encode(), remembered.encode()):
            raise EntryRefused("retour sans départ")
        departure = await self._waiting.take(state)
        if departure is None:
            raise EntryRefused("retour trop tardif")
        if "error" in query or "code" not in query:
            raise EntryRefused("refus du fournisseur")
        described, keys = await self._description()
        try:
            async with self._client() as client:
                answer = await client.fetch_token(
                    described["token_endpoint"], code=query["code"], code_verifier=departure["verifier"]
                )
            claims = jwt.decode(answer["id_token"], keys, algorithms=_ALGORITHMS).claims
            self._requests(departure["nonce"]).validate(claims)
        except (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, ValueError, TypeError) as error:
            raise EntryRefused(type(error).__name__) from None
        return _admitted(self._settings, claims)

    def _client(self) -> AsyncOAuth2Client:
        settings = self._settings
        return AsyncOAuth2Client(
            client_id=settings.client,
            client_secret=settings.secret,
            token_endpoint_auth_method="client_secret_basic" if settings.secret else "none",
            scope="openid email profile",
            redirect_uri=settings.door + RETURN_PATH,
            code_challenge_method="S256",
            timeout=5.0,
            trust_env=False,
        )

    def _requests(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._described_issuer},
            aud={"essential": True, "value": self._settings.client},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )

    @property
    def _described_issuer(self) -> str:
        return self._known[1]["issuer"]

    async def _description(self) -> tuple[dict, KeySet]:
        if self._known and time.monotonic() - self._known[0] < 3600:
            return self._known[1:]
        try:
            async with httpx.AsyncClient(timeout=5.0, trust_env=False) as http:
                address = f"{self._settings.issuer}/.well-known/openid-configuration"
                described = (await http.get(address)).raise_for_status().json()
                if described["issuer"].rstrip("/") != self._settings.issuer:
                    raise EntryRefused("fournisseur inattendu")
                keys = KeySet.import_key_set(
                    (await http.get(described["jwks_uri"])).raise_for_status().json()
                )
        except (httpx.HTTPError, JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise EntryRefused(type(error).__name__) from None
        self._known = (time.monotonic(), described, keys)
        return described, keys


def _admitted(settings: Oidc, claims: Mapping) -> str:
    """The group or the domain that lets someone in: the service that signs their corrections."""
    email = str(claims.get("email") or "").casefold()
    domain = email.rpartition("@")[2] if claims.get("email_verified") is not False else ""
    if settings.domains and domain not in settings.domains:
        raise EntryRefused("domaine non admis")
    told = claims.get("groups") or ()
    groups = [group for group in settings.groups if group in ([told] if isinstance(told, str) else told)]
    if settings.groups and not groups:
        raise EntryRefused("groupe non admis")
    return groups[0] if groups else domain
