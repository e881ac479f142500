"""SOAP envelopes: reading them safely, writing answers and faults."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from qontakmig.simulators.kit.messages import Response

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
TYPE = "@type"
"""Key of a dict whose value becomes the element's xsi:type."""


class BadEnvelope(ValueError):
    """The body is no SOAP envelope."""


def local(element: Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child of that local name, whatever its namespace; case is ignored."""
    if element is None:
        return None
    return next((item for item in element if local(item).lower() == name.lower()), None)


def text(element: Element | None, name: str) -> str:
    """Return the text of a child, "" when there is none."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def to_data(element: Element) -> Any:
    """Return an element as text, or as a dict whose repeated children are lists."""
    if len(element) == 0:
        return element.text or ""
    data: dict[str, Any] = {}
    for item in element:
        name, value = local(item), to_data(item)
        if name not in data:
            data[name] = value
        elif isinstance(data[name], list):
            data[name].append(value)
        else:
            data[name] = [data[name], value]
    return data


def from_data(name: str, value: Any) -> str:
    """Return XML for a value: dicts nest, lists repeat, None becomes nil."""
    if isinstance(value, list):
        return "".join(from_data(name, item) for item in value)
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, dict):
        inner = "".join(from_data(key, item) for key, item in value.items() if key != TYPE)
        kind = f' xsi:type="{value[TYPE]}"' if TYPE in value else ""
        return f"<{name}{kind}>{inner}</{name}>"
    if isinstance(value, bool):
        value = "true" if value else "false"
    return f"<{name}>{escape(str(value))}</{name}>"


def read_envelope(body: bytes) -> tuple[Element | None, Element]:
    """Return the header, if any, and the one operation in the body. Raises BadEnvelope."""
    try:
        envelope = fromstring(body)
    except Exception as error:
        raise BadEnvelope(f"Unable to parse the SOAP message: {error}") from None
    content = child(envelope, "Body")
    if content is None or len(content) == 0:
        raise BadEnvelope("The SOAP message has no body")
    return child(envelope, "Header"), content[0]


def answer(operation: str, result: Any, namespace: str) -> Response:
    """Return ``<operation>Response`` with the result, or results, inside."""
    inner = from_data("result", result)
    return _envelope(200, f"<{operation}Response>{inner}</{operation}Response>", namespace)


def fault(code: str, message: str, namespace: str) -> Response:
    """Return a SOAP fault, which Salesforce sends with status 500."""
    prefix = '<soapenv:Fault xmlns:sf="urn:fault.partner.soap.sforce.com">'
    inner = (
        f"{prefix}<faultcode>sf:{escape(code)}</faultcode>"
        f"<faultstring>{escape(code)}: {escape(message)}</faultstring>"
        f"<detail><sf:UnexpectedErrorFault><sf:exceptionCode>{escape(code)}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
        "</sf:UnexpectedErrorFault></detail></soapenv:Fault>"
    )
    return _envelope(500, inner, namespace)


def _envelope(status: int, inner: str, namespace: str) -> Response:
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )
    return Response.text(document, status, "text/xml")
