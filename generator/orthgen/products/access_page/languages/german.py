"""ACCESS.md in German."""

from __future__ import annotations

from orthgen.products.access_page.languages.words import AccessTexts

GERMAN = AccessTexts(
    title="Wer was darf",
    made_from="Von orthgen aus {source} geschrieben. Nicht bearbeiten: Ändern Sie das Profil und rufen Sie noch einmal "
    "`{command}` auf.",
    purpose="Für die Menschen, die es genehmigen müssen. Jeder Eintrag wurde berechnet: Ein Modell des "
    "Autorisierungs-Plugins ({plugin}), des auth-service und des Schutzes am Eingang sagt, ob jede Anfrage gewährt wird, "
    "die die Aktion braucht. Ein Strich heißt, dass keine Anfrage der Aktion gewährt wird, und keine einer Aktion, die sie "
    "umfasst.",
    in_words="In Worten",
    several_roles="Wer mehrere Rollen hat, hat die Rechte und die Sammlungen von allen, jedes Recht in jeder Sammlung.",
    by_collection="Untersuchungen, nach Sammlung",
    whole_archive="Das Archiv als Ganzes",
    meanings="Was die Aktionen sind",
    legend="*Zum Teil*: Von dem, was die Aktion sonst braucht, wird nur ein Teil gewährt. *Durch* eine andere Aktion: "
    "Diese umfasst sie.",
    worth_knowing="Gut zu wissen",
    instant_link="Ein Sofortlink öffnet die eine Untersuchung, für die er gemacht wurde, {life}, in dem Browser, in dem er "
    "gemacht wurde; der Link von jemandem, der teilen darf, gilt überall. Er gibt Dateien heraus, wenn herunterladen darf, "
    "wer ihn gemacht hat. Nur wer die Untersuchung sehen darf, kann einen machen.",
    link_reads="Er liest, und sonst nichts.",
    link_saves="**Er speichert auch** (`reports: instant-link`): Wer den Viewer öffnet, kann dieser Untersuchung Berichte "
    "hinzufügen, ohne das Recht dazu und ohne Namen im Protokoll.",
    share_link="Ein Freigabelink tut dasselbe für Menschen ohne Konto, {life}, länger nicht. Wer den Link hat, "
    "hat die Untersuchung.",
    share_link_for_ever="Ein Freigabelink tut dasselbe für Menschen ohne Konto, unbefristet, wenn sein Ersteller das will. "
    "Wer den Link hat, hat die Untersuchung.",
    no_sharing="Niemand kann teilen: Das Profil hat kein `sharing`.",
    fetches_files="`{viewer}` lädt ganze Untersuchungen als Dateien: Er öffnet sich für alle mit *download* und nicht für "
    "{refused}.",
    uploads="Was jemand hochlädt, trägt von selbst kein Label: Wo keine Regel es sammelt, sehen es nur Rollen mit allen "
    "Sammlungen.",
    permission_editor="Rollen mit *administer* können diese Rechte im Orthanc Explorer 2 ändern (`permission-editor`). Ihre Änderungen "
    "stehen nicht auf dieser Seite.",
    yes="ja",
    in_part="zum Teil",
    by="durch {action}",
    everybody_else="Alle anderen",
    who="Wer was darf",
    everywhere="Jede Untersuchung",
    collections="{count} Sammlungen",
    colon=": ",
    separator="; ",
    conjunction="und",
    nothing="nichts",
    on="in {places}",
    on_every_study="bei jeder Untersuchung",
    of_that_study="bei dieser Untersuchung",
    of_no_collection="Untersuchungen ohne Sammlung",
    includes="Umfasst {actions}: {why}",
    mind="Zu beachten: {what}",
    for_time="für {time}",
    for_ever="unbefristet",
    units=(("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten"), ("Sekunde", "Sekunden")),
    principals={
        "signed-out": "Nicht angemeldet",
        "instant-link": "Sofortlink zu einer Untersuchung",
        "share-link": "Freigabelink zu einer Untersuchung",
    },
    actions={
        "view": (
            "eine Untersuchung finden und ansehen",
            (
                "jedes Bild und seine Attribute, einzeln, wie Viewer sie laden: Was bei jemandem auf dem Bildschirm ist, kann "
                "behalten werden"
            ),
        ),
        "download": (
            (
                "Untersuchungen und Serien als Dateien erhalten: zip, DICOMDIR, einzelne DICOM-Dateien, ganze Serien über "
                "DICOMweb"
            ),
            "die Dateien enthalten, was es zu sehen gibt",
        ),
        "share": ("einen Link machen, der für Menschen ohne Konto gilt", ""),
        "report": (
            (
                "Berichte in einer Untersuchung speichern, die man sieht: Messungen, Schlüsselbilder, Darstellungen, "
                "Segmentierungen, Strukturen"
            ),
            "",
        ),
        "upload": ("eigene Objekte zum Archiv hinzufügen", "Berichte sind Objekte"),
        "send": ("eine Untersuchung an ein anderes Archiv oder eine Modalität senden", ""),
        "delete": ("eine Untersuchung löschen, oder einen Teil davon", ""),
        "modify": (
            "die Attribute einer Untersuchung ändern, an Ort und Stelle oder als Kopie, und Untersuchungen zusammenführen",
            (
                "eine geänderte Kopie kann neben dem Original stehen, als wäre sie hochgeladen worden, mit Attributen jeder Art, "
                "oder an seine Stelle treten; sie kann ohne Namen sein, und ohne die Labels des Originals"
            ),
        ),
        "anonymize": (
            "eine anonyme Kopie einer Untersuchung machen",
            "die Kopie kann Attribute jeder Art bekommen und steht im Archiv, als wäre sie hochgeladen worden",
        ),
        "edit-labels": (
            "einer Untersuchung Labels geben und nehmen",
            (
                "eine Untersuchung kann aus einer Sammlung genommen werden, deren Leute sie dann nicht mehr sehen, und denen "
                "einer anderen gezeigt werden"
            ),
        ),
        "q-r-remote-modalities": (
            "in anderen Archiven suchen und von dort holen",
            "was geholt wird, kommt zum Archiv hinzu, und sein Archiv kann es an andere weitergeben",
        ),
        "worklists": ("die Arbeitslisten der Modalitäten führen", ""),
        "settings": ("ändern, was der Server protokolliert", ""),
        "audit-logs": ("lesen, wer was getan hat", ""),
        "administer": (
            "Rollen, Modalitäten und Aufträge ändern",
            "wer Rollen ändert, kann sich jedes Recht geben",
        ),
    },
)
