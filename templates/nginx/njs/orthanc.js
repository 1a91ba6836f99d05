// Questions to Orthanc, asked as the caller, and the way on to it.
import jsonValues from './json_values.js';
import settings from './settings.js';
import tokens from './tokens.js';

// The folder of each kind of resource, as Orthanc names the kinds.
const FOLDERS = { Patient: 'patients', Study: 'studies', Series: 'series', Instance: 'instances' };

// A subrequest carries the caller's own headers. No body: nginx would forward the caller's.
function get(r, path, args) {
    return r.subrequest(settings.ask + path, { method: 'GET', body: '', args: args || '' });
}

function post(r, path, body) {
    return r.subrequest(settings.ask + path, { method: 'POST', body: body });
}

// Runs `ask` for each of the items, a few at once: Orthanc has fifty threads for everybody.
async function each(items, ask) {
    const answers = [];
    for (let i = 0; i < items.length; i += settings.atOnce) {
        const some = await Promise.all(items.slice(i, i + settings.atOnce).map(ask));
        some.forEach(function (answer) {
            answers.push(answer);
        });
    }
    return answers;
}

// Who the caller is, as the plugin tells Orthanc Explorer 2.
async function profile(r) {
    const reply = await get(r, 'auth/user/profile');
    const told = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    return jsonValues.isObject(told) ? told : {};
}

async function permissions(r) {
    const told = await profile(r);
    return Array.isArray(told.permissions) ? told.permissions : [];
}

// The type of a link that the auth-service made, also of one that has expired; '' for every other token.
async function typeOfLink(r, token) {
    const reply = await post(r, 'auth/tokens/decode', JSON.stringify({
        TokenKey: tokens.TOKEN_ARGUMENT, TokenValue: tokens.bare(token)
    }));
    const told = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    return jsonValues.isObject(told) && typeof told.TokenType === 'string' ? told.TokenType : '';
}

// The plugin keeps the list of all patients for roles without a label.
async function seesEverything(r, args) {
    const reply = await get(r, 'patients', 'since=0&limit=1' + (args ? '&' + args : ''));
    return reply.status === 200;
}

async function sees(r, folder, id, args) {
    const reply = await get(r, folder + '/' + id, args);
    return reply.status === 200;
}

// The path of a resource that the caller may see, or null. An id does not say what it is of; most are of studies. Of
// patients only who sees every study may list any.
async function seesAny(r, id, args) {
    const folders = ['studies', 'series', 'instances'];
    for (let i = 0; i < folders.length; i++) {
        const isSeen = await sees(r, folders[i], id, args);
        if (isSeen) {
            return folders[i] + '/' + id;
        }
    }
    return null;
}

// What Orthanc knows by a DICOM identifier, or null where it does not say. The plugin leaves this question to
// everybody, so the answer holds also what the caller may not see.
async function known(r, identifier) {
    const reply = await post(r, 'tools/lookup', identifier);
    const hits = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    return Array.isArray(hits) ? hits.filter(function (hit) {
        return jsonValues.isObject(hit) && Object.prototype.hasOwnProperty.call(FOLDERS, hit.Type)
            && jsonValues.matches(jsonValues.ORTHANC_ID, hit.ID);
    }) : null;
}

// Hands the request on as it came. Its answer streams.
function pass(r) {
    r.internalRedirect('@passed');
}

// Hands the request on for a caller who sees every study; true where it did.
async function passForSeeingEverything(r) {
    const everything = await seesEverything(r);
    if (everything) {
        pass(r);
    }
    return everything;
}

// Hands the request on with another body.
function passBody(r, body) {
    r.variables.guard_body = body;
    r.internalRedirect('@passed-body');
}

export default {
    FOLDERS, get, post, each, seesEverything, sees, seesAny, known, profile, permissions, typeOfLink, pass, passForSeeingEverything, passBody
};
