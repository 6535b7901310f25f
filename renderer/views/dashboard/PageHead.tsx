import type { ReactNode } from 'react';

export function PageHead({ title, children, about }: { title: string; children?: ReactNode; about?: string }) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {about !== undefined && <p className="quiet">{about}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  );
}
