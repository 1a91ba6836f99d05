"""
Stories: numbered profiles, each with the plan that brings the realm from the one before to it.

A step may say what somebody did by hand first. A story runs on any server that has the four verbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.realm.admin import representations
from orthgen.realm.kinds import KINDS
from orthgen.realm.realm_file import desired
from orthgen.realm.resource import Resource
from orthgen.realm.snapshot_reader import read_snapshot
from orthgen.realm.write_context import WriteContext
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi

FOLDER = Path(__file__).parents[1] / "stories"
STORIES = tuple(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))


@dataclass(frozen=True)
class StoryStep:
    """One numbered file of a story."""

    name: str
    content: dict[str, Any]

    def deployment(self, realm: str) -> Deployment:
        """The deployment of the step's profile in `realm`."""
        changes = {name.replace("-", "_"): value for name, value in self.content["profile"].items()}
        return in_realm(make_deployment(**changes), realm)

    def lines(self, key: str, realm: str) -> list[str]:
        """Lines that the step expects, with the realm's name put in."""
        return [str(line).replace("REALM", realm) for line in self.content.get(key, [])]


def steps(story: str) -> list[StoryStep]:
    """The story's steps in their order."""
    return [
        StoryStep(path.stem, typed(parse_yaml(path.read_text(encoding="utf-8"), path.name)[0].value))
        for path in sorted((FOLDER / story).glob("*.yaml"))
    ]


def tell(story: str, api: AdminApi, realm: str) -> None:
    """Run a story from its beginning, and check each plan, and that nothing is left to do after it."""
    for step in steps(story):
        where = f"{story}/{step.name}"
        deployment = step.deployment(realm)
        for action in step.content.get("by-hand", []):
            by_hand(action, deployment, api, realm)
        prune = bool(step.content.get("prune", False))
        reset = bool(step.content.get("reset-undeclared", False))
        foreign = [address[0] + " " + address[2] for address in plan(deployment, api).foreign]
        done = provision(deployment, api, prune=prune, reset_undeclared=reset, mark=f"{realm}-{step.name}")
        if step.content.get("creates-realm"):
            assert done.creates_realm, where
        else:
            expect(where, "plan", labels(done), step.lines("plan", realm))
        told = [f"{change.action.symbol} {change.label}" for change in done.reported]
        expect(where, "reported", told, step.lines("reported", realm))
        leftover = [" ".join(filter(None, address)) for address in done.leftover]
        expect(where, "leftover", leftover, step.lines("leftover", realm))
        released = [" ".join(filter(None, address)) for address in done.released]
        expect(where, "released", released, step.lines("released", realm))
        if "foreign" in step.content:
            expect(where, "foreign", sorted(foreign), sorted(step.lines("foreign", realm)))
        again = plan(deployment, api, prune=prune, reset_undeclared=reset)
        expect(where, "plan afterwards", labels(again), [])


def expect(where: str, what: str, actual: list[str], expected: list[str]) -> None:
    """Fail with both lists where they differ."""
    if actual != expected:
        lines = [*(f"  actual  {line}" for line in actual), *(f"  expected {line}" for line in expected)]
        raise AssertionError("\n".join([f"{where}: {what}", *lines]))


def step_of(context: WriteContext, flow: str, authenticator: str) -> tuple[str, representations.Execution]:
    """The path of a flow's steps, and the first step with the authenticator."""
    path = context.path("authentication", "flows", flow, "executions")
    steps = context.api.get(path, list[representations.Execution])
    return path, next(step for step in steps if step.get("providerId") == authenticator)


def by_hand(action: dict[str, Any], deployment: Deployment, api: AdminApi, realm: str) -> None:
    """Do what somebody does in the admin console."""
    if "realm" in action:
        api.post("admin/realms", {"realm": realm, "enabled": True})
        return
    resources = desired(deployment)
    snapshot = read_snapshot(api, realm, resources)
    context = WriteContext(api, realm, snapshot, lambda name: f"value-of-{name}", {}, resets_undeclared=False)
    if "weaken-second-factor" in action:
        path, step = step_of(context, action["weaken-second-factor"], "auth-otp-form")
        api.put(path, {**step, "requirement": "DISABLED"})
        return
    if "step-settings" in action:
        _, step = step_of(context, action["step-settings"], action["of"])
        path = context.path("authentication", "config", str(step.get("authenticationConfig")))
        settings: dict[str, Any] = dict(api.get(path, representations.ExecutionConfig))
        api.put(path, {**settings, "config": {**settings["config"], **action["fields"]}})
        return
    if "compose" in action:
        (role,), parts = (
            context.roles([action["compose"].replace("REALM", realm)]),
            context.roles(action["of"]),
        )
        api.post(context.path("roles-by-id", role["id"], "composites"), parts)
        return
    if "default-group" in action:
        group = next(
            item
            for item in api.get(context.path("groups"), list[representations.Group])
            if item["path"] == action["default-group"]
        )
        api.put(context.path("default-groups", group["id"]), {})
        return
    verb = next(name for name in ("create", "update", "delete") if name in action)
    name, _, rest = action[verb].replace("REALM", realm).partition("/")
    kind = next(kind for kind in KINDS if kind.name == name)
    parent, key = ("", rest) if rest.startswith("/") or "/" not in rest else tuple(rest.split("/", 1))
    resource = Resource(name, key, action.get("fields", {}), parent=parent)
    if verb == "create":
        kind.create(context, resource)
    elif verb == "update":
        kind.update(context, snapshot.objects[resource.address], resource)
    else:
        kind.delete(context, snapshot.objects[resource.address])
