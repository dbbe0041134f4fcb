/** Logins by CAS: each remembers the ticket that it came from, so that CAS can end it. */
import { andThen, type Request } from '../../kit.js';
import { loginOf, type FoundLogin, type Login, type LoginKeeper } from '../auth/login/keeper.js';
import type { CasTickets } from './cas-tickets.js';

/** The first group of a login: its ticket. */
const MARK = 'cas-ticket:';

/** A login that remembers its ticket. */
export function loginWith(ticket: string, user: string, groups: readonly string[]): Login {
  return { user, groups: [MARK + ticket, ...groups] };
}

/** The groups of a user who is logged in by CAS, without the mark of the ticket. */
export function casGroups(request: Request): readonly string[] {
  return (loginOf(request)?.groups ?? []).filter((group) => !group.startsWith(MARK));
}

/** A keeper that finds all logins of another one, but for those whose tickets have been ended. */
export class CasKeeper implements LoginKeeper {
  readonly #keeper: LoginKeeper;
  readonly #tickets: CasTickets;

  constructor(keeper: LoginKeeper, tickets: CasTickets) {
    this.#keeper = keeper;
    this.#tickets = tickets;
  }

  get cookie(): string | undefined {
    return this.#keeper.cookie;
  }

  find(request: Request): FoundLogin | Promise<FoundLogin> {
    return andThen(this.#keeper.find(request), (known) =>
      this.#isEnded(known.login) ? { setCookie: this.drop(request) } : known,
    );
  }

  keep(request: Request, login: Login): string | undefined {
    return this.#keeper.keep(request, login);
  }

  drop(request: Request): string | undefined {
    return this.#keeper.drop(request);
  }

  #isEnded(login: Login | undefined): boolean {
    const [mark = ''] = login?.groups ?? [];
    return mark.startsWith(MARK) && this.#tickets.isEnded(mark.slice(MARK.length));
  }
}
