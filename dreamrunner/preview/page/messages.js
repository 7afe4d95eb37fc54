// What is found in the text, with its place.

/* A diagnostic with its line of the text. */
export function drawMessage(item) {
  const parts = [html("p", "", html("strong", "", item.severity), ` ${item.where}: ${item.message}`)];
  if (item.source.trim()) {
    const [start, end] = item.marked;
    parts.push(html(
      "pre", "", item.source.slice(0, start), html("mark", "", item.source.slice(start, end)), item.source.slice(end),
    ));
  }
  if (item.help) parts.push(html("p", "soft", item.help));
  return html("div", `message ${item.severity}`, ...parts);
}

/* The messages that stand in no scene, and where the others are. */
export function drawMessages(board) {
  const own = board.diagnostics.filter((item) => !item.scene);
  const inScenes = [...new Set(board.diagnostics.map((item) => item.scene).filter(Boolean))];
  const pointer = inScenes.length > 0 ? [html("p", "soft", `See also the messages in ${inScenes.join(", ")}.`)] : [];
  return [...own.map(drawMessage), ...pointer];
}
