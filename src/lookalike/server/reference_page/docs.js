// The reference: the document, which the control API gives, in RapiDoc. The control token is kept in a variable.

const at = (id) => document.getElementById(id);
let token = "";

async function ask(path) {
  const answer = await fetch(path, {headers: token ? {Authorization: `Bearer ${token}`} : {}});
  if (!answer.ok) throw Object.assign(new Error((await answer.json()).detail), {status: answer.status});
  return answer.json();
}

async function begin() {
  try {
    const [reference, control] = [await ask("docs.json"), await ask("openapi.json")];
    // The mock may be below the path of a sandbox, or of a proxy.
    const mount = location.pathname.slice(0, -`${control.servers[0].url}/docs`.length);
    reference.servers = [{url: location.origin + mount + reference.servers[0].url.replace(/\/$/, "")}];
    at("problem").hidden = at("access").hidden = true;
    const shown = at("reference");
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    shown.setAttribute("theme", isDark ? "dark" : "light");
    shown.setAttribute("primary-color", isDark ? "#7ab7f5" : "#0b5cad"); // that of the console
    shown.setAttribute("allow-authentication", String("securitySchemes" in (reference.components ?? {})));
    shown.hidden = false;
    await customElements.whenDefined("rapi-doc");
    await shown.loadSpec(reference);
  } catch (error) {
    at("problem").hidden = false;
    at("problem").textContent = error.message;
    at("access").hidden = ![401, 403].includes(error.status);
  }
}

at("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value;
  begin();
});
begin();
