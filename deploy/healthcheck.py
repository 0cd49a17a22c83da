"""The container's health: /readyz of the service on its operations port. Standard library only."""

import os
import sys
import urllib.error
import urllib.request

PORTS = {"ingest": "9101", "metrics": "9102", "alerts": "9103", "desk": "9104"}


def main() -> int:
    """0 when ready."""
    service = os.environ["SERVICE"]
    port = os.environ.get(f"LIANGSHAI_{service.upper()}_OPERATIONS_PORT", PORTS[service])
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
