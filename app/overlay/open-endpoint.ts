import type { Endpoint, EndpointBuilder } from '@number0/iroh';
import { irohSentence, loadIroh } from './iroh-binding.ts';
import { GridError } from '../protocol/errors.ts';

/** Off says so in its type: then there is no socket. */
export type OverlayWish =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      /** 'public': relays and address lookup of the makers of iroh; 'none': neither; else the URL of a relay of one's own */
      readonly relay: string;
      /** peers see the relay's address, not this machine's */
      readonly relayOnly: boolean;
      /** UDP; 0 takes a free one */
      readonly port: number;
    };

/** What both sides speak over a stream: HTTP/1.1, as over TCP. */
export const ALPN = [...Buffer.from('lobstah/http/1')];

/** @throws GridError overlay_unavailable, overlay_failed */
export async function openEndpoint(wish: OverlayWish & { state: 'on' }, secretKey: Uint8Array): Promise<Endpoint> {
  const iroh = loadIroh();
  try {
    const builder = iroh.Endpoint.builder();
    if (wish.relay === 'public') iroh.presetN0(builder);
    else {
      // No service of others: who is dialled needs a hint of where it is.
      iroh.presetMinimal(builder);
      builder.relayMode(
        wish.relay === 'none' ? iroh.RelayMode.disabled() : iroh.RelayMode.customFromUrls([wish.relay]),
      );
    }
    builder.secretKey([...secretKey]);
    builder.alpns([ALPN]);
    bind(builder, wish);
    return await builder.bind();
  } catch (error) {
    throw new GridError('overlay_failed', `The overlay could not start: ${irohSentence(error)}.`, { cause: error });
  }
}

function bind(builder: EndpointBuilder, { relayOnly, port }: OverlayWish & { state: 'on' }): void {
  // A socket that can only speak to this machine leaves the relay as the only way, and has no address to give away.
  builder.bindAddr(`${relayOnly ? '127.0.0.1' : '0.0.0.0'}:${port}`);
  builder.bindAddr(`${relayOnly ? '[::1]' : '[::]'}:${port}`);
}
