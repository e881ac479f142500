"""A practice org on a socket and a client that signs by itself, from the published rule."""

import base64
import hashlib
import hmac
import time
from email.utils import formatdate

import httpx

from qontakmig.simulators.serve import start


def signature(secret, date, method, target):
    """Return the Mekari signature of a request line, written apart from the org's own code."""
    text = f"date: {date}\n{method} {target} HTTP/1.1"
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def authorization(pair, date, method, target):
    signed = signature(pair["client_secret"], date, method, target)
    return (
        f'hmac username="{pair["client_id"]}", algorithm="hmac-sha256", '
        f'headers="date request-line", signature="{signed}"'
    )


def digest(body):
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


class Account:
    """A running Qontak org: ``get``/``send`` sign, ``control`` and ``act`` speak to its plane."""

    def __init__(self, running):
        self.info = running.info["qontak"]
        self.credentials = self.info["credentials"]
        self.http = httpx.Client(base_url=self.info["base_url"], timeout=30)

    def send(self, method, target, *, family="crm", seconds=0, headers=(), signed=None, **body):
        """Send a request signed ``seconds`` from now; ``signed`` is the target put in the line."""
        date = formatdate(time.time() + seconds, usegmt=True)
        pair = self.credentials[family]
        header = authorization(pair, date, method, signed or target)
        every = {"Date": date, "Authorization": header, **dict(headers)}
        return self.http.request(method, target, headers=every, **body)

    def get(self, target, **how):
        return self.send("GET", target, **how)

    def crm(self, path, **how):
        """Return the parsed answer of ``GET`` below the CRM base."""
        answer = self.get(f"/qontak/crm/{path}", **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def every(self, kind, per_page=100):
        """Return all records of a list, page by page, as they come."""
        rows, page = [], 1
        while found := self.crm(f"{kind}?page={page}&per_page={per_page}")["response"]:
            rows += found
            page += 1
        return rows

    def act(self, **action):
        return self.control("act", action)

    def control(self, name, body=None):
        method = "GET" if body is None else "POST"
        answer = self.http.request(method, f"/__practice__/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def practice_account(sizes=None, **how):
    """Return (running orgs, account); the caller stops the orgs."""
    sizes = {"contacts": 420, "companies": 130, "deals": 160} if sizes is None else sizes
    running = start(["qontak"], seed=how.pop("seed", 7), sizes=sizes, **how)
    return running, Account(running)
