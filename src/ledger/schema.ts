/** Says in the file, as SQLite's `application_id`, that it is a ledger whose `user_version` is a format: "Sker". */
export const APPLICATION = 0x53_6b_65_72;

/**
 * The format of the ledger, counted from 1. Once a release has written one, what is written to its text here becomes a
 * new format, and the step from the last one to it is written beside it.
 */
export const FORMAT = 1;

/**
 * The tables. What belongs to an environment refers to its row and goes with it: every such row is written after the
 * environment's, or in one transaction with it. Events don't: they tell of environments that are gone.
 */
export const SCHEMA = `
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    home_id TEXT NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES (1, lower(hex(randomblob(8))));

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
    updated_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    cleanup TEXT NOT NULL,
    owner TEXT,
    failed INTEGER NOT NULL,
    labels TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX environments_by_name ON environments (name) WHERE cache_key IS NULL;
  CREATE INDEX environments_by_cleanup ON environments (created_at) WHERE cleanup <> '{}';
  CREATE INDEX environments_by_labels ON environments (created_at) WHERE labels <> '{}';

  CREATE TABLE intents (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL UNIQUE REFERENCES environments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  -- Without an index by environment: each start writes a row, and would write a page more for a table that is never large.
  CREATE TABLE processes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    environment TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    ref TEXT NOT NULL,
    command TEXT NOT NULL,
    started_at INTEGER NOT NULL
  ) STRICT;

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
    python TEXT,
    PRIMARY KEY (environment, n)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX history_present ON history (environment) WHERE present = 1;

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
`;
