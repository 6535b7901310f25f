import { issueAnnouncement, issueUnannounce, type Announcement } from '../../app/protocol/announcement.ts';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';

const T0 = 1_790_000_000_000;

export function announcementVectors(worker: Signer, stranger: Signer) {
  const fields = {
    url: 'https://mac.example:17474',
    label: 'my-mac',
    models: ['llama3.2:3b'],
    tier: 'interactive' as const,
    ttlSeconds: 300,
    announcedAt: T0,
  };
  const { announcement, signature } = issueAnnouncement(fields, worker);
  const good = { announcement, signature };
  const signed = (changes: Partial<Record<keyof Announcement | 'extra', unknown>>, signer = worker) => {
    const changed = { ...announcement, ...changes };
    return { announcement: changed, signature: signer.sign(canonicalJson(changed)) };
  };
  const row = (value: unknown, valid: boolean, why: string) => ({ signed: value, valid, why });
  const aged = (nowMs: number, age: string | null, why: string, value: unknown = good) => ({
    ...row(value, true, why),
    nowMs,
    age,
  });
  const { label: _label, models: _models, tier: _tier, ...bare } = announcement;
  const { announcedAt: _at, ...timeless } = announcement;
  return [
    aged(T0, null, 'an announcement of v1'),
    aged(T0 + 300_000, null, 'as old as its ttl'),
    aged(T0 + 300_001, 'stale', 'older than its ttl'),
    aged(T0 - 300_000, null, 'five minutes ahead: clocks differ'),
    aged(T0 - 300_001, 'future', 'more than five minutes ahead'),
    aged(T0 + 29_000, null, 'a ttl of one second counts as thirty', signed({ ttlSeconds: 1 })),
    aged(T0 + 3_600_001, 'stale', 'a ttl of a year counts as one hour', signed({ ttlSeconds: 31_536_000 })),
    row(
      { announcement: bare, signature: worker.sign(canonicalJson(bare)) },
      true,
      'label, models and tier may be left out',
    ),
    row(signed({ url: `iroh:${'ab'.repeat(32)}` }), true, 'the address of the overlay'),
    row(signed({}, stranger), false, 'signed by another key than the one it names'),
    row(
      { ...good, announcement: { ...announcement, url: 'https://evil.example' } },
      false,
      'altered after it was signed',
    ),
    row(signed({ announcedAt: String(T0) }), false, 'a time as a string'),
    row(signed({ announcedAt: -1 }), false, 'a time before 1970'),
    row({ announcement: timeless, signature: worker.sign(canonicalJson(timeless)) }, false, 'without its time'),
    row(signed({ ttlSeconds: -1 }), false, 'a negative ttl'),
    row(signed({ ttlSeconds: 1.5 }), false, 'a ttl of half seconds'),
    row(signed({ ttlSeconds: 1e300 }), false, 'a ttl beyond a year'),
    row(signed({ url: 'file:///etc/passwd' }), false, 'an address that is not of the grid'),
    row(signed({ url: 'http://a b' }), false, 'white space in the address'),
    row(signed({ url: `http://${'a'.repeat(600)}` }), false, 'an address of 600 characters'),
    row(signed({ label: 'x'.repeat(121) }), false, 'a label of more than 120 characters'),
    row(signed({ models: ['m'.repeat(257)] }), false, 'the name of a model longer than 256 characters'),
    row(signed({ models: Array.from({ length: 201 }, () => 'm') }), false, 'more than 200 models'),
    row(signed({ tier: 'fast' }), false, 'a tier that is not known'),
    row(signed({ version: 2 }), false, 'a version that is not known'),
    row(signed({ extra: 1 }), false, 'a member that the format does not have'),
    row({ announcement }, false, 'without a signature'),
    row(null, false, 'nothing'),
  ];
}

export function unannounceVectors(worker: Signer, stranger: Signer) {
  const { pubkey, timestamp, signature } = issueUnannounce(T0, worker);
  const good = { pubkey, timestamp, signature };
  const row = (value: unknown, valid: boolean, why: string) => ({ signed: value, valid, why });
  const signatureOver = (text: string) => worker.sign(`unannounce:${pubkey}:${text}`);
  return [
    { ...row(good, true, 'a wish to be forgotten'), nowMs: T0, age: null },
    { ...row(good, true, 'five minutes later'), nowMs: T0 + 300_000, age: null },
    { ...row(good, true, 'more than five minutes later'), nowMs: T0 + 300_001, age: 'stale' },
    { ...row(good, true, 'more than five minutes before'), nowMs: T0 - 300_001, age: 'future' },
    row({ pubkey, signature: signatureOver('undefined') }, false, 'without a time, signed over "undefined"'),
    row({ pubkey, timestamp: null, signature: signatureOver('null') }, false, 'no time, signed over "null"'),
    row({ pubkey, timestamp: String(T0), signature }, false, 'a time as a string'),
    row({ pubkey, timestamp: 1.5, signature: signatureOver('1.5') }, false, 'half a millisecond'),
    row({ pubkey, timestamp: T0 + 1, signature }, false, 'another time than was signed'),
    row({ pubkey: stranger.pubkey, timestamp, signature }, false, 'in the name of another key'),
    row({ pubkey, timestamp }, false, 'without a signature'),
    row(null, false, 'nothing'),
  ];
}
