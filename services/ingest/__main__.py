"""`python -m services.ingest`: the only place where the settings of ingest are read from the environment."""

import os

from contracts.operations.process import run
from services.ingest.app import build_app
from services.ingest.settings import Settings

if __name__ == "__main__":
    run(lambda: build_app(Settings.of(os.environ)), "ingest")
