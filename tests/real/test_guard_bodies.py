"""Thousands of bodies that name studies of others, in every form and spelling, sent through real nginx: none comes through."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from orthgen.authz.resources import index
from tests.authz.builders import RESOURCES
from tests.real.test_guard import PROFILE
from tests.support.builders import make_deployment
from tests.support.filtered import FilteredOrthanc, archive, user_token
from tests.support.rendered_nginx import edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orthgen.authz.model import Request
    from tests.support.services_behind_nginx import Answer, Seen

# Both roles see the collection `external`, of which study A is; B is of nobody's collection.
ROLES = ("limited", "editor")
LEVELS = ("study", "series", "instance", "patient")
_A, _B = RESOURCES.studies["A"], RESOURCES.studies["B"]
OWN = dict(zip(LEVELS, (_A[1], _A[2], _A[3], _A[0]), strict=True))
FOREIGN = dict(zip(LEVELS, (_B[1], _B[2], _B[3], _B[0]), strict=True))
FOREIGN_NAMES = tuple(name.lower() for one in FOREIGN.values() for name in (one.orthanc_id, one.uid))
MENTION = re.compile("|".join(map(re.escape, FOREIGN_NAMES)))

LISTING = (
    "/modalities/pacs/store",
    "/peers/other/store",
    "/dicom-web/servers/other/stow",
    f"/studies/{OWN['study'].orthanc_id}/merge",
    f"/series/{OWN['series'].orthanc_id}/merge",
    "/tools/bulk-anonymize",
    "/tools/bulk-delete",
    "/tools/bulk-modify",
    "/tools/bulk-content",
    "/tools/create-archive",
    "/tools/create-media",
    "/tools/create-media-extended",
)
# Members that no Orthanc reads (1.12.9 to 1.13.0): they come through, and say nothing.
UNREAD = frozenset({"resources", "Series", "Studies"})
# Those that no role of the profile may ask for, whatever the body: the plugin's table has no row for them.
CLOSED = LISTING[8:]
SEARCHES = ("/tools/find", "/tools/count-resources")
MODIFICATIONS = tuple(
    f"/{folder}/{OWN[level].orthanc_id}/{word}"
    for folder, level in (("studies", "study"), ("series", "series"))
    for word in ("modify", "anonymize")
)

# What a list of ids looks like; `%s` is the JSON list, `%o` the same list of the caller's own ids.
FORMS = {
    "object": '{"Resources": %s}',
    "list": "%s",
    "with options": '{"Asynchronous": true, "Resources": %s, "Synchronous": false, "Priority": 3}',
    "own, then the list": '{"Resources": %o, "Resources": %s}',
    "the list, then own": '{"Resources": %s, "Resources": %o}',
    "escaped key": '{"\\u0052esources": %s}',
    "own, then the list by an escaped key": '{"Resources": %o, "Resour\\u0063es": %s}',
    "another key beside": '{"Resources": %o, "resources": %s, "Series": %s, "Studies": %s}',
    "a comment": '{"Resources": /* own */ %s}',
    "a byte order mark": '\ufeff{"Resources": %s}',
    "a comma too many": '{"Resources": %s,}',
    "nested": '{"Resources": [%o, %s]}',
    "white space": '\n\t {\r\n "Resources"\t:\n %s } \n',
    "NUL behind": '{"Resources": %s}\x00',
    "two values": '{"Resources": %o}{"Resources": %s}',
}
SPELLINGS: dict[str, Callable[[str], object]] = {
    "plain": lambda one: one,
    "capitals": str.upper,
    "space behind": lambda one: f"{one} ",
    "line end behind": lambda one: f"{one}\n",
    "slash before": lambda one: f"/{one}",
    "path": lambda one: f"studies/{one}",
    "up and down": lambda one: f"../studies/{one}",
    "object": lambda one: {"ID": one},
    "object with type": lambda one: {"ID": one, "Type": "Study", "Level": "Study"},
    "object, lower case": lambda one: {"id": one},
    "list": lambda one: [one],
}
MIXES: dict[str, Callable[[object, object], list[object]]] = {
    "alone": lambda own, foreign: [foreign],  # noqa: ARG005
    "behind one's own": lambda own, foreign: [own, foreign],
    "before one's own": lambda own, foreign: [foreign, own],
}


@dataclass(frozen=True)
class Attempt:
    """One request, by the name of its form."""

    path: str
    body: str
    form: str
    is_own: bool = False
    """Whether it names nothing of others in a plain form, so that it has to come through."""


def _filled(form: str, ids: list[object], own: list[object]) -> str:
    return form.replace("%s", json.dumps(ids)).replace("%o", json.dumps(own))


def _lists() -> Iterator[Attempt]:
    """Each path whose body lists resources, with others' resources of each level in every form."""
    own = OWN["study"].orthanc_id
    for path in LISTING:
        # The plugin refuses closed paths by their address: one place in the list is enough there.
        mixes = list(MIXES.items())[:1] if path in CLOSED else list(MIXES.items())
        for (name, form), level, (mixed, mix) in itertools.product(FORMS.items(), LEVELS, mixes):
            ids = mix(own, FOREIGN[level].orthanc_id)
            yield Attempt(path, _filled(form, ids, [own]), f"{name}, {level}, {mixed}")
        for (name, spell), level, (mixed, mix) in itertools.product(SPELLINGS.items(), LEVELS, mixes):
            for named in (FOREIGN[level].orthanc_id, FOREIGN[level].uid):
                body = json.dumps({"Resources": mix(own, spell(named))})
                yield Attempt(path, body, f"{name}, {level}, {mixed}")
        for level in LEVELS:
            foreign = FOREIGN[level].orthanc_id
            yield Attempt(path, foreign, f"bare, {level}")
            yield Attempt(path, json.dumps(foreign), f"text, {level}")
            yield Attempt(path, f"{own}\n{foreign}", f"two lines, {level}")
        yield Attempt(path, json.dumps({"Resources": [own]}), "one's own", is_own=path not in CLOSED)
        yield Attempt(path, json.dumps([own]), "one's own, a list", is_own=path not in CLOSED)


