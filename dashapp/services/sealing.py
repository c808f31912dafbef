"""Secrets at rest: sealed with a key made from SECRET_KEY, so that a copy of the database tells nothing."""
from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashapp.core.errors import Conflict


def seal(secret: bytes, purpose: str, text: str) -> str:
    """The text, encrypted and signed. secret: SECRET_KEY; purpose: what it is for, needed again to open it."""
    return _box(secret, purpose).encrypt(text.encode()).decode()


def unseal(secret: bytes, purpose: str, sealed: str) -> str:
    """The text again. Raises Conflict when it was sealed under another SECRET_KEY, or changed since."""
    try:
        return _box(secret, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Conflict("The secret was stored under another SECRET_KEY. Enter it again.") from None


def _box(secret: bytes, purpose: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ledgerline " + purpose.encode()).derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))
