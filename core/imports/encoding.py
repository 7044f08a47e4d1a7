"""Which encoding a file is written in, from its bytes alone; refuses what is not text."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from core.imports.problems import Untrustworthy

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_BINARIES: tuple[bytes, ...] = (
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"7z\xbc\xaf",
    b"BZh",
)
_BINARIES += (b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"RIFF", b"\xfd7zXZ", b"PK\x05\x06")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins the same way
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What French (and its neighbours') files hold beyond ASCII. A wrong single-byte encoding turns
# these into signs that such files never hold, so counting them tells the encodings apart.
_EXPECTED = set("éèêëàâäùûüôöîïçñßœæÉÈÊËÀÂÄÙÛÜÔÖÎÏÇŒÆ’‘“”«»€°–—…\xa0")
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26})  # tab, ends of line and of file are text
SAMPLE = 1 << 20


def _windows_bytes(error: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that are not UTF-8 as Windows-1252: files pasted together hold both."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="replace"), error.end


codecs.register_error("seuil-windows", _windows_bytes)


def detect(chunks: Iterable[bytes]) -> tuple[str, str]:
    """Encoding and error handler of the whole file, read chunk by chunk.

    Raises `Untrustworthy`: `empty`, `workbook`, `binary` or `undecodable`.
    """
    stream = iter(chunks)
    head = next(stream, b"")
    if not head.strip(b"\x00\r\n\t ;,\xef\xbb\xbf\xff\xfe"):
        raise Untrustworthy("empty")
    if head.startswith(_WORKBOOKS):
        raise Untrustworthy("workbook")
    if head.startswith(_BINARIES):
        raise Untrustworthy("binary")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _proved(encoding, head, stream)
    if wide := _wide_without_mark(head):
        return _proved(wide, head, stream)
    _refuse_binary(head[:SAMPLE])
    return _narrow(head, stream)


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without its mark shows in the zero bytes, nearly all on one side."""
    sample = head[: 1 << 16]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _refuse_binary(sample: bytes) -> None:
    control = len(sample) - len(sample.translate(None, _CONTROLS))
    if control > max(4, len(sample) // 50):
        raise Untrustworthy("binary")


def _proved(encoding: str, head: bytes, stream: Iterable[bytes]) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(head)
        for chunk in stream:
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        if encoding == "utf-8-sig":
            return encoding, "seuil-windows"
        raise Untrustworthy("undecodable") from None
    return encoding, "strict"


def _narrow(head: bytes, stream: Iterable[bytes]) -> tuple[str, str]:
    """UTF-8 if it decodes; a mixture if most of it does; else the best single-byte reading."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid = _decodes(decoder, head)
    high = bytearray(_high_lines(head))
    for chunk in stream:
        if valid:
            valid = _decodes(decoder, chunk)
        if len(high) < SAMPLE:
            high += _high_lines(chunk)
    if valid and _decodes(decoder, b"", final=True):
        return "utf-8", "strict"
    text = bytes(high).decode("utf-8", errors="replace")
    beyond = sum(1 for char in text if char > "\x7f")
    if beyond and text.count("\ufffd") < beyond * 0.3:
        return "utf-8", "seuil-windows"
    scores = {name: _french(bytes(high), name) for name in _SINGLE_BYTE}
    best = max(_SINGLE_BYTE, key=lambda name: scores[name])
    # latin-1 is read as Windows-1252, its superset in practice; an undefined byte becomes U+FFFD
    return best, "replace"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _high_lines(chunk: bytes) -> bytes:
    """The lines that hold a byte beyond ASCII: all the evidence there is."""
    return b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())


def _french(sample: bytes, encoding: str) -> float:
    """Share of the signs beyond ASCII that French has, where it would have them.

    A capital after a small letter (`TÇl` for `Tél`) or a small one after two capitals (`DUPRê`)
    is the mark of a wrong reading.
    """
    text = "  " + sample.decode(encoding, errors="replace")
    beyond = good = 0
    for at, char in enumerate(text):
        if char <= "\x7f":
            continue
        beyond += 1
        before, last = text[at - 2], text[at - 1]
        if char in _EXPECTED:
            wrong = (char.isupper() and last.islower()) or (
                char.islower() and last.isupper() and before.isupper()
            )
            good += not wrong
    return good / max(1, beyond)
