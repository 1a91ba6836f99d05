// Reports that viewers save by DICOMweb (STOW-RS): distinguished from images by their SOP classes, and only into a study that their
// sender sees.
import dicom from './dicom.js';
import files from './files.js';
import jsonValues from './json_values.js';
import multipart from './multipart.js';
import orthanc from './orthanc.js';
import requests from './requests.js';
import response from './response.js';
import settings from './settings.js';
import tokens from './tokens.js';

// Structured reports and key object selections, presentation states, segmentations, RT structure sets (PS3.4 B.5): what
// OHIF 3.11 to 3.13 saves, and its like.
const REPORT = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:88\.[0-9.]+|11\.[0-9.]+|66\.4|66\.7|481\.3)(?![\s\S])/;
const INSTANT_LINK = 'viewer-instant-link';
const WHATS = 'structured reports, key objects, presentation states, segmentations and RT structure sets';

// For nginx: how the sender of a POST may save reports and nothing else: by a `role`, by a `link`; or nothing.
function saver(r) {
    if (r.method !== 'POST' || requests.refusesRead(r)) {
        return '';
    }
    const token = onlyToken(r.rawHeadersIn, r.variables.args || '');
    if (token === null) {
        return '';
    }
    if (tokens.mayBeUsers(token, false)) {
        return isReporter(rolesOf(token)) ? 'role' : '';
    }
    return settings.savesByLink && studyOfLink(token) !== '' ? 'link' : '';
}

// The one token of a request, in a header; null where there is none, or another beside it: of several the plugin takes
// whichever opens.
function onlyToken(rawHeaders, args) {
    const given = rawHeaders.filter(function (pair) {
        return settings.tokenHeaders.indexOf(pair[0].toLowerCase()) >= 0 && pair[1] !== '';
    });
    const isAlone = given.length === 1 && tokens.argumentsOf(args).every(function (pair) {
        return pair[0] !== tokens.TOKEN_ARGUMENT;
    });
    return isAlone ? given[0][1] : null;
}

// Whether the guard decides: a person who may `report` and not `upload`. The plugin decides on people who may upload.
function isReporter(roles) {
    const holds = function (names) {
        return roles.some(function (role) {
            return names.indexOf(role) >= 0;
        });
    };
    return holds(settings.reporters) && !holds(settings.uploaders);
}

function rolesOf(token) {
    const payload = tokens.payloadOf(token);
    const access = payload === null ? undefined : payload.realm_access;
    return jsonValues.isObject(access) && Array.isArray(access.roles) ? access.roles : [];
}

// The UID of the one study that an instant link is for, or nothing.
function studyOfLink(token) {
    const payload = tokens.payloadOf(token);
    if (payload === null || payload.type !== INSTANT_LINK || !Array.isArray(payload.resources)
        || payload.resources.length !== 1) {
        return '';
    }
    const study = payload.resources[0];
    const isStudy = jsonValues.isObject(study) && study.level === 'study';
    return isStudy && jsonValues.matches(jsonValues.DICOM_UID, study.dicom_uid) ? study.dicom_uid : '';
}

// What the body is judged by, and where it goes: to the address of its study, where the plugin asks for the label.
async function save(r) {
    const judged = judge(r);
    if (judged.refused) {
        response.refuse(r, judged.status, judged.refused);
        return;
    }
    const token = onlyToken(r.rawHeadersIn, r.variables.args || '');
    const expected = [r.variables.stow_study || '', r.variables.report_saver === 'link' ? studyOfLink(token) : ''];
    const study = judged.objects[0].study;
    if (expected.some(function (uid) {
        return uid !== '' && uid !== study;
    })) {
        response.refuse(r, 409, 'the report belongs to another study');
        return;
    }
    const isGenuine = await (r.variables.report_saver === 'link' ? isInstantLink(r, token) : isOwners(r, token));
    if (!isGenuine) {
        response.refuse(r, 403, 'the auth-service does not accept the token');
        return;
    }
    const stored = await studyWith(r, study, judged.objects);
    if (stored === null) {
        response.refuse(r, 403, 'a report can only be saved to a study that its sender may see, of the same patient');
        return;
    }
    const known = await orthanc.each(judged.objects, function (object) {
        return orthanc.known(r, object.instance);
    });
    if (known.some(function (hits) {
        return hits === null || hits.length > 0;
    })) {
        response.refuse(r, 409, 'an object with this SOPInstanceUID is there already');
        return;
    }
    r.variables.report_study = study;
    r.internalRedirect('@report');
}

