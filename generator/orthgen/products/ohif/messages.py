"""OHIF's messages about refused requests, in every language that has texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# `guests`: why a guest cannot save where others can. `nobody`: why nobody can.
_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "save": "The report was not saved: you are signed in, but without the right to save reports here. The "
        "measurement is still on the screen. If your sign-in is old, reload the page; otherwise ask the archive's "
        "administrators for the right.",
        "later": "The report was not saved, because a part of the archive does not answer. The measurement is still on the "
        "screen. Try again in a minute.",
        "view": "The archive does not open this for you. If your sign-in is old, reload the page; otherwise ask the "
        "archive's administrators for access to the study.",
        "link": "This link no longer opens these images, or never did. Ask anybody who gave it to you for a new one.",
        "guests": "A link shows the images; reports are saved by people who sign in. Your measurements stay on the "
        "screen and are not sent anywhere.",
        "nobody": "Saving reports is switched off here. Your measurements stay on the screen and are not sent "
        "anywhere.",
        "close": "Close",
    },
    "fr": {
        "save": "Le rapport n’a pas été enregistré : votre compte est reconnu, mais il n’a pas le droit d’enregistrer "
        "des rapports ici. La mesure est toujours à l’écran. Si votre connexion est ancienne, rechargez la page ; "
        "sinon, demandez ce droit aux administrateurs de l’archive.",
        "later": "Le rapport n’a pas été enregistré, car une partie de l’archive ne répond pas. La mesure est toujours à "
        "l’écran. Réessayez dans une minute.",
        "view": "L’archive ne vous ouvre pas cet élément. Si votre connexion est ancienne, rechargez la page ; sinon, "
        "demandez l’accès à l’examen aux administrateurs de l’archive.",
        "link": "Ce lien n’ouvre pas ou plus ces images. Demandez-en un nouveau à la personne qui vous l’a donné.",
        "guests": "Un lien montre les images ; ce sont les personnes connectées qui enregistrent des rapports. Vos "
        "mesures restent à l’écran et ne sont envoyées nulle part.",
        "nobody": "L’enregistrement de rapports est désactivé ici. Vos mesures restent à l’écran et ne sont envoyées "
        "nulle part.",
        "close": "Fermer",
    },
    "de": {
        "save": "Der Bericht wurde nicht gespeichert: Sie sind angemeldet, aber ohne das Recht, hier Berichte zu "
        "speichern. Die Messung ist noch auf dem Bildschirm. Liegt Ihre Anmeldung länger zurück, laden Sie die Seite "
        "neu; sonst bitten Sie die Verwaltung des Archivs um das Recht.",
        "later": "Der Bericht wurde nicht gespeichert, weil ein Teil des Archivs nicht antwortet. Die Messung ist noch auf dem "
        "Bildschirm. Versuchen Sie es in einer Minute noch einmal.",
        "view": "Das Archiv öffnet dies nicht für Sie. Liegt Ihre Anmeldung länger zurück, laden Sie die Seite neu; "
        "sonst bitten Sie die Verwaltung des Archivs um Zugang zur Untersuchung.",
        "link": "Dieser Link öffnet diese Bilder nicht oder nicht mehr. Bitten Sie die Person, von der Sie ihn haben, "
        "um einen neuen.",
        "guests": "Ein Link zeigt die Bilder; Berichte speichern Personen, die sich anmelden. Ihre Messungen bleiben "
        "auf dem Bildschirm und werden nirgendwohin gesendet.",
        "nobody": "Das Speichern von Berichten ist hier abgeschaltet. Ihre Messungen bleiben auf dem Bildschirm und "
        "werden nirgendwohin gesendet.",
        "close": "Schließen",
    },
    "nl": {
        "save": "Het verslag is niet opgeslagen: u bent aangemeld, maar zonder het recht om hier verslagen op te slaan. "
        "De meting staat nog op het scherm. Is uw aanmelding oud, herlaad dan de pagina; vraag anders de beheerders van "
        "het archief om dit recht.",
        "later": "Het verslag is niet opgeslagen, omdat een deel van het archief niet antwoordt. De meting staat nog op het "
        "scherm. Probeer het over een minuut opnieuw.",
        "view": "Het archief opent dit niet voor u. Is uw aanmelding oud, herlaad dan de pagina; vraag anders de "
        "beheerders van het archief om toegang tot het onderzoek.",
        "link": "Deze link opent deze beelden niet of niet meer. Vraag een nieuwe aan degene van wie u hem kreeg.",
        "guests": "Een link toont de beelden; verslagen worden opgeslagen door mensen die zich aanmelden. Uw metingen "
        "blijven op het scherm en worden nergens heen gestuurd.",
        "nobody": "Verslagen opslaan is hier uitgeschakeld. Uw metingen blijven op het scherm en worden nergens heen "
        "gestuurd.",
        "close": "Sluiten",
    },
}


def texts_of(languages: Sequence[str], *, signs_in: bool) -> dict[str, dict[str, str]]:
    """
    The texts by language code, the institution's first language first.

    A language that we have no words for is left out; English stands in where nothing is left.
    """
    primary = dict.fromkeys(language.split("-")[0].lower() for language in languages)
    codes = [language for language in primary if language in _TEXTS] or ["en"]
    return {language: _chosen(_TEXTS[language], signs_in=signs_in) for language in codes}


def _chosen(texts: dict[str, str], *, signs_in: bool) -> dict[str, str]:
    keys = ("save", "later", "view", "link") if signs_in else ("later", "link")
    read_only = texts["guests" if signs_in else "nobody"]
    return {**{key: texts[key] for key in keys}, "readOnly": read_only, "close": texts["close"]}
