// Modifying and anonymizing: the plugin looks at the source, and the body says whose study the result becomes part of.
import identifiers from './identifiers.js';
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';
import tags from './tags.js';

const SOURCE = /\/(studies|series)\/([^\/]+)\/(modify|anonymize)\/?(?![\s\S])/;

async function modify(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const source = SOURCE.exec(r.uri);
    if (source[3] === 'anonymize' && await refusesReplacing(r)) {
        return;
    }
    const wish = modificationWish(jsonValues.parsed(r.requestText || ''), source[3] === 'anonymize');
    if (isOwnAffair(wish)) {
        orthanc.passBody(r, wish.body);
        return;
    }
    const everything = await orthanc.seesEverything(r);
    if (everything && wish.refused) {
        orthanc.pass(r);
        return;
    }
    let refusal = null;
    if (!everything) {
        refusal = wish.refused ? wish : await objection(r, wish, [source[1] + '/' + source[2]]);
    }
    if (refusal !== null) {
        response.refuse(r, refusal.status, refusal.refused);
        return;
    }
    orthanc.passBody(r, wish.body);
}

// What is asked for: { identifiers, describesPatient, body }, or { status, refused }.
function modificationWish(asked, isAnonymization) {
    const lists = jsonValues.isObject(asked) ? [asked.Remove || [], asked.Keep || []] : null;
    if (lists === null || !jsonValues.isObject(asked.Replace || {}) || !lists.every(isListOfTags)) {
        return { status: 400, refused: 'the body has to be a JSON object with Replace, Remove and Keep of tags' };
    }
    const replaced = identifiers.among(asked.Replace || {});
    if (replaced.refused) {
        return { status: 400, refused: replaced.refused };
    }
    const changed = Object.keys(asked.Replace || {}).concat(lists[0]).map(tags.nameOf);
    const isNewPatient = replaced.found.some(function (pair) {
        return pair[0] === 'Patient';
    }) || (isAnonymization && lists[1].map(tags.nameOf).map(tags.identifies).indexOf('Patient') < 0);
    return {
        identifiers: replaced.found,
        // The patient stays, and is described again for all its studies.
        describesPatient: !isNewPatient && (isAnonymization || changed.some(tags.describesPatient)),
        body: JSON.stringify(withoutPerson(asked))
    };
}

// Where the caller's token has no person, the plugin (0.11.4) writes the person that the body names into the audit log.
function withoutPerson(asked) {
    if (jsonValues.isObject(asked.UserData)) {
        delete asked.UserData.AuditLogsUserId;
    }
    return asked;
}

// An anonymous copy that replaces its original is a modification: it takes the permission `modify`.
async function refusesReplacing(r) {
    if (!replacesOriginal(jsonValues.parsed(r.requestText || ''))) {
        return false;
    }
    const permissions = await orthanc.permissions(r);
    if (permissions.indexOf('modify') >= 0 || permissions.indexOf('all') >= 0) {
        return false;
    }
    response.refuse(r, 403, 'to anonymize without the original, a caller needs the permission modify');
    return true;
}

// Without its source, or under the same SOPInstanceUID, the copy replaces what was there. What cannot be read may.
function replacesOriginal(asked) {
    if (!jsonValues.isObject(asked) || !Array.isArray(asked.Keep || [])) {
        return true;
    }
    return (asked.KeepSource !== undefined && asked.KeepSource !== true) || (asked.Keep || []).some(function (name) {
        return typeof name !== 'string' || tags.nameOf(name) === null || tags.identifies(tags.nameOf(name)) === 'Instance';
    });
}

function isListOfTags(list) {
    return Array.isArray(list) && list.every(function (name) {
        return typeof name === 'string' && tags.nameOf(name) !== null;
    });
}

// Whether a modification concerns its source alone, so that nobody has to be asked.
function isOwnAffair(wish) {
    return !wish.refused && wish.identifiers.length === 0 && !wish.describesPatient;
}

// Why the caller may not have this done to the sources, such as `studies/ID`: { status, refused }, or null.
async function objection(r, wish, sources) {
    const other = await identifiers.unseen(r, wish.identifiers);
    if (other !== null) {
        return { status: 403, refused: 'an identifier in the body is that of a ' + other[0].toLowerCase()
            + ' that the caller may not see' };
    }
    const shared = wish.describesPatient ? await orthanc.each(sources, function (source) {
        return isWholePatientSeen(r, source);
    }) : [];
    return shared.indexOf(false) < 0 ? null
        : { status: 403, refused: 'the patient has studies that the caller may not see' };
}

async function isWholePatientSeen(r, source) {
    const reply = await orthanc.get(r, source.indexOf('studies/') === 0 ? source : source + '/study');
    const study = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    return jsonValues.isObject(study) && jsonValues.matches(jsonValues.ORTHANC_ID, study.ParentPatient)
        && identifiers.seesPatient(r, study.ParentPatient);
}

export default { modify, modificationWish, replacesOriginal, refusesReplacing, isOwnAffair, objection };
