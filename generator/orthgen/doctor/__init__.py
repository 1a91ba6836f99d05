"""
Examination of a machine and of a running deployment. Changes nothing.

Each check is a function from the examined system to facts; `CHECKS` lists all. A check that does not concern the system has no fact.
"""

from orthgen.doctor import bucket, certificate, database, folder, machine, running, storage
from orthgen.doctor.model import Check, ExaminedSystem, Result, Status

CHECKS: tuple[Check, ...] = (
    Check("engine", "the container engine answers, and is new enough", machine.engine),
    Check("compose", "Docker Compose answers, and is new enough", machine.compose),
    Check("kernel", "limits are enforced, and users of containers are users of the machine", machine.kernel),
    Check("clock", "the clock is synchronised", machine.clock),
    Check("disk", "the disks have space", machine.disk),
    Check("memory", "the machine has the memory that the services may use", machine.memory),
    Check("files", "the folder has the files of the profile, unedited", folder.files),
    Check("secrets", "each secret is in its file, with its owner and mode", folder.secrets),
    Check("certificate", "the certificate fits its key and the host, and is valid", certificate.certificate),
    Check("authorities", "the authorities of `identity.trust` are valid", certificate.authorities),
    Check("name", "the host name leads to this machine", machine.name),
    Check(
        "storage",
        "the folder with the DICOM files is the right one, and Orthanc may write there",
        storage.storage,
    ),
    Check(
        "databases", "databases outside of the deployment answer, with their certificates", database.databases
    ),
    Check("bucket", "the bucket answers, accepts the keys, and can be listed", bucket.bucket),
    Check("ports", "the ports are free, or a container of the deployment has them", machine.ports),
    Check("containers", "each service runs and is healthy", running.containers),
    Check("images", "the containers have the images and settings of the compose file", running.images),
    Check("served-certificate", "browsers trust the certificate that is served", running.served_certificate),
    Check("issuer", "browsers and the auth-service reach Keycloak's issuer", running.issuer),
    Check("weaknesses", "`orthgen verify` finds no open weakness", running.weaknesses),
)


def examine(system: ExaminedSystem) -> list[Result]:
    """Every fact of every check that concerns the system."""
    return [Result(check.id, fact) for check in CHECKS for fact in check.facts(system)]


def has_error(results: list[Result]) -> bool:
    """Whether a check found an error."""
    return any(result.fact.status is Status.ERROR for result in results)
