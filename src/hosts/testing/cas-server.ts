/** A CAS server for tests: logs in whom the test says, gives tickets that are good once, and logs out. */
import { randomBytes } from 'node:crypto';
import { escapeHtml, RedirectResponse, Response, type Request } from '../../kit.js';
import { TextResponse } from '../../message/responses.js';

/** A user whom the server knows. */
export interface CasTestUser {
  readonly user: string;
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
}

/** A ticket, and for which service it was given. */
export interface CasTestTicket {
  readonly ticket: string;
  readonly service: string;
}

/**
 * Speaks as much of CAS 3.0 as an application meets: /login, /p3/serviceValidate and /logout. Its `handle` is a handler that
 * any server or test client takes, below `/cas`.
 *
 * @example
 * ```ts
 * const cas = new CasTestServer();
 * cas.user = { user: 'smith', attributes: { group: ['staff'] } };
 * const server = await listen(cas.handle, { port: 0 });
 * ```
 */
export class CasTestServer {
  /** The user who is logged in at this server; without one, clients get a page in place of a ticket. */
  user: CasTestUser | undefined;
  /** What was given so far, and not taken back by a log-out. */
  readonly tickets: CasTestTicket[] = [];
  readonly #unused = new Map<string, { readonly service: string; readonly who: CasTestUser }>();

  /** Answers requests. */
  readonly handle = (request: Request): Response => {
    const service = request.args.getFirst('service') ?? '';
    switch (request.path) {
      case '/cas/login':
        return this.#login(service);
      case '/cas/p3/serviceValidate':
        return this.#validate(service, request.args.getFirst('ticket') ?? '');
      case '/cas/logout':
        this.user = undefined;
        return new TextResponse('Logged out');
      default:
        return new TextResponse('Not found', { status: 404 });
    }
  };

  /** What it would post to a service to log out who came with that ticket: the value of the field `logoutRequest`. */
  logoutRequest(ticket: string): string {
    return (
      '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ' +
      `ID="LR-1" Version="2.0" IssueInstant="${new Date().toISOString()}">` +
      '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>' +
      `<samlp:SessionIndex>${escapeHtml(ticket)}</samlp:SessionIndex></samlp:LogoutRequest>`
    );
  }

  #login(service: string): Response {
    if (!this.user) return new TextResponse('Who are you?');
    const ticket = `ST-${randomBytes(16).toString('base64url')}`;
    this.tickets.push({ ticket, service });
    this.#unused.set(ticket, { service, who: this.user });
    const url = new URL(service);
    url.searchParams.append('ticket', ticket);
    return new RedirectResponse(url, { status: 303 });
  }

  #validate(service: string, ticket: string): Response {
    const known = this.#unused.get(ticket);
    this.#unused.delete(ticket);
    if (!known) return answer(failure('INVALID_TICKET', `Ticket ${ticket} is not known`));
    if (known.service !== service) return answer(failure('INVALID_SERVICE', `It is not for ${service}`));
    return answer(success(known.who));
  }
}

function answer(content: string): Response {
  const xml = `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">${content}</cas:serviceResponse>`;
  return new Response(xml, { contentType: 'application/xml' });
}

function failure(code: string, text: string): string {
  return `<cas:authenticationFailure code="${code}">${escapeHtml(text)}</cas:authenticationFailure>`;
}

function success({ user, attributes = {} }: CasTestUser): string {
  const list = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => `<cas:${name}>${escapeHtml(value)}</cas:${name}>`),
  );
  return (
    `<cas:authenticationSuccess><cas:user>${escapeHtml(user)}</cas:user>` +
    `<cas:attributes>${list.join('')}</cas:attributes></cas:authenticationSuccess>`
  );
}
