// Requests whose body lists the resources that they are about.
import jsonValues from './json_values.js';
import modifications from './modifications.js';
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';

const OTHER_NAMES = ['Host', 'Port', 'CalledAet', 'LocalAet', 'MoveOriginatorAet', 'MoveOriginatorID'];
const BULK = /\/tools\/bulk-(modify|anonymize)\/?(?![\s\S])/;

// Requests to send, merge or change many studies name them in the body. The plugin checks the address (since 0.11.2 also
// the body of bulk requests), so people who may send or merge could do it with any study whose id they know.
async function passListed(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const bulk = BULK.exec(r.uri);
    if (bulk !== null && bulk[1] === 'anonymize' && await modifications.refusesReplacing(r)) {
        return;
    }
    const passed = await orthanc.passForSeeingEverything(r);
    if (passed) {
        return;
    }
    const wish = listWish(r.requestText || '');
    if (wish === null) {
        response.refuse(r, 400, 'the body has to list 1 to ' + settings.mostResources
            + ' resources by their Orthanc ids');
        return;
    }
    const sources = await visible(r, wish.ids);
    if (sources === null) {
        return;
    }
    const refusal = bulk === null ? null : await objection(r, wish.asked, bulk[1] === 'anonymize', sources);
    if (refusal !== null) {
        response.refuse(r, refusal.status, refusal.refused);
        return;
    }
    orthanc.passBody(r, JSON.stringify(wish.asked));
}

// The paths of the listed resources; null where the caller may not see one, which is refused here.
async function visible(r, ids, args) {
    const paths = await orthanc.each(ids, function (id) {
        return orthanc.seesAny(r, id, args);
    });
    if (paths.indexOf(null) >= 0) {
        response.refuse(r, 403, 'the list has a resource that the caller may not see');
        return null;
    }
    return paths;
}

// Whether a list has ids alone, and not too many.
function areIds(ids) {
    return ids.length > 0 && ids.length <= settings.mostResources && ids.every(function (id) {
        return jsonValues.matches(jsonValues.ORTHANC_ID, id);
    });
}

// The ids that a body lists and the object that is forwarded, in any of the forms that Orthanc reads; or null.
function listWish(text) {
    const bare = text.trim();
    let asked = jsonValues.ORTHANC_ID.test(bare) ? bare : jsonValues.parsed(text);
    if (typeof asked === 'string') {
        asked = [asked];
    }
    if (Array.isArray(asked)) {
        asked = { Resources: asked };
    }
    if (!jsonValues.isObject(asked) || !Array.isArray(asked.Resources)) {
        return null;
    }
    // Since Orthanc 1.13 a list may say of each id what it is of.
    const ids = asked.Resources.map(function (one) {
        return jsonValues.isObject(one) ? one.ID : one;
    });
    if (!areIds(ids)) {
        return null;
    }
    // Orthanc would send to another address than the modality's, and under other names than its own.
    OTHER_NAMES.forEach(function (name) {
        delete asked[name];
    });
    return { ids: ids, asked: asked };
}

// Of a modification of many also where the results become part of.
function objection(r, asked, isAnonymization, sources) {
    const wish = modifications.modificationWish(asked, isAnonymization);
    return wish.refused ? wish : modifications.objection(r, wish, sources);
}

export default { passListed, visible, areIds, listWish };
