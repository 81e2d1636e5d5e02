"""The recipes for containers and Kubernetes: the manifests are valid, and their commands do what the pages say.

There is no Docker and no cluster here; ``make package`` runs the commands of the Dockerfile.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dbwarden import errors
from tests.support.command import COMMAND, environment, run, write_migration

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))
CONTAINER = ROOT / "examples" / "container"


def manifest(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "kubernetes" / name).read_text())
    return loaded


def pod(document: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = document["spec"]["template"]["spec"]
    return spec


def ours(document: dict[str, Any]) -> dict[str, Any]:
    """The container that runs DBWarden."""
    [container] = [
        c
        for c in (*pod(document).get("initContainers", ()), *pod(document)["containers"])
        if "migrations" in c["image"]
    ]
    found: dict[str, Any] = container
    return found


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_valid(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    for version in ("1.31", "1.37"):
        kubernetes_validate.validate(document, version, strict=True)
    assert pod(document)["securityContext"]["runAsNonRoot"] and pod(document)["securityContext"]["runAsUser"] == 10001
    assert ours(document)["securityContext"]["readOnlyRootFilesystem"]
    secrets = [variable for variable in ours(document)["env"] if "PASSWORD" in variable["name"]]
    assert secrets and all("valueFrom" in variable for variable in secrets)


def documented_codes() -> dict[int, str]:
    """The exit codes of the reference page."""
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text()
    rows = re.findall(r"^\| ([\d, ]+) \| ([^|]*) \|", page, re.MULTILINE)
    return {int(code): meaning for codes, meaning in rows for code in codes.split(",")}


def test_the_job_repeats_only_what_a_repetition_can_cure() -> None:
    job = manifest("job.yaml")
    policy = job["spec"]["podFailurePolicy"]
    assert (
        pod(job)["restartPolicy"] == "Never" and ours(job)["name"] == policy["rules"][1]["onExitCodes"]["containerName"]
    )
    final = policy["rules"][1]["onExitCodes"]["values"]
    assert final == [errors.ConfigurationError.exit_code, errors.SchemaNotCurrent.exit_code, errors.Refused.exit_code]
    repeated = [errors.MigrationFailed, errors.ConnectionFailed, errors.LockHeld, errors.Terminated]
    assert not {error.exit_code for error in repeated} & set(final)
    assert set(final) <= set(documented_codes())
    page = (ROOT / "docs" / "operations" / "kubernetes.md").read_text()
    table = {int(code): effect for code, effect in re.findall(r"^\| (\d+) \| [^|]* \| ([^|]*) \|$", page, re.MULTILINE)}
    assert set(table) <= set(documented_codes())
    assert {code for code, effect in table.items() if effect == "fails at once"} == set(final)
    shown = yaml.safe_load(re.findall(r"```yaml\n(podFailurePolicy.*?)```", page, re.DOTALL)[0])
    assert shown["podFailurePolicy"] == policy


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder /project of the image, on SQLite."""
    folder = tmp_path / "project"
    copied = re.findall(r"^COPY (\S+) (\S+)$", (CONTAINER / "Dockerfile").read_text(), re.MULTILINE)
    for source, target in copied:
        if (CONTAINER / source).is_dir():
            shutil.copytree(CONTAINER / source, folder / target)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(CONTAINER / source, folder / target)
    text = (folder / "warden.toml").read_text()
    url = f'database_url_sync = "sqlite:///{tmp_path}/${{DATABASE_HOST}}.db"'
    (folder / "warden.toml").write_text(re.sub(r"database_type = .*\ndatabase_url_sync = .*", url, text))
    return folder


