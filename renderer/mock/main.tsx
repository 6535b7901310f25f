import { mount } from '../mount.tsx';
import { createConnectionStore } from '../state/connection-store.ts';
import { createMockBridge } from './mock-bridge.ts';
import { createMockGrid } from './mock-grid.ts';
import { parseScene } from './scene.ts';
import { startTicking } from './tick.ts';

const scene = parseScene(window.location.search);
const grid = createMockGrid(scene, Date.now());
if (!scene.still) startTicking(grid);
const connection = createConnectionStore('live');
mount({ bridge: createMockBridge(grid), connection });
