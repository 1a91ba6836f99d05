// The decisions of the rendered app-config.js, each called as the browser would, and with what nobody expects.
// ORTHGEN_APP_CONFIG names the rendered file. tests/real/test_ohif_program.py renders it and runs this.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const test = require('node:test');
const vm = require('node:vm');

const PROGRAM = fs.readFileSync(process.env.ORTHGEN_APP_CONFIG, 'utf8');
const BASE = 'https://pacs.example.org';
const SHARES = ['stone', 'osimis', 'ohif', 'volview', 'meddream'].map((viewer) => `${viewer}-viewer-publication`);
const NOT_SHARES = ['viewer-instant-link', 'download-instant-link', 'meddream-instant-link', 'Bearer', 'publication', ''];

function token(type) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ id: 'é', resources: [{ dicom_uid: '1.2.3' }], type })}.sig`;
}

// Load the file as a page would. `tab` is the tab's storage, which outlives the page; `fetch` is that of the browser.
function load(address, tab = new Map(), languages = ['fr-FR', 'en'], fetch = undefined) {
  const url = new URL(address, BASE);
  const page = { replaced: [], left: [], reloads: 0, checks: [] };
  const storage = (map) => ({
    getItem: (key) => (map.has(key) ? map.get(key) : null),
    setItem: (key, value) => map.set(key, String(value)),
    removeItem: (key) => map.delete(key),
  });
  const window = {
    location: {
      search: url.search,
      pathname: url.pathname,
      hash: url.hash,
      replace: (to) => page.left.push(to),
      reload: () => (page.reloads += 1),
    },
    setInterval: (check) => page.checks.push(check),
    history: { state: null, replaceState: (state, title, to) => page.replaced.push(to) },
    sessionStorage: tab === null ? undefined : storage(tab),
    localStorage: storage(new Map()),
  };
  page.document = { visibilityState: 'visible', addEventListener: (event, check) => page.checks.push(check) };
  const globals = { window, navigator: { languages }, document: page.document, URLSearchParams, atob, fetch };
  const context = vm.createContext(globals);
  page.decisions = vm.runInContext(PROGRAM, context);
  page.config = window.config;
  return page;
}

const { decisions } = load('/ohif/viewer');

// A small generator with a fixed seed: every run tries the same strings.
function* strings(count) {
  let state = 20240102;
  const next = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
  };
  const alphabet = ['.', '=', '-', '_', '/', '+', '%', '&', '?', '#', ' ', '"', '\\', '{', '}', '[', ']', '\u0000', 'é', '😀'];
  const pieces = ['eyJ0eXBlIjoi', 'bnVsbA', 'e30', '-publication', 'token', 'WzFd', 'MQ', 'undefined', '__proto__'];
  for (let made = 0; made < count; made += 1) {
    const parts = Array.from({ length: next(12) }, () => (next(3) ? alphabet[next(alphabet.length)] : pieces[next(pieces.length)]));
    yield parts.join('');
  }
}

test('the type of a token is read, whatever else it holds', () => {
  for (const type of [...SHARES, ...NOT_SHARES]) assert.equal(decisions.tokenType(token(type)), type);
});

test('no string and no value makes the type of a token throw or be anything but a string', () => {
  const values = [undefined, null, 0, {}, [], () => 1, '', 'a.b.c', '..', `x.${'A'.repeat(100000)}.y`, ...strings(5000)];
  for (const value of values) assert.equal(typeof decisions.tokenType(value), 'string');
});

test('a payload that is JSON but no token has no type', () => {
  for (const payload of ['null', '1', '"x"', '[]', '{}', '{"type": 1}', '{"type": ["ohif-viewer-publication"]}']) {
    assert.equal(decisions.tokenType(`x.${Buffer.from(payload).toString('base64url')}.y`), '');
  }
});

test('only publications are shares', () => {
  for (const type of SHARES) assert.ok(decisions.isShare(token(type)));
  for (const type of NOT_SHARES) assert.ok(!decisions.isShare(token(type)));
});

test('anybody who signs in never sends a token of the address, and keeps every other parameter', () => {
  for (const given of [token('viewer-instant-link'), 'garbage', '', ...strings(500)]) {
    for (const name of ['token', 'Token', 'TOKEN']) {
      const search = `?StudyInstanceUIDs=1.2%2C3.4&${name}=${encodeURIComponent(given)}&hangingprotocolId=mpr`;
      const { guest, search: seen, remember } = decisions.visit(search, null, true);
      const query = new URLSearchParams(seen);
      assert.deepEqual([guest, remember, [...query.keys()]], [false, null, ['StudyInstanceUIDs', 'hangingprotocolId']]);
      assert.equal(query.get('StudyInstanceUIDs'), '1.2,3.4');
    }
  }
});

test('an instant link may save if the profile allows it, and no other link ever', () => {
  const search = (type) => `?StudyInstanceUIDs=1&token=${token(type)}`;
  assert.ok(decisions.maySave(false, '', false));
  for (const type of [...SHARES, ...NOT_SHARES]) {
    assert.ok(!decisions.maySave(true, search(type), false), type);
    assert.equal(decisions.maySave(true, search(type), true), type === 'viewer-instant-link', type);
  }
  assert.ok(!decisions.maySave(true, '', true));
});

test('an address without a token is left as it is', () => {
  for (const search of ['', '?', '?StudyInstanceUIDs=1,2', '?code=a%20b&state=c']) {
    assert.equal(decisions.visit(search, null, true).search, search);
  }
});

test('a guest keeps the token of the share, and only that one', () => {
  for (const type of SHARES) {
    const share = token(type);
    const found = decisions.visit(`?StudyInstanceUIDs=1&Token=${share}&token=other`, null, true);
    assert.deepEqual({ ...found.remember }, { token: share, studies: '1' });
    assert.deepEqual(new URLSearchParams(found.search).getAll('token'), [share]);
    assert.ok(found.guest);
  }
});

test('where nobody signs in, every visitor is a guest with the token of the address', () => {
  for (const given of [token('viewer-instant-link'), 'garbage']) {
    const found = decisions.visit(`?StudyInstanceUIDs=1&token=${given}`, null, false);
    assert.deepEqual([found.guest, new URLSearchParams(found.search).get('token')], [true, given]);
  }
  assert.deepEqual({ ...decisions.visit('', null, false) }, { guest: true, search: '', remember: null });
});

test('a reload of a share finds its token again, for the same studies only', () => {
  const tab = new Map();
  const share = token('ohif-viewer-publication');
  load(`/ohif/viewer?StudyInstanceUIDs=1&token=${share}`, tab);

  const again = load('/ohif/viewer?StudyInstanceUIDs=1#x', tab);
  assert.deepEqual(again.replaced, [`/ohif/viewer?StudyInstanceUIDs=1&token=${share}#x`]);
  assert.equal(again.config.oidc, undefined);

  const other = load('/ohif/viewer?StudyInstanceUIDs=2', tab);
  assert.deepEqual(other.replaced, []);
  assert.equal(other.config.oidc.length, 1);
});

