import { Note } from '../../ui/Note.tsx';
import { FindingCard } from '../shared/FindingCard.tsx';

/** The opt-ins, each with what it sends and each off: going on without touching one agrees to nothing. */
export function FindStep() {
  return (
    <>
      <p className="quiet">
        Peers you know you add by hand, and nobody else learns of this Mac. If you like, it can also be found by others,
        and find them.
      </p>
      <FindingCard />
      <Note>
        All stay <b>off</b> until you turn them on, and can be turned off in Settings at any time.
      </Note>
    </>
  );
}
