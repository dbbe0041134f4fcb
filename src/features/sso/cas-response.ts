/** What a CAS server says: whose ticket it was, and whose session ends (CAS protocol 3.0, 2.5 and 2.3.3). */
import { parseXml, type XmlElement } from './xml.js';

/** What a validated ticket says. */
export type CasAnswer = CasSuccess | { readonly failure: string };

/** Whose ticket it was. */
export interface CasSuccess {
  readonly user: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Reads the answer to /p3/serviceValidate. @returns undefined for anything else */
export function readServiceResponse(xml: string): CasAnswer | undefined {
  const root = parseXml(xml);
  const [answer, ...more] = root?.name === 'serviceResponse' ? root.children : [];
  if (!answer || more.length > 0) return undefined;
  if (answer.name === 'authenticationFailure') return { failure: answer.attributes.get('code') ?? '' };
  return answer.name === 'authenticationSuccess' ? readSuccess(answer) : undefined;
}

function readSuccess({ children }: XmlElement): CasSuccess | undefined {
  const user = onlyText(children, 'user');
  // A name of two lines would be two in a log.
  if (user === undefined || /\p{Cc}/u.test(user)) return undefined;
  const attributes = new Map<string, string[]>();
  for (const child of children.filter(({ name }) => name === 'attributes').flatMap((each) => each.children))
    attributes.set(child.name, [...(attributes.get(child.name) ?? []), child.text.trim()]);
  return { user, attributes };
}

/** The text of the one element of that name; undefined for none, an empty one, or several. */
function onlyText(elements: readonly XmlElement[], name: string): string | undefined {
  const [element, ...more] = elements.filter((each) => each.name === name);
  const text = element?.text.trim() ?? '';
  return more.length === 0 && text !== '' ? text : undefined;
}

/** Reads the message by which a CAS server logs out. @returns the ticket of the session that ends */
export function readLogoutRequest(xml: string): string | undefined {
  const root = parseXml(xml);
  return root?.name === 'LogoutRequest' ? onlyText(root.children, 'SessionIndex') : undefined;
}
