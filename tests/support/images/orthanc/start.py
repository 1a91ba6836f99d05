"""
The entrypoint: merges the configuration, copies the plugins, runs the start script, starts Orthanc and the filter before it.

Orthanc itself listens on the loopback; on its port outside, the filter answers.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support.images.orthanc import merged
from tests.support.images.orthanc.filter import serve

_HOST_ID = Path("/etc/hostid")
_AVAILABLE = Path("/usr/share/orthanc/plugins-available")
_LOADED = Path("/run/orthanc/plugins")
_BEHIND = Path("/tmp/behind.json")  # noqa: S108 - the container's own, in memory
_PORT = 8041


def main(path: Path) -> int:
    """Run until Orthanc ends; its exit status."""
    if _HOST_ID.read_text().strip() == "not-generated":
        _HOST_ID.write_text("10000001\n")
    configuration = merged.configuration()
    _copy_plugins(configuration)
    path.write_text(json.dumps(configuration, indent=2), encoding="utf-8")
    behind = {"HttpPort": _PORT, "RemoteAccessAllowed": False, "AuthenticationEnabled": False}
    _BEHIND.write_text(json.dumps({**configuration, **behind}), encoding="utf-8")
    _run_start_script()
    orthanc = subprocess.Popen(["Orthanc", str(_BEHIND)])

    def stop(number: int, _: FrameType | None) -> None:
        orthanc.send_signal(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=serve, args=(configuration, _PORT), daemon=True).start()
    return orthanc.wait()


def _copy_plugins(configuration: Mapping[str, Any]) -> None:
    folder = _LOADED if _LOADED.is_dir() else Path("/usr/share/orthanc/plugins")
    for section in merged.enabled(configuration):
        for library in merged.LIBRARIES[section]:
            if not (folder / library).exists():
                shutil.copy(_AVAILABLE / library, folder / library)


def _run_start_script() -> None:
    """Run the command of the variable, as the image does: split at blanks, and the container ends where it fails."""
    command = os.environ.get("BEFORE_ORTHANC_STARTUP_SCRIPT", "").split()
    if command and (status := subprocess.run(command, check=False).returncode):
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
