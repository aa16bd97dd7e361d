/** `schema_version` of MogileFS 2.73. */
const SCHEMA_VERSION = 17

/**
 * Tables and columns of MogileFS as far as they are used here. `dkey_folded` stands in for the
 * column's collation; `hostip` may be there twice, so that one address can have several daemons.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS domain (
  dmid INTEGER PRIMARY KEY,
  namespace TEXT NOT NULL UNIQUE CHECK (length(namespace) <= 255)
);
CREATE TABLE IF NOT EXISTS class (
  dmid INTEGER NOT NULL,
  classid INTEGER NOT NULL,
  classname TEXT CHECK (length(classname) <= 50),
  mindevcount INTEGER NOT NULL CHECK (mindevcount <= 255),
  hashtype INTEGER,
  replpolicy TEXT CHECK (length(replpolicy) <= 255),
  PRIMARY KEY (dmid, classid),
  UNIQUE (dmid, classname)
);
CREATE TABLE IF NOT EXISTS host (
  hostid INTEGER PRIMARY KEY,
  status TEXT CHECK (status IN ('alive', 'dead', 'down', 'readonly')),
  http_port INTEGER DEFAULT 7500,
  http_get_port INTEGER,
  hostname TEXT UNIQUE CHECK (length(hostname) <= 40),
  hostip TEXT CHECK (length(hostip) <= 15),
  altip TEXT CHECK (length(altip) <= 15),
  altmask TEXT CHECK (length(altmask) <= 18)
);
CREATE TABLE IF NOT EXISTS device (
  devid INTEGER PRIMARY KEY,
  hostid INTEGER NOT NULL,
  status TEXT CHECK (status IN ('alive', 'dead', 'down', 'readonly', 'drain')),
  weight INTEGER DEFAULT 100,
  mb_total INTEGER,
  mb_used INTEGER,
  mb_asof INTEGER
);
CREATE TABLE IF NOT EXISTS tempfile (
  fid INTEGER PRIMARY KEY AUTOINCREMENT,
  createtime INTEGER NOT NULL,
  classid INTEGER NOT NULL,
  dmid INTEGER NOT NULL,
  dkey TEXT CHECK (length(dkey) <= 255),
  devids TEXT
);
CREATE TABLE IF NOT EXISTS file (
  fid INTEGER PRIMARY KEY,
  dmid INTEGER NOT NULL,
  dkey TEXT CHECK (length(dkey) <= 255),
  length INTEGER,
  classid INTEGER NOT NULL,
  devcount INTEGER NOT NULL,
  dkey_folded TEXT GENERATED ALWAYS AS (fold_key(dkey)) STORED
);
CREATE UNIQUE INDEX IF NOT EXISTS dkey ON file (dmid, dkey_folded);
CREATE INDEX IF NOT EXISTS file_class ON file (dmid, classid);
CREATE TABLE IF NOT EXISTS file_on (
  fid INTEGER NOT NULL,
  devid INTEGER NOT NULL,
  PRIMARY KEY (fid, devid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS devid ON file_on (devid);
CREATE TABLE IF NOT EXISTS checksum (
  fid INTEGER PRIMARY KEY,
  hashtype INTEGER NOT NULL,
  checksum BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS file_to_replicate (
  fid INTEGER PRIMARY KEY,
  nexttry INTEGER NOT NULL,
  fromdevid INTEGER,
  failcount INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS file_to_delete2 (
  fid INTEGER PRIMARY KEY,
  nexttry INTEGER NOT NULL,
  failcount INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS server_settings (
  field TEXT PRIMARY KEY CHECK (length(field) <= 50),
  value TEXT
);
INSERT OR IGNORE INTO server_settings (field, value) VALUES ('schema_version', '${SCHEMA_VERSION}');
`