def _searches() -> Iterator[Attempt]:
    """Searches by two parents or twice by one, of which one is another's."""
    parents = {"ParentStudy": "study", "ParentSeries": "series", "ParentPatient": "patient"}
    # Of studies the plugin searches the caller's own alone, whatever their parent.
    for path, level in itertools.product(SEARCHES, ("Series", "Instance")):
        start = f'{{"Level": "{level}", "Query": {{}}, "Expand": true, '
        for first, second in itertools.product(parents, repeat=2):
            pairs = [
                f'"{first}": "{OWN[parents[first]].orthanc_id}"',
                f'"{second}": "{FOREIGN[parents[second]].orthanc_id}"',
            ]
            for order in (pairs, pairs[::-1]):
                yield Attempt(path, f"{start}{', '.join(order)}}}", f"{first}, {second}")
            escaped = pairs[1].replace('"P', '"\\u0050', 1)
            yield Attempt(path, f"{start}{pairs[0]}, {escaped}}}", f"{first}, {second} escaped")
            yield Attempt(
                path, f"{start}{pairs[1].lower()}, {pairs[0]}}}", f"{first}, {second} in lower case"
            )
        for parent, own in parents.items():
            yield Attempt(path, f'{start}"{parent}": "{FOREIGN[own].orthanc_id}"}}', parent)
    for path in SEARCHES:
        body = {"Level": "Series", "Query": {}, "ParentStudy": OWN["study"].orthanc_id}
        yield Attempt(path, json.dumps(body), "one's own", is_own=True)


IDENTIFIERS = {
    "StudyInstanceUID": "study",
    "SeriesInstanceUID": "series",
    "SOPInstanceUID": "instance",
    "PatientID": "patient",
}
TAGS = {
    "StudyInstanceUID": ("0020000D", "0020-000d", "0020,000d", "0020000d", "0x0020000d"),
    "SeriesInstanceUID": ("0020000E", "0020-000e", "0020,000E"),
    "SOPInstanceUID": ("00080018", "0008-0018", "0008,0018"),
    "PatientID": ("00100020", "0010-0020", "0010,0020"),
}


