// Opens the viewer that a link leads to, or says why it leads nowhere.
const token = new URLSearchParams(location.search).get("token");
const decoded = post("../../auth/tokens/decode", { TokenKey: "token", TokenValue: token });

async function post(url, body) {
  const reply = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return reply.json();
}

decoded.then((answer) => {
  if (answer.RedirectUrl) location.replace(answer.RedirectUrl);
  else document.getElementById("message").textContent =
    answer.ErrorCode === "expired" ? "This link has expired." : "This link is not valid.";
});
