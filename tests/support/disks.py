"""Small disks of one's own, to be filled and freed: tmpfs, which takes root and the right to mount."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Disk:
    """The disk under one directory."""

    place: Path

    def fill(self) -> None:
        """Leave not a byte; whoever grows a file there is told that there is no space left."""
        with (self.place / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(b"\0" * MEGABYTE):
                pass

    def free(self) -> None:
        """Take it all back."""
        (self.place / "filler").unlink(missing_ok=True)


def may_mount() -> bool:
    """Whether this machine lets us mount a tmpfs."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


@contextlib.contextmanager
def disks(places: Sequence[Path], megabytes: int) -> Iterator[list[Disk]]:
    """A disk of that size under each of these new directories."""
    with contextlib.ExitStack() as mounted:
        for place in places:
            place.mkdir()
            size = f"size={megabytes}m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True)
            mounted.callback(subprocess.run, ["umount", "-l", str(place)], check=False)
        yield [Disk(place) for place in places]
