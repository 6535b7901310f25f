import { CopyButton } from '../../ui/CopyButton.tsx';

export interface SignedTextProps {
  readonly title: string;
  readonly signedBy: string;
  readonly text: string | null;
}

export function SignedText({ title, signedBy, text }: SignedTextProps) {
  return (
    <section className="signed" aria-label={title}>
      <div className="row">
        <h3>
          {title} <span className="quiet small">{text === null ? 'none in this entry' : signedBy}</span>
        </h3>
        {text !== null && <CopyButton text={text} what={title.toLowerCase()} />}
      </div>
      {text !== null && <pre tabIndex={0}>{text}</pre>}
    </section>
  );
}
