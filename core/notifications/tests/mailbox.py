"""A real SMTP server for tests, on loopback: takes mail, or answers as a test wants it to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What was delivered. `answers`: what is said to a verb (RCPT, DATA…) instead of 250."""

    port: int = 0
    delivered: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    tries: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tries += 1

        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 boite ESMTP")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                verb = line.decode().strip().upper().split(" ")[0]
                answer = self.answers.get(verb)
                if verb == "QUIT":
                    say("221 au revoir")
                    break
                if verb == "DATA" and answer is None:
                    say("354 j'écoute")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    letter = message_from_bytes(body[:-3], policy=policy.default)
                    assert isinstance(letter, EmailMessage)
                    self.delivered.append(letter)
                say(answer or "250 bien")
                await writer.drain()
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def mailbox(**answers: str) -> AsyncIterator[Mailbox]:
    """A server that runs meanwhile: `mailbox(RCPT="550 inconnu")`."""
    box = Mailbox(answers=answers)
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
