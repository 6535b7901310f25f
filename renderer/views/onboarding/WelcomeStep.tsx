import { Card } from '../../ui/Card.tsx';
import { Note } from '../../ui/Note.tsx';

const SENTENCES = [
  { sign: '+', look: 'welcome-earn', text: 'When this Mac sits idle, it can answer other people’s prompts.' },
  {
    sign: '−',
    look: 'welcome-spend',
    text: 'What it earns that way you spend on theirs, when you need a bigger model or a second machine.',
  },
  {
    sign: '✓',
    look: 'welcome-proof',
    text: 'Every answer leaves a receipt signed by both sides, so nobody has to be believed.',
  },
] as const;

export function WelcomeStep() {
  return (
    <>
      <p className="quiet welcome-line">Idle Macs answer each other’s prompts, fairly.</p>
      <Card flush>
        <ul>
          {SENTENCES.map(({ sign, look, text }) => (
            <li key={sign} className="card-row welcome-row">
              <span className={`welcome-sign ${look}`} aria-hidden="true">
                {sign}
              </span>
              <span>{text}</span>
            </li>
          ))}
        </ul>
      </Card>
      <Note tone="caution">
        <b>Whoever runs the peer that answers you can read your prompt.</b> Use your own Macs or friends for anything
        private.
      </Note>
      <p className="quiet small">
        Nothing is shared and nothing is sent until you say so. You can leave this introduction at any step.
      </p>
    </>
  );
}
