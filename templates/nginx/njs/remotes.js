// Requests about other archives: their bodies say where studies go, and in whose name Orthanc asks.
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';
import values from './values.js';

// A study that another archive sends to a collection's title gets the collection's label, and what goes elsewhere
// leaves in Orthanc's name. So who does not see every study has studies sent to Orthanc's own title.
async function ask(r) {
    if (r.method !== 'POST') {
        response.refuse(r, 405, 'this is asked for with POST');
        return;
    }
    const everything = await orthanc.seesEverything(r);
    if (everything) {
        orthanc.pass(r);
        return;
    }
    const wish = remoteWish(r.requestText || '');
    if (wish.refused) {
        response.refuse(r, wish.status, wish.refused);
        return;
    }
    orthanc.passBody(r, wish.body);
}

// What is asked for, in the one form that is handed on: { body }, or { status, refused }.
function remoteWish(text) {
    const bare = text.trim();
    // Orthanc takes a body that is no JSON for the title that a study is sent to.
    const asked = settings.ownTitles.indexOf(bare) >= 0 ? { TargetAet: bare } : values.parsed(bare || '{}');
    if (!values.isObject(asked)) {
        return { status: 403, refused: 'only who sees every study may have studies sent elsewhere' };
    }
    const target = asked.TargetAet;
    if (target !== undefined && target !== '' && settings.ownTitles.indexOf(target) < 0) {
        return { status: 403, refused: 'only who sees every study may have studies sent elsewhere' };
    }
    delete asked.LocalAet;
    // Written anew: a key that is there twice has one meaning.
    return { body: JSON.stringify(asked) };
}

export default { ask, remoteWish };
