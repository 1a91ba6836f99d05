"""Lines of logs and of browsers' consoles that tell a known cause."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from orthgen.diagnosis.facts.browser_symptoms import BROWSERS
from orthgen.diagnosis.facts.bucket_symptoms import BUCKETS
from orthgen.diagnosis.facts.database_symptoms import DATABASES
from orthgen.diagnosis.facts.orthanc_symptoms import ORTHANCS
from orthgen.diagnosis.facts.proxy_symptoms import PROXIES
from orthgen.diagnosis.facts.sign_in_symptoms import SIGN_INS
from orthgen.diagnosis.facts.symptoms import SERVERS
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "known-error-in-log",
    Severity.WARNING,
    summary="A line of a log, or of a browser's console, tells a known cause.",
    consequence="What the line says failed: an upload, a sign-in, a start.",
    remedy="The finding names the cause and what to write.",
    file="nginx.log",
    example="""
        2026/03/01 10:00:00 [error] 29#29: *7 client intended to send too large body: 4829184 bytes, client: 10.0.0.7, server: pacs.example.org, request: "POST /instances HTTP/1.1", host: "pacs.example.org"
    """,
    counterexample="""
        2026/03/01 10:00:00 [notice] 1#1: start worker processes
    """,
)

_SYMPTOMS = (*SERVERS, *PROXIES, *SIGN_INS, *DATABASES, *ORTHANCS, *BUCKETS, *BROWSERS)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each known cause once, in the order of the lines."""
    lines = sorted((*deployment.log_lines, *deployment.prose), key=lambda line: line.location)
    messages = [line.message.replace("\n", " ") for line in lines]
    # One search in all messages is much faster than a search in each.
    text = "\n".join(messages)
    starts = [0, *accumulate(len(message) + 1 for message in messages)]
    causes: dict[str, tuple[int, str]] = {}
    for symptom in _SYMPTOMS if messages else ():
        match = re.search(symptom.expression, text, re.IGNORECASE | re.MULTILINE)
        if match is not None:
            named = {name: word or "" for name, word in match.groupdict().items()}
            remedy = symptom.remedy.format(**named) if named else symptom.remedy
            causes.setdefault(symptom.cause, (bisect_right(starts, match.start()) - 1, remedy))
    for cause, (index, remedy) in sorted(causes.items(), key=lambda item: item[1][0]):
        yield Finding(RULE, f"the line tells the cause: {cause}", lines[index].location, remedy)
