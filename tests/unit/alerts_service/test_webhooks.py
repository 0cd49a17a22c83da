"""Signing and judging of webhooks (rule 9): pure, held against the convention's own library and its printed example."""

import base64
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from services.alerts.sending.answers import LONGEST_ASKED, LONGEST_PAUSE, Answer, judge, pause, waiting
from services.alerts.sending.receivers import Receivers, key, read
from services.alerts.sending.receivers import Webhook as Hook
from services.alerts.sending.webhooks import Sender, headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another-secret-of-32-bytes-here!").decode()


def test_the_conventions_own_example() -> None:
    """The signature printed by the Standard Webhooks specification's libraries for this id, time and body."""
    sent = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [SECRET], at=1614265330)
    assert sent["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_verifies_either_secret_of_a_rotation() -> None:
    """While two secrets are listed both sign, and each verifies."""
    body = '{"message_id":"m","summary":"落后"}'.encode()
    sent = headers("m", body, [SECRET, OTHER], at=int(time.time()))
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, sent) == {"message_id": "m", "summary": "落后"}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, "done") for status in (200, 201, 202, 204)),
        (410, "gone"),
        *((status, "failed") for status in (400, 401, 403, 404, 413, 415, 422)),
        *((status, "retry") for status in (301, 307, 408, 429, 500, 502, 503, 504)),
    ],
)
def test_what_a_status_means(status: int, verdict: str) -> None:
    """2xx done, 410 gone, 415 and other 4xx final, 429 and 503 wait, others again."""
    assert judge(status, None, now=0).verdict == verdict


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("soon", None),
        (format_datetime(datetime.fromtimestamp(1090, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(10, UTC), usegmt=True), 0.0),
    ],
)
def test_retry_after_in_both_forms(header: str | None, seconds: float | None) -> None:
    """A number of seconds or a date; what cannot be read is as if it were not there."""
    assert waiting(header, now=1000) == seconds
    assert judge(503, header, now=1000).pause == seconds
    assert judge(500, header, now=1000).pause is None  # asked for by 429 and 503 only


def test_pauses_double_with_jitter_up_to_an_hour() -> None:
    """Between half and all of 1, 2, 4 … seconds."""
    again = Answer("retry", 500)
    for attempts, longest in ((1, 1), (2, 2), (5, 16), (12, 2048), (40, LONGEST_PAUSE)):
        assert pause(attempts, again, draw=lambda: 0.0) == longest / 2
        assert pause(attempts, again, draw=lambda: 1.0) == longest


def test_a_pause_is_never_shorter_than_asked_nor_longer_than_a_day() -> None:
    """Retry-After is obeyed; one that asks for a year is asked again tomorrow."""
    assert pause(1, Answer("retry", 429, pause=300.0)) == 300
    assert pause(1, Answer("retry", 429, pause=3e7)) == LONGEST_ASKED


async def test_nothing_that_the_wire_does_is_raised() -> None:
    """Refused connections and timeouts are answers too; a redirect is not followed."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    receiver = Hook(receiver="office", url="http://office/hook", secrets=(SECRET,))
    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
        answer = await Sender(client).send(receiver, "m", b"{}")
    assert (answer.verdict, answer.status) == ("retry", None)
    assert "refused" in str(answer.error)
    seen: list[str] = []

    def moved(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"location": "http://elsewhere/"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(moved)) as client:
        assert (await Sender(client).send(receiver, "m", b"{}")).verdict == "retry"
    assert seen == ["http://office/hook"]


def test_receivers_are_read_strictly(tmp_path: Path) -> None:
    """Names are unique, secrets strong, unknown fields refused; without a file there are none."""
    file = tmp_path / "receivers.yaml"
    assert read(None) == Receivers()
    file.write_text("")
    assert read(file) == Receivers()
    file.write_text(f"receivers: [{{receiver: office, url: 'https://o/h', secrets: [{SECRET}]}}]")
    [found] = read(file).receivers
    assert isinstance(found, Hook)
    assert (found.receiver, found.url) == ("office", "https://o/h")
    assert SECRET not in repr(found)
    good = f"secrets: [{SECRET}]"
    for wrong in (
        f"receivers: [{{receiver: a, url: 'https://o', {good}}}, {{receiver: a, url: 'https://p', {good}}}]",
        "receivers: [{receiver: a, url: 'https://o', secrets: []}]",
        "receivers: [{receiver: a, url: 'https://o', secrets: [whsec_c2hvcnQ=]}]",
        f"receivers: [{{receiver: a, url: 'ftp://o', {good}}}]",
        f"receivers: [{{receiver: a, url: 'https://o', {good}, colour: red}}]",
        "[]",
    ):
        file.write_text(wrong)
        with pytest.raises(ValueError):  # noqa: PT011 - each says something else
            read(file)


def test_a_secret_is_whsec_and_base64() -> None:
    """Padding may be missing; another prefix may not."""
    assert len(key(SECRET)) == 24
    assert key(OTHER.rstrip("=")) == key(OTHER)
    for wrong in ("secret", "x" + SECRET, "whsec_!!!!", "whsec_"):
        with pytest.raises(ValueError, match="webhook secret"):
            key(wrong)
