"""All boards, and their JSON as it is committed in boards/."""

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.city import city
from deploy.grafana.discipline import discipline
from deploy.grafana.operations import operations
from deploy.grafana.places import department, district
from deploy.grafana.projects import projects
from deploy.grafana.ranking import ranking
from deploy.grafana.supervision import supervision

SHELF = Path(__file__).with_name("boards")


def boards() -> list[Dashboard]:
    """Every board, in the order of the menu."""
    return [city(), district(), department(), ranking(), supervision(), projects(), discipline(), operations()]


def written(board: Dashboard) -> str:
    """A board as it stands in its file."""
    return json.dumps(board, cls=JSONEncoder, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def file_of(board: Dashboard) -> Path:
    """Where a board is kept."""
    return SHELF / f"{board.uid}.json"


def write() -> list[Path]:
    """Write all boards and remove what is none of them."""
    SHELF.mkdir(exist_ok=True)
    files = {file_of(each): written(each) for each in boards()}
    for file in set(SHELF.glob("*.json")) - files.keys():
        file.unlink()
    for file, text in files.items():
        file.write_text(text, "utf-8")
    return sorted(files)
