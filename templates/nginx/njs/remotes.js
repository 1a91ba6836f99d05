// Requests about other archives: their bodies say where studies go, and in whose name Orthanc asks.
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';

const WEB = /\/dicom-web\/servers\/[^\/]+\/(qido|retrieve)\/?(?![\s\S])/;
const SEARCHES = ['studies', 'series', 'instances', 'studies/series', 'studies/instances', 'studies/series/instances'];
const UID = /^[0-9]+(?:\.[0-9]+)*(?![\s\S])/;

// A study that another archive sends to a collection's title gets the collection's label, and what goes elsewhere
// leaves in Orthanc's name. So a caller who does not see every study can only have studies sent to Orthanc's own AET.
async function ask(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const web = WEB.exec(r.uri);
    const passed = web === null && await orthanc.passForSeeingEverything(r);
    if (passed) {
        return;
    }
    const text = r.requestText || '';
    const wish = web === null ? remoteWish(text) : webWish(text, web[1]);
    if (wish.refused) {
        response.refuse(r, wish.status, wish.refused);
        return;
    }
    orthanc.passBody(r, wish.body);
}

// What is asked for, in the one form that is forwarded: { body }, or { status, refused }.
function remoteWish(text) {
    const bare = text.trim();
    // Orthanc takes a body that is not JSON for the title that a study is sent to.
    const asked = settings.ownTitles.indexOf(bare) >= 0 ? { TargetAet: bare } : jsonValues.parsed(bare || '{}');
    if (!jsonValues.isObject(asked)) {
        return { status: 403, refused: 'only a caller who sees every study may have studies sent to other archives' };
    }
    const target = asked.TargetAet;
    if (target !== undefined && target !== '' && settings.ownTitles.indexOf(target) < 0) {
        return { status: 403, refused: 'only a caller who sees every study may have studies sent to other archives' };
    }
    delete asked.LocalAet;
    // Rewritten: a key that is there twice has one meaning.
    return { body: JSON.stringify(asked) };
}

// What is asked of a DICOMweb server: { body }, or { status, refused }. DICOMweb (1.24) puts the server's credentials on
// any address below the server's, `..` included, and takes headers of the caller's. So it is searches and studies alone.
function webWish(text, word) {
    const asked = jsonValues.parsed(text);
    if (!jsonValues.isObject(asked)) {
        return { status: 400, refused: 'the body has to be a JSON object' };
    }
    const isPlain = word === 'qido' ? isSearch(asked.Uri) : Array.isArray(asked.Resources) && asked.Resources.every(isResource);
    if (!isPlain) {
        return { status: 403, refused: 'a DICOMweb server can only be asked for searches, and for studies by their UIDs' };
    }
    delete asked.HttpHeaders;
    return { body: JSON.stringify(asked) };
}

// Whether it is an address of QIDO-RS (DICOM PS3.18, 10.6).
function isSearch(uri) {
    const parts = typeof uri === 'string' ? uri.replace(/^\//, '').split('/') : [];
    const folders = parts.filter(function (part, i) {
        return i % 2 === 0;
    }).join('/');
    const ids = parts.filter(function (part, i) {
        return i % 2 === 1;
    });
    return SEARCHES.indexOf(folders) >= 0 && parts.length % 2 === 1 && ids.every(isUid);
}

function isResource(resource) {
    return jsonValues.isObject(resource) && [resource.Study, resource.Series, resource.Instance].every(function (uid) {
        return !jsonValues.isGiven(uid) || uid === '' || isUid(uid);
    });
}

function isUid(text) {
    return jsonValues.matches(UID, text) && text.length <= 64;
}

export default { ask, remoteWish, webWish };
