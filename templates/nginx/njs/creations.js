// Objects that Orthanc makes from a description: the plugin looks at none of the studies that the body names.
import identifiers from './identifiers.js';
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';

// Only requests of callers who do not see every study come here.
async function create(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const permissions = await orthanc.permissions(r);
    if (permissions.indexOf('upload') < 0 && permissions.indexOf('all') < 0) {
        response.refuse(r, 403, 'a caller who makes objects needs the permission upload');
        return;
    }
    const wish = creationWish(jsonValues.parsed(r.requestText || ''));
    if (wish.refused) {
        response.refuse(r, 400, wish.refused);
        return;
    }
    const visible = await orthanc.each(wish.ids, function (id) {
        return orthanc.seesAny(r, id);
    });
    const other = visible.indexOf(null) < 0 ? await identifiers.unseen(r, wish.identifiers) : wish.ids;
    if (other !== null) {
        response.refuse(r, 403, 'the body names a resource that the caller may not see');
        return;
    }
    orthanc.passBody(r, wish.body);
}

// What the body names: { ids, identifiers, body }, or { refused }. Before 1.6 tags were among the other members, and
// Orthanc still reads them there.
function creationWish(asked) {
    if (!jsonValues.isObject(asked)) {
        return { refused: 'the body has to be a JSON object' };
    }
    const parts = [asked, asked.Tags || {}].concat(Array.isArray(asked.Content) ? asked.Content.map(function (one) {
        return jsonValues.isObject(one) ? one.Tags || {} : {};
    }) : []);
    let found = [];
    for (let i = 0; i < parts.length; i++) {
        const some = jsonValues.isObject(parts[i]) ? identifiers.among(parts[i]) : { refused: 'Tags has to be a JSON object' };
        if (some.refused) {
            return some;
        }
        found = found.concat(some.found);
    }
    return { ids: idsWithin(asked), identifiers: found, body: JSON.stringify(asked) };
}

function idsWithin(value) {
    if (jsonValues.matches(jsonValues.ORTHANC_ID, value)) {
        return [value];
    }
    if (typeof value !== 'object' || value === null) {
        return [];
    }
    return Object.keys(value).reduce(function (found, name) {
        return found.concat(idsWithin(value[name]));
    }, []);
}

export default { create, creationWish };
