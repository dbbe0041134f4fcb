/** Broadcast within a process: what is sent to a channel reaches all connections that have joined it. */
import { payloadOf, type Sendable, type WebSocketConnection } from './connection.js';

/** Connections that hear the same. */
export interface Channel<T extends Sendable = Sendable> {
  /** How many have joined. */
  readonly size: number;
  /** A connection that closes leaves by itself. @returns a function that leaves before */
  join(socket: WebSocketConnection): () => void;
  /**
   * Sends a value to all, written once. It waits for none: a client that reads too slowly is closed with 1008.
   * @param options.except a connection that does not get it, such as that which it came from
   */
  send(value: T, options?: { readonly except?: WebSocketConnection | undefined }): void;
}

/** Channels by name, which take room only while they have members. */
export interface Rooms<T extends Sendable = Sendable> {
  /** How many have members. */
  readonly size: number;
  of(name: string): Channel<T>;
}

type Members = Map<string, Set<WebSocketConnection>>;

/**
 * A channel.
 *
 * @example
 * ```ts
 * const issues = channel<Issue>();
 * ```
 */
export function channel<T extends Sendable = Sendable>(): Channel<T> {
  return new Room(new Map(), '');
}

/**
 * Channels by name.
 *
 * @example
 * ```ts
 * const chats = rooms<string>();
 * chats.of('garden').send('Hello');
 * ```
 */
export function rooms<T extends Sendable = Sendable>(): Rooms<T> {
  const members: Members = new Map();
  return {
    get size() {
      return members.size;
    },
    of: (name) => new Room(members, name),
  };
}

class Room implements Channel {
  readonly #rooms: Members;
  readonly #name: string;

  constructor(all: Members, name: string) {
    this.#rooms = all;
    this.#name = name;
  }

  get size(): number {
    return this.#rooms.get(this.#name)?.size ?? 0;
  }

  join(socket: WebSocketConnection): () => void {
    const members = this.#rooms.get(this.#name) ?? new Set();
    this.#rooms.set(this.#name, members.add(socket));
    const forget = socket.onClose(() => {
      this.#leave(socket);
    });
    return () => {
      forget();
      this.#leave(socket);
    };
  }

  send(value: Sendable, { except }: { readonly except?: WebSocketConnection | undefined } = {}): void {
    const payload = payloadOf(value);
    for (const member of this.#rooms.get(this.#name) ?? []) if (member !== except) void member.send(payload);
  }

  #leave(socket: WebSocketConnection): void {
    const members = this.#rooms.get(this.#name);
    members?.delete(socket);
    if (members?.size === 0) this.#rooms.delete(this.#name);
  }
}
