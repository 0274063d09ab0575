/** What can be imported: by the tool whose files or environments are read. */
export const IMPORT_KINDS = [
  "requirements",
  "pipfile",
  "poetry",
  "environment.yml",
  "venv",
  "virtualenvwrapper",
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];
