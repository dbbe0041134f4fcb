// The sessions: what each server is asked with a session of its own making, and the answers it must get.

import { exchange, refuseWrongAnswer } from './check.mjs';
import { greeting, jsonType, plainText, userName } from './workloads.mjs';

/** Characters of the cookie that a server without sessions is sent: as many as Obol's has. */
const COOKIE_LENGTH = 258;

const login = { method: 'GET', path: '/login', type: plainText, answer: userName };
const read = { method: 'GET', path: '/user', type: plainText, answer: userName };
const empty = { ...read, answer: 'nobody' };
const write = { ...counted(1), setsCookie: true };

const requests = {
  'session-untouched': { method: 'GET', path: '/text', type: plainText, answer: greeting },
  'session-read': read,
  'session-write': write,
};

export const sessionWorkloadNames = Object.keys(requests);

/** Logs in at a server and tries its session; gives the request of a workload, with the cookie that it set. */
export async function sessionRequest(server, workload, { hasNoSession }) {
  if (hasNoSession) return withCookie(requests[workload], `SESSID=${'x'.repeat(COOKIE_LENGTH)}`);
  const cookie = await cookieFrom(server, login);
  await checkSession(server, cookie);
  return withCookie(requests[workload], cookie);
}

/** A session is read and goes on from cookie to cookie, and no cookie that was changed opens it. */
async function checkSession(server, cookie) {
  await cookieFrom(server, withCookie(counted(2), await cookieFrom(server, withCookie(write, cookie))));
  for (const each of [undefined, ...flipped(cookie)]) {
    const request = withCookie(empty, each);
    refuseWrongAnswer(request, await exchange(server.port, request));
  }
}

/** The cookie that comes with the right answer to a request, as a client sends it back. */
async function cookieFrom(server, request) {
  const response = await exchange(server.port, request);
  refuseWrongAnswer(request, response);
  const [line, ...others] = response.headers['set-cookie'] ?? [];
  if (line === undefined || others.length > 0) throw new Error(`${request.path} did not set one cookie`);
  return line.split(';', 1)[0];
}

/** The cookie with one character of its value changed, at its beginning, within it and near its end. */
function flipped(cookie) {
  const start = cookie.indexOf('=') + 1;
  const places = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => start + Math.floor((cookie.length - start) * part));
  return places.map((place) => {
    const letter = place + cookie.slice(place).search(/(?<!%.?)[a-z\d]/i);
    return `${cookie.slice(0, letter)}${cookie[letter] === 'x' ? 'y' : 'x'}${cookie.slice(letter + 1)}`;
  });
}

function counted(visits) {
  return { method: 'GET', path: '/visits', type: jsonType, answer: JSON.stringify({ visits }) };
}

function withCookie(request, cookie) {
  return cookie === undefined ? request : { ...request, headers: { Cookie: cookie } };
}
