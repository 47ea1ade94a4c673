"""Phone numbers: one written form, and the keyed hash that stands for a number everywhere else."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import phonenumbers


def international(number: str) -> str | None:
    """« 06 12 34 56 78 », « 0033612345678 », « 33612345678 » -> « +33612345678 »; None for what no person
    answers from: short numbers, names, withheld numbers."""
    written = number.strip()
    for candidate in (written, f"+{written}"):
        try:
            parsed = phonenumbers.parse(candidate, "FR")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed) and len(str(parsed.national_number)) > 6:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def french_mobile(number: str) -> str | None:
    """« 06 12 34 56 78 » -> « +33612345678 »; None for all that is not a French mobile.

    Other countries are left out: strangers would make us pay for messages that someone gets a share of.
    """
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    return (
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if mobile and parsed.country_code == 33
        else None
    )


class Hasher:
    """Keyed hashes (HMAC-SHA-256): without the key, trying all numbers finds nothing."""

    def __init__(self, key: str):
        self._key = key.encode()

    def session(self, number: str) -> str:
        """What stands for a number; the same for the same number as long as the key stays."""
        return self._hash("numero", number)

    def message(self, provider: str, message_id: str) -> str:
        """What stands for a message of a provider."""
        return self._hash("message", f"{provider}:{message_id}")

    def _hash(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()[:40]


def kept_key(path: Path) -> str:
    """The key in `path`, made at the first call, readable by its owner only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key
