"""`python -m deploy.grafana` writes the boards' JSON; `deploy URL` puts them into a running Grafana.

The login is taken from GRAFANA_TOKEN, or from GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD; the address of the desk,
to which the boards' rows lead, from LIANGSHAI_DESK_URL.
"""

import os
import sys

from deploy.grafana.deploying import credential, deploy
from deploy.grafana.framing import DESK
from deploy.grafana.shelf import write


def main(arguments: list[str]) -> None:
    """What the command line asks for."""
    match arguments:
        case []:
            for file in write():
                print(f"wrote {file}")
        case ["deploy", url]:
            desk = os.environ.get("LIANGSHAI_DESK_URL") or DESK
            for address in deploy(url, credential(os.environ), desk.rstrip("/")):
                print(address)
        case _:
            sys.exit("usage: python -m deploy.grafana [deploy URL]")


if __name__ == "__main__":
    main(sys.argv[1:])
