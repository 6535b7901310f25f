import type { CommandArgs, CommandName, CommandResult } from '../../app/contract/commands.ts';
import { CommandError } from '../state/command-error.ts';
import { mockDoctor } from './mock-doctor.ts';
import { mockEngineCommands } from './mock-engine.ts';
import { mockAnnounce, mockLan, mockNostr, mockSync } from './mock-finding.ts';
import { mockFriendCommands } from './mock-friends.ts';
import type { MockGrid } from './mock-grid.ts';
import { mockOpenclaw } from './mock-openclaw.ts';
import { mockEntryDetail, mockOverview, mockPage } from './mock-ledger.ts';
import { addMockServer, switchMockIdleClaw } from './mock-idleclaw.ts';
import { mockOverlay } from './mock-overlay.ts';
import { startMockPrompt } from './mock-prompt.ts';
import { mockSharingCommands } from './mock-sharing.ts';

type MockCommands = { [Name in CommandName]: (args: CommandArgs<Name>) => CommandResult<Name> };

/** Does to the mock what the grid would do to itself. */
const NO_CHECK: CommandResult<'getLedgerCheck'> = {
  state: 'idle',
  step: null,
  done: 0,
  total: 0,
  entries: 0,
  problems: [],
  problemCount: 0,
  message: null,
};

