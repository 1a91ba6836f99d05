"""
Texts of Keycloak's pages for people whom it refuses, in each language that has a translation.

Keycloak formats texts with Java's MessageFormat, where a single quote and a brace have a meaning, and shows them as
HTML.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from orthgen.realm.sign_in_methods import sign_in_methods

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

NO_ROLE = "orthgenNoRole"
PROVIDER_ONLY = "orthgenProviderOnly"
# Keycloak's own texts, whose advice needs an account without any sign-in here.
_TAKEN = "federatedIdentityExistsMessage"
_UNEXPECTED = "identityProviderUnexpectedErrorMessage"
_UNVERIFIED = "identityProviderUnmatchedEssentialClaimErrorMessage"

# NAME: the institution's name. CONTACT: the contact for questions.
_CONTACT = {
    "en": "the administrators of the archive",
    "fr": "aux administrateurs de l’archive",
    "de": "die Verwaltung des Archivs",
    "nl": "de beheerders van het archief",
}
_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        NO_ROLE: "You are signed in, but your account has no role in the image archive of NAME, so there is nothing that "
        "it could show you. To get access, ask CONTACT. Then sign in again.",
        PROVIDER_ONLY: "Your account signs in at your institution, not with a password here. Go back, and choose your "
        "institution on the sign-in page.",
        _TAKEN: "You have no access yet: another account has your {0} ({1}). Ask CONTACT, who can delete the old account.",
        _UNEXPECTED: "The sign-in at your institution did not succeed. Your e-mail address may belong to another "
        "account here. If it happens again, ask CONTACT.",
        _UNVERIFIED: "Your institution has not verified your e-mail address, so you have no access. Ask CONTACT.",
    },
    "fr": {
        NO_ROLE: "Vous êtes connecté, mais votre compte n’a aucun rôle dans l’archive d’images de NAME : elle ne peut "
        "rien vous montrer. Pour obtenir un accès, adressez-vous CONTACT, puis reconnectez-vous.",
        PROVIDER_ONLY: "Votre compte se connecte auprès de votre établissement, pas avec un mot de passe ici. Revenez en "
        "arrière et choisissez votre établissement sur la page de connexion.",
        _TAKEN: "Vous ne pouvez pas encore entrer : un autre compte a la même valeur pour {0} ({1}). Adressez-vous "
        "CONTACT, qui peuvent supprimer l’ancien compte.",
        _UNEXPECTED: "La connexion auprès de votre établissement n’a pas abouti. Votre adresse électronique appartient "
        "peut-être à un autre compte ici. Si cela se répète, adressez-vous CONTACT.",
        _UNVERIFIED: "Votre établissement n’a pas vérifié votre adresse électronique : vous ne pouvez pas entrer. "
        "Adressez-vous CONTACT.",
    },
    "de": {
        NO_ROLE: "Sie sind angemeldet, aber Ihr Konto hat keine Rolle im Bildarchiv von NAME; es kann Ihnen nichts "
        "zeigen. Um Zugang zu erhalten, bitten Sie CONTACT darum, und melden Sie sich danach neu an.",
        PROVIDER_ONLY: "Ihr Konto meldet sich bei Ihrer Einrichtung an, nicht hier mit einem Passwort. Gehen Sie zurück, "
        "und wählen Sie auf der Anmeldeseite Ihre Einrichtung.",
        _TAKEN: "Sie kommen noch nicht hinein: Ein anderes Konto hat dieselbe Angabe ({0}: {1}). Bitten Sie CONTACT, das "
        "alte Konto zu löschen.",
        _UNEXPECTED: "Die Anmeldung bei Ihrer Einrichtung ist nicht gelungen. Vielleicht gehört Ihre E-Mail-Adresse hier "
        "zu einem anderen Konto. Geschieht es wieder, fragen Sie CONTACT.",
        _UNVERIFIED: "Ihre Einrichtung hat Ihre E-Mail-Adresse nicht bestätigt, darum kommen Sie nicht hinein. Fragen "
        "Sie CONTACT.",
    },
    "nl": {
        NO_ROLE: "U bent aangemeld, maar uw account heeft geen rol in het beeldarchief van NAME; er is niets dat u kunt "
        "zien. Vraag CONTACT om toegang en meld u daarna opnieuw aan.",
        PROVIDER_ONLY: "Uw account meldt zich aan bij uw instelling, niet hier met een wachtwoord. Ga terug en kies uw "
        "instelling op de aanmeldpagina.",
        _TAKEN: "U kunt nog niet naar binnen: een ander account heeft dezelfde waarde ({0}: {1}). Vraag CONTACT om het "
        "oude account te verwijderen.",
        _UNEXPECTED: "Het aanmelden bij uw instelling is niet gelukt. Misschien hoort uw e-mailadres hier bij een ander "
        "account. Gebeurt het opnieuw, vraag het dan CONTACT.",
        _UNVERIFIED: "Uw instelling heeft uw e-mailadres niet geverifieerd, daarom kunt u niet naar binnen. Vraag het "
        "CONTACT.",
    },
}


def page_texts(deployment: Deployment) -> dict[str, dict[str, str]]:
    """
    The texts by language: the institution's languages that have a translation, and English.

    Keycloak falls back to English where a language has no text.
    """
    institution = deployment.profile.institution
    linking = (_UNEXPECTED, _UNVERIFIED) if sign_in_methods(deployment).links_by_email else ()
    keys = (NO_ROLE, PROVIDER_ONLY, _TAKEN, *linking)
    texts = {}
    for language in dict.fromkeys([*institution.languages, "en"]):
        language_code = language.split("-")[0].lower()
        if language_code in _TEXTS:
            texts[language] = {
                key: _filled(
                    _TEXTS[language_code][key],
                    institution.name,
                    _contact_text(language_code, institution.contact),
                )
                for key in keys
            }
    return texts


def _contact_text(language: str, contact: str | None) -> str:
    if contact is None:
        return _CONTACT[language]
    return f"à {contact}" if language == "fr" else contact


def _filled(text: str, name: str, contact: str) -> str:
    return text.replace("NAME", _escaped(name)).replace("CONTACT", _escaped(contact))


def _escaped(text: str) -> str:
    """`text` escaped for MessageFormat and HTML."""
    return html.escape(text, quote=False).replace("'", "''").replace("{", "'{'")
