"""ACCESS.md in Dutch."""

from __future__ import annotations

from orthgen.products.access_page.languages.words import AccessTexts

DUTCH = AccessTexts(
    title="Wie wat mag",
    made_from="Door orthgen geschreven uit {source}. Niet bewerken: wijzig het profiel en voer `{command}` "
    "opnieuw uit.",
    purpose="Voor de mensen die het moeten goedkeuren. Elk antwoord is berekend: een model van de autorisatieplug-in "
    "({plugin}), van de auth-service en van de bewaking aan de ingang zegt of elk verzoek dat de actie nodig heeft, wordt "
    "toegestaan. Een streepje betekent dat geen verzoek van de actie wordt toegestaan, en geen van een actie die haar omvat.",
    in_words="In woorden",
    several_roles="Wie meerdere rollen heeft, heeft de rechten en de collecties van alle, elk recht op elke collectie.",
    by_collection="Onderzoeken, per collectie",
    whole_archive="Het archief als geheel",
    meanings="Wat de acties zijn",
    legend="*Deels*: van wat de actie gewoonlijk nodig heeft, wordt slechts een deel toegestaan. *Via* een andere actie: die "
    "omvat haar.",
    worth_knowing="Goed om te weten",
    instant_link="Een directe link opent het ene onderzoek waarvoor hij is gemaakt, {life}, in de browser waarin hij is "
    "gemaakt; een link van iemand die mag delen, werkt overal. Hij geeft bestanden af als zijn maker mag downloaden. Alleen "
    "wie het onderzoek mag zien, kan er een maken.",
    link_reads="Hij leest, en niets anders.",
    link_saves="**Hij slaat ook op** (`reports: instant-link`): wie de viewer opent, kan verslagen aan dat onderzoek "
    "toevoegen, zonder het recht daartoe en zonder naam in het logboek.",
    share_link="Een deellink doet hetzelfde voor mensen zonder account, {life}, langer niet. Wie de link heeft, "
    "heeft het onderzoek.",
    share_link_for_ever="Een deellink doet hetzelfde voor mensen zonder account, zonder einddatum als zijn maker dat wil. "
    "Wie de link heeft, heeft het onderzoek.",
    no_sharing="Niemand kan delen: het profiel heeft geen `sharing`.",
    fetches_files="`{viewer}` haalt hele onderzoeken op als bestanden: hij opent voor wie *download* heeft, en niet voor "
    "{refused}.",
    uploads="Wat iemand uploadt, draagt uit zichzelf geen label: waar geen regel het verzamelt, zien alleen rollen met alle "
    "collecties het.",
    permission_editor="Rollen met *administer* kunnen deze rechten in Orthanc Explorer 2 wijzigen (`permission-editor`). Hun wijzigingen "
    "staan niet op deze pagina.",
    yes="ja",
    in_part="deels",
    by="via {action}",
    everybody_else="Alle anderen",
    who="Wie wat mag",
    everywhere="Elk onderzoek",
    collections="{count} collecties",
    colon=": ",
    separator="; ",
    conjunction="en",
    nothing="niets",
    on="in {places}",
    on_every_study="bij elk onderzoek",
    of_that_study="bij dat onderzoek",
    of_no_collection="onderzoeken zonder collectie",
    includes="Omvat {actions}: {why}",
    mind="Let op: {what}",
    for_time="gedurende {time}",
    for_ever="zonder einddatum",
    units=(("dag", "dagen"), ("uur", "uur"), ("minuut", "minuten"), ("seconde", "seconden")),
    principals={
        "signed-out": "Niet aangemeld",
        "instant-link": "Directe link naar een onderzoek",
        "share-link": "Deellink naar een onderzoek",
    },
    actions={
        "view": (
            "een onderzoek vinden en bekijken",
            (
                "elk beeld en zijn attributen, één voor één, zoals viewers ze ophalen: wat bij iemand op het scherm staat, kan "
                "worden bewaard"
            ),
        ),
        "download": (
            "onderzoeken en series als bestanden ontvangen: zip, DICOMDIR, losse DICOM-bestanden, hele series via DICOMweb",
            "de bestanden bevatten wat er te zien is",
        ),
        "share": ("een link maken die werkt voor mensen zonder account", ""),
        "report": (
            (
                "verslagen opslaan in een onderzoek dat men ziet: metingen, sleutelbeelden, presentaties, segmentaties, "
                "structuren"
            ),
            "",
        ),
        "upload": ("eigen objecten aan het archief toevoegen", "verslagen zijn objecten"),
        "send": ("een onderzoek naar een ander archief of een modaliteit sturen", ""),
        "delete": ("een onderzoek verwijderen, of een deel ervan", ""),
        "modify": (
            "de attributen van een onderzoek wijzigen, ter plaatse of als kopie, en onderzoeken samenvoegen",
            (
                "een gewijzigde kopie kan naast het origineel staan alsof ze is geüpload, met attributen van elke soort, of de "
                "plaats ervan innemen; ze kan zonder namen zijn, en zonder de labels van het origineel"
            ),
        ),
        "anonymize": (
            "een anonieme kopie van een onderzoek maken",
            "de kopie kan attributen van elke soort krijgen, en staat in het archief alsof ze is geüpload",
        ),
        "edit-labels": (
            "een onderzoek labels geven en ontnemen",
            (
                "een onderzoek kan uit een collectie worden gehaald, waarvan de mensen het dan niet meer zien, en aan die van een "
                "andere worden getoond"
            ),
        ),
        "q-r-remote-modalities": (
            "in andere archieven zoeken en eruit ophalen",
            "wat wordt opgehaald, komt in het archief, en het archief kan het naar andere doorsturen",
        ),
        "worklists": ("de werklijsten van modaliteiten bijhouden", ""),
        "settings": ("wijzigen wat de server logt", ""),
        "audit-logs": ("lezen wie wat heeft gedaan", ""),
        "administer": (
            "rollen, modaliteiten en taken wijzigen",
            "wie rollen wijzigt, kan zichzelf elk recht geven",
        ),
    },
)
