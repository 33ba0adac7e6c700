"""Frames that were stored before, which a new shard takes over instead of decoding them again.

A shard keeps a second name (a hard link, which takes no room) beside a list of what is in it: each
piece is known by the content of its recording, so that names, labels, split and shards have no part
in it. Older shards go when all of the present list of videos are made.
"""

import hashlib
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sakdn.base.errors import InputError
from sakdn.base.files import make_folder, read_json, write_json
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import ClipPlan
from sakdn.students.frames.stored import times_text

BLOCK_BYTES = 2**20


class Piece(NamedTuple):
    """The frames of a clip as they lie in a file.

    Attributes:
        offset: in bytes, from the file's start.
        size: in bytes.
        checksum: CRC-32 of these bytes.
        frames: how many.
        height: in px.
        width: in px.
        channels: of a frame.
        fps: see `ClipPlan`.
        times: when they are shown, as the index has it.
        sizes: of each in bytes where they are JPEG, as the index has it.
    """

    offset: int
    size: int
    checksum: int
    frames: int
    height: int
    width: int
    channels: int
    fps: float | None
    times: str
    sizes: str = ""

    @classmethod
    def of(cls, plan: ClipPlan, offset: int, size: int, checksum: int, sizes: str = "") -> "Piece":
        """Of a clip that was read."""
        shape = (len(plan.indices), plan.height, plan.width, plan.channels)
        return cls(offset, size, checksum, *shape, plan.fps, times_text(plan.timing), sizes)


class Found(NamedTuple):
    """A piece and the file that has it."""

    path: Path
    piece: Piece

    def blocks(self) -> Iterator[bytes]:
        """Its bytes."""
        with self.path.open("rb") as file:
            file.seek(self.piece.offset)
            left = self.piece.size
            while left and (block := file.read(min(left, BLOCK_BYTES))):
                left -= len(block)
                yield block

    def whole(self) -> bool:
        """Whether the bytes are those that were stored."""
        checksum = 0
        with suppress(OSError):
            for block in self.blocks():
                checksum = zlib.crc32(block, checksum)
            return checksum == self.piece.checksum
        return False


class Earlier:
    """The shards that were stored before.

    Attributes:
        contents: digest of each recording by its path; without them nothing is found.
    """

    def __init__(
        self,
        folder: Path | None = None,
        made_with: str = "",
        contents: Mapping[str, str] | None = None,
    ) -> None:
        """Looks what there is.

        Args:
            folder: of the kept shards; None for none.
            made_with: digest of what frames depend on beside their recording.
            contents: digests of recordings by path.
        """
        self.contents = contents or {}
        self._folder, self._made_with = folder, made_with
        self._found: dict[str, Found] = {}
        for path in sorted(folder.glob("*.json")) if folder else []:
            self._found |= dict(_pieces(path, made_with))

    def find(self, video: str, spans: Sequence[Span | None]) -> list[Found] | None:
        """The frames of these spans of a video; None where one of them is not there, whole."""
        found = [self._found.get(name) for name in self._names(video, spans)]
        there = [each for each in found if each and each.whole()]
        return there if len(there) == len(spans) else None

    def keep(
        self,
        name: str,
        output: Path,
        pieces: Iterable[tuple[str, Span | None, Piece]],
        names: Iterable[str],
    ) -> None:
        """Keeps a shard that was stored; what cannot be linked is decoded again another time.

        Args:
            name: of the shard with these clips.
            output: its file.
            pieces: of each clip: video, span and where its frames are.
            names: of all shards as the present list has them.
        """
        if self._folder is None:
            return
        named = {self._names(video, [span])[0]: piece for video, span, piece in pieces}
        make_folder(self._folder)
        kept = self._folder / f"{name}.npy"
        with suppress(OSError):
            link = kept.with_name(f".{kept.name}.{secrets.token_hex(4)}")
            os.link(output, link)
            os.replace(link, kept)
            write_json(kept.with_suffix(".json"), {"made_with": self._made_with, "pieces": named})
        present = {f"{each}{suffix}" for each in names for suffix in (".npy", ".json")}
        if all((self._folder / file).exists() for file in present):
            for path in self._folder.iterdir():
                if path.name not in present:
                    path.unlink(missing_ok=True)

    def _names(self, video: str, spans: Sequence[Span | None]) -> list[str]:
        content = self.contents.get(video) or secrets.token_hex(4)  # Unknown: like no other.
        return [f"{content} {span.start_s} {span.end_s}" if span else content for span in spans]


def _pieces(path: Path, made_with: str) -> Iterator[tuple[str, Found]]:
    """What a kept shard has; nothing where it was made otherwise."""
    with suppress(InputError, KeyError, TypeError, AttributeError):
        kept = read_json(path)
        if kept["made_with"] == made_with:
            for name, values in kept["pieces"].items():
                yield name, Found(path.with_suffix(".npy"), Piece(*values))


def digest_of(*texts: str) -> str:
    """Short digest of texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
