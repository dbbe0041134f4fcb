/** The part of the package @redis/client that is used, how it is loaded, and how its clients are set up. */
import { loadPackage } from '../../kit.js';

/** One connection: it is made once, and once lost it stays so. */
export interface RedisClient {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  sendCommand(command: readonly string[]): Promise<unknown>;
  unref(): void;
  destroy(): void;
}

interface RedisPackage {
  readonly createClient: (options: object) => RedisClient;
}

/** Milliseconds for a connection to come about. */
const CONNECT_WITHIN = 600;
/** Commands that may wait for their answers; any more fail at once. */
const MAX_WAITING = 1000;

/** @throws ObolError E_PACKAGE when the package is not installed */
export function loadClient(): (url: string) => RedisClient {
  const { createClient } = loadPackage('@redis/client', 'redis()') as RedisPackage;
  return (url) => createClient(clientOptions(url));
}

function clientOptions(url: string): object {
  return {
    url,
    RESP: 2,
    // While the server is away commands fail at once instead of piling up.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // Its own time-outs and reconnecting would keep a process alive that has nothing else to do.
    commandOptions: { timeout: undefined },
    socket: { connectTimeout: CONNECT_WITHIN, reconnectStrategy: false },
  };
}
