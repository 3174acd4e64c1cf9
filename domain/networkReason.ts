/** What a code of the network says, in words that tell name resolution, TCP and routing apart. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host name is not known: look at the name in the URL, and at the DNS of the worker',
  EAI_AGAIN: 'its host name cannot be resolved now: the DNS of the worker does not answer',
  ECONNREFUSED: 'nothing listens on its port, or a firewall refuses: look at the port, and whether the server runs',
  ETIMEDOUT: 'no answer to a TCP connection: look at the address, the firewall and the security group',
  EHOSTUNREACH: 'there is no route to its host',
  ENETUNREACH: 'there is no route to its network',
  ECONNRESET: 'it, or something in between, closed the connection before the login',
};

/** Null for a code that is not the network's. */
export function networkReason(code: string): string | null {
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  return reason === undefined ? null : `${reason} (${code})`;
}
