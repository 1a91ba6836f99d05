// Signs in at Keycloak (code flow with PKCE) and renews the tokens, as the library of Explorer 2 does.
const RENEWAL_INTERVAL = 60_000;
const LEAST_VALIDITY = 70;
const CHECK_INTERVAL = 5_000;

const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

const claims = (token) => JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));

async function askToken(protocol, form) {
  const reply = await fetch(`${protocol}token`, { method: "POST", body: new URLSearchParams(form) });
  if (!reply.ok) throw new Error(`sign-in: ${reply.status}`);
  return reply.json();
}

async function goToSignIn(protocol, client, home) {
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(48)));
  sessionStorage.setItem("verifier", verifier);
  const challenge = encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const question = { response_type: "code", client_id: client, redirect_uri: home, scope: "openid" };
  const proof = { code_challenge: challenge, code_challenge_method: "S256" };
  location.href = `${protocol}auth?${new URLSearchParams({ ...question, ...proof })}`;
  return new Promise(() => {});
}

// Keycloak's own page in a frame says whether the browser's session is still the one of these tokens.
function watchSession(protocol, client, session, leave) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = `${protocol}login-status-iframe.html`;
  frame.onload = () =>
    setInterval(() => frame.contentWindow.postMessage(`${client} ${session}`, new URL(protocol).origin), CHECK_INTERVAL);
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.data === "changed") leave();
  });
  document.body.append(frame);
}

export async function signIn(keycloak, home) {
  const client = keycloak.ClientId;
  const protocol = `${keycloak.Url}realms/${keycloak.Realm}/protocol/openid-connect/`;
  const code = new URLSearchParams(location.search).get("code");
  const verifier = sessionStorage.getItem("verifier");
  if (!code || !verifier) return goToSignIn(protocol, client, home);

  const form = { grant_type: "authorization_code", client_id: client, code, redirect_uri: home };
  let tokens = await askToken(protocol, { ...form, code_verifier: verifier });
  history.replaceState(null, "", home);
  sessionStorage.removeItem("verifier");
  const leave = () => location.replace(home);
  watchSession(protocol, client, claims(tokens.id_token).sid, leave);
  setInterval(async () => {
    if (claims(tokens.access_token).exp - Date.now() / 1000 > LEAST_VALIDITY) return;
    const renewal = { grant_type: "refresh_token", client_id: client, refresh_token: tokens.refresh_token };
    tokens = await askToken(protocol, renewal).catch(leave);
  }, RENEWAL_INTERVAL);
  return {
    headers: () => ({ token: `Bearer ${tokens.access_token}` }),
    signOut() {
      const end = { client_id: client, id_token_hint: tokens.id_token, post_logout_redirect_uri: home };
      location.href = `${protocol}logout?${new URLSearchParams(end)}`;
    },
  };
}
