// Searches and counts: the plugin looks at one parent, where Orthanc (1.12.5 to 1.13.0) takes another before it.
import jsonValues from './json_values.js';
import orthanc from './orthanc.js';
import response from './response.js';
import settings from './settings.js';

async function search(r) {
    if (response.refusesMethod(r, ['POST'])) {
        return;
    }
    const wish = searchWish(jsonValues.parsed(r.requestText || ''));
    if (!wish.refused) {
        orthanc.passBody(r, wish.body);
        return;
    }
    const passed = await orthanc.passForSeeingEverything(r);
    if (passed) {
        return;
    }
    response.refuse(r, wish.status, wish.refused);
}

// What is asked for, in the one form that is forwarded: { body }, or { status, refused } where only who sees every
// study may ask that.
function searchWish(asked) {
    if (!jsonValues.isObject(asked)) {
        return { status: 400, refused: 'the body has to be a JSON object' };
    }
    const other = Object.keys(asked).filter(function (name) {
        return settings.searchMembers.indexOf(name) < 0;
    });
    if (other.length > 0) {
        return { status: 403, refused: 'only a caller who sees every study may search by ' + other[0] };
    }
    if (asked.ParentStudy !== undefined && asked.ParentSeries !== undefined) {
        return { status: 403, refused: 'only a caller who sees every study may search by several parents' };
    }
    // Rewritten: a key that is there twice has one meaning.
    return { body: JSON.stringify(asked) };
}

export default { search, searchWish };
