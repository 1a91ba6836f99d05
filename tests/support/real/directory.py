"""A real directory server (OpenLDAP) with the entries that a test gives."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.real import authority
from tests.support.real.network import run
from tests.support.real.process import Program

SUFFIX = "dc=hospital,dc=example"

ACTIVE_DIRECTORY = """
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.96 NAME 'pwdLastSet' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP top AUXILIARY MUST ( sAMAccountName $ objectGUID )
  MAY ( userAccountControl $ pwdLastSet $ mail $ givenName ) )
objectclass ( 1.2.840.113556.1.5.8 NAME 'group' SUP top STRUCTURAL MUST cn MAY member )
"""
"""The classes and attributes of Active Directory that Keycloak reads with `vendor: ad`."""


class Directory:
    """
    OpenLDAP with `entries` (LDIF) below the suffix, at `url`; `administrator` signs in with `password`.

    On ldaps, its certificate is of the tests' authority, for `host`.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        entries: str,
        *,
        administrator: str,
        password: str,
        schema: str = "",
        host: str = "",
    ) -> None:
        self.url, self._folder = url, folder
        self._administrator, self._password = administrator, password
        data = folder / "data"
        data.mkdir()
        more = folder / "more.schema"
        more.write_text(schema, encoding="ascii")
        configuration = folder / "slapd.conf"
        configuration.write_text(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
            f"include /etc/ldap/schema/inetorgperson.schema\ninclude {more}\nmoduleload back_mdb\n"
            f'{self._certificate(host)}database mdb\nsuffix "{SUFFIX}"\nrootdn "{administrator}"\n'
            f"rootpw {password}\ndirectory {data}\n"
        )
        self._run("slapadd", "-f", str(configuration), "-l", str(self._ldif("entries", entries)))
        # The last address is for the tests alone, which trust no authority of their own.
        self._local = f"ldapi://{str(folder / 'socket').replace('/', '%2F')}"
        line = [command("slapd"), "-f", str(configuration), "-h", f"{url} {self._local}", "-d", "0"]
        self.program = Program(line, log=folder / "slapd.log")
        self.program.wait_until(self._answers, seconds=30, what="slapd")

    def _certificate(self, host: str) -> str:
        if not host:
            return ""
        signed, key = authority.certify(host, self._folder)
        return f"TLSCertificateFile {signed}\nTLSCertificateKeyFile {key}\n"

    def change(self, text: str) -> None:
        """Change the directory as its administrator (LDIF)."""
        signed_in = ("-x", "-H", self._local, "-D", self._administrator, "-w", self._password)
        self._run("ldapmodify", *signed_in, "-f", str(self._ldif("change", text)))

    def stop(self) -> None:
        """Stop it."""
        self.program.stop()

    def _answers(self) -> bool:
        try:
            self._run("ldapsearch", "-x", "-H", self._local, "-s", "base", "-b", "")
        except RuntimeError:
            return False
        return True

    def _ldif(self, name: str, text: str) -> Path:
        path = self._folder / f"{name}.ldif"
        path.write_text(text.lstrip("\n"), encoding="utf-8")
        return path

    def _run(self, *argv: str) -> None:
        run(command(argv[0]), *argv[1:])


def command(name: str) -> str:
    """A program of Debian's packages slapd and ldap-utils; both are installed with the other real parts."""
    program = shutil.which(name, path="/usr/sbin:/usr/bin")
    assert program is not None, f"{name} is not there; run ./check or tests/tools/install-real-parts"
    return program
