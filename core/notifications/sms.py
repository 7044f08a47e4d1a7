"""SMS through an HTTP gateway: one message, one POST; what it answers is what became of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core.notifications.carriers import TIMEOUT, Notice, Undelivered
from core.notifications.reach import mobile


class _NoRedirect(HTTPRedirectHandler):
    """A token is never carried to another address."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass(frozen=True)
class HttpGateway:
    """A provider at SEUIL_SMS_URL: POST {"to", "text", "from", "id"} with a bearer token.

    2xx: it left. 401, 403: our account. 410: the person answered STOP to the provider. 429, 5xx,
    silence: try later. Any other: the number is refused. `id` is the same at each try.
    """

    url: str
    token: str = ""
    sender: str = ""
    country: str = "FR"

    async def carry(self, notice: Notice) -> None:
        number = mobile(notice.to, notice.country or self.country)
        if number is None:
            raise Undelivered("bad_number", final=True)
        await asyncio.to_thread(self._post, number, notice)

    def _post(self, number: str, notice: Notice) -> None:
        body = {"to": number, "text": notice.text, "from": self.sender, "id": notice.key}
        headers = {"Content-Type": "application/json", "Idempotency-Key": notice.key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        # The address is checked when settings are read: http outside of this machine is refused.
        asked = Request(self.url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
        try:
            with build_opener(_NoRedirect).open(asked, timeout=TIMEOUT):
                return
        except HTTPError as error:
            error.close()
            raise _trouble(error.code) from None
        except (URLError, OSError, HTTPException):
            raise Undelivered("no_gateway", service=True) from None


def _trouble(status: int) -> Undelivered:
    if status in (401, 403) or 300 <= status < 400:
        return Undelivered("account_refused", service=True)
    if status == 410:
        return Undelivered("opted_out", final=True)
    if status == 429 or status >= 500:
        return Undelivered("no_gateway", service=True)
    return Undelivered("refused_number", final=True)
