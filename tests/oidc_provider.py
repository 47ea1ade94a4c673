"""A small identity provider for tests: it signs in whoever comes, checks PKCE, and signs with a real key."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse

CLIENT, SECRET = "jalon", "secret-du-client"


def provider(claims: dict, **lies: object) -> FastAPI:
    """The application. `claims` is who signs in; `lies` replace claims of the signed token, or `key`: the wrong key."""
    app, key = FastAPI(), RSAKey.generate_key(2048, parameters={"kid": "essai", "use": "sig", "alg": "RS256"})
    signing = RSAKey.generate_key(2048, parameters={"kid": "essai"}) if lies.pop("key", None) else key
    waiting: dict[str, dict] = {}
    app.state.seen = []

    def issuer(request: Request) -> str:
        return str(request.base_url).rstrip("/")

    @app.get("/.well-known/openid-configuration")
    def description(request: Request):
        base = issuer(request)
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/entrer",
            "token_endpoint": f"{base}/jeton",
            "jwks_uri": f"{base}/cles",
        }

    @app.get("/cles")
    def keys():
        return {"keys": [key.as_dict(private=False)]}

    @app.get("/entrer")
    def authorize(request: Request):
        asked = dict(request.query_params)
        app.state.seen.append(asked)
        code = secrets.token_urlsafe(16)
        waiting[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    @app.post("/jeton")
    async def token(request: Request):
        sent = {key: value[0] for key, value in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = waiting.pop(sent.get("code"), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or request.headers.get("authorization") != f"Basic {basic}"
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge.decode().rstrip("=")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {
            "iss": issuer(request), "aud": CLIENT, "sub": "agent-1", "nonce": asked["nonce"],
            "exp": int(time.time()) + 300, "iat": int(time.time()), **claims, **lies,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "essai"}, told, signing)
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    return app
