import { execFileSync, spawnSync } from 'node:child_process';

/**
 * A small internet of network namespaces: a public network with room for a relay, and homes behind routers that translate
 * addresses and let nothing in that was not asked for. Linux, as root, with nftables.
 */
export interface NatNetworks {
  /** where the relay runs, and everybody can reach it */
  readonly net: string;
  readonly netAddress: string;
  /** two homes, each behind a router of its own */
  readonly homeA: string;
  readonly homeB: string;
  /** a machine with a public address whose firewall lets no TCP connection in */
  readonly open: string;
  run(namespace: string, ...command: string[]): string;
  /** takes the line of a home away, or gives it back; the home's own network card notices nothing */
  setLine(home: 'A' | 'B', state: 'up' | 'down'): void;
  remove(): void;
}

export function natNetworksPossible(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('ip', ['-V']).status === 0 && spawnSync('nft', ['-v']).status === 0;
}

export function createNatNetworks(): NatNetworks {
  const prefix = `lob${process.pid}`;
  const names = {
    net: `${prefix}-net`,
    routerA: `${prefix}-ra`,
    homeA: `${prefix}-a`,
    routerB: `${prefix}-rb`,
    homeB: `${prefix}-b`,
    open: `${prefix}-o`,
  };
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
  const run = (namespace: string, ...command: string[]) => ip('netns', 'exec', namespace, ...command);
  const remove = (): void => {
    for (const name of Object.values(names)) spawnSync('ip', ['netns', 'del', name]);
  };
  /** a cable between two namespaces */
  const cable = (left: string, leftCard: string, right: string, rightCard: string): void => {
    ip('-n', left, 'link', 'add', leftCard, 'type', 'veth', 'peer', 'name', rightCard, 'netns', right);
    ip('-n', left, 'link', 'set', leftCard, 'up');
    ip('-n', right, 'link', 'set', rightCard, 'up');
  };
  const toNet = (namespace: string, port: string, address: string): void => {
    cable(names.net, port, namespace, 'wan');
    ip('-n', names.net, 'link', 'set', port, 'master', 'switch');
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'wan');
  };
  const home = (router: string, inside: string, port: string, publicAddress: string, subnet: string): void => {
    toNet(router, port, publicAddress);
    cable(router, 'lan', inside, 'eth0');
    ip('-n', router, 'addr', 'add', `${subnet}.1/24`, 'dev', 'lan');
    ip('-n', inside, 'addr', 'add', `${subnet}.2/24`, 'dev', 'eth0');
    ip('-n', inside, 'route', 'add', 'default', 'via', `${subnet}.1`);
    run(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    for (const rule of [
      'add table ip nat',
      'add chain ip nat post { type nat hook postrouting priority 100; }',
      'add rule ip nat post oifname "wan" masquerade random',
      'add table ip filter',
      'add chain ip filter forward { type filter hook forward priority 0; policy drop; }',
      'add rule ip filter forward iifname "lan" accept',
      'add rule ip filter forward ct state established,related accept',
    ])
      run(router, 'nft', rule);
  };
  try {
    for (const name of Object.values(names)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('-n', names.net, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', names.net, 'link', 'set', 'switch', 'up');
    ip('-n', names.net, 'addr', 'add', '198.51.100.1/24', 'dev', 'switch');
    home(names.routerA, names.homeA, 'portA', '198.51.100.2', '10.1.0');
    home(names.routerB, names.homeB, 'portB', '198.51.100.3', '10.2.0');
    toNet(names.open, 'portO', '198.51.100.4');
    for (const rule of [
      'add table ip filter',
      'add chain ip filter input { type filter hook input priority 0; }',
      'add rule ip filter input iifname "wan" tcp flags & (syn|ack) == syn drop',
    ])
      run(names.open, 'nft', rule);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    net: names.net,
    netAddress: '198.51.100.1',
    homeA: names.homeA,
    homeB: names.homeB,
    open: names.open,
    run,
    setLine: (which, state) => void ip('-n', names.net, 'link', 'set', `port${which}`, state),
    remove,
  };
}
