import type { Duplex } from 'node:stream';
import { Dispatcher, Pool } from 'undici';
import { pubkeyOfOverlayOrigin } from '../protocol/overlay-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';

/** A stream that carried a request carries the next one too. */
const KEEP_STREAM_MS = 30_000;

/** One way to dial for everybody: `http://lob1….iroh` by key, everything else as before. */
export class OverlayDispatcher extends Dispatcher {
  private readonly pools = new Map<Pubkey, Pool>();
  private readonly ordinary: Dispatcher;
  private readonly open: (pubkey: Pubkey) => Promise<Duplex>;

  constructor(ordinary: Dispatcher, open: (pubkey: Pubkey) => Promise<Duplex>) {
    super();
    this.ordinary = ordinary;
    this.open = open;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const pubkey = options.origin === undefined ? undefined : pubkeyOfOverlayOrigin(options.origin);
    return pubkey === undefined
      ? this.ordinary.dispatch(options, handler)
      : this.poolOf(pubkey).dispatch(options, handler);
  }

  private poolOf(pubkey: Pubkey): Pool {
    let pool = this.pools.get(pubkey);
    if (!pool) {
      pool = new Pool(`http://${pubkey}.iroh`, {
        connections: null,
        keepAliveTimeout: KEEP_STREAM_MS,
        connect: (_options: object, done: (...result: [Error, null] | [null, never]) => void) => {
          this.open(pubkey).then(
            // undici's type asks for a socket; a duplex with the few methods of one is what it uses.
            (stream) => done(null, stream as never),
            (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
          );
        },
      });
      this.pools.set(pubkey, pool);
    }
    return pool;
  }

  /** Ends what runs over the overlay; the ordinary way is not touched. */
  async dropStreams(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
}