def _modifications() -> Iterator[Attempt]:
    """Modifications whose result would become part of others' studies, in each spelling of each identifier."""
    bulk = [("/tools/bulk-modify", True), ("/tools/bulk-anonymize", True)]
    for path, lists in [*((path, False) for path in MODIFICATIONS), *bulk]:
        listed = f'"Resources": ["{OWN["series"].orthanc_id}"], "Level": "Series", ' if lists else ""
        for name, level in IDENTIFIERS.items():
            value = FOREIGN[level].uid
            for spelled in (name, name.lower(), name.upper(), *TAGS[name], name.replace("I", "\\u0049", 1)):
                for said in (value, f"{value} ", f"{value}\\u0000"):
                    replace = f'{{"{spelled}": "{said}"}}'
                    for options in (
                        '"Force": true, "KeepLabels": true',
                        '"Force": true, "KeepSource": true, "Keep": ["SOPInstanceUID"]',
                    ):
                        yield Attempt(
                            path, f'{{{listed}"Replace": {replace}, {options}}}', f"{spelled} {options}"
                        )
                twice = (
                    f'"Replace": {{"{name}": "1.2.3"}}, "Replace": {{"{spelled}": "{value}"}}, "Force": true'
                )
                yield Attempt(path, f"{{{listed}{twice}}}", f"twice, {spelled}")
                inner = f'"Replace": {{"{name}": "1.2.3", "{spelled}": "{value}"}}, "Force": true'
                yield Attempt(path, f"{{{listed}{inner}}}", f"twice within, {spelled}")
        yield Attempt(path, f'{{{listed}"Replace": {{"StudyDescription": "x"}}}}', "one's own", is_own=True)


@dataclass
class Watch:
    """The archive behind the plugin's model; keeps what names something of others and comes through."""

    reached: list[str] = field(default_factory=list)
    passed: int = 0

    def __call__(self, orthanc: FilteredOrthanc, seen: Seen, request: Request) -> Answer:
        if seen.method != "GET" and not _is_question_of_the_guard(seen):
            self.passed += 1
            text = f"{seen.path} {_read(seen.body.decode('utf-8', 'replace'))}"
            if MENTION.search(_plain(text)):
                self.reached.append(text)
        return archive(orthanc, seen, request)


def _is_question_of_the_guard(seen: Seen) -> bool:
    """Whether the guard asks for itself what an identifier is of, and whose; the answer stays with it."""
    own = r'{"Level":"Study","Query":{},"ParentPatient":"[^"]*"}'
    return seen.path == "/tools/lookup" or (
        seen.path == "/tools/find" and re.fullmatch(own, seen.body.decode()) is not None
    )


def _read(body: str) -> str:
    """What Orthanc reads of a body."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    is_object = isinstance(value, dict) and body.count('"Resources"') == 1
    return json.dumps({name: value[name] for name in value.keys() - UNREAD}) if is_object else body


def _plain(text: str) -> str:
    """The text with escapes read, in lower case."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).lower()


@cache
def attempts() -> tuple[Attempt, ...]:
    """Everything that is tried."""
    return (*_lists(), *_searches(), *_modifications())


def test_no_body_reaches_what_its_sender_may_not_see(tmp_path: Path) -> None:
    """
    What names others' studies is refused or comes through without them; what names one's own comes through.

    Lists for sending, merging, storing at peers, changing many at once, archives and media; searches by two parents;
    modifications into others' studies.
    """
    deployment = make_deployment(**PROFILE)
    watch = Watch()
    orthanc = FilteredOrthanc(deployment, watch, index((*_A, *_B)))
    tokens = [user_token(role) for role in ROLES]
    refused: Counter[int] = Counter()
    stopped, told = [], []
    with (
        edge(deployment, tmp_path, answers={"orthanc": orthanc}) as running,
        closing(HTTPConnection("127.0.0.1", running.http, timeout=30)) as connection,
    ):
        for number, attempt in enumerate(attempts()):
            before = watch.passed
            headers = {"Host": "localhost", "Token": tokens[number % len(tokens)]}
            connection.request("POST", attempt.path, attempt.body.encode(), headers)
            reply = connection.getresponse()
            text = reply.read().decode()
            refused[reply.status] += 1
            if attempt.is_own and (reply.status != 200 or watch.passed == before):
                stopped.append((attempt.path, attempt.form, reply.status))
            if MENTION.search(text.lower()):
                told.append((attempt.path, attempt.form, text))

    assert len(attempts()) >= 5000
    assert sorted(set(watch.reached))[:20] == []
    assert told == []
    assert stopped == []
    # 405: an archive of many resources is read with GET.
    assert set(refused) <= {200, 400, 403, 405}, refused
