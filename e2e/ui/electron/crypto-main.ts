import { app } from 'electron';
import { verifySignature } from '../../../app/protocol/ed25519.ts';
import type { Pubkey } from '../../../app/protocol/pubkey.ts';
import rows from '../../../app/protocol/vectors/signatures.json' with { type: 'json' };

/** A whole Electron app that asks its own crypto about each vector, prints what came of it, and ends. */
const wrong = rows
  .filter(
    ({ message, signature, publicKey, valid }) => verifySignature(message, signature, publicKey as Pubkey) !== valid,
  )
  .map(({ why }) => why);
process.stdout.write(
  `vectors: ${JSON.stringify({ openssl: process.versions.openssl, checked: rows.length, wrong })}\n`,
);
app.exit(0);
