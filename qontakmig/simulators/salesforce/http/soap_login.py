"""The SOAP partner API at ``/services/Soap/u/<version>``; its ``login()`` ends with API v64."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.messages import Request, Response
from qontakmig.simulators.salesforce.http import soap_rows, xml
from qontakmig.simulators.salesforce.http.identity import instance_url
from qontakmig.simulators.salesforce.org.errors import OrgError

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg

LAST_VERSION_WITH_LOGIN = 64
_PATH = re.compile(r"/services/soap/[uc]/(\d+)\.0(?:/.*)?", re.IGNORECASE)


def answer(org: SalesforceOrg, request: Request) -> Response:
    """Answer the partner API: log in and out, who and when it is, undelete."""
    match = _PATH.fullmatch(request.path)
    if match is None or int(match[1]) > 68 or int(match[1]) < 31:
        return xml.fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified", xml.PARTNER)
    try:
        header, operation = xml.read_envelope(request.body)
    except xml.BadEnvelope as error:
        return xml.fault("UNKNOWN_EXCEPTION", str(error), xml.PARTNER)
    name = xml.local(operation)
    if name == "login":
        return _login(org, request, operation, int(match[1]))
    session = org.sessions.check(xml.text(xml.child(header, "SessionHeader"), "sessionId"))
    if session is None:
        message = "Invalid Session ID found in SessionHeader: Illegal Session."
        return xml.fault("INVALID_SESSION_ID", message, xml.PARTNER)
    if name == "getUserInfo":
        return xml.answer(name, _user_info(org, session.user_id), xml.PARTNER)
    if name == "logout":
        org.sessions.revoke(session.token)
        return xml.answer(name, [], xml.PARTNER)
    if name == "getServerTimestamp":
        return xml.answer(name, soap_rows.server_timestamp(org), xml.PARTNER)
    if name == "undelete":
        return _undelete(org, session.user_id, operation)
    return xml.fault("INVALID_OPERATION", f"No operation available for {name}", xml.PARTNER)


def _undelete(org: SalesforceOrg, user_id: str, operation: Any) -> Response:
    try:
        org.engine.allowances.use()
        results = soap_rows.undelete(org, user_id, operation)
    except OrgError as error:
        return xml.fault(error.code, error.message, xml.PARTNER)
    return xml.answer("undelete", results, xml.PARTNER)


def _login(org: SalesforceOrg, request: Request, login: Any, version: int) -> Response:
    if version > LAST_VERSION_WITH_LOGIN:
        message = f"SOAP API login() is not available in API version {version}.0"
        return xml.fault("UNSUPPORTED_API_VERSION", message, xml.PARTNER)
    if org.switches["soap_login"] == "off":
        message = "SOAP API login() is disabled by default in this org."
        return xml.fault("INVALID_OPERATION", message, xml.PARTNER)
    user_id = org.log_in(xml.text(login, "username"), xml.text(login, "password"))
    if user_id is None:
        message = (
            "Invalid username, password, security token; or user locked out. Are you at the "
            "right url?"
        )
        return xml.fault("INVALID_LOGIN", message, xml.PARTNER)
    base, org15 = instance_url(org, request), org.org_id[:15]
    result = {
        "metadataServerUrl": f"{base}/services/Soap/m/{version}.0/{org15}",
        "passwordExpired": False,
        "sandbox": org.sandbox,
        "serverUrl": f"{base}/services/Soap/u/{version}.0/{org15}",
        "sessionId": org.sessions.issue(user_id),
        "userId": user_id,
        "userInfo": _user_info(org, user_id),
    }
    return xml.answer("login", result, xml.PARTNER)


def _user_info(org: SalesforceOrg, user_id: str) -> dict[str, Any]:
    user = org.user(user_id)
    return {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": "Rp",
        "orgAttachmentFileSizeLimit": 26214400,
        "orgDefaultCurrencyIsoCode": "IDR",
        "orgDefaultCurrencyLocale": "in_ID",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": org.org_id,
        "organizationMultiCurrency": False,
        "organizationName": org.org_name,
        "profileId": user.get("ProfileId"),
        "roleId": None,
        "sessionSecondsValid": int(org.sessions.lifetime_seconds or 7200),
        "userDefaultCurrencyIsoCode": None,
        "userEmail": user.get("Email"),
        "userFullName": user.get("Name"),
        "userId": user_id,
        "userLanguage": user.get("LanguageLocaleKey") or "en_US",
        "userLocale": user.get("LocaleSidKey") or "in_ID",
        "userName": user.get("Username"),
        "userTimeZone": user.get("TimeZoneSidKey") or "Asia/Jakarta",
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
