// The functions of the rendered scripts by themselves, with what is usual and with what nobody expects.
// ORTHGEN_GUARD names the rendered folder, as modules that node reads. tests/real/test_guard_script.py runs this.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const test = require('node:test');

const MODULES = [
  'creations', 'jobs', 'links', 'modifications', 'remotes', 'resource_lists', 'searches', 'tags', 'token_ages', 'tokens',
];
const loaded = Promise.all(MODULES.map((name) => import(`${process.env.ORTHGEN_GUARD}/${name}.js`)))
  .then((modules) => Object.assign({}, ...modules.map((module) => module.default)));
const SECRET = 'the key that the auth-service signs links with';
const ROUNDS = 20000;

// ------------------------------------------------------------------------------- what the auth-service accepts

// The auth-service's own reading of a link, in its order: every "Bearer " goes, wherever it is; three parts; the first
// is base64url, read leniently, and JSON that says HS256; the signature covers both first parts as they were sent.
function isLinkForTheAuthService(value) {
  const parts = value.split('Bearer ').join('').split('.');
  if (parts.length !== 3) {
    return false;
  }
  try {
    // Python skips what is not of the alphabet and wants padding; more lenient still is safer here.
    const header = JSON.parse(Buffer.from(parts[0].replace(/[^A-Za-z0-9_-]/g, ''), 'base64url').toString());
    const signature = crypto.createHmac('sha256', SECRET).update(`${parts[0]}.${parts[1]}`).digest('base64url');
    return header.alg === 'HS256' && parts[2].replace(/[^A-Za-z0-9_-]/g, '') === signature;
  } catch {
    return false;
  }
}

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function signed(header, payload = encoded({ type: 'viewer-instant-link', resources: [] })) {
  const signature = crypto.createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url');
  return `${header}.${payload}.${signature}`;
}

