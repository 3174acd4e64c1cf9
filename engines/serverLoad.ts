/** How a replica follows one of the servers it reads. */
export interface Replication {
  /** Seconds behind that server, as the replica itself counts them; null while it does not follow it. */
  readonly behindSeconds: number | null;
  /** Why it does not, in the server's words as far as it has any; else empty. */
  readonly stopped: string;
  /** The server it reads, as that one names itself (ServerLoad.ids); empty before it has reached it. */
  readonly reads: string;
}

/** How much a server has to do, and how far behind it is with what it has to do for others. It changes nothing. */
export interface ServerLoad {
  /** How many sessions execute a statement at this moment, this one among them. */
  running(): Promise<number>;
  /** What its replicas know this server by. */
  ids(): Promise<readonly string[]>;
  /** Every stream this server replicates; none where it is no replica. Errors: PRIVILEGE_MISSING. */
  replication(): Promise<Replication[]>;
}
