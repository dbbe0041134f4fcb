/** `obol/testing`: requests without sockets, a client of whole applications, and what tests of controllers, guards and commands need. */
import '../../metadata/polyfills.js';

export { request, type RequestInit, type SentRequest } from './request.js';
export type { ContentSource, FieldSource, FileSource, FormSource, TestFile } from './content.js';
export { Form as ParsedForm } from '../../body/form.js';
export { UploadedFile } from '../../body/uploaded-file.js';
export { guardOf, type GuardOptions } from './guard.js';
export { TestClient } from './test-client.js';
export type { TestClientOptions, TestRequestInit, TestWebSocketInit } from './test-client-options.js';
export type { ExpectedStatus } from './expected-status.js';
export type { Page, PageForm, TestResponse } from './test-response.js';
export type { TestWebSocket, WebSocketClosing } from './test-web-socket.js';
export type { PageLink } from './page.js';
export type { Entered } from './page-controls.js';
export type { CookieJar } from './cookie-jar.js';
export type { StoredCookie } from './stored-cookie.js';
export { CommandEnvironment, type CommandOptions, type CommandResult } from './command-environment.js';
export { CasTestServer, type CasTestTicket, type CasTestUser } from './cas-server.js';
