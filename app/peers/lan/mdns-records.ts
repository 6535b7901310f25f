import { z } from 'zod';
import { parsePubkey, type Pubkey } from '../../protocol/pubkey.ts';

/** DNS-SD (RFC 6763): what Lobstah is called on a local network. */
const SERVICE = '_lobstah._tcp.local';
/** Who has gone without a goodbye is forgotten by everybody after this. */
const TTL_SECONDS = 120;
const PROTOCOL = '2';

export interface LanEntry {
  readonly pubkey: Pubkey;
  readonly address: string;
  readonly port: number;
}

/** The names carry the key and nothing of the machine: neither its name nor its other addresses. */
const instanceOf = (pubkey: Pubkey) => `lobstah-${pubkey.slice(4, 20)}`;

export type MdnsRecord =
  | { name: string; type: 'PTR'; ttl: number; data: string }
  | { name: string; type: 'SRV'; ttl: number; data: { port: number; target: string } }
  | { name: string; type: 'TXT'; ttl: number; data: string[] }
  | { name: string; type: 'A'; ttl: number; data: string };

/** @param isLeaving a ttl of 0 says goodbye (RFC 6762, 10.1) */
export function recordsOf(entry: LanEntry, isLeaving = false): MdnsRecord[] {
  const ttl = isLeaving ? 0 : TTL_SECONDS;
  const instance = instanceOf(entry.pubkey);
  const name = `${instance}.${SERVICE}`;
  const host = `${instance}.local`;
  return [
    { name: SERVICE, type: 'PTR', ttl, data: name },
    { name, type: 'SRV', ttl, data: { port: entry.port, target: host } },
    { name, type: 'TXT', ttl, data: [`key=${entry.pubkey}`, 'path=/capacity', `protocol=${PROTOCOL}`] },
    { name: host, type: 'A', ttl, data: entry.address },
  ];
}

export const QUESTION = { name: SERVICE, type: 'PTR' } as const;

const questionSchema = z.object({ name: z.string(), type: z.string() });

/** Is anybody of ours meant by one of these questions? */
export function isAbout(questions: readonly unknown[], pubkey: Pubkey): boolean {
  const instance = instanceOf(pubkey);
  const names = [SERVICE, `${instance}.${SERVICE}`, `${instance}.local`];
  return questions.some((question) => {
    const parsed = questionSchema.safeParse(question);
    return parsed.success && names.includes(parsed.data.name.toLowerCase());
  });
}

const MAX_RECORDS = 64;
const recordSchema = z.object({ name: z.string().max(255), type: z.string(), ttl: z.number(), data: z.unknown() });
const srvSchema = z.object({ port: z.int().min(1).max(65_535) });

/** What was heard: an entry, or the end of one. Nothing in it is signed: it says only whom to ask for a proof. */
export type Heard = { pubkey: Pubkey; port: number; isLeaving: boolean };

/** @param records answers and additionals of one packet, of a stranger */
export function readRecords(records: readonly unknown[]): readonly Heard[] {
  const parsed = records.slice(0, MAX_RECORDS).flatMap((record) => {
    const read = recordSchema.safeParse(record);
    return read.success ? [{ ...read.data, name: read.data.name.toLowerCase() }] : [];
  });
  return parsed.flatMap(({ name, type, ttl, data }) => {
    if (type !== 'TXT' || !name.endsWith(`.${SERVICE}`)) return [];
    const pubkey = parsePubkey(textOf(data, 'key'));
    const srv = srvSchema.safeParse(parsed.find((other) => other.type === 'SRV' && other.name === name)?.data);
    return pubkey && srv.success ? [{ pubkey, port: srv.data.port, isLeaving: ttl === 0 }] : [];
  });
}

/** A member of a TXT record: strings of the form name=value, as bytes. */
function textOf(data: unknown, name: string): string | undefined {
  const strings = (Array.isArray(data) ? data : [data]).map((part: unknown) =>
    Buffer.isBuffer(part) ? part.toString('utf8') : typeof part === 'string' ? part : '',
  );
  return strings.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
}