export function mockCommands(grid: MockGrid): MockCommands {
  let ledgerCheck = NO_CHECK;
  const change: MockGrid['change'] = (part) => grid.change(part);
  const changePeer = (pubkey: string, part: object) =>
    change(({ peers }) => ({ peers: peers.map((peer) => (peer.pubkey === pubkey ? { ...peer, ...part } : peer)) }));
  const entry = (jobId: string) => grid.entries.find((known) => known.jobId === jobId);

  return {
    ...mockSharingCommands(grid),
    setModelShared: ({ model, shared }) =>
      change(({ engine }) => ({
        engine: {
          ...engine,
          models: engine.models.map((known) => (known.name === model ? { ...known, shared } : known)),
        },
      })),
    stopJob: ({ jobId }) => {
      change(({ jobs }) => ({ jobs: jobs.filter((job) => job.jobId !== jobId) }));
      return { stopped: true };
    },
    addPeer: ({ pubkey, url, label }) => {
      if (url.includes('refused'))
        throw new CommandError({
          code: 'invalid_argument',
          message: 'The address is not one a peer can have.',
          hint: 'Ask its owner for the address of the worker.',
        });
      return change(({ peers }) => ({ peers: [grid.newPeer(pubkey, url, label), ...peers] }));
    },
    renamePeer: ({ pubkey, label }) => changePeer(pubkey, { label }),
    setPeerBlocked: ({ pubkey, blocked }) => changePeer(pubkey, { state: blocked ? 'blocked' : 'unknown' }),
    removePeer: ({ pubkey }) => {
      const removed = grid.snapshot().peers.find((peer) => peer.pubkey === pubkey);
      change(({ peers }) => ({ peers: peers.filter((peer) => peer.pubkey !== pubkey) }));
      return { removed: removed ? { pubkey, url: removed.url, label: removed.label } : null };
    },
    checkPeer: ({ pubkey }) => {
      const reachable = grid.snapshot().peers.find((peer) => peer.pubkey === pubkey)?.state !== 'unreachable';
      if (reachable) changePeer(pubkey, { state: 'reachable', lastSeenMs: Date.now(), latencyMs: 14 });
      return { reachable, problem: reachable ? null : 'The peer does not answer at its address.' };
    },
    setOverlay: (wish) => change(({ pubkey }) => ({ overlay: mockOverlay(wish, pubkey) })),
    ...mockFriendCommands(grid),
    setAnnounce: (wish) => change(({ finding }) => ({ finding: { ...finding, announce: mockAnnounce(wish) } })),
    setTrackerSync: (wish) => change(({ finding }) => ({ finding: { ...finding, trackerSync: mockSync(wish) } })),
    setNostr: (wish) => change(({ finding }) => ({ finding: { ...finding, nostr: mockNostr(wish) } })),
    setLan: (wish) => change(({ finding }) => ({ finding: { ...finding, lan: mockLan(wish) } })),
    getOverview: ({ days }) => mockOverview(grid.days.slice(-days), grid.entries, grid.snapshot().peers),
    getLedgerPage: (query) => mockPage(grid.entries, query),
    getLedgerEntry: ({ jobId }) => {
      const known = entry(jobId);
      return known ? mockEntryDetail(known) : null;
    },
    verifyLedgerEntry: ({ jobId }) => {
      const holds = entry(jobId)?.dispute == null;
      return {
        ok: holds,
        checks: [
          { what: 'The order is signed by the peer that asked', ok: true, detail: null },
          { what: 'The receipt is signed by this Mac', ok: true, detail: null },
          { what: 'The job id is the hash of the order', ok: true, detail: null },
          {
            what: 'The receipt counts what was streamed',
            ok: holds,
            detail: holds ? null : (entry(jobId)?.dispute ?? null),
          },
          { what: 'The entry balances to zero in the books', ok: true, detail: null },
        ],
      };
    },
    startLedgerCheck: () =>
      (ledgerCheck = { ...ledgerCheck, state: 'running', step: 'signatures', done: 0, total: grid.entries.length }),
    getLedgerCheck: () => {
      const done = Math.min(ledgerCheck.total, ledgerCheck.done + 40);
      if (ledgerCheck.state === 'running')
        ledgerCheck =
          done < ledgerCheck.total ? { ...ledgerCheck, done } : { ...NO_CHECK, state: 'done', entries: done };
      return ledgerCheck;
    },
    stopLedgerCheck: () => (ledgerCheck = NO_CHECK),
    exportLedger: ({ format }) => ({
      fileName: `lobstah-ledger.${format}`,
      mimeType: format === 'csv' ? 'text/csv' : 'application/json',
      text: format === 'csv' ? 'when,with,model,credits\n' : JSON.stringify(grid.entries),
    }),
    startPrompt: ({ prompt }) => ({ promptId: startMockPrompt(grid, prompt) }),
    stopPrompt: ({ promptId }) => {
      grid.emitPrompt({
        promptId,
        type: 'failed',
        code: 'stopped',
        message: 'You stopped the answer.',
        hint: 'Ask again when you like.',
      });
      return null;
    },
    startDownload: () =>
      change(() => ({
        download: { model: 'Qwen3 0.6B', receivedBytes: 0, totalBytes: 639_000_000, state: 'running', problem: null },
      })),
    stopDownload: () => change(({ download }) => ({ download: download && { ...download, state: 'cancelled' } })),
    ...mockOpenclaw(grid),
    finishOnboarding: () => change(() => ({ onboardingDone: true })),
    changeSettings: (part) => change(({ settings }) => ({ settings: { ...settings, ...(part as object) } })),
    ...mockEngineCommands(grid),
    setIdleClaw: (part) =>
      change(({ idleclaw }) => ({ idleclaw: switchMockIdleClaw(idleclaw, part as Partial<typeof idleclaw>) })),
    addIdleClawServer: ({ url }) => {
      change(({ idleclaw }) => ({ idleclaw: addMockServer(idleclaw, url.trim()) }));
      return { url: url.trim() };
    },
    removeIdleClawServer: ({ url }) => {
      change(({ idleclaw }) => ({
        idleclaw: { ...idleclaw, servers: idleclaw.servers.filter((server) => server.url !== url) },
      }));
      return { removed: true };
    },
    runDoctor: () => ({ checks: mockDoctor(grid.snapshot()) }),
    deleteEverything: () => change(() => ({ peers: [], onboardingDone: false })),
    showWindow: () => null,
    hidePopover: () => null,
    copyRouterAddress: () => null,
    openLink: () => null,
    quit: () => null,
  };
}
