// Requests whose body lists the resources that they are about.
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';
import values from './values.js';

// Sending, merging and changing many at once name studies in the body. The plugin looks at the address (and, before
// 0.11.2, at nothing else), so whoever may send or merge could do so with any study whose id is known.
async function passListed(r) {
    if (r.method !== 'POST') {
        response.refuse(r, 405, 'this is asked for with POST');
        return;
    }
    const everything = await orthanc.seesEverything(r);
    if (everything) {
        orthanc.pass(r);
        return;
    }
    const wish = listWish(r.requestText || '');
    if (wish === null) {
        response.refuse(r, 400, 'the body has to list 1 to ' + settings.mostResources
            + ' resources by their Orthanc ids');
        return;
    }
    const visible = await orthanc.each(wish.ids, function (id) {
        return isVisible(r, id);
    });
    if (visible.indexOf(false) >= 0) {
        response.refuse(r, 403, 'some of the listed resources are not the caller\'s to see');
        return;
    }
    orthanc.passBody(r, wish.body);
}

// The ids that a body lists and the body that is handed on, in any of the three forms that Orthanc reads; or null.
function listWish(text) {
    const bare = text.trim();
    let asked = values.ORTHANC_ID.test(bare) ? bare : values.parsed(text);
    if (typeof asked === 'string') {
        asked = [asked];
    }
    if (Array.isArray(asked)) {
        asked = { Resources: asked };
    }
    if (!values.isObject(asked) || !Array.isArray(asked.Resources)) {
        return null;
    }
    const ids = asked.Resources;
    const areIds = ids.every(function (id) {
        return values.matches(values.ORTHANC_ID, id);
    });
    if (!areIds || ids.length < 1 || ids.length > settings.mostResources) {
        return null;
    }
    // Orthanc would send to another address than the modality's.
    delete asked.Host;
    delete asked.Port;
    return { ids: ids, body: JSON.stringify(asked) };
}

// An id does not say what it is of; most are of studies. Of patients only who sees every study may list any.
async function isVisible(r, id) {
    const folders = ['studies/', 'series/', 'instances/'];
    for (let i = 0; i < folders.length; i++) {
        const reply = await orthanc.get(r, folders[i] + id);
        if (reply.status === 200) {
            return true;
        }
    }
    return false;
}

export default { passListed, listWish };
