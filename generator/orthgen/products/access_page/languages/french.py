"""ACCESS.md in French."""

from __future__ import annotations

from orthgen.products.access_page.languages.words import AccessTexts

FRENCH = AccessTexts(
    title="Qui peut faire quoi",
    made_from="Écrit par orthgen à partir de {source}. Ne pas modifier : changez le profil et relancez "
    "`{command}`.",
    purpose="Pour les personnes qui doivent l’approuver. Chaque réponse a été calculée : un modèle du greffon "
    "d’autorisation ({plugin}), de l’auth-service et de la protection à l’entrée dit si chaque requête nécessaire à "
    "l’action est accordée. Un tiret signifie qu’aucune requête de l’action n’est accordée, ni d’une action qui la "
    "comprend.",
    in_words="En phrases",
    several_roles="Qui a plusieurs rôles a les droits et les collections de tous, chaque droit sur chaque collection.",
    by_collection="Les examens, par collection",
    whole_archive="L’archive dans son ensemble",
    meanings="Ce que sont les actions",
    legend="*En partie* : une partie seulement de ce que demande l’action est accordée. *Par* une autre action : cette "
    "dernière la comprend.",
    worth_knowing="Bon à savoir",
    instant_link="Un lien instantané ouvre le seul examen pour lequel il a été fait, {life}, dans le navigateur où il a "
    "été fait ; celui d’une personne qui peut partager fonctionne partout. Il donne des fichiers si la personne qui l’a "
    "fait peut télécharger. Seul qui peut voir l’examen peut en faire un.",
    link_reads="Il lit, et rien d’autre.",
    link_saves="**Il enregistre aussi** (`reports: instant-link`) : qui ouvre la visionneuse peut ajouter des rapports à "
    "cet examen, sans le droit d’en faire et sans nom dans le journal.",
    share_link="Un lien de partage fait de même pour des personnes sans compte, {life} au plus. Qui a le lien a "
    "l’examen.",
    share_link_for_ever="Un lien de partage fait de même pour des personnes sans compte, sans limite de durée si la personne "
    "qui l’a fait le veut. Qui a le lien a l’examen.",
    no_sharing="Personne ne peut partager : le profil n’a pas de `sharing`.",
    fetches_files="`{viewer}` charge des examens entiers comme fichiers : il s’ouvre pour qui a *download*, et est refusé "
    "à {refused}.",
    uploads="Ce que l’on envoie à l’archive ne porte pas d’étiquette de soi-même : si aucune règle ne le rassemble, seuls "
    "les rôles avec toutes les collections le voient.",
    permission_editor="Les rôles avec *administer* peuvent changer ces droits dans Orthanc Explorer 2 (`permission-editor`). Cette page ne "
    "contient pas leurs changements.",
    yes="oui",
    in_part="en partie",
    by="par {action}",
    everybody_else="Tous les autres",
    who="Qui peut faire quoi",
    everywhere="Chaque examen",
    collections="{count} collections",
    colon=" : ",
    separator=" ; ",
    conjunction="et",
    nothing="rien",
    on="sur {places}",
    on_every_study="sur chaque examen",
    of_that_study="de cet examen",
    of_no_collection="examens sans collection",
    includes="Comprend {actions} : {why}",
    mind="Attention : {what}",
    for_time="pendant {time}",
    for_ever="sans limite de durée",
    units=(("jour", "jours"), ("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")),
    principals={
        "signed-out": "Sans connexion",
        "instant-link": "Lien instantané vers un examen",
        "share-link": "Lien de partage vers un examen",
    },
    actions={
        "view": (
            "trouver un examen et le regarder",
            (
                "chaque image et ses attributs, un par un, comme les visionneuses les chargent : ce qui est à l’écran de "
                "quelqu’un peut être gardé"
            ),
        ),
        "download": (
            (
                "recevoir des examens et des séries comme fichiers : zip, DICOMDIR, fichiers DICOM un par un, séries entières "
                "par DICOMweb"
            ),
            "les fichiers contiennent ce qu’il y a à voir",
        ),
        "share": ("faire un lien qui fonctionne pour des personnes sans compte", ""),
        "report": (
            (
                "enregistrer des rapports dans un examen que l’on voit : mesures, images clés, présentations, segmentations, "
                "structures"
            ),
            "",
        ),
        "upload": ("ajouter ses propres objets à l’archive", "les rapports sont des objets"),
        "send": ("envoyer un examen à une autre archive ou modalité", ""),
        "delete": ("supprimer un examen, ou une partie", ""),
        "modify": (
            "changer les attributs d’un examen, sur place ou comme copie, et fusionner des examens",
            (
                "une copie changée peut être à côté de l’original comme si elle avait été ajoutée, avec des attributs de toute "
                "sorte, ou prendre sa place ; elle peut être sans noms, et sans les étiquettes de l’original"
            ),
        ),
        "anonymize": (
            "faire une copie anonyme d’un examen",
            (
                "la copie peut recevoir des attributs de toute sorte, et se trouve dans l’archive comme si elle avait été "
                "ajoutée"
            ),
        ),
        "edit-labels": (
            "mettre des étiquettes à un examen et les enlever",
            (
                "un examen peut être retiré d’une collection, dont les personnes ne le voient alors plus, et être montré à "
                "celles d’une autre"
            ),
        ),
        "q-r-remote-modalities": (
            "chercher dans d’autres archives et en rapatrier",
            "ce qui est rapatrié est ajouté à l’archive, et son archive peut l’envoyer à d’autres",
        ),
        "worklists": ("gérer les listes de travail des modalités", ""),
        "settings": ("changer ce que le serveur écrit dans son journal", ""),
        "audit-logs": ("lire qui a fait quoi", ""),
        "administer": (
            "changer les rôles, les modalités et les tâches",
            "qui change les rôles peut se donner tous les droits",
        ),
    },
)
