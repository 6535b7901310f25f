-- A ledger as version 1 wrote it, with one entry. Frozen: never made anew from the code.
PRAGMA application_id = 1282368076;

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('served', 'asked', 'own', 'given', 'disputed')),
  job_id TEXT NOT NULL,
  worker TEXT NOT NULL,
  requester TEXT NOT NULL,
  nonce TEXT NOT NULL,
  peer TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
  output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
  amount_micro INTEGER NOT NULL CHECK (amount_micro >= 0 AND (amount_micro = 0 OR kind NOT IN ('own', 'disputed'))),
  gift_micro INTEGER NOT NULL CHECK (gift_micro BETWEEN 0 AND amount_micro),
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER NOT NULL,
  posted_at_ms INTEGER NOT NULL,
  day TEXT NOT NULL,
  gift_day TEXT NOT NULL,
  dispute TEXT CHECK ((dispute IS NULL) = (kind <> 'disputed')),
  receipt_json TEXT CHECK (receipt_json IS NOT NULL OR kind = 'disputed'),
  order_json TEXT,
  UNIQUE (worker, requester, nonce)
) STRICT;

CREATE INDEX entries_by_time ON entries (completed_at_ms, seq);

CREATE INDEX entries_by_job ON entries (job_id);

CREATE TABLE postings (
  entry_seq INTEGER NOT NULL REFERENCES entries (seq),
  account TEXT NOT NULL,
  amount_micro INTEGER NOT NULL,
  PRIMARY KEY (entry_seq, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
  account TEXT NOT NULL PRIMARY KEY,
  balance_micro INTEGER NOT NULL CHECK (balance_micro BETWEEN -9007199254740991 AND 9007199254740991)
) STRICT, WITHOUT ROWID;

CREATE TABLE tabs (
  peer TEXT NOT NULL PRIMARY KEY,
  earned_micro INTEGER NOT NULL CHECK (earned_micro BETWEEN -9007199254740991 AND 9007199254740991),
  spent_micro INTEGER NOT NULL CHECK (spent_micro BETWEEN -9007199254740991 AND 9007199254740991),
  earned_tokens INTEGER NOT NULL,
  spent_tokens INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE days (
  day TEXT NOT NULL,
  peer TEXT NOT NULL,
  model TEXT NOT NULL,
  kind TEXT NOT NULL,
  jobs INTEGER NOT NULL CHECK (jobs > 0),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  amount_micro INTEGER NOT NULL CHECK (amount_micro BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (day, peer, model, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE gifts (
  day TEXT NOT NULL PRIMARY KEY,
  used_micro INTEGER NOT NULL CHECK (used_micro BETWEEN -9007199254740991 AND 9007199254740991)
) STRICT, WITHOUT ROWID;

CREATE TABLE superseded (
  worker TEXT NOT NULL,
  requester TEXT NOT NULL,
  nonce TEXT NOT NULL,
  job_id TEXT NOT NULL,
  dispute TEXT NOT NULL,
  receipt_json TEXT,
  posted_at_ms INTEGER NOT NULL,
  superseded_at_ms INTEGER NOT NULL,
  PRIMARY KEY (worker, requester, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE taken_orders (
  requester TEXT NOT NULL,
  nonce TEXT NOT NULL,
  taken_at_ms INTEGER NOT NULL,
  PRIMARY KEY (requester, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX taken_orders_by_time ON taken_orders (taken_at_ms);

CREATE TABLE open_orders (
  job_id TEXT NOT NULL PRIMARY KEY,
  order_json TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX open_orders_by_time ON open_orders (expires_at_ms);

INSERT INTO entries VALUES (1, 'served', 'job', 'lob1w', 'lob1r', 'nonce', 'lob1r', 'llama3.2', 10, 20, 50, 50, 1, 2, 3, '2026-03-01',
  '2026-03-01', NULL, '{}', '{}');
INSERT INTO postings VALUES (1, 'tab:lob1r', 50), (1, 'earned', -50);
INSERT INTO balances VALUES ('tab:lob1r', 50), ('earned', -50);
INSERT INTO tabs VALUES ('lob1r', 50, 0, 30, 0, 2);
INSERT INTO days VALUES ('2026-03-01', 'lob1r', 'llama3.2', 'served', 1, 10, 20, 50);
INSERT INTO gifts VALUES ('2026-03-01', 50);

PRAGMA user_version = 1;