// Signatures are not checked here, and where everybody may view, the plugin lets a report through as nobody's. So the
// auth-service says whether a token is of the person that it names, and whether it made a link.
async function isOwners(r, token) {
    const payload = tokens.payloadOf(token);
    const told = await orthanc.profile(r);
    return payload !== null && typeof payload.sub === 'string' && payload.sub !== '' && told['user-id'] === payload.sub;
}

async function isInstantLink(r, token) {
    const type = await orthanc.typeOfLink(r, token);
    return type === INSTANT_LINK;
}

// The identifiers of every object in the body: { objects }, or { status, refused }.
function judge(r) {
    const boundary = multipart.boundaryOf(r.headersIn['Content-Type'] || '');
    if (boundary === null || r.headersIn['Content-Encoding']) {
        return { status: 415, refused: 'reports are sent as multipart/related; type="application/dicom"' };
    }
    if (!r.variables.request_body_file) {
        return { status: 400, refused: 'there is no report' };
    }
    const body = files.open(r.variables.request_body_file);
    try {
        return judgeParts(body, multipart.partsOf(body, boundary, settings.mostReports));
    } finally {
        files.close(body);
    }
}

function judgeParts(body, parts) {
    if (parts === null) {
        return { status: 400, refused: 'the body has to have 1 to ' + settings.mostReports
            + ' DICOM objects, each with no other header than Content-Type' };
    }
    let objects;
    try {
        objects = parts.map(function (part) {
            return dicom.identifiersOf(body, part.start, part.end);
        });
    } catch (e) {
        return { status: 415, refused: 'the guard cannot read a DICOM object: ' + e.message };
    }
    const other = objects.filter(function (object) {
        return !REPORT.test(object.sopClass);
    });
    if (other.length > 0) {
        return { status: 403, refused: 'the permission report is for ' + WHATS + ', and not for SOP class ' + other[0].sopClass };
    }
    if (objects.some(function (object) {
        return object.study !== objects[0].study || object.patient !== objects[0].patient;
    })) {
        return { status: 409, refused: 'the reports belong to several studies' };
    }
    return { objects: objects };
}

// The study with this UID and this patient, if the caller may see it. Orthanc makes a study of both, so that another
// patient's number would make another study of the same UID.
async function studyWith(r, uid, objects) {
    const hits = await orthanc.known(r, uid);
    const studies = (hits || []).filter(function (hit) {
        return hit.Type === 'Study';
    });
    if (studies.length !== 1) {
        return null;
    }
    const reply = await orthanc.get(r, 'studies/' + studies[0].ID);
    const study = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    if (!jsonValues.isObject(study) || !jsonValues.isObject(study.PatientMainDicomTags)) {
        return null;
    }
    const patient = study.PatientMainDicomTags.PatientID;
    return isPatient(typeof patient === 'string' ? patient.trim() : '', objects[0].patient) ? study : null;
}

// Orthanc tells the number in UTF-8; the object holds bytes, most often of that or of Latin 1.
function isPatient(told, bytes) {
    const codes = bytes.split('').map(function (sign) {
        return sign.charCodeAt(0);
    });
    return told === bytes || told === Buffer.from(codes).toString();
}

export default { saver, save, onlyToken, isReporter, rolesOf, studyOfLink, judgeParts };
