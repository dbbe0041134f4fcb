// The requests of each workload with the answers they must get, and the values the servers answer with.

export const greeting = 'Hello, world!';
export const smallObject = { message: 'Hello, world!', list: [1, 2, 3], nested: { ok: true } };
export const defaultResources = 100;
/** Bytes that a file may have, and the body around it, where a server takes uploads. */
export const uploadLimits = { fileSize: 2 * 1024 ** 3, totalSize: 2 * 1024 ** 3 + 65_536 };

/** Who has a session, and who can log in by digest. */
export const userName = 'smith';
export const digestUser = { realm: 'Bench', name: userName, password: 'the open sesame' };
/** Seconds for which a server that can be told so takes a nonce: the whole run. */
export const nonceLifetime = 24 * 60 * 60;
export const plainText = 'text/plain; charset=utf-8';
export const jsonType = 'application/json';

const names = ['smith', 'jones', 'taylor', 'brown', 'williams', 'wilson', 'johnson'];

/**
 * The requests of each. One request of a workload counts for `worth` of those asked for by `--requests`; `connections`
 * replaces `--connections`; `type` is the type of the answer, and of the body unless `bodyType` says otherwise; `headers`
 * are sent too.
 */
export const workloads = {
  text: { requests: [{ method: 'GET', path: '/text', type: plainText, answer: greeting }] },
  json: { requests: [{ method: 'GET', path: '/json', type: jsonType, answer: JSON.stringify(smallObject) }] },
  params: { requests: parameterRequests(defaultResources) },
  post: { requests: [echoRequest()] },
};

/** What every server must refuse with 404: the second parameter is not an integer. */
export const refusedRequest = { method: 'GET', path: '/r57/smith/forty-two' };

/** Two dozen requests with two parameters each, spread evenly over the table of resources. */
export function parameterRequests(resources, count = 24) {
  return Array.from({ length: count }, (_, index) => {
    const resource = Math.floor((index * resources) / count);
    const name = names[index % names.length];
    const id = 42 + 97 * index;
    return {
      method: 'GET',
      path: `/r${resource}/${name}/${id}`,
      type: jsonType,
      answer: JSON.stringify({ name, id }),
    };
  });
}

/** A document of 2 KB that must come back unchanged. */
function echoRequest() {
  const people = Array.from({ length: 18 }, (_, index) => ({
    id: 1000 + index,
    name: `${names[index % names.length]} ${index}`,
    email: `person-${index}@example.org`,
    active: index % 3 > 0,
    score: index * 12.5,
    tags: ['alpha', 'beta'],
  }));
  const body = JSON.stringify({ people });
  return { method: 'POST', path: '/echo', type: jsonType, body, answer: body };
}
