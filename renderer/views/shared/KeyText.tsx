import { formatShortKey } from '../../format/keys.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';

/** A key as people compare it, with the whole of it one click away. */
export function KeyText({ pubkey }: { pubkey: string }) {
  return (
    <span className="key-text">
      <span title={pubkey}>{formatShortKey(pubkey)}</span> <CopyButton text={pubkey} what="key" />
    </span>
  );
}
