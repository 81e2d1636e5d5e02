"""The GitHub Action, the GitLab template and the hooks for pre-commit: their scripts, run by bash in a repository.

The runner's part is done here: values for the expressions, the variables of a job, and a host that keeps the comments.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.code_host import CodeHost, serving
from tests.support.command import COMMAND, run
from tests.support.project import Project

ROOT = Path(__file__).resolve().parents[2]
MODELS = """
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("phone", String(20)))
"""
pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("git", "bash")), reason="git or bash is not installed"
)


def git(folder: Path, *argv: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *argv], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A clone whose branch is that of a pull request: nobody reaches the database, main has a migration."""
    project = Project(tmp_path / "a project", "postgresql://me:s3cret@127.0.0.1:1/none")
    project.models(MODELS)
    run(project.folder, "make-migrations", "users", "--offline", "--no-proof")
    git(project.folder, "init", "-q", "-b", "main")
    commit(project)
    git(project.folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(project.folder, "checkout", "-q", "-b", "feature")
    return project


def commit(project: Project) -> None:
    git(project.folder, "add", ".")
    git(project.folder, "commit", "-q", "-m", "x")


def change(project: Project, former: str, new: str, name: str) -> None:
    project.models((project.folder / f"models_{project.step}.py").read_text().replace(former, new))
    run(project.folder, "make-migrations", name, "--offline", "--no-proof")
    commit(project)


def shell(script: str, folder: Path, variables: Mapping[str, str], *options: str) -> tuple[int, str]:
    """As a runner does: in a file of its own, with the variables of the job and none of ours."""
    file = folder.parent / "step.sh"
    file.write_text(script)
    path = f"{Path(COMMAND[0]).parent}{os.pathsep}{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "LC_ALL", "TMPDIR")}
    done = subprocess.run(
        ["bash", *options, str(file)],
        cwd=folder,
        env={**inherited, "PATH": path, "COLUMNS": "200", **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


# -- GitHub -------------------------------------------------------------------------------------------------------

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


def action(project: Project, host: CodeHost, event: str = "pull_request", **inputs: str) -> tuple[int, str, str]:
    """Run the steps of the action; returns the exit code, what the steps print, and the summary of the job."""
    work = project.folder.parent
    files = {name: work / name.lower() for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_EVENT_PATH")}
    for file in files.values():
        file.write_text("")
    files["GITHUB_EVENT_PATH"].write_text(json.dumps({"pull_request": {"number": 7}} if event != "push" else {}))
    variables = {
        "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_API_URL": host.url, "GITHUB_REPOSITORY": "me/app",
        "GITHUB_EVENT_NAME": event, "GITHUB_BASE_REF": "main" if event != "push" else "", "RUNNER_TEMP": str(work),
        **{name: str(path) for name, path in files.items()},
    }  # fmt: skip
    unknown = set(inputs) - set(ACTION["inputs"])
    assert not unknown
    values = {f"inputs.{name}": inputs.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}
    values |= {"github.token": host.token, "github.event_name": event}
    output, code = "", 0
    for step in ACTION["runs"]["steps"]:
        if "if" in step and not condition(step["if"], values):
            continue
        assert step["shell"] == "bash" and "${{" not in step["run"], "an expression in a script would be run"
        own = {name: expression(value, values) for name, value in step.get("env", {}).items()}
        folder = project.folder / expression(step.get("working-directory", "."), values)
        code, printed = shell(step["run"], folder, {**variables, **own}, "--noprofile", "--norc", "-eo", "pipefail")
        output += printed
        if step.get("id"):
            lines = (line.partition("=") for line in files["GITHUB_OUTPUT"].read_text().splitlines())
            values |= {f"steps.{step['id']}.outputs.{name}": value for name, _, value in lines}
        if code:
            break
    for spec in ACTION["outputs"].values():
        assert expression(spec["value"], values)
    return code, output, files["GITHUB_STEP_SUMMARY"].read_text()


def expression(text: str, values: Mapping[str, str]) -> str:
    """``text`` with the values of its expressions, and those of the expressions in these."""
    while "${{" in text:
        text = re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: values[match[1]], text)
    return text


def condition(text: str, values: Mapping[str, str]) -> bool:
    match = re.fullmatch(r"inputs\.comment == 'true' && startsWith\(github\.event_name, '(\w+)'\)", text)
    assert match is not None, text
    return values["inputs.comment"] == "true" and values["github.event_name"].startswith(match[1])


def test_the_action_keeps_one_comment(project: Project) -> None:
    with serving(CodeHost("GitHub", comments=[f"comment {at}" for at in range(130)])) as host:
        assert action(project, host)[0] == 0
        assert host.changes == [], "there are neither migrations nor findings nor an earlier comment"

        change(project, "String(20)", "String(40)", "phone")
        code, output, summary = action(project, host)
        assert code == 0 and host.changes == ["POST"] and "Wrote the comment: https://example.org/7#131" in output
        assert summary == host.comments[130] and summary.startswith("<!-- dbwarden check: primary -->")
        assert "| change | `users.phone` |  | `VARCHAR(20)` | `VARCHAR(40)` |" in summary
        assert "The comment says this already" in action(project, host)[1] and host.changes == ["POST"]

        change(project, ', Column("phone", String(40))', "", "no phone")
        code, output, summary = action(project, host)
        assert code == 5 and host.changes == ["POST", "PATCH"] and "keep-data" in host.comments[130]
        assert len(host.comments) == 131 and host.comments[:130] == [f"comment {at}" for at in range(130)]

        git(project.folder, "reset", "-q", "--hard", "origin/main")
        assert action(project, host)[0] == 0
        assert host.changes[-1] == "PATCH" and "no file new since origin/main" in host.comments[130]


def test_the_inputs_of_the_action(project: Project) -> None:
    change(project, ', Column("phone", String(20))', "", "no phone")
    with serving(CodeHost("GitHub")) as host:
        code, _, summary = action(project, host, comment="false")
        assert (code, host.changes) == (5, []) and "keep-data" in summary
        assert action(project, host, "push", **{"git-base": "HEAD"})[0] == 0 and not host.changes
        code, output, _ = action(project, host, database="nobody")
        assert code == 2 and "nobody" in output and not host.changes, "there is no report, so there is no comment"
        odd = '"; touch hacked; $(touch hacked) `touch hacked`'
        code, output, _ = action(project, host, database=odd, **{"git-base": odd, "fail-on": odd})
        assert code == 2 and not list(project.folder.parent.rglob("hacked"))
        whole = {"database": "all", "offline": "true", "command": f"env X=1 {COMMAND[0]}", "fail-on": "INFO"}
        assert action(project, host, **whole)[0] == 5 and host.changes == ["POST"]


def test_a_pull_request_from_a_fork(project: Project) -> None:
    """Its token may not write: the check counts, and the report is in the summary."""
    change(project, "String(20)", "String(40)", "phone")
    with serving(CodeHost("GitHub", refuses=403)) as host:
        code, output, summary = action(project, host)
        assert code == 0 and "::warning::The comment could not be written" in output and "users.phone" in summary
        assert "GitHub did not take the comment: 403 Resource not accessible by integration" in output
        assert host.token not in output


# -- GitLab -------------------------------------------------------------------------------------------------------


def job(project: Project, host: CodeHost, token: str = "t0ken", **inputs: str) -> tuple[int, str]:
    """Run the job of the template, as a merge request pipeline does."""
    text = (ROOT / "templates/gitlab-ci.yml").read_text()
    spec, template = text.split("\n---\n")
    defaults = yaml.safe_load(spec)["spec"]["inputs"]
    values = {name: inputs.get(name, _word(rule["default"])) for name, rule in defaults.items()}
    filled = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: values[match[1]].replace('"', '\\"'), template)
    (definition,) = (body for name, body in yaml.safe_load(filled).items())
    assert definition["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    variables = {
        "GITLAB_CI": "true", "CI": "true", "CI_API_V4_URL": host.url, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(project.folder, "rev-parse", "origin/main").strip(),
        **({"GITLAB_TOKEN": token} if token else {}), **definition["variables"],
    }  # fmt: skip
    code, output = shell("\n".join(definition["script"]), project.folder, variables, "-eo", "pipefail")
    assert [(project.folder / path).exists() for path in definition["artifacts"]["paths"]] == [True]
    return code, output


def _word(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else str(value)


def test_the_job_keeps_one_note(project: Project) -> None:
    with serving(CodeHost("GitLab", comments=["somebody's"])) as host:
        change(project, "String(20)", "String(40)", "phone")
        assert job(project, host, token="")[0] == 0 and host.changes == []
        assert job(project, host)[0] == 0 and host.changes == ["POST"]
        change(project, ', Column("phone", String(40))', "", "no phone")
        code, output = job(project, host, database="all", offline="true")
        assert code == 5 and host.changes == ["POST", "PUT"] and "keep-data" in output
        assert host.comments[0] == "somebody's" and host.comments[1].startswith("<!-- dbwarden check: primary -->")
        code, output = job(project, host, token="wrong")
        assert code == 5 and "GitLab did not take the comment: 401 Bad credentials" in output and "wrong" not in output
        assert job(project, host, comment="false", **{"git-base": "HEAD"})[0] == 0 and len(host.changes) == 2


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_comment(project: Project) -> None:
    folder = project.folder
    (folder / "report.md").write_text("<!-- dbwarden check: primary -->\n\ntext\n")
    (folder / "other.md").write_text("text\n")
    assert "neither GITHUB_ACTIONS nor GITLAB_CI" in run(folder, "comment", "report.md", code=2, GITHUB_ACTIONS="")
    with serving(CodeHost("GitHub")) as host:
        event = folder / "event.json"
        event.write_text("{}")
        job = {
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": host.url, "GITHUB_REPOSITORY": "me/app", "GITHUB_TOKEN": "t0ken",
            "GITHUB_EVENT_PATH": str(event), "GITHUB_EVENT_NAME": "push",
        }  # fmt: skip
        assert "the event `push` is not about a pull request" in run(folder, "comment", "report.md", code=2, **job)
        assert "its first line is not" in run(folder, "comment", "other.md", code=2, **job)
        assert "cannot be read" in run(folder, "comment", "none.md", code=2, **job)
        assert "GITHUB_TOKEN is not set" in run(folder, "comment", "report.md", code=2, **{**job, "GITHUB_TOKEN": ""})
        shown = json.loads(run(folder, "comment", "report.md", "--number", "7", "--json", **job))
        assert shown == {"code_host": "GitHub", "action": "created", "url": "https://example.org/7#1"}
        (folder / "report.md").write_text("<!-- dbwarden check: primary -->\n\n" + "x" * 70_000)
        assert "422 body is too long" in run(folder, "comment", "report.md", "--number", "7", code=1, **job)
        host.redirects = "http://127.0.0.1:1/"
        assert "GitHub did not take the comment: 302" in run(
            folder, "comment", "report.md", "--number", "7", code=1, **job
        )
    refused = run(folder, "comment", "report.md", "--number", "7", code=1, **job)
    assert "Connection refused" in refused and "t0ken" not in refused


# -- pre-commit ---------------------------------------------------------------------------------------------------

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def hook(project: Project, name: str) -> tuple[int, str]:
    """Run a hook as pre-commit does: on the files in the index that it names, in the root of the repository."""
    body = HOOKS[name]
    assert body["language"] == "system"
    staged = git(project.folder, "diff", "--cached", "--name-only", "--diff-filter=d").splitlines()
    files = [file for file in staged if re.search(body["files"], file)]
    if not files:
        return 0, ""
    arguments = files if body.get("pass_filenames", True) else []
    return shell(f"{body['entry']} {shlex.join(arguments)}", project.folder, {})


def test_the_hooks(project: Project) -> None:
    (project.folder / "migrations/primary/0000_old.sql").write_text(
        "-- upgrade\nDROP TABLE old;\n-- rollback\nSELECT 1;\n"
    )
    commit(project)
    (project.folder / "notes.txt").write_text("x")
    git(project.folder, "add", ".")
    assert hook(project, "dbwarden-check") == hook(project, "dbwarden-models") == (0, "")

    project.models(MODELS.replace(', Column("phone", String(20))', ""))
    git(project.folder, "add", ".")
    code, output = hook(project, "dbwarden-models")
    assert code == 4 and "users: drop column phone" in output
    run(project.folder, "make-migrations", "no phone", "--offline", "--no-proof")
    git(project.folder, "add", ".")
    assert hook(project, "dbwarden-models")[0] == 0
    code, output = hook(project, "dbwarden-check")
    assert code == 5 and "column phone of users is dropped" in output and "0000_old" not in output
