"""
Starts the auth-service: reads the password that Orthanc shows it, and keeps tokens out of the log.

The service takes its users from the variable USERS only. Set in here, the password stands neither in the
compose file nor in what `docker inspect` or /proc show.
"""

import json
import logging
import os
import shutil
from pathlib import Path

import uvicorn

# The service logs whole tokens, at level INFO and WARNING (26.4.1). Its own call of basicConfig comes later
# and changes nothing.
logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")

# Where roles are edited in Orthanc Explorer 2, they live on a volume that starts from the rendered file.
folder = Path("/orthanc_auth_service")
permissions = Path(os.environ["PERMISSIONS_FILE_PATH"])
if not permissions.exists():
    shutil.copyfile(folder / "permissions.json", permissions)

password = Path("/run/secrets/ORTHANC_PASSWORD").read_text(encoding="utf-8").strip()
os.environ["USERS"] = json.dumps({os.environ["ORTHANC_USER"]: password})

# On every address of the container, whose networks are internal.
uvicorn.run("app:app", host="0.0.0.0", port=8000, app_dir=str(folder), access_log=False)  # noqa: S104
