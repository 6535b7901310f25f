/** 'LobL': says that a SQLite file is a ledger of Lobstah (`file` and `PRAGMA application_id` show it). */
export const APPLICATION_ID = 0x4c6f624c;

/** 2^53 - 1: beyond it JavaScript would round a balance, so such an entry fails instead. */
const SAFE = 'BETWEEN -9007199254740991 AND 9007199254740991';

const ledger = `
PRAGMA application_id = ${APPLICATION_ID};

-- One row a job. 'peer' is the proven other side: our own key for 'own', 'anonymous' for 'given', whatever a receipt claims.
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

-- The sums of the postings.
CREATE TABLE balances (
  account TEXT NOT NULL PRIMARY KEY,
  balance_micro INTEGER NOT NULL CHECK (balance_micro ${SAFE})
) STRICT, WITHOUT ROWID;

-- The sums of 'served' and 'asked' for each peer.
CREATE TABLE tabs (
  peer TEXT NOT NULL PRIMARY KEY,
  earned_micro INTEGER NOT NULL CHECK (earned_micro ${SAFE}),
  spent_micro INTEGER NOT NULL CHECK (spent_micro ${SAFE}),
  earned_tokens INTEGER NOT NULL,
  spent_tokens INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sums of the entries for each local day of completion.
CREATE TABLE days (
  day TEXT NOT NULL,
  peer TEXT NOT NULL,
  model TEXT NOT NULL,
  kind TEXT NOT NULL,
  jobs INTEGER NOT NULL CHECK (jobs > 0),
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  amount_micro INTEGER NOT NULL CHECK (amount_micro ${SAFE}),
  PRIMARY KEY (day, peer, model, kind)
) STRICT, WITHOUT ROWID;

-- The sums of gift_micro for each local day of posting.
CREATE TABLE gifts (
  day TEXT NOT NULL PRIMARY KEY,
  used_micro INTEGER NOT NULL CHECK (used_micro ${SAFE})
) STRICT, WITHOUT ROWID;

-- Disputed entries whose job was settled by a good receipt later: evidence, no longer an entry.
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
`;

const storedJobs = `
-- Jobs that were left to be done: at the worker ('serving') and at the router ('asking'). prompt and answer are encrypted.
-- While a job waits it has its prompt, when it is done its answer, never both. expires_at_ms: to be begun before, then kept until.
CREATE TABLE stored_jobs (
  seq INTEGER PRIMARY KEY,
  side TEXT NOT NULL CHECK (side IN ('serving', 'asking')),
  id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  requester TEXT NOT NULL,
  worker TEXT,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  max_output_tokens INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  placed_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  ended_at_ms INTEGER,
  expires_at_ms INTEGER NOT NULL,
  order_json TEXT,
  receipt_json TEXT,
  error_code TEXT,
  error_message TEXT,
  prompt BLOB CHECK ((prompt IS NOT NULL) = (status IN ('queued', 'running'))),
  answer BLOB CHECK ((answer IS NOT NULL) = (status = 'done')),
  UNIQUE (side, id)
) STRICT;
CREATE INDEX stored_jobs_by_expiry ON stored_jobs (side, expires_at_ms);
CREATE INDEX stored_jobs_by_status ON stored_jobs (side, status);
`;

/**
 * Migration n makes version n out of version n - 1. Only ever appended to: a released one is never edited, because files
 * that it made are out there (a test holds each to its hash).
 */
export const MIGRATIONS: readonly string[] = [ledger, storedJobs];
