/** Written into each file; another version's files are neither written nor read. */
export const schemaVersion = 1

/**
 * Logs lie in blocks of up to `maxBlockRows` lines, compressed; a block is one document of the full-text index `search`, which
 * finds blocks, and what is found is filtered line by line. So the index is a quarter of one that knows lines, costs half the
 * time to write, and needs no positions. `spans` says which time a block's lines cover, in µs.
 *
 * `seen` has the ids of each record's events, so that an event that comes again is known. `receipts` is the time of receipt that
 * the file covers, in ms: only records within can have been seen here. `cursors` is where the lane stands, committed with its rows.
 */
export const schema = `
  CREATE TABLE cursors (partition INTEGER PRIMARY KEY, sequence INTEGER, position INTEGER, note TEXT);
  CREATE TABLE receipts (only INTEGER PRIMARY KEY CHECK (only = 1), oldest INTEGER, newest INTEGER);
  CREATE TABLE seen (record TEXT, ids TEXT, PRIMARY KEY (record, ids)) WITHOUT ROWID;
  CREATE TABLE apps (id INTEGER PRIMARY KEY, guid TEXT, name TEXT, space TEXT, org TEXT, UNIQUE (guid, name, space, org));
  CREATE TABLE sources (id INTEGER PRIMARY KEY, app INTEGER, type TEXT, json TEXT UNIQUE);
  CREATE INDEX sources_app ON sources (app);
  CREATE TABLE blocks (id INTEGER PRIMARY KEY, data BLOB);
  CREATE TABLE spans (block INTEGER PRIMARY KEY, oldest INTEGER, newest INTEGER);
  CREATE INDEX spans_newest ON spans (newest, oldest);
  CREATE VIRTUAL TABLE search USING fts5 (text, content = '', columnsize = 0, detail = none,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N*' tokenchars '\uE000'");
  CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, unit TEXT, source INTEGER,
    UNIQUE (name, kind, unit, source));
  CREATE INDEX series_source ON series (source);
  CREATE TABLE points (series INTEGER, time INTEGER, n INTEGER, value REAL, delta REAL,
    PRIMARY KEY (series, time, n)) WITHOUT ROWID;
  INSERT INTO search (search, rank) VALUES ('automerge', 16);
  INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);
`

/**
 * synchronous = FULL: a commit syncs the WAL. With NORMAL a power loss may take back the last commits; the rows and the cursor
 * would still agree, but the lane has meanwhile told the journal, and the segments to replay from may be gone.
 */
export const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 33554432;
  PRAGMA cache_size = -16384;
  PRAGMA temp_store = MEMORY;
`

/** Words of the index that no line contains: they begin with a private-use character that is a letter here only. */
const mark = '\uE000'
export const appWord = (app: number): string => `${mark}a${app}`
export const typeWord = (type: string): string => `${mark}t${Buffer.from(type.toLowerCase()).toString('hex')}`
/** A block has the word of its most severe line's level and of all below. */
export const levelWord = (level: number): string => `${mark}l${level}`
