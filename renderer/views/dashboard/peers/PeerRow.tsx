import { memo } from 'react';
import type { PeerView } from '../../../../app/contract/snapshot.ts';
import { formatHost, formatShortKey } from '../../../format/keys.ts';
import { formatCount } from '../../../format/numbers.ts';
import { formatAgo } from '../../../format/times.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Dot } from '../../../ui/Dot.tsx';
import { PeerName } from './PeerName.tsx';
import { PEER_TONE, PEER_WORD, pathWords } from './peer-look.ts';

const SHOWN_MODELS = 2;

export interface PeerRowProps {
  readonly peer: PeerView;
  readonly index: number;
  readonly top: number;
  readonly nowMs: number;
  readonly isRenaming: boolean;
  readonly onRenaming: (pubkey: string | null) => void;
  readonly onMenu: (pubkey: string, anchor: HTMLElement) => void;
}

export const PeerRow = memo(function PeerRow(props: PeerRowProps) {
  const { peer, index, top, nowMs, isRenaming, onRenaming, onMenu } = props;
  const more = peer.models.length - SHOWN_MODELS;
  return (
    <div
      className={`list-row peer-columns ${peer.state === 'blocked' ? 'peer-blocked' : ''} ${peer.problem === null ? '' : 'peer-troubled'}`}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="cell" className="peer-name">
        <Dot tone={PEER_TONE[peer.state]} />
        <div>
          <PeerName peer={peer} isRenaming={isRenaming} onRenaming={onRenaming} />
          <div className="quiet small cut" title={peer.pubkey}>
            {formatShortKey(peer.pubkey)}
            {peer.circle !== null && <span> · {peer.circle}</span>}
            {peer.source !== 'added by hand' && <span title={peer.sources.join(', ')}> · {peer.source}</span>}
            {peer.state === 'reachable' && !peer.understandsOrders && (
              <span title="It does not check signed orders yet: its receipts are its word alone."> · older</span>
            )}
          </div>
        </div>
      </div>
      <div role="cell">
        <div className="cut peer-address" title={peer.url}>
          {formatHost(peer.url)}
        </div>
        <div className="peer-state">
          <span className={`small ${peer.state === 'unreachable' ? 'trouble' : 'quiet'}`}>{PEER_WORD[peer.state]}</span>
          {pathWords(peer) !== null && <span className="quiet small">· {pathWords(peer)}</span>}
          {peer.path === 'http' && (
            <Badge tone="wait" title="Whoever is on the way can read what is sent to this peer.">
              not encrypted
            </Badge>
          )}
        </div>
      </div>
      <div role="cell" title={peer.models.join('\n')}>
        {peer.models.slice(0, SHOWN_MODELS).map((model) => (
          <div key={model} className="cut small peer-model">
            {model}
            {more > 0 && model === peer.models[SHOWN_MODELS - 1] && <span className="quiet"> +{more}</span>}
          </div>
        ))}
        {peer.models.length === 0 && <span className="quiet">–</span>}
      </div>
      <div role="cell" className="quiet figures">
        {peer.latencyMs === null ? '–' : `${formatCount(Math.round(peer.latencyMs))} ms`}
      </div>
      <div role="cell">
        <div className={`figures ${peer.credit > 0 ? 'earned' : peer.credit < 0 ? 'spent' : 'quiet'}`}>
          {formatCount(Math.abs(peer.credit))}
        </div>
        <div className="quiet small">{peer.credit > 0 ? 'to spend' : peer.credit < 0 ? 'you owe' : 'even'}</div>
      </div>
      <div role="cell" className="quiet">
        {peer.lastSeenMs === null ? 'never' : formatAgo(peer.lastSeenMs, nowMs)}
      </div>
      <div role="cell">
        <button
          className="more-button"
          aria-label={`Actions for ${peer.label}`}
          aria-haspopup="menu"
          onClick={(event) => onMenu(peer.pubkey, event.currentTarget)}
        >
          <span aria-hidden="true">···</span>
        </button>
      </div>
      {peer.problem !== null && (
        <div role="cell" className="peer-problem small cut" title={peer.problem}>
          {peer.problem}
        </div>
      )}
    </div>
  );
});
