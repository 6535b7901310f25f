import { useSnapshot } from '../../state/app-context.tsx';

/** The first reason is in the sentence; when there are more, they are all told, or one that is gone would be no relief. */
export function WaitingReasons() {
  const reasons = useSnapshot((snapshot) => snapshot.sharing.reasons);
  if (reasons.length < 2) return null;
  return (
    <ul className="share-reasons" aria-label="Also">
      {reasons.slice(1).map(({ code, sentence }) => (
        <li key={code}>{sentence}</li>
      ))}
    </ul>
  );
}
