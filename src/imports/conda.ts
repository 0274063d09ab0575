import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, visit } from "yaml";
import { SkerryError } from "../core/error.ts";
import { cut } from "../core/scan.ts";
import { isTable, type Table } from "../core/table.ts";
import { type Imported, listIn, nothingFrom, notUnderstood, readForeign } from "./imported.ts";

/** Packages of conda that are no Python packages: compilers, libraries and programs. */
const NOT_PYTHON =
  /^(_.*|lib.*|.*-dev|.*toolkit.*|cudnn|cuda.*|nodejs|gcc.*|gxx.*|clang.*|c-compiler|cxx-compiler|fortran-compiler|compilers|gfortran.*|openssl|ca-certificates|sqlite|zlib|zstd|xz|bzip2|tk|readline|ncurses|openblas|blas|mkl|mkl-service|openmp|llvm-openmp|ffmpeg|git|make|pandoc|graphviz|jpeg|freetype|hdf5|netcdf4-c|proj|gdal-core|r-.*|java.*|openjdk|perl|ruby|rust|go|conda|mamba|conda-build|nomkl)$/;

/** What every environment of conda has and Skerry's need not. */
const SEEDS = new Set(["pip", "setuptools", "wheel"]);

/** Python packages that PyPI has under another name. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["pytorch", "torch"],
  ["pytorch-cpu", "torch"],
  ["pytorch-gpu", "torch"],
  ["opencv", "opencv-python"],
  ["py-opencv", "opencv-python"],
  ["matplotlib-base", "matplotlib"],
  ["python-graphviz", "graphviz"],
  ["msgpack-python", "msgpack"],
  ["pytables", "tables"],
  ["dask-core", "dask"],
  ["seaborn-base", "seaborn"],
  ["jupyter_core", "jupyter-core"],
  ["tensorflow-base", "tensorflow"],
  ["py-xgboost", "xgboost"],
  ["pyqt", "PyQt5"],
  ["pyside2", "PySide2"],
  ["importlib_metadata", "importlib-metadata"],
  ["python-kaleido", "kaleido"],
  ["fonts-conda-forge", ""],
]);

/** The most that an environment.yml may have, in bytes, and as aliases: those that tools write have some kilobytes and none. */
const MOST_BYTES = 256 * 1024;
const MOST_ALIASES = 100;

/**
 * An environment.yml of conda, as far as PyPI has what it names: programs and libraries that aren't Python packages are
 * told and left out.
 * @see https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html
 */
export function importConda(path: string): Imported {
  const dependencies = listIn(readYaml(path), "dependencies");
  const requirements: string[] = [];
  const files: string[] = [];
  const editables: string[] = [];
  const notes: string[] = [];
  let python: string | undefined;
  for (const entry of dependencies) {
    if (typeof entry === "string") {
      const { name, bounds } = readMatch(entry, path);
      if (SEEDS.has(name)) continue;
      if (name === "python" && bounds !== undefined) python = bounds === "" ? undefined : bounds;
      else if (NOT_PYTHON.test(name))
        notes.push(`${name} is no Python package: install it with the system's package manager if it is needed`);
      else if (bounds === undefined)
        notes.push(`${name}: ${JSON.stringify(entry)} can't be written as PEP 440 does; any version is taken`);
      const known = RENAMED.get(name) ?? name;
      if (name !== "python" && known !== "" && !NOT_PYTHON.test(name)) requirements.push(known + (bounds ?? ""));
    } else {
      for (const line of listIn(entry, "pip")) {
        const [, option, rest = ""] =
          /^(-r|--requirement|-e|--editable|-c|--constraint|-i|--index-url|--extra-index-url|-f|--find-links)[= ]?(.*)$/s.exec(
            String(line),
          ) ?? [];
        if (option === undefined) requirements.push(String(line));
        else if (option.startsWith("-r") || option === "--requirement") files.push(resolve(dirname(path), rest.trim()));
        else if (option === "-e" || option === "--editable") editables.push(resolve(dirname(path), rest.trim()));
        else notes.push(`the option ${option} of pip isn't carried over: configure it for Skerry`);
      }
    }
  }
  return {
    ...nothingFrom(path),
    ...(python === undefined ? {} : { python: pythonRequest(python) }),
    requirements,
    files,
    editables,
    notes,
  };
}

function readYaml(path: string): Table {
  const text = readForeign(path, MOST_BYTES);
  const lines = new LineCounter();
  let document: unknown;
  try {
    // Pretty errors, and keys that are compared with each other, take time that grows faster than the text.
    const parsed = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      lineCounter: lines,
      logLevel: "error",
    });
    const [error] = parsed.errors;
    if (error) throw notUnderstood(path, `line ${lines.linePos(error.pos[0]).line} is not valid YAML`, error);
    let aliases = 0;
    visit(parsed, { Alias: () => (++aliases > MOST_ALIASES ? visit.BREAK : undefined) });
    if (aliases > MOST_ALIASES) throw notUnderstood(path, `it has more than ${MOST_ALIASES} aliases`);
    document = parsed.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof SkerryError) throw error;
    // All that the parser was given is the text: too deep for its stack, or an alias of nothing or too much.
    const isDeep = error instanceof RangeError;
    throw notUnderstood(path, isDeep ? "it is nested too deeply" : "an alias in it can't be followed", error);
  }
  if (isTable(document)) return document;
  throw notUnderstood(path, "it is not a table of YAML");
}

/** `conda-forge::numpy=1.26.4=py311_0` → numpy, `==1.26.4`; bounds are undefined for what PEP 440 can't say. */
function readMatch(text: string, path: string): { name: string; bounds: string | undefined } {
  const match = /^(?:[\w.-]+(?:\/[\w.-]+)?::)?([A-Za-z0-9_][\w.-]*)/.exec(text.trim());
  if (!match) throw notUnderstood(path, `${JSON.stringify(text.slice(0, 80))} is no dependency`);
  const name = match[1]!.toLowerCase();
  const rest = text.trim().slice(match[0].length);
  const spec = (rest.endsWith("]") ? cut(rest, "[")[0] : rest).trim();
  if (spec === "" || spec === "*") return { name, bounds: "" };
  // With a build: `=1.26.4=py311_0`, `==1.26.4=py311_0`, `1.26.4 py311_0`.
  const built = /^={0,2}\s*([\w.!+]+)(?:=|\s+)[\w.*]+$/.exec(spec)?.[1];
  if (built !== undefined) return { name, bounds: `==${built}` };
  const fuzzy = /^=\s*([\w.!+]+?)(?:\.?\*)?$/.exec(spec)?.[1];
  if (fuzzy !== undefined) return { name, bounds: `==${fuzzy}.*` };
  const plain = /^([\w.!+]+)$/.exec(spec)?.[1];
  if (plain !== undefined) return { name, bounds: `==${plain}` };
  const compact = spec.replace(/\s+/g, "");
  return { name, bounds: /^([<>=!~]=?[\w.!+*]+)(,[<>=!~]=?[\w.!+*]+)*$/.test(compact) ? compact : undefined };
}

function pythonRequest(bounds: string): string {
  return bounds.replace(/^==([\d.]+?)(\.\*)?$/, "$1");
}
