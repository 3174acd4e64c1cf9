/** A real server on this machine's loopback, in a folder of its own that goes when this process ends. */
export interface RunningServer {
  readonly kind: 'mysql' | 'mariadb' | 'postgres' | 'temporal' | 'haproxy';
  readonly port: number;
  /** The server's process. It is another one after `start`. */
  readonly pid: number;
  /** Data, log and socket. */
  readonly folder: string;
  /** The file with all that the server printed. */
  readonly log: string;
  /** Ends the server in good order and keeps its data. Does nothing when it has ended. */
  stop(): Promise<void>;
  /** Ends the server and its processes at once with SIGKILL; resolves when they are gone. The data stays as it is. */
  kill(): Promise<void>;
  /** Starts the server again on its folder and port; resolves when it answers. Does nothing when it runs. */
  start(): Promise<void>;
  /** Ends the server and deletes its folder. */
  remove(): Promise<void>;
}

export interface DatabaseServer extends RunningServer {
  /** A connection URL, its parts percent-encoded: by default the administrator's, with a password, and no database. */
  url(database?: string, user?: string, password?: string): string;
}

export interface TemporalServer extends RunningServer {
  /** host:port, as TEMPORAL_ADDRESS takes it. */
  readonly address: string;
  readonly uiUrl: string;
  /** The path of the `temporal` program. */
  readonly cli: string;
  readonly namespace: string;
}

/** PEM files for a server that answers by TLS as `localhost` and 127.0.0.1. */
export interface TlsFiles {
  /** The certificate of the authority that clients have to trust. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface DatabaseOptions {
  /** Server settings that add to, or replace, those of versions.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly tls?: TlsFiles;
}
