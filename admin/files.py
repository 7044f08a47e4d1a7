"""A file that a page hands over to be opened: never kept by a browser that others may use."""

from __future__ import annotations

from litestar.response import Response


def pdf_file(body: bytes, name: str) -> Response[bytes]:
    """A PDF to open beside the page; its name says of nobody."""
    return Response(
        body,
        status_code=200,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "no-store",
        },
    )
