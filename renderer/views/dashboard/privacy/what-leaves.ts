export interface Leaving {
  readonly what: string;
  readonly when: string;
  readonly to: string;
}

/** Everything that leaves this Mac in the present version. A change of what is sent is a change of this list. */
export const WHAT_LEAVES: readonly Leaving[] = [
  {
    what: 'Your prompt, the settings of the request, your public key and a signature',
    when: 'A request is answered by a peer and not by this Mac',
    to: 'The one peer that is asked. Its owner can read it, and sees your IP address.',
  },
  {
    what: 'The answer, its token counts, your public key and a signature',
    when: 'This Mac answers a request of a peer',
    to: 'The peer that asked',
  },
  {
    what: 'A question for its models and whether it has room',
    when: 'You ask for something, or look at Lobstah: every peer you added or found is asked how it is',
    to: 'That peer, at the address you gave or it announced. It sees your IP address.',
  },
  {
    what: 'Your public key, the address and label you gave, the names of your shared models, and a signature',
    when: 'You turned on ‘Announce this Mac’, and you are sharing: every two and a half minutes',
    to: 'The trackers you named, and everybody who reads them',
  },
  {
    what: 'Your public key, the name and address of this Mac, a proof that you hold an invite, and a signature',
    when: 'You used an invite: at once, and until its maker has decided',
    to: 'The maker of the invite, at the addresses in it. They see your IP address.',
  },
  {
    what: 'A request for a list',
    when: 'You turned on ‘Find peers on trackers’: every two minutes',
    to: 'The trackers you named. They see your IP address.',
  },
  {
    what: 'Your public key, your IP address, and sealed bytes of what you and your peers say to each other',
    when: 'You turned on ‘Reach peers by key’ with a relay, as long as Lobstah runs',
    to: 'The relay you chose. It cannot read the bytes. With the public relays also their address book, which tells everybody who knows your key which relay you use.',
  },
  {
    what: 'Your IP address',
    when: 'You turned on ‘Reach peers by key’, not through relays only, and are connected with a peer',
    to: 'That peer',
  },
  {
    what: 'Names and sizes of your shared models, how many requests run, and the answers to its requests',
    when: 'Sharing is on and you switched on “Contribute” in Settings',
    to: 'Each IdleClaw server of your list. It sees your IP address, and passes the answers on to whoever asked.',
  },
  {
    what: 'Your prompt',
    when: 'No peer can answer and you switched on “Ask as a last resort” in Settings',
    to: 'An IdleClaw server of your list and the machine it picks. The owners of both can read it; the server sees your IP address.',
  },
  {
    what: 'A request for a file',
    when: 'You click Download for the built-in engine',
    to: 'Hugging Face. It sees your IP address.',
  },
];
