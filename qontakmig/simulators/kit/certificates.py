"""An own certificate authority and one server certificate, made when practice orgs start."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = (
    "localhost",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "login.salesforce.com",
    "test.salesforce.com",
)
ADDRESSES = ("127.0.0.1", "::1")


def make(directory: Path) -> tuple[Path, Path]:
    """Write ``ca.pem`` and ``server.pem`` (key and chain) unless there; return both paths."""
    ca_file, server_file = directory / "ca.pem", directory / "server.pem"
    if not (ca_file.exists() and server_file.exists()):
        directory.mkdir(parents=True, exist_ok=True)
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = _sign("Practice org test authority", ca_key, None, ca_key)
        key = ec.generate_private_key(ec.SECP256R1())
        server = _sign("localhost", key, ca, ca_key)
        server_file.touch(mode=0o600)
        server_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + server.public_bytes(serialization.Encoding.PEM)
        )
        ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    return ca_file, server_file


def server_context(server_file: Path) -> ssl.SSLContext:
    """Return a TLS context that presents the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)
    return context


def _sign(
    common_name: str,
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate | None,
    ca_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a certificate for ``key``: the authority itself when ``ca`` is None."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.subject if ca else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=ca is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False
        )
        .add_extension(_key_usage(authority=ca is None), critical=True)
    )
    if ca is not None:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False
        )
    return builder.sign(ca_key, hashes.SHA256())


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
