// Questions to Orthanc, asked as the caller.
import settings from './settings.js';

// A subrequest carries the caller's own headers. No body: nginx would hand on the caller's.
function get(r, path, args) {
    return r.subrequest(settings.ask + path, { method: 'GET', body: '', args: args || '' });
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

export default { get, each };
