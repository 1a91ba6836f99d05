"""The commands that send every study from an old Orthanc to a new deployment, as docs/move-in.md explains them."""

from __future__ import annotations

from typing import Final

# The lowest number of metadata and attachments that are not Orthanc's own (Orthanc 1.12.11, ServerEnumerations.h).
_FIRST_OWN = 1024

_NEW = 'curl -sf -o /dev/null -H "api-key: $KEY"'
_STUDIES = "for study in $(curl -sf $OLD/studies | jq -r '.[]'); do"


def _copied(kind: str, listing: str, content: str) -> str:
    """The command that copies what programs added to studies; it prints what the new deployment refused."""
    path = f"studies/$study/{kind}"
    numbers = f"$(curl -sf \"$OLD/{path}?{listing}\" | jq -r '.[] | tonumber | select(. >= {_FIRST_OWN})')"
    copy = f"curl -sf $OLD/{path}/$number{content} | {_NEW} -X PUT $NEW/{path}/$number --data-binary @-"
    return f'{_STUDIES} for number in {numbers}; do {copy} || echo "{path}/$number"; done; done'


SENDING: Final = (
    f'{_STUDIES} curl -sf -o /dev/null $OLD/peers/new/store -d $study || echo "$study"; done',
    (
        f"{_STUDIES} for label in $(curl -sf $OLD/studies/$study/labels | jq -r '.[]'); do "
        f"{_NEW} -X PUT $NEW/studies/$study/labels/$label -d '' || echo \"$study $label\"; done; done"
    ),
    _copied("attachments", "full", "/data"),
    _copied("metadata", "numeric", ""),
    'diff <(curl -sf $OLD/statistics | jq .CountInstances) <(curl -sf -H "api-key: $KEY" $NEW/statistics | jq .CountInstances)',
)
"""
Studies, labels, attachments, metadata, and the comparison of the number of instances.

`OLD` and `NEW` are the addresses, `KEY` is an API key of the new deployment. Each command prints what it could not send.
"""
