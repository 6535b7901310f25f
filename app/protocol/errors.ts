/**
 * Every error of the grid, one row each: HTTP status, what happened, what to do next. Handlers throw a GridError; only the
 * error handler in app/http turns a row into a response. `docs/errors.md` is compared with this table by a test.
 */
export const ERRORS = {
  // What a caller sent
  bad_json: {
    status: 400,
    message: 'The body is not valid JSON.',
    hint: 'Check quotes and commas; the body must be one JSON object.',
  },
  bad_request: {
    status: 400,
    message: 'The request is not one this server understands.',
    hint: 'The message names the field; mend it and send again.',
  },
  unsupported_parameter: {
    status: 400,
    message: 'A parameter of the request cannot be honoured by any peer.',
    hint: 'Leave the named parameter out.',
  },
  not_json: {
    status: 415,
    message: 'Only application/json is accepted here.',
    hint: "Send the header 'content-type: application/json'.",
  },
  body_too_large: {
    status: 413,
    message: 'The body is larger than this server takes.',
    hint: 'Send a shorter conversation or smaller images.',
  },
  host_not_allowed: {
    status: 403,
    message: 'This Host name is not one this server answers to.',
    hint: "Use 127.0.0.1, or start with '--host' and '--allow-host NAME'.",
  },
  origin_not_allowed: {
    status: 403,
    message: 'Web pages may not call this server.',
    hint: 'Call it from a program instead of a page.',
  },
  key_required: {
    status: 401,
    message: 'This server wants its API key.',
    hint: "Send 'Authorization: Bearer KEY', the key that the router was started with (LOBSTAH_API_KEY).",
  },
  session_invalid: {
    status: 401,
    message: 'This page is not signed in, or its link was used before.',
    hint: "'lobstah open' opens the dashboard with a fresh link.",
  },
  not_found: { status: 404, message: 'There is nothing at this address.', hint: "'GET /' lists what there is." },

  // Admission at a worker
  order_invalid: {
    status: 401,
    message: 'The signed order does not fit this request.',
    hint: 'The message names the reason; sign a new order.',
  },
  requester_mismatch: {
    status: 403,
    message: 'The request names another key than the connection has proved.',
    hint: 'Over the overlay, sign as the key that dialled.',
  },
  order_replayed: { status: 409, message: 'This order was used before.', hint: 'Sign a new order with a new nonce.' },
  insufficient_credit: {
    status: 402,
    message: 'The credit of this key with this worker is spent.',
    hint: 'Serve this peer, ask its owner for a higher limit, or ask another peer.',
  },
  gift_spent: {
    status: 402,
    message: 'What this worker gives to strangers for nothing is used up for today.',
    hint: 'Come back tomorrow, serve this peer first, or ask another peer.',
  },
  friend_limit_spent: {
    status: 402,
    message: 'What this worker lets this friend have is used up for today.',
    hint: 'Come back tomorrow, serve this friend, or ask its owner for a higher limit.',
  },
  friends_only: {
    status: 503,
    message: 'The owner of this worker serves friends and own devices only.',
    hint: "Ask the owner for an invite ('lobstah invite'), or ask another peer.",
  },
  friendship_ended: {
    status: 503,
    message: 'The owner of this worker no longer counts this key among friends or devices.',
    hint: 'Ask another peer.',
  },
  model_not_shared: {
    status: 404,
    message: 'This worker does not share that model.',
    hint: "'GET /v1/models' lists the shared models.",
  },
  not_sharing: {
    status: 503,
    message: 'The owner of this worker is not sharing right now.',
    hint: 'Ask another peer.',
  },
  owner_back: {
    status: 503,
    message: 'The owner of this worker needs the machine again.',
    hint: 'Ask another peer; what came so far has its receipt.',
  },
  queue_full: {
    status: 503,
    message: 'This worker has as many requests as it can take.',
    hint: 'Try again in a moment, or ask another peer.',
  },
  // Jobs and receipts that are asked for later
  too_many_jobs: {
    status: 503,
    message: 'As many jobs wait here as may wait, in all or from one requester.',
    hint: 'Wait until some are done, cancel one, or ask another peer.',
  },
  job_not_found: {
    status: 404,
    message: 'There is no such job here for you.',
    hint: 'Results are kept for an hour, failures for half an hour; a signed job is shown to its requester only.',
  },
  not_cancellable: { status: 409, message: 'The job has ended already.', hint: "'GET /v1/jobs/ID' shows how." },
  job_expired: {
    status: 504,
    message: 'The job could not be done before its time was over.',
    hint: 'Place it again, or ask another peer.',
  },
  receipt_not_found: {
    status: 404,
    message: 'There is no receipt for this order here.',
    hint: 'Receipts are handed out for 24 hours, to whoever shows the signed order.',
  },
  shutting_down: { status: 503, message: 'This server is stopping.', hint: 'Ask another peer.' },

  // The engine behind a worker
  engine_unreachable: {
    status: 502,
    message: 'The engine on this machine does not answer.',
    hint: "Start it ('ollama serve'), then try again; 'lobstah doctor' finds what is wrong.",
  },
  engine_error: {
    status: 502,
    message: 'The engine failed while answering.',
    hint: "Try again; if it stays, look at the engine's own log.",
  },
  engine_model_not_found: {
    status: 502,
    message: 'The engine no longer has this model.',
    hint: "Pull it again ('ollama pull NAME').",
  },
  engine_refused: {
    status: 400,
    message: 'The engine refuses this request.',
    hint: 'The message says what the model cannot do.',
  },
  engine_key_refused: {
    status: 502,
    message: 'The engine does not accept the key it was given.',
    hint: "The owner of this machine gives it another: 'lobstah engine use openai --key-file FILE', or in Settings.",
  },
  engine_busy: { status: 503, message: 'The queue of the engine is full.', hint: 'Try again in a moment.' },
  engine_cut: {
    status: 502,
    message: 'The engine ended its answer without saying that it was done.',
    hint: 'The model may be repeating itself; try again or change the prompt.',
  },
  engine_stalled: {
    status: 504,
    message: 'The engine on this machine stopped answering.',
    hint: "Another peer may answer. If it stays so, restart the engine; 'lobstah doctor' helps to find out more.",
  },
  context_exceeded: {
    status: 400,
    message: 'The prompt is longer than the context of this model.',
    hint: 'Shorten the conversation or use a model with a longer context.',
  },

  // The router
  no_peers: {
    status: 503,
    message: 'No peer is known and nothing runs on this machine.',
    hint: "Add one ('lobstah peers add KEY URL') or start a worker ('lobstah worker start').",
  },
  no_capable_peer: {
    status: 503,
    message: 'No reachable peer can serve this request.',
    hint: "'lobstah peers list' shows who is reachable; 'lobstah models' what they have.",
  },
  credit_spent: {
    status: 400,
    message: 'Every peer that could answer gives this machine no more: its credit with them is spent.',
    hint: "Serve them ('lobstah sharing on'), come back tomorrow when they give again, or add another peer.",
  },
  model_not_found: {
    status: 404,
    message: 'Nobody who can be reached has this model right now.',
    hint: "'GET /v1/models' lists what can be asked for.",
  },
  all_peers_failed: {
    status: 502,
    message: 'Every peer that was asked failed.',
    hint: "Try again; 'attempts' and 'errors' say who was asked and what went wrong.",
  },
  peer_lost: {
    status: 502,
    message: 'The peer was lost in the middle of the answer.',
    hint: 'The text so far is incomplete; ask again.',
  },
  peer_unreachable: {
    status: 502,
    message: 'The peer does not answer at its address.',
    hint: 'It may be asleep or its address may have changed.',
  },
  peer_refused: { status: 502, message: 'The peer refused the request.', hint: 'Another peer may take it.' },
  peer_misbehaved: {
    status: 502,
    message: 'The peer answered something that is not in the protocol.',
    hint: "Remove it with 'lobstah peers remove' if it keeps doing so.",
  },
  peer_address_refused: {
    status: 502,
    message: 'The address that this peer announced is not one a stranger may send this machine to.',
    hint: "Add the peer by hand if you know it, or set 'peers.allowPrivateAnnounced' for a tracker of your own network.",
  },

  // Friends and devices
  invite_invalid: {
    status: 400,
    message: 'This invite is not one its maker knows.',
    hint: "Check that the whole link was copied, or ask for a new one ('lobstah invite').",
  },
  invite_expired: {
    status: 410,
    message: 'The time of this invite is over.',
    hint: "Ask for a new one ('lobstah invite').",
  },
  invite_used: {
    status: 409,
    message: 'Somebody else has redeemed this invite already.',
    hint: 'An invite is for one key. Ask for a new one, and tell its maker if it was not you.',
  },

  // Trackers
  rejected: {
    status: 400,
    message: 'The tracker does not take this announcement.',
    hint: "'reason' says why; check the clock of this machine and announce again.",
  },
  rate_limited: {
    status: 429,
    message: 'Too many requests from this address or for this key.',
    hint: "Wait for as long as the header 'Retry-After' says.",
  },
  tracker_full: {
    status: 503,
    message: 'The tracker has no room for another peer from this network.',
    hint: 'Try again later, or use another tracker.',
  },
  tracker_unreachable: {
    status: 502,
    message: 'The tracker does not answer at its address.',
    hint: 'Check the address; it is tried again by itself as long as it is switched on.',
  },
  tracker_misbehaved: {
    status: 502,
    message: 'The tracker answered something that is not in the protocol.',
    hint: 'Check that a tracker is at this address, or use another one.',
  },

  // The overlay
  overlay_unavailable: {
    status: 503,
    message: 'There is no build of iroh for this system.',
    hint: "Peers are reached at http and https addresses; turn the overlay off ('lobstah overlay off').",
  },
  overlay_failed: {
    status: 503,
    message: 'The overlay could not start.',
    hint: 'The message says why; another port or relay may help.',
  },

  // Another network: IdleClaw
  idleclaw_unreachable: {
    status: 502,
    message: 'The IdleClaw server does not answer.',
    hint: "Check its address: 'lobstah status --server URL' shows whether it is there.",
  },
  idleclaw_busy: {
    status: 503,
    message: 'The IdleClaw server takes no more requests from here right now.',
    hint: 'Wait as long as the message says, then ask again.',
  },
  idleclaw_failed: {
    status: 502,
    message: 'The IdleClaw server gave no answer.',
    hint: "Ask again, or for another model: 'lobstah status --server URL' lists what its nodes have.",
  },
  idleclaw_unfit: {
    status: 400,
    message: 'IdleClaw servers do not take a request like this.',
    hint: 'They take text of users and assistants: 50 messages, 10,000 characters each, 100,000 in all; no tools, no images.',
  },

  // The IdleClaw hub
  chat_invalid: {
    status: 422,
    message: 'The chat is outside of what this hub takes.',
    hint: "The message names the field and its limit; '/v1' takes more, with a key.",
  },
  key_invalid: {
    status: 401,
    message: 'This address wants a key, and the one that was sent is not known.',
    hint: "Ask the owner of the hub for one and send it as 'authorization: Bearer KEY'.",
  },
  no_node: {
    status: 503,
    message: 'No node of this hub has that model right now.',
    hint: "'GET /api/models' lists what is there; nodes come and go.",
  },
  nodes_busy: {
    status: 503,
    message: 'All nodes with that model are busy.',
    hint: 'Try again in a moment.',
  },
  answer_timeout: {
    status: 504,
    message: 'The node took too long to answer.',
    hint: 'Try again, or ask for less.',
  },

  // This machine
  home_unwritable: {
    status: 500,
    message: 'The home folder of Lobstah cannot be written.',
    hint: 'Mend its owner and permissions, or set LOBSTAH_HOME to another folder.',
  },
  identity_unreadable: {
    status: 500,
    message: 'The file identity.json cannot be understood.',
    hint: "Put the file back from a backup, or move it away and run 'lobstah keygen' for a new key (credit stays with the old one).",
  },
  peers_unreadable: {
    status: 500,
    message: 'The file peers.json cannot be understood.',
    hint: 'Mend the file, or move it away and add the peers again. Nothing was changed.',
  },
  friends_unreadable: {
    status: 500,
    message: 'The file friends.json cannot be understood.',
    hint: 'Put the file back from a backup, or move it away and invite your friends again. Nothing was changed.',
  },
  settings_unreadable: {
    status: 500,
    message: 'The file settings.json cannot be understood.',
    hint: 'Mend the named field, or move the file away to go back to the defaults.',
  },
  port_taken: {
    status: 500,
    message: 'The port is in use by another program.',
    hint: "Stop that program, or choose another port with '--port'.",
  },
  already_running: {
    status: 500,
    message: 'Lobstah already runs on this home.',
    hint: 'Use the one that runs, or stop it first; another LOBSTAH_HOME gives a second, separate one.',
  },
  database_newer: {
    status: 500,
    message: 'The ledger was written by a newer Lobstah.',
    hint: 'Update Lobstah. Nothing was changed.',
  },
  database_damaged: {
    status: 500,
    message: 'The ledger cannot be read.',
    hint: 'Put the file back from a backup. It was left as it is.',
  },
  ledger_failed: {
    status: 500,
    message: 'The ledger could not write an entry.',
    hint: 'Free some disk space; the entry is tried again.',
  },
  download_failed: {
    status: 502,
    message: 'The model could not be downloaded.',
    hint: 'Try again; what was received so far is kept.',
  },
  openclaw_not_found: {
    status: 404,
    message: 'There is no openclaw on this machine.',
    hint: "Install it ('npm install -g openclaw'), or name its command in LOBSTAH_OPENCLAW.",
  },
  openclaw_failed: {
    status: 502,
    message: 'What openclaw was asked to do failed.',
    hint: "The message says what it said; 'openclaw doctor' helps, 'lobstah openclaw remove' undoes what was done.",
  },
  invalid_argument: {
    status: 400,
    message: 'An argument is not understood.',
    hint: "'--help' shows how the command is used.",
  },
  keychain_unavailable: {
    status: 503,
    message: 'The keychain of this system is not available, so a key cannot be kept.',
    hint: 'Unlock or set up the keychain, or start Lobstah with LOBSTAH_ENGINE_KEY set.',
  },
  not_running: { status: 503, message: 'No Lobstah runs on this home.', hint: "Start it with 'lobstah up'." },
  internal_error: {
    status: 500,
    message: 'Something went wrong in Lobstah itself.',
    hint: "Try again; 'lobstah doctor' helps to find out more.",
  },
} as const satisfies Record<string, { status: number; message: string; hint: string }>;

export type GridErrorCode = keyof typeof ERRORS;

/** A row of ERRORS with what is particular to this case. Never carries a status: that is the row's. */
export class GridError extends Error {
  readonly code: GridErrorCode;
  /** Goes over the wire beside type and message; no prompts, no secrets, no paths. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: GridErrorCode,
    message?: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message ?? ERRORS[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GridError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get hint(): string {
    return ERRORS[this.code].hint;
  }
}

export function isGridErrorCode(input: unknown): input is GridErrorCode {
  return typeof input === 'string' && Object.hasOwn(ERRORS, input);
}

/** What was thrown, as a GridError: anything unexpected becomes `internal_error` with the original as its cause. */
export function asGridError(thrown: unknown, fallback: GridErrorCode = 'internal_error'): GridError {
  return thrown instanceof GridError ? thrown : new GridError(fallback, undefined, { cause: thrown });
}