const LINK = signed(encoded({ typ: 'JWT', alg: 'HS256' }));
const USER = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${encoded({ sub: 'x' })}.c2ln`;

// A small generator of numbers, so that a failure can be had again.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

// ---------------------------------------------------------------------------------------------------- tokens

test('a token of Keycloak may be a user\'s, with and without its prefix', async () => {
  const guard = await loaded;
  assert.equal(guard.mayBeUsers(USER, false), true);
  assert.equal(guard.mayBeUsers(`Bearer ${USER}`, false), true);
});

test('anything else is not', async () => {
  const guard = await loaded;
  const others = [
    LINK, `Bearer ${LINK}`, `bearer ${USER}`, `BEARER ${USER}`, `Bearer  ${USER}`, ` ${USER}`, `${USER} `, `Bearer${USER}`,
    `Bearer Bearer ${USER}`, `${USER}, ${USER}`, `${USER},`, 'Basic dXNlcjpwYXNz', 'x', '.', '..', '...', 'a.b.c',
    `${USER}.x`, `${encoded({ alg: 'RS256' })}.x.`, `.${encoded({})}.x`, `${encoded({ alg: 'RS256' })}..x`,
    `${encoded({ alg: 'rs256' })}.x.y`, `${encoded({ alg: 'RS384' })}.x.y`, `${encoded({ alg: ['RS256'] })}.x.y`,
    `${encoded({ ALG: 'RS256' })}.x.y`, `${encoded({ alg: 'none' })}.x.y`, `${encoded('["RS256"]')}.x.y`,
    `${encoded('"RS256"')}.x.y`, `${encoded('null')}.x.y`, `${encoded('{"alg":"RS256"')}.x.y`,
    `${encoded('{"__proto__":{"alg":"RS256"}}')}.x.y`, `${encoded('\ufeff{"alg":"RS256"}')}.x.y`,
    `${encoded('{"alg":"RS256","alg":"HS256"}')}.x.y`, `${encoded({ alg: 'RS256' })}=.x.y`,
    `${encoded({ alg: 'RS256' })}.x.y\u0000`, `${encoded({ alg: 'RS256' })}.x\n.y`, `${USER}\n`,
    Buffer.from('{"alg":"HS256"}', 'utf16le').toString('base64url') + '.x.y',
  ];
  for (const value of others) {
    assert.equal(guard.mayBeUsers(value, false), false, JSON.stringify(value));
  }
});

test('an API key has no dots, and only its own header carries one', async () => {
  const guard = await loaded;
  assert.equal(guard.mayBeUsers('3f9a-key', true), true);
  assert.equal(guard.mayBeUsers('3f9a-key', false), false);
  assert.equal(guard.mayBeUsers(LINK, true), false);
  assert.equal(guard.mayBeUsers(USER, true), true);
});

test('no string that the auth-service would take for a link is ever taken for a user\'s', async () => {
  const guard = await loaded;
  const next = random(20261124);
  const pick = (list) => list[next(list.length)];
  let links = 0;

  const header = () => pick([
    () => encoded({ alg: 'HS256' }),
    () => encoded({ alg: 'HS256', typ: 'JWT', kid: 'RS256' }),
    () => encoded('{"alg":"RS256","alg":"HS256"}'),
    () => encoded('{"alg":"HS256","alg":"RS256"}'),
    () => encoded('{"\\u0061lg":"HS256"}'),
    () => encoded(' {"alg" : "HS256"}\n'),
    () => encoded('{"alg":"HS256","x":{"alg":"RS256"}}'),
    () => encoded('{"x":{"alg":"RS256"},"alg":"HS256"}'),
    () => encoded('{"__proto__":{"alg":"RS256"},"alg":"HS256"}'),
    () => encoded('{"constructor":{"alg":"RS256"},"alg":"HS256"}'),
    () => encoded({ alg: 'RS256' }),
  ])();
  const mutate = (text) => pick([
    (at) => text,
    (at) => `${text.slice(0, at)}Bearer ${text.slice(at)}`,
    (at) => `${text.slice(0, at)}Bearer Bearer ${text.slice(at)}`,
    (at) => `${text.slice(0, at)}${pick(['=', '+', '/', ' ', '\t', '\n', ',', ';', '.', '%2e', '\u00a0', '-', '_'])}${text.slice(at)}`,
    (at) => text.slice(0, at) + text.slice(at + 1),
    (at) => text.slice(0, at) + pick([...text]) + text.slice(at + 1),
    (at) => `${pick(['Bearer ', 'bearer ', 'Token ', '', ' '])}${text}`,
  ])(next(text.length + 1));

  for (let round = 0; round < ROUNDS; round += 1) {
    // Sometimes the header is disturbed before it is signed, sometimes the token after.
    let value = signed(next(3) === 0 ? mutate(header()) : header());
    for (let change = next(3); change > 0; change -= 1) {
      value = mutate(value);
    }
    if (isLinkForTheAuthService(value)) {
      links += 1;
      assert.equal(guard.mayBeUsers(value, false), false, JSON.stringify(value));
      assert.equal(guard.mayBeUsers(value, true), false, JSON.stringify(value));
    }
  }
  assert.ok(links > ROUNDS / 10, `only ${links} of the strings were links`);
});

// -------------------------------------------------------------------------------------------------- arguments

test('arguments are read as Orthanc reads them: decoded first, separated then', async () => {
  const guard = await loaded;
  const read = (text) => Object.fromEntries(guard.argumentsOf(text));
  assert.equal(read('a=b&token=x.y.z').token, 'x.y.z');
  assert.equal(read('%74oken=x').token, 'x');
  assert.equal(read('a=b%26token=x').token, 'x');
  assert.equal(read('token%3dx').token, 'x');
  assert.equal(read('token=a+b').token, 'a b');
  assert.equal(read('%2574oken=x').token, undefined);
  assert.equal(read('a%00&token=x').token, undefined);
});

test('every place where a token may stand is looked at', async () => {
  const guard = await loaded;
  const may = (headers, args = '') => guard.everyTokenMayBeUsers(headers, args);
  assert.equal(may([]), true);
  assert.equal(may([['Accept', '*/*'], ['token', '']]), true);
  assert.equal(may([['Authorization', `Bearer ${USER}`], ['token', USER], ['api-key', 'k']]), true);
  for (const name of ['Authorization', 'authorization', 'TOKEN', 'Token', 'Api-Key', 'API-KEY']) {
    assert.equal(may([[name, LINK]]), false, name);
    assert.equal(may([['authorization', `Bearer ${USER}`], [name, LINK]]), false, `${name} beside a user's`);
  }
  assert.equal(may([['token', USER], ['token', LINK]]), false);
  assert.equal(may([], `token=${LINK}`), false);
  assert.equal(may([], `x=1%26%74oken%3D${LINK}`), false);
  assert.equal(may([['Authorization', `Bearer ${USER}`]], `a=b&token=${LINK}`), false);
  assert.equal(may([['Authorization', `Bearer ${USER}`]], `token=${USER}`), true);
});

// ------------------------------------------------------------------------------------------------ what is wished

const ID = '49149567-dee7c8b5-f07db365-0fb59818-2f785498';
const study = (changes) => ({ OrthancId: ID, DicomUid: '1.2.3', Level: 'study', ...changes });
const wish = async (asked, type = 'viewer-instant-link', now = 0) => (await loaded).linkWish(asked, type, now);

