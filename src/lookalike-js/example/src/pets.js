// The client of the API: its functions throw an Error whose message can be shown.

export function petsAt(url) {
  async function send(method, body) {
    const answer = await fetch(`${url}/pets`, {
      method,
      headers: body && {"Content-Type": "application/json"},
      body: body && JSON.stringify(body),
    }).catch(() => { throw new Error("You are offline. Try again later."); });
    const value = await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(value?.error ?? "The server is not available.");
    return value;
  }
  return {list: () => send("GET"), add: (pet) => send("POST", pet)};
}
