"""Numbers and texts are sealed before they are kept: whoever reads the disk, a copy or a log of changes finds none."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class BadSeal(ValueError):
    """Sealed with another key."""


class Seal:
    """Seals with a key drawn from `key`, which never goes where sealed texts are."""

    def __init__(self, key: str):
        drawn = hmac.new(key.encode(), b"sceau", hashlib.sha256).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(drawn))

    def close(self, text: str) -> str:
        """`text`, sealed. What no encoding can hold (half of a sign) becomes « ? »."""
        return self._fernet.encrypt(text.encode("utf-8", "replace")).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises BadSeal."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise BadSeal from None
