/** Which tickets of a CAS server logins came from, and which of these it has ended. */
import { copyOf } from '../../kit.js';

const MAX_STRANGE = 10_000;
/** So that no user fills the memory by logging in all day. */
const MAX_SEEN = 100_000;

/**
 * In the memory of this process. Tickets that it has seen it remembers as long as logins live, the last 100,000 of them. Of
 * others, which may be of another process or made up, it remembers only the last 10,000 that were ended.
 */
export class CasTickets {
  readonly #lifetime: number;
  /** Until when a login may live. */
  readonly #seen = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  readonly #strange = new Set<string>();

  /** @param lifetime of logins, in milliseconds */
  constructor(lifetime: number) {
    this.#lifetime = lifetime;
  }

  /** How many it remembers. */
  get size(): number {
    return this.#seen.size + this.#ended.size + this.#strange.size;
  }

  see(ticket: string): void {
    this.#seen.set(copyOf(ticket), Date.now() + this.#lifetime);
    for (const tickets of [this.#seen, this.#ended]) forgetOver(tickets);
    forgetOldest(this.#seen, MAX_SEEN);
  }

  end(ticket: string): void {
    const until = this.#seen.get(ticket);
    if (until !== undefined) {
      this.#seen.delete(ticket);
      this.#ended.set(copyOf(ticket), until);
      forgetOldest(this.#ended, MAX_SEEN);
      return;
    }
    if (this.#ended.has(ticket)) return;
    this.#strange.add(copyOf(ticket));
    forgetOldest(this.#strange, MAX_STRANGE);
  }

  isEnded(ticket: string): boolean {
    return this.#ended.has(ticket) || this.#strange.has(ticket);
  }
}

/** The oldest stand first. */
function forgetOldest(tickets: Map<string, unknown> | Set<string>, limit: number): void {
  for (const oldest of tickets.keys()) {
    if (tickets.size <= limit) return;
    tickets.delete(oldest);
  }
}

/** Those that end first stand first, since all live equally long. */
function forgetOver(tickets: Map<string, number>): void {
  const now = Date.now();
  for (const [ticket, until] of tickets) {
    if (until > now) return;
    tickets.delete(ticket);
  }
}
