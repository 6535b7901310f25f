import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Two machines on one network, as far as the kernel is concerned: namespaces with a cable between them. */
export interface LanCable extends Disposable {
  readonly here: string;
  readonly there: string;
}

/** @returns why there can be none here; undefined: there can */
export function noCableReason(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  if (spawnSync('python3', ['-V']).status !== 0) return 'python3 looks at the packets, and is not here';
  const probe = `lob${process.pid}-probe`;
  const made = spawnSync('ip', ['netns', 'add', probe]);
  spawnSync('ip', ['netns', 'del', probe]);
  return made.status === 0 ? undefined : "'ip netns add' is refused here";
}

export const HERE_ADDRESS = '10.77.0.1';
export const THERE_ADDRESS = '10.77.0.2';

export function plugCable(): LanCable {
  const [here, there] = [`lob${process.pid}-here`, `lob${process.pid}-there`];
  const ip = (...args: string[]) => execFileSync('ip', args);
  const unplug = () => {
    for (const name of [here, there]) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    for (const name of [here, there]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
      // Neighbour discovery of the kernel is not ours, and would be counted.
      ip('netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    }
    ip('-n', here, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', there);
    for (const [name, address] of [
      [here, HERE_ADDRESS],
      [there, THERE_ADDRESS],
    ] as const) {
      ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'lan0');
      ip('-n', name, 'link', 'set', 'lan0', 'up');
      ip('-n', name, 'route', 'add', 'default', 'dev', 'lan0');
    }
  } catch (error) {
    unplug();
    throw error;
  }
  return { here, there, [Symbol.dispose]: unplug };
}

/** All protocols, because only then the kernel shows what goes out as well. Every IPv4 packet on the cable as 'udp 10.77.0.1 > 224.0.0.251:5353'; ARP is left out. */
const CAPTURE = `
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.bind(('lan0', 3))
print('ready', flush=True)
while True:
    p, where = s.recvfrom(65535)
    if where[1] != 0x0800: continue
    n = (p[0] & 15) * 4
    name = {1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp'}.get(p[9], str(p[9]))
    src, dst = socket.inet_ntoa(p[12:16]), socket.inet_ntoa(p[16:20])
    ports = struct.unpack('!HH', p[n:n+4]) if name in ('tcp', 'udp') else None
    print(f'{name} {src}:{ports[0]} > {dst}:{ports[1]}' if ports else f'{name} {src} > {dst}', flush=True)
`;

export interface Capture extends Disposable {
  readonly packets: readonly string[];
}

export async function capturePackets(netns: string): Promise<Capture> {
  const child = spawn('ip', ['netns', 'exec', netns, 'python3', '-c', CAPTURE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const packets: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('nothing can be captured')));
    createInterface(child.stdout).on('line', (line) => (line === 'ready' ? resolve() : void packets.push(line)));
  });
  return { packets, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
