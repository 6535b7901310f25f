import type { NetworkInterfaceInfo } from 'node:os';
import { isPrivateIpv4, subnetOf } from '../../http/public-address.ts';

/** An interface of the local network, by its IPv4 address there. */
export interface LanInterface {
  readonly name: string;
  readonly address: string;
  /** '192.168.1.0/24': who counts as a neighbour */
  readonly subnet: string;
}

/** Networks inside this machine (containers, virtual machines), and links that are no network of people. */
const NOT_A_LAN = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|wg|tailscale|awdl|llw|bridge)/;
const NO_MAC = '00:00:00:00:00:00';

/** Private addresses only: what is reachable from the internet is not served because of a switch for the local network. */
export function pickLanInterfaces(
  all: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly LanInterface[] {
  return Object.entries(all).flatMap(([name, addresses]) => {
    if (NOT_A_LAN.test(name)) return [];
    const found = addresses?.find(
      ({ family, internal, mac, address }) =>
        family === 'IPv4' && !internal && mac !== NO_MAC && isPrivateIpv4(address),
    );
    if (!found?.cidr) return [];
    return [{ name, address: found.address, subnet: subnetOf(found.cidr) }];
  });
}