test('a wish as Orthanc Explorer 2 spells it is handed on in its own form', async () => {
  const asked = { Resources: [study()], Type: 'viewer-instant-link', ValidityDuration: 3600, Username: 'x', Id: 'y' };
  assert.deepEqual(await wish(asked), {
    body: { Resources: [{ Level: 'study', OrthancId: ID, DicomUid: '1.2.3' }], Type: 'viewer-instant-link', ValidityDuration: 3600 },
  });
});

test('the life of a link is bounded, and always said', async () => {
  const lives = async (life, type) => {
    const { body, status } = await wish({ Resources: [study()], ...life }, type, Date.UTC(2026, 0, 1));
    return body ? body.ValidityDuration : status;
  };
  assert.equal(await lives({ ValidityDuration: 3600 }), 3600);
  assert.equal(await lives({ ValidityDuration: 3601 }), 403);
  assert.equal(await lives({ ValidityDuration: 0 }), 403);
  assert.equal(await lives({}), 400);
  for (const value of [-1, 1.5, '3600', null, true, [], {}, 1e30, NaN]) {
    assert.equal(await lives({ ValidityDuration: value }), 400, String(value));
  }
  assert.equal(await lives({ ExpirationDate: '2026-01-01T00:30:00.000Z' }), 1800);
  assert.equal(await lives({ ExpirationDate: '2027-01-01T00:30:00.000Z' }), 403);
  assert.equal(await lives({ ExpirationDate: '2025-01-01T00:30:00.000Z' }), 400);
  assert.equal(await lives({ ExpirationDate: 'tomorrow' }), 400);
  assert.equal(await lives({ ValidityDuration: 86400 }, 'ohif-viewer-publication'), 86400);
});

test('whatever is not a study named as studies are is refused', async () => {
  const bad = [
    null, 'x', [], {}, { Resources: 'x' }, { Resources: [] }, { Resources: [null] }, { Resources: ['x'] }, { Resources: [[]] },
    { Resources: [study({ Level: undefined })] }, { Resources: [study({ Level: 'series' })] },
    { Resources: [study({ Level: 'patient' })] }, { Resources: [study({ Level: ['study'] })] },
    { Resources: [study({ OrthancId: undefined, DicomUid: undefined })] }, { Resources: [study({ OrthancId: '../x' })] },
    { Resources: [study({ OrthancId: `${ID}/archive` })] }, { Resources: [study({ OrthancId: ID.toUpperCase() })] },
    { Resources: [study({ OrthancId: `${ID}\n` })] }, { Resources: [study({ OrthancId: [ID] })] },
    { Resources: [study({ DicomUid: '1.2.*' })] }, { Resources: [study({ DicomUid: '' })] },
    { Resources: [study({ DicomUid: 1.2 })] }, { Resources: [study({ DicomUid: '1.2\\1.3' })] },
    { Resources: Array.from({ length: 1001 }, () => study()) },
  ];
  for (const asked of bad) {
    const made = await wish(asked && typeof asked === 'object' && !Array.isArray(asked) ? { ...asked, ValidityDuration: 60 } : asked);
    assert.equal(made.status, 400, JSON.stringify(asked));
  }
  assert.equal((await wish({ Resources: [study()], Type: 'ohif-viewer-publication', ValidityDuration: 60 })).status, 400);
});

test('studies of other archives are sent to Orthanc itself, and asked for in its own name', async () => {
  const { remoteWish } = await loaded;
  const kept = { Level: 'Study', Resources: [{ StudyInstanceUID: '1.2' }] };
  for (const [text, body] of [
    ['', {}], ['PARADIM', { TargetAet: 'PARADIM' }], [' PARADIM\n', { TargetAet: 'PARADIM' }],
    [JSON.stringify({ ...kept, TargetAet: 'PARADIM', LocalAet: 'OTHER' }), { ...kept, TargetAet: 'PARADIM' }],
    [JSON.stringify({ ...kept, TargetAet: '' }), { ...kept, TargetAet: '' }],
    ['{"TargetAet": "CARDIO", "TargetAet": "PARADIM"}', { TargetAet: 'PARADIM' }],
  ]) {
    assert.deepEqual(JSON.parse(remoteWish(text).body), body, text);
  }
  for (const text of [
    'CARDIO', '"PARADIM"', '[]', 'null', '{"TargetAet": "CARDIO"}', '{"TargetAet": ["PARADIM"]}', '{"TargetAet": null}',
    '{"TargetAet": "PARADIM", "TargetAet": "CARDIO"}', '{"TargetAet": "PARADIM "}', '{} // CARDIO',
  ]) {
    assert.equal(remoteWish(text).status, 403, text);
  }
});

