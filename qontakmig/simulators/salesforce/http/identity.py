"""Who a session is: userinfo, the identity URL, and where the org's APIs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qontakmig.simulators.kit.messages import Request, Response

if TYPE_CHECKING:
    from qontakmig.simulators.salesforce.http.practice_org import SalesforceOrg
    from qontakmig.simulators.salesforce.http.sessions import Session

LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


def instance_url(org: SalesforceOrg, request: Request) -> str:
    """Return the address clients shall use from here on: the host they came to.

    A client of a login host is sent to the org's own address, as the vendor sends it to My Domain.
    """
    host = request.headers.get("host", "")
    if not host or host.split(":")[0].lower() in LOGIN_HOSTS:
        return org.base_url
    return f"{request.scheme}://{host}"


def identity_url(org: SalesforceOrg, request: Request, user_id: str) -> str:
    return f"{instance_url(org, request)}/id/{org.org_id}/{user_id}"


def userinfo(org: SalesforceOrg, request: Request, session: Session) -> dict[str, Any]:
    """Return the OpenID Connect user information of the session's user."""
    user = org.user(session.user_id)
    base = instance_url(org, request)
    return {
        "sub": identity_url(org, request, session.user_id),
        "user_id": session.user_id,
        "organization_id": org.org_id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("CommunityNickname") or user.get("Alias"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey") or "Asia/Jakarta",
        "photos": _photos(base),
        "profile": f"{base}/{session.user_id}",
        "picture": f"{base}/profilephoto/005/F",
        "address": {"country": "ID"},
        "is_salesforce_integration_user": False,
        "urls": _urls(base, org.org_id[:15], session.user_id),
        "active": True,
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey") or "en_US",
        "locale": user.get("LocaleSidKey") or "in_ID",
        "utcOffset": 25200000,
        "updated_at": org.clock.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def identity(org: SalesforceOrg, request: Request, session: Session) -> dict[str, Any]:
    """Return what the identity URL says about the session's user."""
    user = org.user(session.user_id)
    base = instance_url(org, request)
    return {
        "id": identity_url(org, request, session.user_id),
        "asserted_user": True,
        "user_id": session.user_id,
        "organization_id": org.org_id,
        "username": user.get("Username"),
        "nick_name": user.get("CommunityNickname") or user.get("Alias"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"),
        "timezone": user.get("TimeZoneSidKey") or "Asia/Jakarta",
        "photos": _photos(base),
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": "ID",
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(base, org.org_id[:15], session.user_id),
        "active": True,
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey") or "en_US",
        "locale": user.get("LocaleSidKey") or "in_ID",
        "utcOffset": 25200000,
        "last_modified_date": org.clock.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def answer_userinfo(org: SalesforceOrg, request: Request) -> Response:
    """Answer ``/services/oauth2/userinfo``; a bad token is 403 there, not 401."""
    session = _session(org, request)
    if session is None:
        return Response.text("Bad_OAuth_Token", 403, "text/html")
    return Response.json(userinfo(org, request, session))


def answer_identity(org: SalesforceOrg, request: Request) -> Response:
    """Answer ``/id/<org>/<user>``."""
    session = _session(org, request)
    if session is None:
        return Response.text("Bad_OAuth_Token", 403, "text/html")
    parts = request.path.strip("/").split("/")
    if len(parts) != 3 or parts[1][:15] != org.org_id[:15]:
        return Response.text("Wrong_Org", 403, "text/html")
    if parts[2][:15] != session.user_id[:15]:
        return Response.text("Missing_OAuth_Token", 403, "text/html")
    return Response.json(identity(org, request, session))


def _session(org: SalesforceOrg, request: Request) -> Session | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = request.param("oauth_token") or request.param("access_token") or ""
    return org.sessions.check(token.strip())


def _photos(base: str) -> dict[str, str]:
    return {
        "picture": f"{base}/profilephoto/005/F",
        "thumbnail": f"{base}/profilephoto/005/T",
    }


def _urls(base: str, org15: str, user_id: str) -> dict[str, str]:
    """Return the URL templates; ``{version}`` stays for the client to fill in."""
    rest = f"{base}/services/data/v{{version}}/"
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{org15}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{org15}",
        "partner": f"{base}/services/Soap/u/{{version}}/{org15}",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "recent": f"{rest}recent/",
        "tooling_soap": f"{base}/services/Soap/T/{{version}}/{org15}",
        "tooling_rest": f"{rest}tooling/",
        "profile": f"{base}/{user_id}",
        "feeds": f"{rest}chatter/feeds",
        "groups": f"{rest}chatter/groups",
        "users": f"{rest}chatter/users",
        "feed_items": f"{rest}chatter/feed-items",
        "feed_elements": f"{rest}chatter/feed-elements",
        "custom_domain": base,
    }
