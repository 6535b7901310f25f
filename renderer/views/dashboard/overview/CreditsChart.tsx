import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useIsDark } from '../../../state/use-is-dark.ts';
import type { ChartPoint } from './chart-points.ts';
import { creditsChartOptions } from './credits-chart-options.ts';

const HEIGHT = 176;

function columns(points: readonly ChartPoint[]): uPlot.AlignedData {
  return [
    points.map(({ atSeconds }) => atSeconds),
    points.map(({ earned }) => earned),
    points.map(({ spent }) => spent),
    points.map(({ difference }) => difference),
  ];
}

export interface CreditsChartProps {
  readonly points: readonly ChartPoint[];
  readonly onHover: (index: number | null) => void;
}

export function CreditsChart({ points, onHover }: CreditsChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const isDark = useIsDark();

  // Colours are read when a chart is made, so a change between light and dark makes a new one.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = creditsChartOptions(getComputedStyle(element), onHover);
    const made = new uPlot({ ...options, width: element.clientWidth, height: HEIGHT }, [[], [], [], []], element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [isDark, onHover]);

  useEffect(() => chart.current?.setData(columns(points)), [points, isDark, onHover]);

  return <div ref={place} className="credits-plot" />;
}
