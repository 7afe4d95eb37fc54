// Runs DreamRunner by Pyodide, away from the page, which stays quick. All that it fetches lies beside it.
import { loadPyodide } from "./pyodide.mjs";

const FOLDER = "/story";

async function begin() {
  const [python, libraries, steps] = await Promise.all([
    loadPyodide({ indexURL: new URL(".", import.meta.url).href }),
    fetched("libraries.zip").then((reply) => reply.arrayBuffer()),
    fetched("steps.py").then((reply) => reply.text()),
  ]);
  const packages = python.runPython("import site; site.getsitepackages()[0]");
  python.unpackArchive(libraries, "zip", { extractDir: packages });
  python.FS.mkdir(FOLDER);
  python.FS.writeFile(`${packages}/steps.py`, steps);
  return python.runPython("import importlib; importlib.invalidate_caches(); from steps import look; look");
}

async function fetched(name) {
  const reply = await fetch(new URL(name, import.meta.url));
  if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
  return reply;
}

const begun = begin();
begun.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

addEventListener("message", async ({ data }) => {
  try {
    const look = await begun;
    postMessage({ number: data.number, found: JSON.parse(look(data.text, FOLDER)) });
  } catch (error) {
    postMessage({ number: data.number, failed: String(error) });
  }
});
