// Lookups and totals, answered with what the caller may see.
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';
import values from './values.js';

// Orthanc's path of each kind of hit of a lookup.
const FOLDERS = { Patient: 'patients', Study: 'studies', Series: 'series', Instance: 'instances' };

// Lookups are open to everybody, signed in or not: only what the caller may get is answered.
async function lookup(r) {
    if (r.method !== 'POST') {
        response.refuse(r, 405, 'lookups are made with POST');
        return;
    }
    const args = r.variables.args || '';
    const reply = await r.subrequest(settings.ask + 'tools/lookup', { method: 'POST', body: r.requestText || '' });
    const hits = values.parsed(reply.responseText);
    if (reply.status !== 200 || !Array.isArray(hits)) {
        response.handOn(r, reply);
        return;
    }
    const known = hits.slice(0, settings.mostResources).filter(function (hit) {
        return values.isObject(hit) && Object.prototype.hasOwnProperty.call(FOLDERS, hit.Type)
            && values.matches(values.ORTHANC_ID, hit.ID);
    });
    const replies = await orthanc.each(known, function (hit) {
        return orthanc.get(r, FOLDERS[hit.Type] + '/' + hit.ID, args);
    });
    response.answer(r, 200, known.filter(function (hit, index) {
        return replies[index].status === 200;
    }));
}

// The totals of the whole archive are for who sees the whole archive; Orthanc Explorer 2 needs an answer for the
// others too, and gets the number of studies that they may see.
async function statistics(r) {
    if (r.method !== 'GET' && r.method !== 'HEAD') {
        response.refuse(r, 405, 'statistics are read with GET');
        return;
    }
    const whole = await orthanc.get(r, 'statistics', r.variables.args);
    if (whole.status !== 403) {
        response.handOn(r, whole);
        return;
    }
    const count = await r.subrequest(settings.ask + 'tools/count-resources', {
        method: 'POST', body: JSON.stringify({ Level: 'Study', Query: {} })
    });
    const counted = values.parsed(count.responseText);
    if (count.status !== 200 || !values.isObject(counted) || typeof counted.Count !== 'number') {
        response.handOn(r, whole);
        return;
    }
    response.answer(r, 200, {
        CountInstances: 0, CountPatients: 0, CountSeries: 0, CountStudies: counted.Count,
        TotalDiskSize: '0', TotalDiskSizeMB: 0, TotalUncompressedSize: '0', TotalUncompressedSizeMB: 0
    });
}

export default { lookup, statistics };
