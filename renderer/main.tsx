import { mount } from './mount.tsx';
import { pickBridge } from './state/bridge.ts';

mount(pickBridge(window));
