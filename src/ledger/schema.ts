/** SQL for a change of packages as objects, from a column that has it as the lines `name version` and `name old → new`. */
function changeOfLines(column: string): string {
  const rest = "substr(value, instr(value, ' ') + 1)";
  const list = (key: string, members: string) =>
    `'$.${key}', json((SELECT json_group_array(json_object('name', substr(value, 1, instr(value, ' ') - 1), ${members}))
      FROM json_each(${column}, '$.${key}')))`;
  const version = `'version', nullif(${rest}, '?')`;
  const from = `'from', nullif(substr(${rest}, 1, instr(${rest}, ' → ') - 1), '?')`;
  const to = `'to', nullif(substr(${rest}, instr(${rest}, ' → ') + 3), '?')`;
  return `json_set(${column}, ${list("added", version)}, ${list("removed", version)}, ${list("changed", `${from}, ${to}`)})`;
}

/**
 * The migrations, oldest first; the database's `user_version` is the number of those that were applied. One that was
 * released is never edited: a change is a new entry at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE locks (
    digest TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE environments (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    engine TEXT NOT NULL,
    status TEXT NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    place TEXT NOT NULL,
    lock TEXT REFERENCES locks (digest),
    trees TEXT NOT NULL,
    cache_key TEXT UNIQUE,
    launch TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX environments_by_name ON environments (name) WHERE cache_key IS NULL;

  CREATE TABLE intents (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    step TEXT NOT NULL,
    payload TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start TEXT NOT NULL,
    boot TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE processes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    environment TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start TEXT NOT NULL,
    boot TEXT NOT NULL,
    cookie TEXT NOT NULL,
    command TEXT NOT NULL,
    started_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX processes_by_environment ON processes (environment);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    environment TEXT,
    name TEXT,
    duration_ms REAL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_environment ON events (environment);

  CREATE TABLE trust (
    digest TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE cache (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE environments ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE environments ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE environments ADD COLUMN cleanup TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE environments ADD COLUMN owner TEXT;
  ALTER TABLE environments ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
  UPDATE environments SET used_at = updated_at;
  CREATE INDEX environments_by_cleanup ON environments (created_at) WHERE cleanup <> '{}';
  `,
  // Each start writes a row, and would write a page more for the index of a table that is never large.
  "DROP INDEX processes_by_environment",
  `
  CREATE TABLE history (
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    present INTEGER NOT NULL,
    lock TEXT REFERENCES locks (digest),
    trees TEXT NOT NULL,
    packages TEXT NOT NULL,
    operation TEXT NOT NULL,
    asked TEXT NOT NULL,
    change TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (environment, n)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX history_present ON history (environment) WHERE present = 1;

  -- What environments hold is where the history of their packages begins.
  INSERT INTO history
    SELECT id, 1, 1, lock, trees, json_extract(spec, '$.packages'), 'create', '', json_object(
      'added', json(coalesce((
        SELECT json_group_array(json_extract(value, '$.name') || ' ' || coalesce(json_extract(value, '$.version'), '?'))
        FROM locks, json_each(locks.body, '$.packages') WHERE digest = environments.lock), '[]')),
      'removed', json('[]'), 'changed', json('[]')), created_at
    FROM environments WHERE cache_key IS NULL AND status <> 'creating';
  `,
  "ALTER TABLE history ADD COLUMN python TEXT",
  `
  ALTER TABLE environments ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
  CREATE INDEX environments_by_labels ON environments (created_at) WHERE labels <> '{}';
  `,
  `
  UPDATE history SET change = ${changeOfLines("change")};
  UPDATE events SET data = ${changeOfLines("data")} WHERE kind = 'packages.changed';
  `,
];
