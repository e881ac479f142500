"""The composite family: several calls in one, with references between them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from qontakmig.simulators.kit.messages import Request
from qontakmig.simulators.salesforce.http import collections, trees
from qontakmig.simulators.salesforce.http.calls import Call, Reply, error_reply
from qontakmig.simulators.salesforce.http.ingest import not_allowed
from qontakmig.simulators.salesforce.org.errors import OrgError, no_such_object

MAX_SUBREQUESTS = 25
MAX_QUERIES = 5
MAX_GRAPH_NODES = 500
_REFERENCE = re.compile(r"@\{([^}.\[]+)((?:\.[^}.\[]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction "
    "failed.",
}


class BadReference(ValueError):
    """A reference names a call that failed or a value it did not answer."""


def answer(call: Call, parts: Sequence[str]) -> Reply:
    """Answer everything under ``/composite``."""
    kind = parts[0].lower() if parts else ""
    if kind == "sobjects":
        return collections.answer(call, parts[1:])
    if kind == "" and call.request.method == "GET":
        names = ("sobjects", "batch", "tree", "graph")
        return Reply(200, {name: call.url(f"composite/{name}") for name in names})
    if call.request.method != "POST":
        raise not_allowed(call.request.method)
    if kind == "":
        return Reply(200, _composite(call))
    if kind == "batch":
        return Reply(200, _batch(call))
    if kind == "tree" and len(parts) == 2:
        return trees.answer(call, parts[1])
    if kind == "graph":
        return Reply(200, _graphs(call))
    raise no_such_object()


def _composite(call: Call) -> dict[str, Any]:
    body = call.json_object()
    requests = _subrequests(body, "compositeRequest", MAX_SUBREQUESTS)
    heavy = [
        r for r in requests if re.search(r"/(query|queryall|composite/sobjects)\b", r["url"], re.I)
    ]
    if len(heavy) > MAX_QUERIES:
        message = f"Cannot have more than {MAX_QUERIES} query or collections subrequests"
        raise OrgError(400, "LIMIT_EXCEEDED", message)
    answers, _ = _run(call, requests, all_or_none=body.get("allOrNone") is True)
    return {"compositeResponse": answers}


def _graphs(call: Call) -> dict[str, Any]:
    graphs = call.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(graph, dict) for graph in graphs):
        raise OrgError(400, "JSON_PARSER_ERROR", "graphs is required")
    requests = [_subrequests(graph, "compositeRequest", MAX_GRAPH_NODES) for graph in graphs]
    if sum(map(len, requests)) > MAX_GRAPH_NODES:
        raise OrgError(400, "LIMIT_EXCEEDED", f"More than {MAX_GRAPH_NODES} nodes")
    done = []
    for graph, nodes in zip(graphs, requests, strict=True):
        answers, good = _run(call, nodes, all_or_none=True)
        done.append(
            {
                "graphId": graph.get("graphId"),
                "graphResponse": {"compositeResponse": answers},
                "isSuccessful": good,
            }
        )
    return {"graphs": done}


def _batch(call: Call) -> dict[str, Any]:
    body = call.json_object()
    requests = _subrequests(body, "batchRequests", MAX_SUBREQUESTS)
    halt = body.get("haltOnError") is True
    results: list[dict[str, Any]] = []
    failed = False
    for item in requests:
        if failed and halt:
            halted = {**_HALTED, "errorCode": "BATCH_PROCESSING_HALTED"}
            results.append({"statusCode": 412, "result": [halted]})
            continue
        url = item["url"].lstrip("/")
        url = f"/{url}" if url.lower().startswith("services/") else f"/services/data/{url}"
        reply = _one(call, item["method"], url, item.get("richInput"), {})
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.data})
    return {"hasErrors": failed, "results": results}


def _subrequests(body: dict[str, Any], name: str, most: int) -> list[dict[str, Any]]:
    requests = body.get(name)
    if not isinstance(requests, list) or not requests:
        raise OrgError(400, "JSON_PARSER_ERROR", f"{name} must be a list of requests")
    if len(requests) > most:
        raise OrgError(400, "LIMIT_EXCEEDED", f"The limit is {most} subrequests")
    for item in requests:
        url, method = (item.get("url"), item.get("method")) if isinstance(item, dict) else (0, 0)
        if not isinstance(url, str) or not isinstance(method, str):
            raise OrgError(400, "JSON_PARSER_ERROR", "Each subrequest needs a method and a url")
    names = [item.get("referenceId") for item in requests if name == "compositeRequest"]
    if len(names) != len(set(names)):
        raise OrgError(400, "JSON_PARSER_ERROR", "Each referenceId must be given, and only once")
    return requests


def _run(
    call: Call, requests: list[dict[str, Any]], *, all_or_none: bool
) -> tuple[list[dict[str, Any]], bool]:
    """Run the requests in order; return their answers and whether all went well."""
    answers: list[dict[str, Any]] = []
    seen: dict[str, Any] = {}
    good = True
    with call.org.engine.transaction() as changes:
        for item in requests:
            name = str(item.get("referenceId"))
            if all_or_none and not good:
                answers.append(_answered(name, Reply(400, [_HALTED])))
                continue
            try:
                url = _filled(item["url"], seen)
                body = _filled(item.get("body"), seen)
                reply = _one(call, item["method"], url, body, item.get("httpHeaders") or {})
            except BadReference as error:
                halted = {"errorCode": "PROCESSING_HALTED", "message": str(error)}
                reply = Reply(400, [halted])
            if reply.status >= 400:
                good = False
            else:
                seen[name] = reply.data
            answers.append(_answered(name, reply))
        if all_or_none and not good:
            changes.rollback()
            answers = [_undone(answer) for answer in answers]
    return answers, good


def _answered(name: str, reply: Reply) -> dict[str, Any]:
    headers = {key.title(): value for key, value in reply.headers.items()}
    return {
        "body": reply.data,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": name,
    }


def _undone(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["httpStatusCode"] >= 400:
        return answer
    return _answered(answer["referenceId"], Reply(400, [_HALTED]))


def _one(call: Call, method: str, url: str, body: Any, headers: dict[str, str]) -> Reply:
    from qontakmig.simulators.salesforce.http import rest  # rest routes to this file

    path, _, query = url.partition("?")
    request = Request(
        method=method.upper(),
        path=path,
        raw_target=url,
        query=parse_qs(query, keep_blank_values=True),
        headers={**_inherited(call), **{k.lower(): str(v) for k, v in headers.items()}},
        body=b"" if body is None else json.dumps(body).encode(),
        scheme=call.request.scheme,
    )
    try:
        if not path.lower().startswith("/services/data/") or "/jobs/" in path.lower():
            raise no_such_object()
        return rest.dispatch(call.org, request, call.session)
    except OrgError as error:
        return error_reply(error)


def _inherited(call: Call) -> dict[str, str]:
    kept = ("host", "accept-encoding")
    return {
        name: text
        for name, text in call.request.headers.items()
        if name in kept or name.startswith("sforce-")
    }


def _filled(value: Any, seen: dict[str, Any]) -> Any:
    """Return the value with ``@{ref.path}`` replaced by what that call answered."""
    if isinstance(value, dict):
        return {key: _filled(item, seen) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, seen) for item in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _referred(whole, seen)
    return _REFERENCE.sub(lambda match: str(_referred(match, seen)), value)


def _referred(match: re.Match[str], seen: dict[str, Any]) -> Any:
    name, path = match[1], match[2]
    if name not in seen:
        raise BadReference(f"Invalid reference specified. No value for {name} found")
    value = seen[name]
    for key, index in _STEP.findall(path):
        try:
            value = value[int(index)] if index else value[key]
        except (KeyError, IndexError, TypeError):
            text = f"Invalid reference specified. No value for {name}{path} found"
            raise BadReference(text) from None
    return value
