"""Apache Kafka as jars from Maven, kept once per pom, with a class data archive that halves each start."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from string import Template

from deploy.local import programs
from deploy.local.ports import free_ports, listens

HERE = Path(__file__).parent
POM = HERE / "kafka-pom.xml"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# 22 characters of base64: one name for every local cluster, so that a format can be copied
CLUSTER = "bGlhbmdzaGFpLWxvY2FsMQ"
MEMORY = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def home() -> Path:
    """The folder of this pom's jars, archive and formatted template."""
    return programs.LOCAL / "kafka" / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]


def present() -> bool:
    """Whether the jars are here, so that Maven is not needed."""
    return (home() / "libs").exists()


def complete() -> bool:
    """Whether nothing is left to be made."""
    return present() and (home() / "formatted").exists() and archive(home()).exists()


def ensure() -> Path:
    """Bring the jars, the formatted template and the class data archive; quick when they are there."""
    folder = home()
    if not present():
        _copy_jars(folder)
    if not (folder / "formatted").exists():
        _format(folder)
    if not archive(folder).exists():
        _train(folder)
    return folder


def command(folder: Path, main: str, *arguments: str, extra: tuple[str, ...] = ()) -> list[str]:
    """How a main class of Kafka is run; the class path is sorted so that it matches the archive's."""
    java = programs.need_java()
    shared = [f"-XX:SharedArchiveFile={archive(folder)}"] if archive(folder).exists() and not extra else []
    log4j = f"-Dlog4j2.configurationFile={HERE / 'kafka-log4j2.xml'}"
    classes = ":".join(str(jar) for jar in sorted((folder / "libs").glob("*.jar")))
    return [str(java), *MEMORY, *shared, *extra, log4j, "-cp", classes, main, *arguments]


def archive(folder: Path) -> Path:
    """The class data archive of one Java; another Java gets another."""
    java = programs.java()
    return folder / f"classes-{hashlib.sha256(str(java).encode()).hexdigest()[:8]}.jsa"


def properties(port: int, controller: int, data: Path) -> str:
    """server.properties with the blanks filled in."""
    blank = Template((HERE / "kafka.properties").read_text().partition("\n")[2])
    return blank.substitute(PORT=port, CONTROLLER=controller, DATA=data)


def _copy_jars(folder: Path) -> None:
    maven, java = programs.need("maven", "mvn"), programs.need_java()
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="maven-", dir=folder))
    environment = {**os.environ, "JAVA_HOME": str(java.resolve().parents[1])}
    options = ["-q", "-B", "-f", str(POM), f"-Dmaven.repo.local={work / 'repository'}"]
    target = [f"-DoutputDirectory={work / 'libs'}", "-DincludeScope=runtime"]
    for _attempt in range(3):  # registries have bad moments
        done = subprocess.run(
            [str(maven), *options, COPY, *target],
            env=environment,
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            break
    else:
        raise RuntimeError(f"Maven could not bring Kafka's jars\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    _settle(work / "libs", folder / "libs")
    shutil.rmtree(work, ignore_errors=True)


def _format(folder: Path) -> None:
    """Format by StorageTool: a meta.properties written by hand would leave all feature levels at 0."""
    work = Path(tempfile.mkdtemp(prefix="format-", dir=folder))
    (work / "server.properties").write_text(properties(19092, 19093, work / "data"))
    format_it = ["format", "-t", CLUSTER, "-c", str(work / "server.properties")]
    subprocess.run(command(folder, "kafka.tools.StorageTool", *format_it), check=True, capture_output=True, cwd=work)
    _settle(work / "data", folder / "formatted")
    shutil.rmtree(work, ignore_errors=True)


def _train(folder: Path) -> None:
    """One run that writes down the classes it loaded. Only a gain of time: when it fails, starts are slower."""
    work = Path(tempfile.mkdtemp(prefix="train-", dir=folder))
    shutil.copytree(folder / "formatted", work / "data")
    port, controller = free_ports(2)
    (work / "server.properties").write_text(properties(port, controller, work / "data"))
    extra = (f"-XX:ArchiveClassesAtExit={work / 'classes.jsa'}",)
    run = command(folder, "kafka.Kafka", str(work / "server.properties"), extra=extra)
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work) as broker:
        deadline = time.monotonic() + 60
        while broker.poll() is None and not listens(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        broker.send_signal(signal.SIGTERM)
        broker.wait(60)
    (work / "classes.jsa").touch()  # empty: Java passes over it, and no start tries again
    _settle(work / "classes.jsa", archive(folder))
    shutil.rmtree(work, ignore_errors=True)


def _settle(made: Path, place: Path) -> None:
    """Move into place in one step; whoever else was quicker wins."""
    try:
        made.rename(place)
    except OSError:
        if not place.exists():
            raise
