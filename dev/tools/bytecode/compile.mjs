// Compile all Python files of a folder, each into the folder __pycache__ beside it:
//   node compile.mjs PYTHON FOLDER
// PYTHON is the folder of the npm package pyodide: CPython for WebAssembly, of one version.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [python, folder] = process.argv.slice(2);

const PROGRAM = `
import pathlib
import py_compile

def problem_of(path):
    try:
        # Python is not to compare it with the source: files have other times in Lambda.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(path), doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError as error:
        return f"{path} can't be compiled: {error.exc_value}"

# Where Lambda lays the function: the bytecode names its files so.
paths = sorted(pathlib.Path("/var/task").rglob("*.py"))
"\\n".join(filter(None, map(problem_of, paths)))
`;

try {
  const { loadPyodide } = await import(pathToFileURL(join(python, "pyodide.mjs")));
  // Without a seed the order of what is hashed differs from one run to the next.
  const pyodide = await loadPyodide({ indexURL: python, env: { PYTHONHASHSEED: "0" } });
  pyodide.mountNodeFS("/var/task", folder);
  const problems = pyodide.runPython(PROGRAM);
  if (problems) throw new Error(problems);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
