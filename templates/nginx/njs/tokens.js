// What the tokens of a request may be: a user's, a program's, or a link.
import jsonValues from './json_values.js';
import settings from './settings.js';

const TOKEN_ARGUMENT = 'token';
// `(?![\s\S])` is the end of the text; njs lets `$` match before a last line end as well.
const JWT = /^(?:Bearer )?([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?![\s\S])/;

// Whether a value may be a user's: a JWT signed by Keycloak (RS256), or an API key. Nobody's signature is checked
// here and none has to be: the auth-service takes a link only as HS256 and a user's token only as RS256, both by
// this same header, which the signature covers. So whatever it would take for a link is not a user's here.
function mayBeUsers(value, isApiKey) {
    if (isApiKey && value.indexOf('.') < 0) {
        return true;
    }
    const parts = JWT.exec(value);
    if (parts === null) {
        return false;
    }
    try {
        const header = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
        return header !== null && typeof header === 'object' && !Array.isArray(header)
            && Object.prototype.hasOwnProperty.call(header, 'alg') && header.alg === 'RS256';
    } catch (e) {
        return false;
    }
}

// The arguments as Orthanc reads them: its web server decodes the whole text first and splits it then, so that an
// encoded `&` separates too.
function argumentsOf(text) {
    return decoded(text).split('&').map(function (pair) {
        const equals = pair.indexOf('=');
        return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

// The tokens among the arguments, for the questions to Orthanc about a request.
function argumentsWithTokens(text) {
    return argumentsOf(text).filter(function (pair) {
        return pair[0] === TOKEN_ARGUMENT;
    }).map(function (pair) {
        return pair[0] + '=' + encodeURIComponent(pair[1]);
    }).join('&');
}

// Percent signs that encode nothing stay; a NUL ends the text, as it does in Orthanc.
function decoded(text) {
    const bytes = text.replace(/\+/g, ' ').replace(/%([0-9a-fA-F]{2})/g, function (all, hex) {
        return String.fromCharCode(parseInt(hex, 16));
    });
    const end = bytes.indexOf('\u0000');
    return end < 0 ? bytes : bytes.slice(0, end);
}

// The tokens of a request, wherever the plugin looks for them: [[value, whether it may be a user's]].
function of(rawHeaders, args) {
    const found = [];
    for (let i = 0; i < rawHeaders.length; i++) {
        const name = rawHeaders[i][0].toLowerCase();
        const value = rawHeaders[i][1];
        if (settings.tokenHeaders.indexOf(name) >= 0 && value !== '') {
            found.push([value, mayBeUsers(value, name === settings.programsHeader)]);
        }
    }
    if (args !== '') {
        argumentsOf(args).forEach(function (pair) {
            if (pair[0] === TOKEN_ARGUMENT && pair[1] !== '') {
                found.push([pair[1], mayBeUsers(pair[1], false)]);
            }
        });
    }
    return found;
}

function ofRequest(r) {
    return of(r.rawHeadersIn, r.variables.args || '');
}

// Those that cannot be a user's: links, and what is nobody's.
function thatAreNoUsers(found) {
    return found.filter(function (pair) {
        return !pair[1];
    }).map(valueOf);
}

function valueOf(pair) {
    return pair[0];
}

// A token as the auth-service reads it: it takes every `Bearer ` out.
function bare(value) {
    return value.split('Bearer ').join('');
}

// Whether there are several tokens; one may be there twice, with and without its prefix.
function differ(found) {
    return found.some(function (pair) {
        return bare(pair[0]) !== bare(found[0][0]);
    });
}

// What a token says of itself; null for what says nothing. The signature covers it as it stands.
function payloadOf(value) {
    const parts = bare(value).split('.');
    const payload = parts.length === 3 ? jsonValues.parsed(Buffer.from(parts[1], 'base64url').toString()) : undefined;
    return jsonValues.isObject(payload) ? payload : null;
}

// Whether one of the users' tokens was given to another application of the realm. The auth-service checks the
// signature and the audience `account` of a token, and not `azp`: any application that people sign in to could use their
// tokens here. An API key belongs to no client.
function someOfOtherClients(found) {
    return settings.clients !== null && found.some(function (pair) {
        const payload = payloadOf(pair[0]);
        return pair[1] && pair[0].indexOf('.') >= 0 && (payload === null || settings.clients.indexOf(payload.azp) < 0);
    });
}

// Whether every token of a request may be a user's. A request without any is nobody's, and the plugin's business.
function everyTokenMayBeUsers(rawHeaders, args) {
    return thatAreNoUsers(of(rawHeaders, args)).length === 0;
}

export default {
    TOKEN_ARGUMENT, JWT, mayBeUsers, argumentsOf, argumentsWithTokens, ofRequest, thatAreNoUsers, valueOf, bare, differ, payloadOf,
    someOfOtherClients, everyTokenMayBeUsers
};
