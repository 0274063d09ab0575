import { dirname, resolve } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { cut } from "../core/scan.ts";
import { type Imported, listIn, nothingFrom, notUnderstood, readForeign, type Table } from "./imported.ts";

/** Packages of conda that are no Python packages: compilers, libraries and programs. */
const NOT_PYTHON =
  /^(_.*|lib.*|.*-dev|.*toolkit.*|cudnn|cuda.*|nodejs|gcc.*|gxx.*|clang.*|c-compiler|cxx-compiler|fortran-compiler|compilers|gfortran.*|openssl|ca-certificates|sqlite|zlib|zstd|xz|bzip2|tk|readline|ncurses|openblas|blas|mkl|mkl-service|openmp|llvm-openmp|ffmpeg|git|make|pandoc|graphviz|jpeg|freetype|hdf5|netcdf4-c|proj|gdal-core|r-.*|java.*|openjdk|perl|ruby|rust|go|conda|mamba|conda-build|nomkl)$/;

/** What every environment of conda has and Skerry's need not. */
const SEEDS = new Set(["pip", "setuptools", "wheel"]);

/** Python packages that PyPI has under another name. */
const RENAMED: Readonly<Record<string, string>> = {
  pytorch: "torch",
  "pytorch-cpu": "torch",
  "pytorch-gpu": "torch",
  opencv: "opencv-python",
  "py-opencv": "opencv-python",
  "matplotlib-base": "matplotlib",
  "python-graphviz": "graphviz",
  "msgpack-python": "msgpack",
  pytables: "tables",
  "dask-core": "dask",
  "seaborn-base": "seaborn",
  jupyter_core: "jupyter-core",
  "tensorflow-base": "tensorflow",
  "py-xgboost": "xgboost",
  pyqt: "PyQt5",
  pyside2: "PySide2",
  importlib_metadata: "importlib-metadata",
  "python-kaleido": "kaleido",
  "fonts-conda-forge": "",
};

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
      const known = RENAMED[name] ?? name;
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
  try {
    const document: unknown = parse(readForeign(path), { maxAliasCount: 100 });
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return document as Table;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw notUnderstood(path, `line ${error.linePos?.[0].line ?? "?"} is not valid YAML`, error);
  }
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
