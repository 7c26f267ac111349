"""Static files of the console, each under an address that holds its content's digest."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

STATIC: Final = Path(__file__).parent / "static"
PREFIX: Final = "/console/static"
MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """Addresses and serves the files of one folder; the digests are taken once, at construction."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._digests = {
            path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()[:16]
            for path in sorted(folder.rglob("*"))
            if path.suffix in MEDIA_TYPES
        }

    @property
    def route(self) -> Route:
        """The route that serves every file."""
        return Route(PREFIX + "/{digest}/{name:path}", self._serve)

    def url(self, name: str) -> str:
        """Return the address of a file by its path in the folder; KeyError when there is none."""
        return f"{PREFIX}/{self._digests[name]}/{name}"

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if self._digests.get(name) != request.path_params["digest"]:
            raise HTTPException(404)
        return FileResponse(
            self._folder / name,
            media_type=MEDIA_TYPES[Path(name).suffix],
            headers={
                "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )
