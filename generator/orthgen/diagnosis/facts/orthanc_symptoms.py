"""Messages of Orthanc (1.12.11), its DICOM library (DCMTK 3.6.9), libcurl and the container engine that tell a known cause."""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

ORTHANCS = (
    Symptom(
        "Unknown modality manufacturer",
        "Orthanc does not know the manufacturer of a modality",
        "write `Generic`, or leave it out",
    ),
    Symptom(
        r"Cannot read file with (?:own|trusted) [\w ]+ for DICOM TLS",
        "a file of DICOM TLS is not there",
        "mount the files that `DicomTlsCertificate`, `DicomTlsPrivateKey` and `DicomTlsTrustedCertificates` name",
    ),
    Symptom(
        r"version .GLIBC\w*_[\d.]+' not found",
        "the plugin was built for a newer Linux than the image has",
        "take the plugin of the image, or an image with the Linux for which it was built",
    ),
    Symptom(
        "Called AE Title Not Recognized",
        "the other machine has another AE title than the modality in Orthanc",
        "write the title of the machine into `DicomModalities`, in the same case",
    ),
    Symptom(
        "Calling AE Title Not Recognized",
        "the other machine does not know Orthanc's AE title",
        "add the title of `DicomAet` and Orthanc's address to the list of that machine",
    ),
    Symptom(
        "TCP Initialization Error",
        "no machine answers at the address and the port of the modality",
        "compare `Host` and `Port` with the machine; in a container `localhost` is the container itself",
    ),
    Symptom(
        r"Unknown modality for AET: |No modality with symbolic name|Unknown DICOM modality with symbolic name",
        "Orthanc does not know the modality to which it should send",
        "add it to `DicomModalities`, with its AE title, address and port",
    ),
    Symptom(
        "SSL peer certificate or SSH remote key was not OK",
        "Orthanc does not trust the certificate of the server",
        "name the certificate of its authority in `HttpsCACertificates`",
    ),
    Symptom(
        r"libCURL error: (?:Couldn't|Could not) connect to (?:server|host)",
        "no program answers Orthanc at the address in the line",
        "in a container `localhost` is the container itself: write the name of the service, and its port inside the container",
    ),
    Symptom(
        "List of strings expected in field: permissions",
        "the server at `WebServiceRootUrl` is not the auth-service, or it answers with an error",
        "write `http://`, the name of its service, port 8000 and a slash",
    ),
    Symptom(
        "Badly formatted URI",
        "the path has an empty part (`//`), or does not begin with a slash",
        "end the roots of the viewer without a slash",
    ),
    Symptom(
        "exec format error",
        "the image, or a program in it, is for another kind of processor",
        "take an image for this one (`platform: linux/amd64` needs an emulator on ARM)",
    ),
    Symptom(
        r"manifest unknown|manifest for \S+ not found",
        "the registry has no image of that name and tag",
        "write a tag that exists",
    ),
    Symptom(
        r"refers to undefined (?:network|volume|secret|config)",
        "a service names something that the Compose file does not define",
        "define it at the end of the file, or correct the name",
    ),
)
