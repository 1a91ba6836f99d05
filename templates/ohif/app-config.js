// Runs before OHIF's own bundle. The token in the address shows the kind of visitor: a user who signs in,
// or the guest of a link, whose viewer is read-only. The reasons are in orthgen's docs/reports.md.
// ORTHGEN_SETTINGS above holds the profile's settings. It has no secret, because every visitor can read it.
(function (settings) {
  'use strict';

  const MEMORY = 'orthgen.link';
  const SESSION_CHECK = 15000; // milliseconds

  // -------------------------------------------------------------------------------------------- decisions

  // The `type` in the payload of a token, or '' where there is none to read. Never throws. Nothing is verified
  // here: the type only chooses what the page offers, the archive decides what the token opens.
  function tokenType(token) {
    try {
      const payload = String(token).split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
      const type = JSON.parse(atob(payload)).type;
      return typeof type === 'string' ? type : '';
    } catch {
      return '';
    }
  }

  // Whether a link was made for people who do not sign in. Instant links are made for people who do.
  function isShare(token) {
    return /-publication$/.test(tokenType(token));
  }

  // Whether a visitor may save: anybody who signs in, and, if the profile allows it, the holder of an instant link.
  function maySave(guest, search, savesByLink) {
    return !guest || (savesByLink && tokenType(parameter(search, 'token').find(Boolean)) === 'viewer-instant-link');
  }

  // The values of a query parameter. OHIF does not mind the case of its name, so neither may this.
  function parameter(search, name) {
    const values = [];
    new URLSearchParams(search).forEach(function (value, key) {
      if (key.toLowerCase() === name.toLowerCase()) values.push(value);
    });
    return values;
  }

  // The same query with exactly this token, or with none.
  function withToken(search, token) {
    const query = new URLSearchParams(search);
    Array.from(query.keys()).forEach(function (key) {
      if (key.toLowerCase() === 'token') query.delete(key);
    });
    if (token) query.append('token', token);
    const text = query.toString();
    return text && '?' + text;
  }

  // Who is looking, which query OHIF shall see, and what this tab has to remember.
  // - OHIF takes a token out of the address and keeps it in memory only: a reload would lose it. So the tab
  //   remembers the token of a guest together with its studies; other studies in the same tab are another visit.
  // - Where people sign in, the token of an instant link has to go: OHIF would sign in and then send the link's
  //   token instead of the user's, and no link may save a report.
  function visit(search, remembered, signsIn) {
    const studies = parameter(search, 'StudyInstanceUIDs').join();
    const tokens = parameter(search, 'token');
    const known = remembered && studies && remembered.studies === studies ? remembered.token : '';
    const token = tokens.find(Boolean) || known;
    if (signsIn && !isShare(token)) {
      return { guest: false, search: tokens.length ? withToken(search, '') : search, remember: null };
    }
    return {
      guest: true,
      search: token ? withToken(search, token) : search,
      remember: token && studies ? { token: token, studies: studies } : null,
    };
  }

  // Whether the address names no study and is not where a sign-in comes back to (that one carries a `state`).
  // OHIF's own study list is off, so there is nothing to see.
  function isBare(pathname, search) {
    return pathname.replace(/\/$/, '') === settings.config.routerBasename && !new URLSearchParams(search).has('state');
  }

  // The first language that the person reads and the institution offers, else the institution's first.
  function language(wanted, offered) {
    const primary = wanted.map(function (tag) {
      return String(tag).toLowerCase().split('-')[0];
    });
    return (
      primary.find(function (code) {
        return offered.includes(code);
      }) || offered[0]
    );
  }

  // Whether a sign-in has ended before its token did, so that somebody has signed out: in Orthanc Explorer 2, in
  // another tab, or in Keycloak. An expired token is no sign of it, because OHIF renews the token after a pause, too.
  function hasSignedOut(user, seconds, status) {
    return user.expires_at > seconds && status === 401;
  }

  // Which text explains a failed request; '' for failures that need none or that OHIF explains.
  function explanation(error, guest) {
    const request = (error && error.request) || {};
    const status = (error && error.status) || request.status;
    const url = String(request.responseURL || '');
    // STOW-RS is the only request that goes to the bare collection: a search carries a query.
    const stores = /\/studies\/?$/.test(url);
    // OHIF says nothing about a report that a server did not take.
    if (status >= 500 && stores) return 'later';
    if (status !== 401 && status !== 403) return '';
    if (stores) return guest ? 'readOnly' : 'save';
    // OHIF looks for the patient's other studies. An instant link opens no search; OHIF does without.
    if (guest && /\/studies\/?\?/.test(url)) return '';
    return guest ? 'link' : 'view';
  }

  // OHIF's two ways to a saved report, replaced; `$set`, because a bare function would be applied to the old value.
  function readOnly(text, tell) {
    return {
      'measurement.promptSaveReport': {
        $set: function () {
          tell(text);
          // What OHIF's own prompt answers when somebody cancels: the measurements stay.
          return Promise.resolve({ userResponse: 0 });
        },
      },
      // The content of the dialog that saves segmentations: a text is all that a React component need return.
      'ohif.createReportDialog': {
        $set: function () {
          return text;
        },
      },
    };
  }

  // ---------------------------------------------------------------------------------------------- the page

  // A browser may refuse access to its storage. Then a reload loses the link, and nothing else.
  function stored(area, key) {
    try {
      return window[area].getItem(key);
    } catch {
      return null;
    }
  }

  function remembered() {
    try {
      const value = JSON.parse(stored('sessionStorage', MEMORY));
      return value && typeof value.token === 'string' && typeof value.studies === 'string' ? value : null;
    } catch {
      return null;
    }
  }

  function remember(value) {
    try {
      if (value) window.sessionStorage.setItem(MEMORY, JSON.stringify(value));
      else window.sessionStorage.removeItem(MEMORY);
    } catch {
      // As for `stored`.
    }
  }

  // A message over the viewer, one at a time. Styled through the object model, which a strict style-src allows.
  function tell(text) {
    const old = document.getElementById('orthgen-notice');
    if (old && old.firstChild.textContent === text) return;
    if (old) old.remove();
    const box = document.createElement('div');
    box.id = 'orthgen-notice';
    box.setAttribute('role', 'alert');
    box.style.cssText =
      'position:fixed;top:60px;left:50%;transform:translateX(-50%);z-index:100000;width:max-content;max-width:36rem;' +
      'display:flex;gap:16px;align-items:center;padding:12px 16px;border-radius:6px;' +
      'background:#fff4d6;color:#1c1c1c;font:15px/1.4 sans-serif;box-shadow:0 4px 16px #000a';
    const words = document.createElement('span');
    words.textContent = text;
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = texts.close;
    close.style.cssText = 'padding:4px 10px;border:1px solid #1c1c1c;border-radius:4px;background:none;color:inherit';
    close.addEventListener('click', function () {
      box.remove();
    });
    box.append(words, close);
    document.body.append(box);
  }

  // OHIF keeps its user in the storage of the tab, and does not notice a sign-out in Orthanc Explorer 2: the images would
  // stay on the screen for the next person. Keycloak answers 401 once the session has ended; then the tab reloads,
  // and leads to the sign-in page.
  function watchSession(client) {
    const key = 'oidc.user:' + client.authority + ':' + client.client_id;
    async function check() {
      const user = JSON.parse(stored('sessionStorage', key));
      if (!user || document.visibilityState !== 'visible') return;
      const headers = { Authorization: 'Bearer ' + user.access_token };
      const answer = await fetch(client.authority + '/protocol/openid-connect/userinfo', { headers: headers });
      if (!hasSignedOut(user, Date.now() / 1000, answer.status)) return;
      window.sessionStorage.removeItem(key);
      here.reload();
    }
    function ignoringFailures() {
      // Without a network nothing is known about the session.
      check().catch(function () {});
    }
    window.setInterval(ignoringFailures, SESSION_CHECK);
    document.addEventListener('visibilitychange', ignoringFailures);
  }

  const here = window.location;
  const now = visit(here.search, remembered(), settings.oidc !== null);
  // The language that somebody chose in OHIF comes before those of the browser.
  const wanted = [stored('localStorage', 'i18nextLng') || ''].concat(navigator.languages || []);
  const texts = settings.texts[language(wanted, Object.keys(settings.texts))];
  remember(now.remember);
  if (isBare(here.pathname, here.search)) {
    here.replace(settings.studyList);
  } else if (now.search !== here.search) {
    window.history.replaceState(window.history.state, '', here.pathname + now.search + here.hash);
  }

  const config = Object.assign({}, settings.config, {
    httpErrorHandler: function (error) {
      const key = explanation(error, now.guest);
      if (key) tell(texts[key]);
    },
  });
  if (!maySave(now.guest, now.search, settings.savesByLink)) {
    config.customizationService = readOnly(texts.readOnly, tell);
  }
  if (!now.guest && settings.oidc) {
    config.oidc = settings.oidc;
    watchSession(settings.oidc[0]);
  }
  if (settings.pinsBasename) {
    // Orthanc's plugin appends its own part, which sets a basename that ends in `/`; with one, OHIF never finds the
    // page that the sign-in comes back to.
    Object.defineProperty(config, 'routerBasename', {
      enumerable: true,
      get: function () {
        return settings.config.routerBasename;
      },
      set: function () {},
    });
  }
  window.config = config;

  // Nobody takes these in a browser; the tests do.
  return { tokenType, isShare, maySave, parameter, withToken, visit, isBare, language, hasSignedOut, explanation, readOnly };
})(ORTHGEN_SETTINGS);
