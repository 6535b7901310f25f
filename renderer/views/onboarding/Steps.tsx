export function Steps({ count, index }: { count: number; index: number }) {
  return (
    <div className="steps">
      <div className="steps-marks" aria-hidden="true">
        {Array.from({ length: count }, (_, step) => (
          <i key={step} className={step <= index ? 'steps-done' : ''} />
        ))}
      </div>
      <span className="quiet">
        <span className="visually-hidden">Step </span>
        {index + 1} of {count}
      </span>
    </div>
  );
}
