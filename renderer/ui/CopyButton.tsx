import './swap.css';
import { useServices } from '../state/app-context.tsx';
import { useCopied } from '../state/use-copied.ts';
import { Button } from './Button.tsx';

export interface CopyButtonProps {
  readonly text: string;
  /** what is copied, for who cannot see what stands beside it */
  readonly what: string;
  readonly caption?: string;
}

export function CopyButton({ text, what, caption = 'Copy' }: CopyButtonProps) {
  const { shell } = useServices();
  const { copied, copy } = useCopied(() => shell.copyText(text));
  return (
    <Button small onClick={copy} aria-label={copied ? `${what} copied` : `Copy ${what}`} className="copy-button">
      <span className="swap">
        <span className={copied ? 'swap-out' : ''}>{caption}</span>
        <span className={copied ? '' : 'swap-out'}>Copied</span>
      </span>
    </Button>
  );
}
