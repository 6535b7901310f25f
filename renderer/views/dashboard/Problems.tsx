import { useSnapshot } from '../../state/app-context.tsx';
import { Problem } from '../../ui/Problem.tsx';

/** What is wrong right now, above every page. */
export function Problems() {
  const problems = useSnapshot((snapshot) => snapshot.problems);
  if (problems.length === 0) return null;
  return (
    <div className="stack">
      {problems.map((problem) => (
        <Problem key={problem.code} failure={problem} />
      ))}
    </div>
  );
}
