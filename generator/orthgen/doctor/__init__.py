"""
Examination of a machine and of a running deployment. Changes nothing.

Each check is a function from the examined system to facts; `CHECKS` lists all. A check that does not concern the system has no fact.
"""

from orthgen.doctor import bucket, certificate, database, folder, machine, running, storage
from orthgen.doctor.model import CheckResult, CheckStatus, DoctorCheck, ExaminedSystem

CHECKS: tuple[DoctorCheck, ...] = (
    DoctorCheck("engine", "the container engine answers, and is new enough", machine.engine),
    DoctorCheck("compose", "Docker Compose answers, and is new enough", machine.compose),
    DoctorCheck(
        "kernel", "limits are enforced, and users of containers are users of the machine", machine.kernel
    ),
    DoctorCheck("clock", "the clock is synchronised", machine.clock),
    DoctorCheck("disk", "the disks have space", machine.disk),
    DoctorCheck("memory", "the machine has the memory that the services may use", machine.memory),
    DoctorCheck("files", "the folder has the files of the profile, unedited", folder.files),
    DoctorCheck("secrets", "each secret is in its file, with its owner and mode", folder.secrets),
    DoctorCheck(
        "certificate", "the certificate fits its key and the host, and is valid", certificate.certificate
    ),
    DoctorCheck("authorities", "the authorities of `identity.trust` are valid", certificate.authorities),
    DoctorCheck("name", "the host name leads to this machine", machine.name),
    DoctorCheck(
        "storage",
        "the folder with the DICOM files is the right one, and Orthanc may write there",
        storage.storage,
    ),
    DoctorCheck(
        "databases", "databases outside of the deployment answer, with their certificates", database.databases
    ),
    DoctorCheck("bucket", "the bucket answers, accepts the keys, and can be listed", bucket.bucket),
    DoctorCheck("ports", "the ports are free, or a container of the deployment has them", machine.ports),
    DoctorCheck("containers", "each service runs and is healthy", running.containers),
    DoctorCheck("images", "the containers have the images and settings of the compose file", running.images),
    DoctorCheck(
        "served-certificate", "browsers trust the certificate that is served", running.served_certificate
    ),
    DoctorCheck("issuer", "browsers and the auth-service reach Keycloak's issuer", running.issuer),
    DoctorCheck("weaknesses", "`orthgen verify` finds no open weakness", running.weaknesses),
)


def examine(system: ExaminedSystem) -> list[CheckResult]:
    """Every fact of every check that concerns the system."""
    return [CheckResult(check.id, fact) for check in CHECKS for fact in check.facts(system)]


def has_error(results: list[CheckResult]) -> bool:
    """Whether a check found an error."""
    return any(result.fact.status is CheckStatus.ERROR for result in results)
