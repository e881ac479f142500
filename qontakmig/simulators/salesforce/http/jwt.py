"""The JWT bearer flow's assertion: RS256 against the app's registered certificate."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class BadAssertion(ValueError):
    """The assertion is no genuine JWT of this app."""


def make_key() -> tuple[rsa.RSAPublicKey, str]:
    """Return a new key pair: the public half and the private half as PEM."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key.public_key(), pem.decode()


def public_half(pem: str) -> rsa.RSAPublicKey:
    """Return the public key of a private key in PEM."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


def verified_claims(assertion: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """Return the claims of a genuine assertion. Raises BadAssertion."""
    try:
        header_text, claims_text, signature_text = assertion.split(".")
        header = json.loads(_decode(header_text))
        claims = json.loads(_decode(claims_text))
        signature = _decode(signature_text)
    except (ValueError, binascii.Error):
        raise BadAssertion("invalid assertion") from None
    if not isinstance(claims, dict) or not isinstance(header, dict):
        raise BadAssertion("invalid assertion")
    if header.get("alg") != "RS256":
        raise BadAssertion("algorithm must be RS256")
    signed = f"{header_text}.{claims_text}".encode()
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise BadAssertion("invalid assertion") from None
    return claims


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
