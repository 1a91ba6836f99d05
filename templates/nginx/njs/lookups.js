// Lookups and totals, answered with what the caller may see.
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';
import tokenAges from './token_ages.js';
import tokens from './tokens.js';

// Lookups are open to everybody, signed in or not: only what the caller may get is answered.
async function lookup(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const found = tokens.ofRequest(r);
    if (tokenAges.someEnded(found.map(tokens.valueOf), Date.now()) || tokens.someOfOtherClients(found)) {
        response.refuse(r, 403, 'the token has expired, or was given to another application');
        return;
    }
    const mayView = await viewsSome(r);
    if (!mayView) {
        response.answer(r, 200, []);
        return;
    }
    const args = r.variables.args || '';
    const hits = await orthanc.known(r, r.requestText || '');
    if (hits === null) {
        response.refuse(r, 502, 'Orthanc does not answer the lookup');
        return;
    }
    const some = hits.slice(0, settings.mostResources);
    const replies = await orthanc.each(some, function (hit) {
        return orthanc.get(r, orthanc.FOLDERS[hit.Type] + '/' + hit.ID, args);
    });
    response.answer(r, 200, some.filter(function (hit, index) {
        return replies[index].status === 200;
    }));
}

// Whether the caller views any study, with a permission or by a link. For all others Orthanc is not asked: the time of the
// answer would show whether it has a study or a patient.
async function viewsSome(r) {
    const permissions = await orthanc.permissions(r);
    if (permissions.indexOf('view') >= 0 || permissions.indexOf('all') >= 0) {
        return true;
    }
    const types = await orthanc.each(tokens.thatAreNoUsers(tokens.ofRequest(r)), function (token) {
        return orthanc.typeOfLink(r, token);
    });
    return types.some(function (type) {
        return type !== '';
    });
}

// Only callers who see the whole archive read its totals. Orthanc Explorer 2 needs an answer for other callers too: it
// gets the number of studies that they may see.
async function statistics(r) {
    if (response.refusesMethod(r, ['GET', 'HEAD'])) {
        return;
    }
    const whole = await orthanc.get(r, 'statistics', r.variables.args);
    if (whole.status !== 403) {
        response.handOn(r, whole);
        return;
    }
    const count = await orthanc.post(r, 'tools/count-resources', JSON.stringify({ Level: 'Study', Query: {} }));
    const counted = jsonValues.parsed(count.responseText);
    if (count.status !== 200 || !jsonValues.isObject(counted) || typeof counted.Count !== 'number') {
        response.handOn(r, whole);
        return;
    }
    response.answer(r, 200, {
        CountInstances: 0, CountPatients: 0, CountSeries: 0, CountStudies: counted.Count,
        TotalDiskSize: '0', TotalDiskSizeMB: 0, TotalUncompressedSize: '0', TotalUncompressedSizeMB: 0
    });
}

// The plugin opens DICOMweb's list of studies to everybody, because links need it, and limits it by labels. A signed-in
// caller needs the permission to view.
async function listStudies(r) {
    const found = tokens.ofRequest(r);
    if (found.length > 0 && tokens.thatAreNoUsers(found).length === 0) {
        const permissions = await orthanc.permissions(r);
        if (permissions.indexOf('view') < 0 && permissions.indexOf('all') < 0) {
            response.refuse(r, 403, 'a list of studies needs the permission view');
            return;
        }
    }
    r.internalRedirect('@study-list');
}

export default { lookup, statistics, listStudies };
