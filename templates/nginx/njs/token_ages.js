// How long a token is good: the plugin and the auth-service (0.11.4, 26.4.1) keep what they found for a minute, so that a
// token works on after its end. The token contains its end.
import jsonValues from './json_values.js';
import tokens from './tokens.js';

// As the auth-service writes a link's end (Python's `isoformat`).
const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?(?![\s\S])/;

// When a token ends, in milliseconds; null where it does not say, which the auth-service then decides.
function endOf(value) {
    const payload = tokens.payloadOf(value);
    if (payload === null) {
        return null;
    }
    if (typeof payload.exp === 'number') {
        return payload.exp * 1000;
    }
    const moment = typeof payload.expiration_date === 'string' ? MOMENT.exec(payload.expiration_date) : null;
    const end = moment === null ? NaN : Date.parse(moment[1] + 'Z') - minutesOf(moment[2] || 'Z') * 60000;
    return isNaN(end) ? null : end;
}

function minutesOf(zone) {
    if (zone === 'Z') {
        return 0;
    }
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
    return zone[0] === '-' ? -minutes : minutes;
}

// Whether one of these tokens has ended.
function someEnded(found, now) {
    return found.some(function (value) {
        const end = endOf(value);
        return end !== null && end <= now;
    });
}

export default { endOf, someEnded };
