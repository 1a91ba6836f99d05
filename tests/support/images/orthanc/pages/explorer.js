// Signs in at Keycloak (code flow with PKCE), lists the studies that the server shows, uploads, opens OHIF.
const root = new URL("../../", location.href);
const home = new URL("./", location.href).href;
const element = (id) => document.getElementById(id);
const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

async function json(path, options = {}) {
  const reply = await fetch(new URL(path, root), options);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply.json();
}

async function signIn(keycloak) {
  const realm = `${keycloak.Url}realms/${keycloak.Realm}/protocol/openid-connect/`;
  const arguments_ = new URLSearchParams(location.search);
  const verifier = sessionStorage.getItem("verifier");
  if (arguments_.has("code") && verifier) {
    const form = { grant_type: "authorization_code", client_id: keycloak.ClientId, code: arguments_.get("code") };
    const body = new URLSearchParams({ ...form, redirect_uri: home, code_verifier: verifier });
    const reply = await fetch(`${realm}token`, { method: "POST", body });
    if (!reply.ok) throw new Error(`sign-in: ${reply.status}`);
    history.replaceState(null, "", home);
    sessionStorage.removeItem("verifier");
    const tokens = await reply.json();
    element("sign-out").onclick = () => {
      const end = { client_id: keycloak.ClientId, id_token_hint: tokens.id_token, post_logout_redirect_uri: home };
      location.href = `${realm}logout?${new URLSearchParams(end)}`;
    };
    return tokens.access_token;
  }
  const made = encoded(crypto.getRandomValues(new Uint8Array(48)));
  sessionStorage.setItem("verifier", made);
  const challenge = encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(made)));
  const question = { response_type: "code", client_id: keycloak.ClientId, redirect_uri: home, scope: "openid" };
  const proof = { code_challenge: challenge, code_challenge_method: "S256" };
  location.href = `${realm}auth?${new URLSearchParams({ ...question, ...proof })}`;
  return new Promise(() => {});
}

async function list(headers, options) {
  const body = JSON.stringify({ Level: "Study", Query: {}, Expand: true });
  const studies = await json("tools/find", { method: "POST", headers, body });
  element("studies").replaceChildren(
    ...studies.map((study) => {
      const row = document.createElement("tr");
      const tags = { ...study.PatientMainDicomTags, ...study.MainDicomTags };
      for (const text of [tags.PatientName, tags.StudyDescription, study.Labels.join(" ")]) {
        row.insertCell().textContent = text ?? "";
      }
      if (options.OhifViewer3PublicRoot) {
        const link = document.createElement("a");
        link.textContent = "OHIF";
        link.href = `${options.OhifViewer3PublicRoot}viewer?StudyInstanceUIDs=${tags.StudyInstanceUID}`;
        row.insertCell().append(link);
      }
      return row;
    }),
  );
}

async function main() {
  const { Keycloak: keycloak } = await json("ui/api/pre-login-configuration");
  const headers = { token: `Bearer ${await signIn(keycloak)}` };
  const profile = await json("auth/user/profile", { headers });
  const { UiOptions: options } = await json("ui/api/configuration", { headers });
  element("person").textContent = profile.name;
  element("files").onchange = async ({ target }) => {
    for (const file of target.files) await json("instances", { method: "POST", headers, body: file });
    await list(headers, options);
  };
  await list(headers, options);
}

main().catch((error) => {
  element("message").textContent = error.message;
});