test('the instant link of somebody who signs in ends the visit of a guest in the same tab', () => {
  const tab = new Map();
  load(`/ohif/viewer?StudyInstanceUIDs=1&token=${token('ohif-viewer-publication')}`, tab);
  load(`/ohif/viewer?StudyInstanceUIDs=1&token=${token('viewer-instant-link')}`, tab);

  assert.equal(load('/ohif/viewer?StudyInstanceUIDs=1', tab).config.oidc.length, 1);
  assert.equal(tab.size, 0);
});

test('whatever the tab remembers, and also without storage, the page comes up', () => {
  for (const text of ['null', '1', '{}', '{"token": 1, "studies": "1"}', ...strings(500)]) {
    assert.equal(load('/ohif/viewer?StudyInstanceUIDs=1', new Map([['orthgen.link', text]])).config.oidc.length, 1);
  }
  assert.equal(load('/ohif/viewer?StudyInstanceUIDs=1', null).config.oidc.length, 1);
  const share = load(`/ohif/viewer?StudyInstanceUIDs=1&token=${token('ohif-viewer-publication')}`, null);
  assert.equal(share.config.oidc, undefined);
});

test('no query makes the page throw, and none gets a guest a sign-in or a user a read-only viewer', () => {
  for (const text of strings(2000)) {
    const { config } = load(`/ohif/viewer?${text.replace(/#/g, '')}`);
    assert.notEqual(config.oidc === undefined, config.customizationService['measurement.promptSaveReport'] === undefined);
  }
});

test('the bare address leads to the list of studies, save where a sign-in comes back', () => {
  for (const path of ['/ohif', '/ohif/', '/ohif/?token=x']) assert.deepEqual(load(path).left, ['/ui/app/']);
  for (const path of ['/ohif/viewer', '/ohif/callback?code=1&state=2', '/ohif/?code=1&state=2', '/ohif/?error=x&state=2']) {
    assert.deepEqual(load(path).left, []);
  }
});

