// Compare the bytecode in a folder with the sources in it, to the byte:
//   node check.mjs PYTHON PROGRAM FOLDER
// PYTHON is the folder of the npm package pyodide: CPython for WebAssembly, the one that compiled.
// PROGRAM is dev/tools/bytecode_compare.py.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [python, program, folder] = process.argv.slice(2);

try {
  const { loadPyodide } = await import(pathToFileURL(join(python, "pyodide.mjs")));
  const pyodide = await loadPyodide({ indexURL: python, args: [program, "/function", "exact"] });
  pyodide.mountNodeFS("/function", folder);
  pyodide.runPython(readFileSync(program, "utf8"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
