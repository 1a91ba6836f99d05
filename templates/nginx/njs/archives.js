// Archives of many resources: the address lists them, and the plugin reads the list in another way than Orthanc.
import orthanc from './orthanc.js';
import resourceLists from './resource_lists.js';
import response from './response.js';
import settings from './settings.js';
import tokens from './tokens.js';

const LIST = 'resources';

// The plugin (0.11.4) passes over patients and unknown ids in the list, so that a link to one study opened any patient.
// It compares the argument's name without case, and Orthanc does not, so that each could read another list.
async function passSelected(r) {
    if (response.refusesMethod(r, ['GET'])) {
        return;
    }
    const args = r.variables.args || '';
    const ids = selectionOf(args);
    if (ids === null) {
        response.refuse(r, 400, 'the address has to list 1 to ' + settings.mostResources
            + ' resources by their Orthanc ids, once');
        return;
    }
    const visible = await resourceLists.visible(r, ids, tokens.argumentsWithTokens(args));
    if (visible !== null) {
        orthanc.pass(r);
    }
}

// The ids in the one list of the arguments; null where there is none, or more than one, or anything but ids in it.
function selectionOf(args) {
    const lists = tokens.argumentsOf(args).filter(function (pair) {
        return pair[0].toLowerCase() === LIST;
    });
    const ids = lists.length === 1 && lists[0][0] === LIST ? lists[0][1].split(',') : [];
    return resourceLists.areIds(ids) ? ids : null;
}

export default { passSelected, selectionOf };