test('the language is the first that the person reads and the institution offers', () => {
  assert.equal(decisions.language(['de-DE', 'en-GB'], ['fr', 'en']), 'en');
  assert.equal(decisions.language(['FR'], ['en', 'fr']), 'fr');
  for (const wanted of [[], ['de'], [''], [undefined], ['frr', 'e']]) assert.equal(decisions.language(wanted, ['fr', 'en']), 'fr');
});

test('a refusal, and a report that no server took, are explained to the person whom it concerns; other failures are not', () => {
  const failed = (status, path) => ({ status, request: { status, responseURL: `${BASE}/dicom-web${path}` } });
  assert.equal(decisions.explanation(failed(403, '/studies'), false), 'save');
  assert.equal(decisions.explanation(failed(403, '/studies?StudyInstanceUID=1'), false), 'view');
  assert.equal(decisions.explanation(failed(401, '/studies/1/series/2/metadata'), false), 'view');
  assert.equal(decisions.explanation(failed(403, '/studies'), true), 'readOnly');
  assert.equal(decisions.explanation(failed(403, '/studies?PatientID=1'), true), '');
  assert.equal(decisions.explanation(failed(403, '/studies/1/series'), true), 'link');
  assert.equal(decisions.explanation({ request: { status: 403 } }, true), 'link');
  for (const status of [500, 502, 503, 504]) {
    for (const guest of [false, true]) assert.equal(decisions.explanation(failed(status, '/studies'), guest), 'later');
  }
  for (const error of [undefined, null, 0, 'x', {}, new Error('x'), { request: null }, failed(404, '/studies'), failed(500, '/x')]) {
    assert.equal(decisions.explanation(error, false), '');
  }
});

// What a tab does that holds a user's token when it is looked at, and Keycloak answers `status`.
async function lookedAt({ status, lifetime = 60, visible = true, kept = undefined }) {
  const asked = [];
  const answer = async (address, options) => {
    asked.push([address, options.headers.Authorization]);
    if (!status) throw new TypeError('no network');
    return { status };
  };
  const tab = new Map();
  const page = load('/ohif/viewer?StudyInstanceUIDs=1', tab, ['en'], answer);
  const client = page.config.oidc[0];
  const key = `oidc.user:${client.authority}:${client.client_id}`;
  const user = { access_token: 'a.b.c', expires_at: Date.now() / 1000 + lifetime };
  if (kept !== null) tab.set(key, kept ?? JSON.stringify(user));
  page.document.visibilityState = visible ? 'visible' : 'hidden';
  page.checks.forEach((check) => check());
  await new Promise(setImmediate);
  return { asked, reloads: page.reloads, forgets: !tab.has(key), authority: client.authority };
}

test('a tab starts anew after a sign-out elsewhere, and for no other reason', async () => {
  const { asked, reloads, forgets, authority } = await lookedAt({ status: 401 });
  assert.deepEqual(asked[0], [`${authority}/protocol/openid-connect/userinfo`, 'Bearer a.b.c']);
  assert.ok(reloads > 0 && forgets);
  const others = [{ status: 200 }, { status: 503 }, { status: 0 }, { status: 401, lifetime: -1 }];
  const unasked = [{ status: 401, visible: false }, { status: 401, kept: null }, { status: 401, kept: '{' }];
  for (const seen of [...others, ...unasked]) assert.equal((await lookedAt(seen)).reloads, 0, JSON.stringify(seen));
  for (const seen of unasked) assert.deepEqual((await lookedAt(seen)).asked, []);
});

test('the tab of a guest asks nobody about a session', () => {
  assert.deepEqual(load(`/ohif/viewer?StudyInstanceUIDs=1&token=${token(SHARES[0])}`).checks, []);
});

test('saving is replaced by an explanation, and is cancelled', async () => {
  const told = [];
  const replaced = decisions.readOnly('why', (text) => told.push(text));
  const answer = await replaced['measurement.promptSaveReport'].$set({}, {}, {});

  assert.deepEqual([told, answer.userResponse], [['why'], 0]);
  assert.equal(replaced['ohif.createReportDialog'].$set({}), 'why');
});

test('the configuration that is read has no trailing slash and survives being copied', () => {
  const { config } = load('/ohif/viewer');
  config.routerBasename = process.env.ORTHGEN_PINNED ? '/ohif/' : config.routerBasename;
  assert.equal({ ...config }.routerBasename, '/ohif');
});
