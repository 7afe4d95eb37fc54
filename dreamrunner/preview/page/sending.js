// What the page asks of the server.

/* Send something: what is told of it, or what is wrong. */
export async function post(address, value = {}) {
  try {
    const answer = await fetch(address, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value), keepalive: true,
    });
    const told = await answer.json();
    return { told, wrong: answer.ok ? "" : told.error };
  } catch {
    return { told: null, wrong: "the preview is not answering" };
  }
}
