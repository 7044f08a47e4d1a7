"""Who carries a message out: SMTP for e-mail; a channel nobody carries stays with the team."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT = 15.0
"""Seconds before a silent server counts as absent."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""One plain address. Any other sign in a header is a mistake, or an attempt to add a header; the
letter could not be made, and what waits behind it would not leave either."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Notice:
    """What is carried: to one address, in one language, without content. `key` is the same at
    each try, so that a mailbox can tell a message that came twice."""

    key: str
    to: str
    subject: str
    text: str
    country: str = ""


class Undelivered(Exception):
    """It did not leave. `trouble`: a key of `rules.TROUBLES`.

    `final`: trying again will not help. `service`: the carrier itself is in trouble, so whatever
    waits for it would meet the same.
    """

    def __init__(self, trouble: str, *, final: bool = False, service: bool = False) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.final = final
        self.service = service


class Carrier(Protocol):
    """Takes a notice out of here, or raises Undelivered: `Smtp`, `sms.HttpGateway`."""

    async def carry(self, notice: Notice) -> None: ...


@dataclass(frozen=True)
class Smtp:
    """E-mail by the server of SEUIL_SMTP_URL: smtp://[user:password@]host[:port], or smtps://.

    On smtp:// TLS is asked for where the server offers it; a password only ever goes over TLS or
    to this very machine.
    """

    url: str
    sender: str

    async def carry(self, notice: Notice) -> None:
        if not _ADDRESS.fullmatch(notice.to):
            raise Undelivered("bad_address", final=True)
        await asyncio.to_thread(self._send, notice)

    def _send(self, notice: Notice) -> None:
        try:
            with self._connect() as server:
                server.send_message(self._letter(notice))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if codes and min(codes) >= 500:
                raise Undelivered("refused_address", final=True) from None
            raise Undelivered("later") from None
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= 500:
                raise Undelivered("refused_content", final=True) from None
            raise Undelivered("later") from None
        except (
            smtplib.SMTPAuthenticationError,
            smtplib.SMTPSenderRefused,
            smtplib.SMTPNotSupportedError,
        ):
            raise Undelivered("account_refused", service=True) from None
        except (smtplib.SMTPException, OSError):
            raise Undelivered("no_server", service=True) from None

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, secret = parts.hostname or "", unquote(parts.password or "")
        tls = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=TIMEOUT, context=tls
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=tls)
            elif parts.username and host not in LOOPBACK:
                server.close()
                raise smtplib.SMTPNotSupportedError("no TLS to send a password over")
        if parts.username:
            server.login(unquote(parts.username), secret)
        return server

    def _letter(self, notice: Notice) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self.sender
        letter["To"] = notice.to
        letter["Subject"] = notice.subject
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<{notice.key}@{self.sender.rpartition('@')[2].strip('>')}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(notice.text)
        return letter
