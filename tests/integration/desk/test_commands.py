"""The desk's commands, as a small installation uses them: migrate, enter people from a file, hand out links."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from deploy.local.programs import ROOT
from services.desk.people import read
from tests.support.desk import desk
from tests.support.intake import lookup


def run(database: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """`python -m services.desk …`."""
    environment = {**os.environ, "LIANGSHAI_DATABASE": database, "LIANGSHAI_DESK_URL": "https://desk.example"}
    command = [sys.executable, "-m", "services.desk", *words]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


async def test_people_of_a_file_get_links(empty_database: str, tmp_path: Path) -> None:
    """Migrated, entered, invited: the printed link lets that person in; a stranger gets none."""
    file = tmp_path / "people.yaml"
    file.write_text(yaml.safe_dump([{"subject": "li", "name": "李明", "role": "district_lead", "unit": "deqing"}]))
    assert run(empty_database, "migrate").stdout.startswith("applied desk/0001_initial\n")
    assert "1 人" in run(empty_database, "people", str(file)).stdout
    subject, _, link = run(empty_database, "invite", "li").stdout.strip().partition(" ")
    assert subject == "li"
    assert link.startswith("https://desk.example/sign-in/link?key=")
    stranger = run(empty_database, "invite", "nobody")
    assert (stranger.returncode, "nobody is called nobody" in stranger.stderr) == (1, True)
    async with desk(empty_database) as it:
        client = it.open()
        form = {"key": link.partition("key=")[2]}
        await client.post("/sign-in/link", data=form, headers={"Origin": it.settings.url})
        assert "李明" in (await client.get("/")).text


def test_the_demos_people_can_be() -> None:
    """Every role but none that does not exist, each unit one of the role's."""
    people = read(ROOT / "deploy/demo/people.yaml", lookup())
    assert {each.role for each in people} >= {"leader", "office_director", "department_clerk", "department_lead"}
    assert len({each.subject for each in people}) == len(people)
