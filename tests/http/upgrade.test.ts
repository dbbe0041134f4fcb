/** Upgrade and Connection, as a server reads them. */
import { expect, test } from '@jest/globals';
import { connectionOptions, isUpgradeProtocol, upgradeProtocols } from '../../src/http/upgrade.js';

test.each([
  [undefined, []],
  ['', []],
  ['close', ['close']],
  ['Keep-Alive ,, UPGRADE', ['keep-alive', 'upgrade']],
])('the options of Connection %j are %j', (connection, options) => {
  expect(connectionOptions(connection)).toEqual(options);
});

test.each<[string | undefined, string | undefined, string[]]>([
  ['Upgrade', undefined, []],
  ['Upgrade', '', []],
  ['Upgrade', 'WebSocket', ['websocket']],
  ['keep-alive, upgrade', 'IRC/6.9, RTA/x11 ,echo', ['irc/6.9', 'rta/x11', 'echo']],
  [undefined, 'websocket', []],
  ['keep-alive', 'websocket', []],
  ['"upgrade"', 'websocket', []],
  ['upgrades', 'websocket', []],
  ['Upgrade, HTTP2-Settings', 'h2c', []],
  ['Upgrade', 'H2C, websocket', ['websocket']],
  ['Upgrade', 'web socket, a/b/c, a/, /b, "x", websocket', ['websocket']],
])('with Connection %j, Upgrade %j asks for %j', (connection, upgrade, protocols) => {
  expect(upgradeProtocols(connection, upgrade)).toEqual(protocols);
});

test.each([
  ['websocket', true],
  ['IRC/6.9', true],
  ['', false],
  ['a b', false],
  ['a/', false],
  ['a/b/c', false],
  ['a\r\nb', false],
  ['h2c', false],
  ['H2C/1', false],
])('%j is a protocol to change to: %s', (text, is) => {
  expect(isUpgradeProtocol(text)).toBe(is);
});
