"""How long an official waits for the first byte of each page, on the whole demo's data.

`python -m tests.bench.bench_desk [--rounds N] [URL]`: the demo of `make demo` (told first where there is none yet), or
one that runs already at URL. One visit at a time, by its people, in both languages. Beside each visit the same process
is asked for a file that it need not think about: this machine may be shared by others, so read the ratios. The first
visit of each page counts apart: it is the first one after the start.
"""

import argparse
import asyncio
import contextlib
import http.client
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from rich.console import Console

from contracts.periods import SHANGHAI
from deploy.demo.__main__ import SEED
from deploy.demo.demo import Demo
from deploy.local.clean import DEMO
from deploy.local.process import StartFailed
from deploy.local.programs import ROOT

PEOPLE = ROOT / "deploy/demo/people.yaml"
LIMIT = 0.1  # seconds to the first byte, at the median
BARE = "/static/desk.css"
ITEM = "/items/agri_service_stations/south_taihu"
OFFICE = (
    "/", "/wall", "/items", ITEM, f"{ITEM}?as_of=2025-06-30", f"{ITEM}?known_at=2025-06-30", "/tickets",
    "/tickets?state=all", "/tickets/promises", "/calendar?unit=all", "/calendar?unit=deqing",
    "/calendar?unit=all&until=2025-01", "/calendar?held=true", "/calendar/list", "/calendar/list.csv", "/feed",
    "/account", "/audit",
)  # fmt: skip
PAGES = {
    "zhou.zhuren": OFFICE,
    "wang.lingdao": ("/", "/wall"),
    "shen.jianshe": ("/", "/items", "/tickets", "/calendar", "/upload"),
    "ma.deqing": ("/", "/items", "/tickets", "/calendar", "/upload"),
    "admin": ("/people", "/audit"),
}


@dataclass(slots=True)
class Took:
    """Seconds to the first byte: of the first visit, of the later ones, and of the bare file beside each."""

    first: float
    later: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    size: int = 0


class Browser:
    """What keeps a person's session."""

    def __init__(self, url: str, subject: str) -> None:
        self._url, self._headers = url, {"Accept": "text/html"}
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": url}
        self._connection.request("POST", "/sign-in/demo", urlencode({"subject": subject}), form)
        answer = self._connection.getresponse()
        answer.read()
        self._connection.close()
        if answer.status != 303:
            raise SystemExit(f"{subject} cannot sign in at {url}: {answer.status}")
        self._headers["Cookie"] = str(answer.headers["Set-Cookie"]).partition(";")[0]

    def look(self, path: str) -> tuple[float, bytes]:
        """Seconds to the first byte of an answer that is a page, and the page."""
        self._connection.connect()  # its own each time: the desk ends one that is idle for long
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        took = time.perf_counter() - started
        page = answer.read()
        self._connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        return took, page


def measured(url: str, rounds: int) -> dict[tuple[str, str], Took]:
    """Every page in turn, in Chinese and in English, as often as asked; by person and path."""
    browsers = {subject: Browser(url, subject) for subject in PAGES}
    visits = [(subject, path) for subject, paths in PAGES.items() for path in paths]
    took: dict[tuple[str, str], Took] = {}
    for turn in range(rounds):
        for subject, path in visits:
            browser = browsers[subject]
            bare, _ = browser.look(BARE)
            seconds, page = browser.look(path + ("&" if "?" in path else "?") + f"lang={('zh', 'en')[turn % 2]}")
            if turn == 0:
                took[subject, path] = Took(seconds)
                if path == "/tickets" and (found := re.search(rb'href="(/tickets/[0-9a-f-]{36})"', page)):
                    ticket = found[1].decode()
                    visits.append((subject, ticket))  # its turn comes in this round too
            else:
                took[subject, path].later.append(seconds)
            took[subject, path].bare.append(bare)
            took[subject, path].size = len(page)
    return took


def told(took: dict[tuple[str, str], Took]) -> Iterator[str]:
    """A line a page, the slowest first."""
    base = statistics.median(seconds for each in took.values() for seconds in each.bare)
    yield f"{BARE} (the baseline): p50 {base * 1000:.1f} ms"
    ordered = sorted(took.items(), key=lambda each: -statistics.median(each[1].later))
    for (subject, path), each in ordered:
        p50 = statistics.median(each.later)
        yield (
            f"{subject:14}{path[:44]:46}p50 {p50 * 1000:6.1f} ms  max {max(each.later) * 1000:6.1f} ms  "
            f"first {each.first * 1000:6.1f} ms  {p50 / base:6.1f} ×  {each.size / 1000:7.1f} kB"
        )


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """The demo's desk, just started (or running already); its story is told first if it never was."""
    parts = Demo(DEMO, datetime.now(SHANGHAI), SEED, Console(highlight=False))
    try:
        try:
            parts.up()
        except StartFailed as failed:
            print(failed)
            yield parts.stack.desk.url
            return
        parts.stack.run(f"services.desk people {PEOPLE}")
        if not parts.finished:
            asyncio.run(parts.replay())
            parts.release()
        yield parts.stack.desk.url
    finally:
        parts.stack.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_desk")
    parser.add_argument("--rounds", type=int, default=20, help="visits of each page after the first")
    parser.add_argument("url", nargs="?", help="a desk of a demo that runs; default: start one")
    asked = parser.parse_args(arguments)
    with contextlib.nullcontext(asked.url) if asked.url else demo() as url:
        took = measured(url.rstrip("/"), asked.rounds + 1)
    print("\n".join(told(took)))
    slow = [path for (_, path), each in took.items() if statistics.median(each.later) > LIMIT]
    if slow:
        raise SystemExit(f"over {LIMIT} s at the median: {', '.join(slow)}")


if __name__ == "__main__":
    main()
