// Identifiers in a body: they say where Orthanc stores an object, and so whose study or patient it becomes part of.
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import settings from './settings.js';
import tags from './tags.js';

// Orthanc drops characters that the object's character set lacks, takes a `data:` address apart, and a backslash for
// the end of a value: what is not plain would be stored as something else.
const PATIENT_ID = /^[ -\[\]-~]{1,64}(?![\s\S])/;
const ENCODED = /^\s*data:/i;

// The identifiers among tags with values: { found: [[kind, value]] }, or { refused } where one is not plain.
function among(asked) {
    const found = [];
    const names = Object.keys(asked);
    for (let i = 0; i < names.length; i++) {
        const name = tags.nameOf(names[i]);
        if (name === null) {
            return { refused: 'this is not the name of a tag: ' + JSON.stringify(names[i]) };
        }
        const kind = tags.identifies(name);
        if (kind !== undefined) {
            const value = plain(kind, asked[names[i]]);
            if (value === null) {
                return { refused: names[i] + ' has to be plain: ' + (kind === 'Patient'
                    ? '1 to 64 characters of ASCII' : 'digits and dots') };
            }
            found.push([kind, value]);
        }
    }
    return { found: found };
}

function plain(kind, value) {
    if (kind !== 'Patient') {
        return jsonValues.matches(jsonValues.DICOM_UID, value) ? value : null;
    }
    const isPlain = jsonValues.matches(PATIENT_ID, value) && !ENCODED.test(value) && value.trim() !== '';
    return isPlain ? value.trim() : null;
}

// The first of the identifiers whose resource the caller may not see, or null.
async function unseen(r, found) {
    const seen = {};
    const asked = found.filter(function (pair) {
        const isNew = seen[pair] === undefined;
        seen[pair] = true;
        return isNew;
    });
    const visible = await orthanc.each(asked.slice(0, settings.mostResources), function (pair) {
        return isVisible(r, pair[0], pair[1]);
    });
    const index = visible.indexOf(false);
    if (index < 0 && asked.length > settings.mostResources) {
        return asked[settings.mostResources];
    }
    return index < 0 ? null : asked[index];
}

// Whether the caller may see everything of this kind that has the identifier; of what is not stored there is nothing
// to see.
async function isVisible(r, kind, value) {
    const hits = await orthanc.known(r, value);
    if (hits === null) {
        return false;
    }
    const same = hits.filter(function (hit) {
        return hit.Type === kind;
    });
    const visible = await orthanc.each(same, function (hit) {
        return kind === 'Patient' ? seesPatient(r, hit.ID) : orthanc.sees(r, orthanc.FOLDERS[kind], hit.ID);
    });
    return visible.indexOf(false) < 0;
}

// Whether the caller may see every study of a patient. The plugin confines a search to the caller's labels; a visible
// study reveals its patient, who lists all.
async function seesPatient(r, patient) {
    const reply = await orthanc.post(r, 'tools/find', JSON.stringify({
        Level: 'Study', Query: {}, ParentPatient: patient
    }));
    const seen = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    if (!Array.isArray(seen) || !jsonValues.matches(jsonValues.ORTHANC_ID, seen[0])) {
        return false;
    }
    const whole = await orthanc.get(r, 'studies/' + seen[0] + '/patient');
    const described = whole.status === 200 ? jsonValues.parsed(whole.responseText) : undefined;
    return jsonValues.isObject(described) && described.ID === patient && Array.isArray(described.Studies)
        && described.Studies.every(function (study) {
            return seen.indexOf(study) >= 0;
        });
}

export default { among, unseen, seesPatient };
