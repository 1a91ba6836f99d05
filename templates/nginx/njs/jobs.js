// Jobs: people who know a job's id may ask for its state. The content of a job names the studies that it works on.
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';
import tokens from './tokens.js';

const JOB = /\/(jobs\/[0-9a-f-]+)\/?(?![\s\S])/;
// Members that name no study.
const MEMBERS = [
    'CompletionTime', 'CreationTime', 'EffectiveRuntime', 'ErrorCode', 'ErrorDescription', 'ID', 'Priority', 'Progress',
    'State', 'Timestamp', 'Type'
];
const CONTENT = ['FailedInstancesCount', 'InstancesCount', 'IsAnonymization', 'Type'];
// Each is another question at every look at the job.
const MOST_IDS = 32;

// Who sees every study gets the job as it is, the others what Orthanc Explorer 2 shows of it: how far it is, and the
// studies among its own that the caller sees.
async function show(r) {
    const args = tokens.argumentsWithTokens(r.variables.args || '');
    const everything = r.method === 'DELETE' || await orthanc.seesEverything(r, args);
    if (everything) {
        orthanc.pass(r);
        return;
    }
    const reply = await orthanc.get(r, JOB.exec(r.uri)[1], args);
    const job = reply.status === 200 ? jsonValues.parsed(reply.responseText) : undefined;
    if (!jsonValues.isObject(job)) {
        response.handOn(r, reply);
        return;
    }
    const ids = idsIn(job.Content).slice(0, MOST_IDS);
    const paths = await orthanc.each(ids, function (id) {
        return orthanc.seesAny(r, id, args);
    });
    response.answer(r, 200, told(job, ids.filter(function (id, i) {
        return paths[i] !== null;
    })));
}

// Every id in a value, once.
function idsIn(value) {
    if (jsonValues.matches(jsonValues.ORTHANC_ID, value)) {
        return [value];
    }
    const found = [];
    inner(value).forEach(function (item) {
        idsIn(item).forEach(function (id) {
            if (found.indexOf(id) < 0) {
                found.push(id);
            }
        });
    });
    return found;
}

function inner(value) {
    return Array.isArray(value) ? value : jsonValues.isObject(value) ? Object.keys(value).map(function (name) {
        return value[name];
    }) : [];
}

// A job as shown to a caller who sees these resources.
function told(job, visible) {
    const answer = some(job, MEMBERS);
    const content = jsonValues.isObject(job.Content) ? job.Content : {};
    answer.Content = some(content, CONTENT);
    Object.keys(content).forEach(function (name) {
        const kept = pruned(content[name], visible);
        if (kept !== undefined) {
            answer.Content[name] = kept;
        }
    });
    // What was said of the job when it was asked for.
    if (visible.length > 0 && job.UserData !== undefined) {
        answer.UserData = job.UserData;
    }
    return answer;
}

function some(object, names) {
    const found = {};
    names.forEach(function (name) {
        if (Object.prototype.hasOwnProperty.call(object, name)) {
            found[name] = object[name];
        }
    });
    return found;
}

// Of ids, lists and objects of them what names visible resources; nothing of what holds no id.
function pruned(value, visible) {
    if (Array.isArray(value)) {
        const items = value.map(function (item) {
            return pruned(item, visible);
        }).filter(jsonValues.isGiven);
        return items.length > 0 ? items : undefined;
    }
    if (!jsonValues.isObject(value)) {
        return visible.indexOf(value) >= 0 ? value : undefined;
    }
    // `Level` and `Type` say what an id is of.
    const kept = value.ID === undefined || visible.indexOf(value.ID) >= 0 ? some(value, ['Level', 'Type']) : {};
    const names = Object.keys(value).filter(function (name) {
        return pruned(value[name], visible) !== undefined;
    });
    names.forEach(function (name) {
        kept[name] = pruned(value[name], visible);
    });
    return names.length > 0 ? kept : undefined;
}

export default { show, idsIn, told };
