"""Which hosts and addresses may be reached."""

import pytest

from qontakmig.connectors.addresses import HostPolicy, address_allowed
from qontakmig.connectors.errors import StopError

NEVER = [
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "169.254.169.254", "169.254.0.1", "::",
    "fe80::1", "fe80::1%eth0", "ff02::1", "::ffff:169.254.169.254", "240.0.0.1", "not-an-address",
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "::1",
    "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
]  # fmt: skip
TRANSLATED = [
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "100.64.0.1", "192.88.99.1", "192.0.2.1", "198.18.0.1", "2001:db8::1", "2001::1",
    "fec0::1", "::7f00:1", "0.1.2.3",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "104.16.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", NEVER + PRIVATE + TRANSLATED)
def test_an_address_that_is_not_plainly_public_is_refused(address):
    assert not address_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert address_allowed(address)


@pytest.mark.parametrize("address", NEVER + PUBLIC)
def test_practice_connections_stay_on_own_networks(address):
    assert not address_allowed(address, practice=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_practice_connections_reach_own_networks(address):
    assert address_allowed(address, practice=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.mekari.com/", "https://api.mekari.com:8443/", "https://mekari.com.evil.example/",
        "https://evilmekari.com/", "https://user:secret@api.mekari.com/", "https:///x",
        "https://127.0.0.1/", "https://2130706433/", "file:///etc/passwd", "https://[::1]/",
        "gopher://api.mekari.com/", "https://api.mekari.com:99999999/",
    ],
)  # fmt: skip
def test_a_url_outside_the_vendors_hosts_is_refused(url):
    with pytest.raises(StopError) as caught:
        HostPolicy(("mekari.com",), system="qontak").check_url(url)

    assert caught.value.code == "host_refused"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://api.mekari.com/a", "https://mekari.com:443/", "https://API.Mekari.com./"]
)
def test_a_url_of_the_vendor_is_allowed(url):
    HostPolicy(("mekari.com",)).check_url(url)


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433"])
def test_every_spelling_of_loopback_is_refused_after_resolving(host):
    with pytest.raises(StopError):
        HostPolicy((host,)).resolve(host, 443)
