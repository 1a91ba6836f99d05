// Whether a request goes on to Orthanc, by its tokens. For nginx: the reason why it does not, or nothing.
import linkLimits from './link_limits.js';
import settings from './settings.js';
import tokenAges from './token_ages.js';
import tokens from './tokens.js';

const ENDED = 'the token has expired';
const OTHER_CLIENT = 'the token was given to another application of the realm';

// Of a request that only reads. A viewer's pages may carry a link in their own address. Pages are files, the same for
// everybody; one of them tells what became of a link that has ended.
function refusesRead(r) {
    const found = tokens.ofRequest(r);
    const page = settings.readsPageToken ? r.variables.page_token : '';
    const more = page ? [page] : [];
    if (r.variables.is_page === '' && tokenAges.someEnded(found.map(tokens.valueOf).concat(more), Date.now())) {
        return because(r, ENDED);
    }
    if (tokens.someOfOtherClients(found)) {
        return because(r, OTHER_CLIENT);
    }
    const links = tokens.thatAreNoUsers(found).concat(more);
    return links.length > 0 && linkLimits.someGoBeyond(links, r.variables.is_file !== '', r.headersIn.Cookie || '')
        ? because(r, 'the link is of a type that this deployment does not make, or does not include this request') : '';
}

// Of a request that may change something: links do not, nor does what nobody knows. Of several tokens the plugin (0.11.4)
// takes the last for the permission and the first for the audit log: the log could have another name, or one from the body.
function refusesWrite(r) {
    const found = tokens.ofRequest(r);
    if (tokens.thatAreNoUsers(found).length > 0) {
        return because(r, 'the token does not belong to a user');
    }
    if (tokens.differ(found)) {
        return because(r, 'a request that may change something has one token');
    }
    if (tokens.someOfOtherClients(found)) {
        return because(r, OTHER_CLIENT);
    }
    return tokenAges.someEnded(found.map(tokens.valueOf), Date.now()) ? because(r, ENDED) : '';
}

function because(r, reason) {
    r.variables.guard_reason = reason;
    return reason;
}

export default { refusesRead, refusesWrite };
