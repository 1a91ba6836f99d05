"""The page for approvers in German."""

from __future__ import annotations

from orthgen.deployment.connections import Encryption
from orthgen.products.approval_page.languages.words import ApprovalTexts
from orthgen.products.approval_page.risks import Risk

GERMAN = ApprovalTexts(
    language="de",
    title="Rechte zur Genehmigung",
    made_from="Von orthgen {version} aus {source} erstellt, Release {release}.",
    contents="Inhalt",
    reason="Grund",
    reasons_heading="Gründe",
    reasons_intro="Jede Zelle der Tabellen nennt ihren Grund mit einer Nummer. Die zweite Zeile ist für Techniker: die "
    "Anfrage, die entschieden hat, und was sie gebraucht hätte, auf Englisch.",
    reasons={
        "granted-by-link": "Gewährt: Der Link nennt diese Untersuchung.",
        "granted-on-archive": "Gewährt: Die Rolle hat das Recht.",
        "granted-everywhere": "Gewährt: Die Rolle hat das Recht und alle Untersuchungen.",
        "granted-on-collection": "Gewährt: Die Rolle hat das Recht, und die Sammlung ist eine der ihren.",
        "in-part": "Zum Teil: Manche Anfragen der Aktion werden gewährt, andere nicht.",
        "by-another-action": "Durch eine andere Aktion gewährt, die diese umfasst.",
        "no-permission": "Verweigert: Die Rolle hat das Recht nicht.",
        "nobody-signed-in": "Verweigert: Niemand ist angemeldet, und das Profil gibt solchen Personen dieses Recht nicht.",
        "other-collection": "Verweigert: Die Sammlung ist keine der Rolle.",
        "no-collection": "Verweigert: Die Untersuchung ist in keiner Sammlung, und die Rolle hat nur ihre eigenen Sammlungen.",
        "guard": "Vom Schutz vor Orthanc verweigert.",
        "not-granted": "Verweigert: Keine Regel gewährt die Anfrage.",
    },
    risks_heading="Zeichen für Rechte, die schaden können",
    risks={
        Risk.LEAVES: "Untersuchungen verlassen das Archiv, als Dateien oder durch einen Link.",
        Risk.CHANGES: "Untersuchungen können verloren gehen oder verändert werden.",
        Risk.GIVES_RIGHTS: "Jemand kann ändern, wer eine Untersuchung sieht, oder sieht Untersuchungen, die keine Regel "
        "eingeordnet hat.",
        Risk.WITHOUT_ACCOUNT: "Menschen ohne Konto haben das Recht.",
    },
    roles_heading="Wie jemand zu einer Rolle kommt",
    role="Rolle",
    granted_by="Gegeben durch",
    by_provider="{provider}: {value}",
    by_group="die Keycloak-Gruppe {value}",
    by_administrator="einen Administrator, in Keycloak",
    first_accounts="Konten, die es von Anfang an gibt:",
    connections_heading="Verbindungen",
    drawing="Zeichnung der Verbindungen. Die Tabelle darunter sagt dasselbe.",
    unencrypted="Auf diesen Verbindungen verlassen Daten den Rechner unverschlüsselt:",
    all_encrypted="Keine Daten verlassen den Rechner unverschlüsselt.",
    source="Von",
    target="Nach",
    protocol="Protokoll",
    address="Adresse",
    protection="Schutz",
    protections={
        Encryption.ENCRYPTED: "verschlüsselt",
        Encryption.ON_HOST: "unverschlüsselt, bleibt auf dem Rechner",
        Encryption.NONE: "unverschlüsselt",
    },
    devices="{count} Geräte",
    parts={
        "browsers": "Browser",
        "proxy": "Vorgeschalteter Proxy",
        "dicom-devices": "DICOM-Geräte",
        "object-storage": "Objektspeicher",
        "file-server": "Dateiserver",
        "database-server": "Datenbankserver",
        "other-servers": "Andere Server",
        "mail-server": "Mailserver",
        "letsencrypt": "Let’s Encrypt",
        "institution-keycloak": "Keycloak des Hauses",
    },
    on_host="der Rechner dieser Installation",
    changes_heading="Änderungen seit der letzten Genehmigung",
    changes_since="Verglichen mit {since}.",
    no_changes="Keine Änderung: Alle können, was sie vorher konnten.",
    change="Änderung",
    right="Recht",
    gains="gewinnt",
    loses="verliert",
    is_called="heißt jetzt",
    formerly="vorher: {name}",
    digest_heading="Prüfsumme",
    digest="Zwei Seiten mit derselben Prüfsumme (SHA-256) geben dieselben Rechte, durch dieselben Rollen, Links und "
    "Verbindungen.",
    signatures_heading="Genehmigung",
    signature_columns=("Name", "Funktion", "Datum", "Unterschrift"),
)