test('DICOMweb servers are asked for searches and studies alone, without headers of the caller\'s', async () => {
  const { webWish } = await loaded;
  const uid = '1.2.840.113619';
  for (const uri of [
    '/studies', 'series', '/instances', `/studies/${uid}/series`, `/studies/${uid}/instances`,
    `/studies/${uid}/series/${uid}/instances`,
  ]) {
    const asked = { Uri: uri, Arguments: { PatientName: 'A*' } };
    assert.deepEqual(JSON.parse(webWish(JSON.stringify({ ...asked, HttpHeaders: { Authorization: 'x' } }), 'qido').body), asked, uri);
  }
  for (const uri of [
    '', '/', '..', '/../instances', '/studies/..', `/studies/${uid}`, '/studies/../series', `/studies/${uid}/series/..`,
    '/studies/%2e%2e/series', '/studies/1.2/series/1..2/instances', '//studies', '/studies/', 'studies?x=1', '/studies/\n/series',
    `/studies/${'1'.repeat(65)}/series`, `/studies/${uid}/metadata`, ['/studies'], null, 1, undefined,
  ]) {
    assert.equal(webWish(JSON.stringify({ Uri: uri }), 'qido').status, 403, String(uri));
  }
  const study = { Resources: [{ Study: uid }, { Study: uid, Series: uid, Instance: '' }], Asynchronous: true };
  assert.deepEqual(JSON.parse(webWish(JSON.stringify({ ...study, HttpHeaders: {} }), 'retrieve').body), study);
  for (const resources of [undefined, {}, [null], ['x'], [{ Study: '..' }], [{ Study: uid, Series: '../..' }], [{ Study: ['1'] }]]) {
    assert.equal(webWish(JSON.stringify({ Resources: resources }), 'retrieve').status, 403, JSON.stringify(resources));
  }
  for (const text of ['', '[]', 'null', '"/studies"', '{']) assert.equal(webWish(text, 'qido').status, 400, text);
});

test('a job reveals visible resources alone, and of nothing that its maker said of others', async () => {
  const { told, idsIn } = await loaded;
  const id = (digit) => Array(5).fill(digit.repeat(8)).join('-');
  const own = id('a'), other = id('b'), patient = id('c');
  const bare = { ID: 'j', Type: 'ResourceModification', State: 'Success', Progress: 100 };
  const content = {
    Description: 'Jane Doe', InstancesCount: 3, IsAnonymization: false, Type: 'Study', ID: own, Path: `/studies/${own}`,
    PatientID: patient, TargetStudy: other, RemoteAet: 'X', Query: { '0010,0020': 'PAT' },
    ParentResources: [own, other, own],
    Resources: [{ ID: own, Type: 'Study', Path: '/studies/x' }, { ID: other, Type: 'Study' }, { ID: patient, Type: 'Patient' }],
    Peers: { Studies: [own], Series: [], Patients: [patient] },
  };
  const job = { ...bare, Content: content, UserData: { PatientID: 'PAT' }, ErrorDetails: 'of PAT', Dimse: 1 };
  assert.deepEqual(idsIn(content), [own, patient, other]);
  assert.deepEqual(told(job, [own]), {
    ...bare,
    UserData: job.UserData,
    Content: {
      InstancesCount: 3, IsAnonymization: false, Type: 'Study', ID: own, ParentResources: [own, own],
      Resources: [{ ID: own, Type: 'Study' }], Peers: { Studies: [own] },
    },
  });
  assert.deepEqual(told(job, []), { ...bare, Content: { InstancesCount: 3, IsAnonymization: false, Type: 'Study' } });
  for (const none of [undefined, null, 'x', []]) {
    assert.deepEqual(told({ ...bare, Content: none, UserData: 1 }, []), { ...bare, Content: {} });
  }
});

