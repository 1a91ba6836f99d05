// Making links: for what their maker may see, and for no longer than the profile allows.
import jsonValues from './json_values.js';
import linkLimits from './link_limits.js';
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';

// The plugin asks whether the caller may make links of this kind, and not of which studies.
async function makeLink(r) {
    const type = r.variables.link_type.replace(/\/$/, '');
    if (response.refusesMethod(r, ['PUT'])) {
        return;
    }
    if (!Object.prototype.hasOwnProperty.call(settings.longestLife, type)) {
        response.refuse(r, 403, 'this deployment makes no links of this type');
        return;
    }
    const wish = linkWish(jsonValues.parsed(r.requestText || ''), type, Date.now());
    if (wish.refused) {
        response.refuse(r, wish.status, wish.refused);
        return;
    }
    const studies = await orthanc.each(wish.body.Resources, function (resource) {
        return visibleStudy(r, resource);
    });
    if (studies.indexOf(null) >= 0) {
        response.refuse(r, 403, 'a link can name only studies that its maker may see');
        return;
    }
    wish.body.Resources = studies;
    const permissions = await orthanc.permissions(r);
    const bound = linkLimits.ofMaker(permissions, r.headersIn.Cookie || '');
    if (bound.id !== '') {
        wish.body.ID = bound.id;
    }
    // Rewritten from what was checked: no unknown member, no second meaning of a key that is there twice.
    if (bound.secret !== null) {
        r.headersOut['Set-Cookie'] = [linkLimits.cookieOf(bound.secret)];
    }
    orthanc.passBody(r, JSON.stringify(wish.body));
}

// What is asked for, in the one form that is forwarded: { body }, or { status, refused }.
function linkWish(asked, type, now) {
    if (!jsonValues.isObject(asked) || !Array.isArray(asked.Resources)) {
        return { status: 400, refused: 'the body has to be a JSON object with Resources' };
    }
    if (asked.Type !== undefined && asked.Type !== type) {
        return { status: 400, refused: 'Type differs from the type in the address' };
    }
    if (asked.Resources.length < 1 || asked.Resources.length > settings.mostResources) {
        return { status: 400, refused: 'Resources has to list 1 to ' + settings.mostResources + ' studies' };
    }
    const resources = asked.Resources.map(resourceWish);
    if (resources.indexOf(null) >= 0) {
        return { status: 400, refused: 'each of Resources needs Level study, and OrthancId or DicomUid' };
    }
    const seconds = secondsOf(asked, now);
    if (seconds === null) {
        return { status: 400, refused: 'ValidityDuration has to be a number of seconds' };
    }
    const longest = settings.longestLife[type];
    if (longest > 0 && (seconds === 0 || seconds > longest)) {
        return { status: 403, refused: 'a link of this type is valid for ' + longest + ' seconds at most' };
    }
    return { body: { Resources: resources, Type: type, ValidityDuration: seconds } };
}

// Only studies can be linked to: they are what the plugin compares links with (`CheckedLevel`).
function resourceWish(asked) {
    if (!jsonValues.isObject(asked) || typeof asked.Level !== 'string' || asked.Level.toLowerCase() !== 'study') {
        return null;
    }
    const resource = { Level: 'study' };
    if (jsonValues.isGiven(asked.OrthancId)) {
        resource.OrthancId = asked.OrthancId;
    }
    if (jsonValues.isGiven(asked.DicomUid)) {
        resource.DicomUid = asked.DicomUid;
    }
    const isNamed = jsonValues.isGiven(resource.OrthancId) || jsonValues.isGiven(resource.DicomUid);
    const isSpelt = (!jsonValues.isGiven(resource.OrthancId) || jsonValues.matches(jsonValues.ORTHANC_ID, resource.OrthancId))
        && (!jsonValues.isGiven(resource.DicomUid) || jsonValues.matches(jsonValues.DICOM_UID, resource.DicomUid));
    return isNamed && isSpelt ? resource : null;
}

// The life asked for, in whole seconds; null where there is none. Orthanc reads it from an uninitialised variable
// where it is missing, and 0 means no end.
function secondsOf(asked, now) {
    let seconds = asked.ValidityDuration;
    if (seconds === undefined && typeof asked.ExpirationDate === 'string') {
        seconds = Math.floor((Date.parse(asked.ExpirationDate) - now) / 1000);
        if (seconds < 1) {
            return null;
        }
    }
    const isWhole = typeof seconds === 'number' && isFinite(seconds) && Math.floor(seconds) === seconds;
    return isWhole && seconds >= 0 && seconds <= 3153600000 ? seconds : null;
}

// The study with both its names, or null where the caller may not see it or the names are of two studies: the
// auth-service takes either.
async function visibleStudy(r, resource) {
    let id = resource.OrthancId;
    if (!jsonValues.isGiven(id)) {
        id = await idOf(r, resource.DicomUid);
    }
    if (id === null) {
        return null;
    }
    const found = await orthanc.get(r, 'studies/' + id);
    const study = found.status === 200 ? jsonValues.parsed(found.responseText) : undefined;
    if (!jsonValues.isObject(study) || !jsonValues.isObject(study.MainDicomTags)) {
        return null;
    }
    const uid = study.MainDicomTags.StudyInstanceUID;
    if (!jsonValues.matches(jsonValues.DICOM_UID, uid) || (jsonValues.isGiven(resource.DicomUid) && uid !== resource.DicomUid)) {
        return null;
    }
    return { OrthancId: id, DicomUid: uid, Level: 'study' };
}

async function idOf(r, uid) {
    const hits = await orthanc.known(r, uid);
    const studies = (hits || []).filter(function (hit) {
        return hit.Type === 'Study';
    });
    return studies.length === 1 ? studies[0].ID : null;
}

export default { makeLink, linkWish };
