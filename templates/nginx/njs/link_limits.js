// What the guard writes into the links that it makes, in their signed `id`: whether they give files, and in which
// browser they work. And whether a request keeps to it, by a link of a kind that is still made.
import crypto from 'crypto';
import settings from './settings.js';
import tokens from './tokens.js';

const DOWNLOAD = 'download';
const BROWSER = 'browser:';
const SECRET = /^[0-9a-f]{32}(?![\s\S])/;

// The `id` of a link, and the secret of its maker's browser where the link has to stay there.
function ofMaker(permissions, cookies) {
    const words = [];
    let secret = null;
    if (holds(permissions, 'download')) {
        words.push(DOWNLOAD);
    }
    if (!settings.shares || !holds(permissions, 'share')) {
        secret = secretOf(cookies) || newSecret();
        words.push(BROWSER + digest(secret));
    }
    return { id: words.join(' '), secret: secret };
}

function holds(permissions, name) {
    return permissions.indexOf(name) >= 0 || permissions.indexOf('all') >= 0;
}

function newSecret() {
    const bytes = Buffer.alloc(16);
    globalThis.crypto.getRandomValues(bytes);
    return bytes.toString('hex');
}

function digest(secret) {
    return crypto.createHash('sha256').update(secret).digest('hex');
}

// The secret among a request's cookies; null where there is none.
function secretOf(cookies) {
    const found = cookies.split(';').map(function (pair) {
        return pair.trim();
    }).filter(function (pair) {
        return pair.startsWith(settings.linkCookie + '=');
    }).map(function (pair) {
        return pair.slice(settings.linkCookie.length + 1);
    });
    return found.length === 1 && SECRET.test(found[0]) ? found[0] : null;
}

// As long as the browser runs; for this origin alone, and out of the reach of pages.
function cookieOf(secret) {
    return settings.linkCookie + '=' + secret + '; Path=/; HttpOnly; SameSite=Strict' + (settings.isHttps ? '; Secure' : '');
}

function wordsOf(payload) {
    return typeof payload.id === 'string' ? payload.id.split(' ') : [];
}

// Whether a link is of a kind that is not made here, by its signed `type`: a profile without `sharing` ends the links that an
// earlier one made, also those without an end.
function isOfOtherKind(payload) {
    return typeof payload.type === 'string' && !Object.prototype.hasOwnProperty.call(settings.longestLife, payload.type);
}

// Whether links with these payloads go beyond what was written into them.
function goBeyond(payloads, isFile, cookies) {
    const secret = secretOf(cookies);
    const own = secret === null ? '' : BROWSER + digest(secret);
    return payloads.some(function (payload) {
        const words = wordsOf(payload);
        const strays = words.some(function (word) {
            return word.startsWith(BROWSER) && word !== own;
        });
        return strays || isOfOtherKind(payload) || (isFile && words.indexOf(DOWNLOAD) < 0);
    });
}

// Whether links go beyond what was written into them.
function someGoBeyond(links, isFile, cookies) {
    const payloads = links.map(tokens.payloadOf).filter(function (payload) {
        return payload !== null;
    });
    return payloads.length > 0 && goBeyond(payloads, isFile, cookies);
}

export default { ofMaker, secretOf, cookieOf, goBeyond, someGoBeyond };
