/** `obol/testing`: requests without sockets. */
import '../../metadata/polyfills.js';

export { request, type RequestInit } from './request.js';
export { TestClient, type TestClientOptions, type TestRequestInit } from './test-client.js';
export type { TestResponse } from './test-response.js';
export { CasTestServer, type CasTestTicket, type CasTestUser } from './cas-server.js';
