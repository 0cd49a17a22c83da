"""E-mail by aiosmtplib: plain text, one mail a notification, never over an open line (STARTTLS or TLS)."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from services.alerts.channels.channel import Part
from services.alerts.sending.answers import Answer
from services.alerts.sending.receivers import Smtp

TIMEOUT = 30.0  # seconds for one mail
LIMIT = 1_000_000  # bytes of a text: far below what servers take


class Mailbox:
    """One receiver's mailbox, and the server that takes mail for it."""

    markdown = False

    def __init__(self, smtp: Smtp, to: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._smtp, self._to, self._now = smtp, to, now
        self._tls = ssl.create_default_context(cafile=smtp.ca)

    def fits(self, title: str, text: str) -> bool:
        return len(title.encode()) + len(text.encode()) <= LIMIT

    async def send(self, part: Part) -> Answer:
        """What refuses this mail for good is final; a wrong password or certificate is the operator's and waits."""
        smtp, mail = self._smtp, compose(part, sender=self._smtp.sender, to=self._to, at=self._now())
        try:
            async with asyncio.timeout(TIMEOUT):
                await aiosmtplib.send(
                    mail,
                    hostname=smtp.host,
                    port=smtp.port or smtp.PORTS[smtp.tls],
                    username=smtp.username,
                    password=smtp.password,
                    use_tls=smtp.tls == "tls",
                    start_tls=smtp.tls == "starttls",
                    tls_context=self._tls,
                    timeout=TIMEOUT,
                )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _refused(refused.recipients[0].code, refused.recipients[0].message)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refused:
            return _refused(refused.code, refused.message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Answer("retry", None, f"{type(error).__name__}: {error}"[:300])
        return Answer("done", 250)


def compose(part: Part, *, sender: str, to: str, at: datetime) -> EmailMessage:
    """The mail. Its Message-ID is the part's name: a mail that came twice is known to be one."""
    mail = EmailMessage()
    local, _, domain = sender.rpartition("@")
    mail["From"] = Address("亮晒", local, domain)
    mail["To"] = to
    mail["Subject"] = " ".join(part.title.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{part.name}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(part.text + "\n", cte="base64")
    return mail


def _refused(code: int, message: str) -> Answer:
    """SMTP: 4xx may pass, 5xx is final."""
    return Answer("failed" if code >= 500 else "retry", code, f"{code}: {message}"[:300])
