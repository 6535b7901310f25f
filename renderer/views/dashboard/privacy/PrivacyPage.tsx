import { useSnapshot } from '../../../state/app-context.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Note } from '../../../ui/Note.tsx';
import { FindingCard } from '../../shared/FindingCard.tsx';
import { PageHead } from '../PageHead.tsx';
import { DeleteEverything } from './DeleteEverything.tsx';
import { WHAT_LEAVES } from './what-leaves.ts';
import './privacy.css';

export function PrivacyPage() {
  const { announce, nostr, lan } = useSnapshot((snapshot) => snapshot.finding);
  const places = [
    announce.state === 'on' ? 'on trackers' : undefined,
    nostr.state === 'on' && nostr.announce ? 'on Nostr' : undefined,
    lan.state === 'on' && lan.announce ? 'on the local network' : undefined,
  ].filter((place) => place !== undefined);
  return (
    <>
      <PageHead
        title="Privacy"
        about={
          places.length > 0
            ? `You announce this Mac ${places.join(' and ')}: everybody who looks there learns its key, address, label and models.`
            : 'Nothing is announced anywhere. Nobody learns of this Mac unless you give them its address and key.'
        }
      />
      <Note tone="caution">
        <b>Whoever runs the peer that answers you can read your prompt.</b> Use your own Macs or friends for anything
        private.
      </Note>
      <h2 className="section-title">What leaves this Mac</h2>
      <Card flush label="What leaves this Mac">
        <table className="table leaves">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">When</th>
              <th scope="col">To whom</th>
            </tr>
          </thead>
          <tbody>
            {WHAT_LEAVES.map((row) => (
              <tr key={row.what}>
                <td>{row.what}</td>
                <td className="quiet">{row.when}</td>
                <td className="quiet">{row.to}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <h2 className="section-title">What leaves it only if you say so</h2>
      <FindingCard />
      <h2 className="section-title">What stays on it</h2>
      <Card>
        <p>
          Prompts and answers are never written to disk or to a log, except that a job left in the background waits
          encrypted and is deleted afterwards. The ledger keeps who, when, which model and how many tokens, with both
          signatures. Your secret key stays in the home folder of Lobstah, readable by you alone.
        </p>
      </Card>
      <DeleteEverything />
    </>
  );
}
