// Lists the studies that the server shows, uploads, labels, shares, and opens OHIF.
import { signIn } from "./session.js";

const root = new URL("../../", location.href);
const home = new URL("./", location.href).href;
const element = (id) => document.getElementById(id);
const tell = (error) => {
  element("message").textContent = error.message;
};

let session;
let settings;
let permissions;

async function ask(method, path, body) {
  const reply = await fetch(new URL(path, root), { method, headers: session?.headers(), body });
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply;
}

const may = (permission) => permissions.has("all") || permissions.has(permission);

async function makeLink(kind, study, seconds) {
  const resource = { OrthancId: study.ID, DicomUid: study.MainDicomTags.StudyInstanceUID, Level: "study" };
  const body = JSON.stringify({ Resources: [resource], Type: kind, ValidityDuration: seconds });
  return (await ask("PUT", `auth/tokens/${kind}`, body)).json();
}

async function openViewer(study) {
  const tab = window.open();
  const link = await makeLink("viewer-instant-link", study, settings.Tokens.InstantLinksValidity);
  const query = new URLSearchParams({ StudyInstanceUIDs: study.MainDicomTags.StudyInstanceUID, token: link.Token });
  tab.location = `${new URL(settings.UiOptions.OhifViewer3PublicRoot, root)}viewer?${query}`;
}

async function share(study) {
  const link = await makeLink(settings.Tokens.ShareType, study, settings.UiOptions.ShareDuration * 24 * 3600);
  element("link").value = link.Url;
}

async function label(study) {
  const name = prompt("Label");
  if (name) await ask("PUT", `studies/${study.ID}/labels/${encodeURIComponent(name)}`);
  await list();
}

function button(text, act) {
  const made = document.createElement("button");
  made.textContent = text;
  made.onclick = () => act().catch(tell);
  return made;
}

function row(study) {
  const made = document.createElement("tr");
  const tags = { ...study.PatientMainDicomTags, ...study.MainDicomTags };
  made.dataset.study = tags.StudyInstanceUID;
  for (const text of [tags.PatientName, tags.StudyDescription, tags.StudyDate, study.Labels.join(" ")]) {
    made.insertCell().textContent = text ?? "";
  }
  const actions = made.insertCell();
  if (settings.UiOptions.OhifViewer3PublicRoot) actions.append(button("Open in OHIF", () => openViewer(study)));
  if (may("share") && settings.Tokens?.ShareType) actions.append(button("Share", () => share(study)));
  if (may("edit-labels")) actions.append(button("Label", () => label(study)));
  return made;
}

async function list() {
  const body = JSON.stringify({ Level: "Study", Query: {}, Expand: true });
  const studies = await (await ask("POST", "tools/find", body)).json();
  element("studies").tBodies[0].replaceChildren(...studies.map(row));
}

async function upload({ target }) {
  for (const file of target.files) await ask("POST", "instances", file);
  await list();
}

async function main() {
  const { Keycloak: keycloak } = await (await ask("GET", "ui/api/pre-login-configuration")).json();
  session = await signIn(keycloak, home);
  const profile = await (await ask("GET", "auth/user/profile")).json();
  settings = await (await ask("GET", "ui/api/configuration")).json();
  permissions = new Set(profile.permissions);
  element("person").textContent = profile.name;
  element("sign-out").onclick = session.signOut;
  element("upload").hidden = !may("upload");
  element("files").onchange = (event) => upload(event).catch(tell);
  element("refresh").onclick = () => list().catch(tell);
  await list();
}

main().catch(tell);
