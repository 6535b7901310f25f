import { useServices } from '../../../state/app-context.tsx';
import { showFailure } from '../../../state/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Empty } from '../../../ui/Empty.tsx';

export function LedgerEmpty({ filtered }: { filtered: boolean }) {
  const { shell } = useServices();
  const open = (page: string) => () => void shell.openWindow('dashboard', page).catch(showFailure);
  if (filtered) return <Empty title="No entry matches">Try another word, or look at all kinds of entries.</Empty>;
  return (
    <Empty
      title="No entries yet"
      action={
        <>
          <Button look="primary" onClick={open('overview')}>
            Share idle compute
          </Button>
          <Button onClick={open('peers')}>Add a peer</Button>
        </>
      }
    >
      Every answer this Mac gives or gets leaves a signed receipt here. Share your idle compute to earn, or ask a peer
      to spend.
    </Empty>
  );
}