def in_container(folder: Path, container: dict[str, Any], **more: str) -> subprocess.CompletedProcess[str]:
    """What a container runs: its command, or dbwarden with its arguments, in a shell."""
    variables = {variable["name"]: variable.get("value", "hunter2") for variable in container["env"]}
    argv = [*container.get("command", COMMAND), *container.get("args", [])]
    path = f"{Path(COMMAND[0]).parent}:{os.environ['PATH']}"
    return subprocess.run(
        argv,
        cwd=folder,
        env=environment(PATH=path, **variables, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_configuration_of_the_example_is_for_postgresql_with_a_secret(tmp_path: Path) -> None:
    settings = tomllib.loads((CONTAINER / "warden.toml").read_text())["databases"]["primary"]
    assert settings["database_url_sync"] == "postgresql://app:${DATABASE_PASSWORD}@${DATABASE_HOST}/main"
    page = (ROOT / "docs" / "operations" / "containers.md").read_text()
    without_comments = re.sub(r"^#.*\n", "", (CONTAINER / "warden.toml").read_text(), flags=re.MULTILINE)
    assert without_comments in page
    assert re.sub(r"^#.*\n", "", (CONTAINER / "Dockerfile").read_text(), flags=re.MULTILINE) in page
    shutil.copytree(CONTAINER, tmp_path / "project")
    missing = run(tmp_path / "project", "migrate", code=2, DATABASE_HOST="127.0.0.1")
    assert "DATABASE_PASSWORD" in missing
    gone = run(tmp_path / "project", "migrate", code=1, DATABASE_HOST="127.0.0.1:1", DATABASE_PASSWORD="hunter2")
    assert "127.0.0.1" in gone and "hunter2" not in gone


def test_the_job_applies_the_files_of_the_image(image: Path) -> None:
    job = ours(manifest("job.yaml"))
    done = in_container(image, job)
    assert done.returncode == 0 and "Applied 0001_create_notes.sql" in done.stdout
    assert all(json.loads(line)["level"] == "info" for line in done.stderr.splitlines())
    assert in_container(image, job).returncode == 0, "again: nothing to do"
    migrations = image / "migrations" / "primary"
    write_migration(migrations, "0002_notes", "INSERT INTO notes VALUES (1, 'x');", "DELETE FROM notes WHERE id = 1;")
    assert in_container(image, job).returncode == 0
    write_migration(migrations, "0003_drop", "DROP TABLE notes;", "SELECT 1;")
    assert in_container(image, job).returncode == errors.Refused.exit_code, "the Job fails at once"
    (migrations / "0003_drop.sql").unlink()
    write_migration(migrations, "0003_wrong", "INSERT INTO nowhere VALUES (1);")
    failed = in_container(image, job)
    assert failed.returncode == 1 and json.loads(failed.stderr.splitlines()[-1])["code"] == "MigrationFailed"
    write_migration(migrations, "0003_again", "SELECT 1;")
    assert in_container(image, job).returncode == errors.ConfigurationError.exit_code


def test_the_init_container_waits_for_the_job(image: Path) -> None:
    waiting = ours(manifest("deployment.yaml"))
    path = f"{Path(COMMAND[0]).parent}:{os.environ['PATH']}"
    variables = {variable["name"]: variable.get("value", "hunter2") for variable in waiting["env"]}
    process = subprocess.Popen(
        [*waiting["command"], *waiting["args"]], cwd=image, text=True, env=environment(PATH=path, WAIT_SECONDS="0.2", **variables),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None and "1 pending" in process.stdout.readline() and process.poll() is None
        assert in_container(image, ours(manifest("job.yaml"))).returncode == 0
        shown, _ = process.communicate(timeout=30)
        assert process.returncode == 0 and "1 applied, 0 pending" in shown
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    write_migration(image / "migrations" / "primary", "0001_again", "SELECT 1;")
    assert in_container(image, waiting).returncode == 2, "no waiting corrects that"


def test_pods_that_migrate_together_wait_for_one_another(image: Path) -> None:
    container = ours(manifest("migrating-deployment.yaml"))
    variables = {variable["name"]: variable.get("value", "hunter2") for variable in container["env"]}
    pods = [
        subprocess.Popen([*COMMAND, *container["args"]], cwd=image, env=environment(**variables), text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]  # fmt: skip
    outputs = [process.communicate(timeout=60)[0] for process in pods]
    assert [process.returncode for process in pods] == [0, 0, 0]
    assert sum("Applied 0001_create_notes.sql" in output for output in outputs) == 1