test('bodies that list resources are read in each of the forms that Orthanc knows', async () => {
  const guard = await loaded;
  const other = ID.replace('4', '5');
  const read = (text) => {
    const found = guard.listWish(text);
    return found && { ids: found.ids, body: found.asked };
  };
  assert.deepEqual(read(ID), { ids: [ID], body: { Resources: [ID] } });
  assert.deepEqual(read(` ${ID}\n`), { ids: [ID], body: { Resources: [ID] } });
  assert.deepEqual(read(JSON.stringify(ID)), { ids: [ID], body: { Resources: [ID] } });
  assert.deepEqual(read(JSON.stringify([ID, other])), { ids: [ID, other], body: { Resources: [ID, other] } });
  const names = { Host: 'evil', Port: 1, CalledAet: 'X', LocalAet: 'Y', MoveOriginatorAet: 'Z', MoveOriginatorID: 1 };
  assert.deepEqual(read(JSON.stringify(Object.assign({ Resources: [ID], Priority: 1 }, names))), {
    ids: [ID], body: { Resources: [ID], Priority: 1 },
  });
  assert.deepEqual(read(`{"Resources":["${other}"],"Resources":["${ID}"]}`), { ids: [ID], body: { Resources: [ID] } });
  const told = [{ ID: ID, Level: 'Study' }];
  assert.deepEqual(read(JSON.stringify({ Resources: told })), { ids: [ID], body: { Resources: told } });
  for (const text of ['', 'x', '{}', '[]', '[1]', '[{"Level":"Study"}]', '[["x"]]', '{"Resources":{}}', '{"Resources":["../x"]}', 'null', `"${ID}/x"`]) {
    assert.equal(read(text), null, text);
  }
});

// --------------------------------------------------------------------------------------- as the model reads bodies

// Random bodies with what the model of `orthgen explain` makes of each; the guard has to make the same of them.
const agreed = JSON.parse(fs.readFileSync(`${process.env.ORTHGEN_GUARD}/agreed.json`));

test('names of tags are read as the model reads them', async () => {
  const { nameOf } = await loaded;
  assert.ok(agreed.names.length > 100);
  for (const [text, name] of agreed.names) {
    assert.equal(nameOf(text), name, JSON.stringify(text));
  }
});

test('modifications are read as the model reads them', async () => {
  const { modificationWish } = await loaded;
  assert.ok(agreed.modifications.length > 100);
  for (const [body, anonymizes, expected] of agreed.modifications) {
    const { refused, identifiers, describesPatient } = modificationWish(body, anonymizes);
    const read = refused ? null : { identifiers, describesPatient };
    assert.deepEqual(read, expected, JSON.stringify(body));
  }
});

test('searches are read as the model reads them', async () => {
  const { searchWish } = await loaded;
  for (const [body, isRefused] of agreed.searches) {
    assert.equal(searchWish(body).refused !== undefined, isRefused, JSON.stringify(body));
  }
});

test('an object that is made names ids wherever they stand in its description', async () => {
  const { creationWish } = await loaded;
  const named = creationWish({ Parent: ID, Tags: { StudyInstanceUID: '1.2' }, Content: [{ Tags: { PatientID: 'P' }, x: [ID] }] });
  assert.deepEqual([named.ids, named.identifiers], [[ID, ID], [['Study', '1.2'], ['Patient', 'P']]]);
  for (const bad of [null, [], 'x', { Tags: [] }, { Tags: 'x' }, { Tags: { StudyInstanceUID: 1 } }, { 'PatientID\u0000': 'x' }]) {
    assert.ok(creationWish(bad).refused, JSON.stringify(bad));
  }
});

// ----------------------------------------------------------------------------------------------- when tokens end

test('the end of a token is read from where Keycloak and the auth-service write it', async () => {
  const { endOf, someEnded } = await loaded;
  const token = (payload) => `${encoded({ alg: 'x' })}.${encoded(payload)}.x`;
  const at = (text) => endOf(token({ expiration_date: text }));
  assert.equal(endOf(token({ exp: 1700000000 })), 1700000000000);
  assert.equal(endOf(`Bearer ${token({ exp: 1.5 })}`), 1500);
  assert.equal(at('2026-11-27T02:00:00.123456+00:00'), Date.UTC(2026, 10, 27, 2));
  assert.equal(at('2026-11-27T02:00:00Z'), Date.UTC(2026, 10, 27, 2));
  assert.equal(at('2026-11-27T02:00:00'), Date.UTC(2026, 10, 27, 2));
  assert.equal(at('2026-11-27T02:00:00+01:30'), Date.UTC(2026, 10, 27, 0, 30));
  assert.equal(at('2026-11-27T02:00:00-05:00'), Date.UTC(2026, 10, 27, 7));
  for (const silent of ['x', 'a.b.c', '', token({}), token([]), token({ exp: '1' }), token({ exp: null }), token({ expiration_date: 'x' })]) {
    assert.equal(endOf(silent), null, silent);
  }
  assert.equal(someEnded([token({}), token({ exp: 2 })], 2000), true);
  assert.equal(someEnded([token({}), token({ exp: 2 })], 1999), false);
});
