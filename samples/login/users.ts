/** The users of this sample: in the file that USERS names, or in one that is made for the demonstration. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PasswordHashMap } from 'obol/auth';

/** Who may do what; a real application would keep that where it keeps its people. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([['anna', ['admin']]]);

export function groupsOf(user: string): readonly string[] {
  return GROUPS.get(user) ?? [];
}

/** One user to a line, `name:$scrypt$...`: the file does not give the passwords away. */
export async function openUsers(path = process.env['USERS']): Promise<PasswordHashMap> {
  if (path !== undefined) return new PasswordHashMap(path);
  const folder = mkdtempSync(join(tmpdir(), 'obol-login-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'users.txt');
  writeFileSync(file, '', { mode: 0o600 });
  const users = new PasswordHashMap(file);
  await Promise.all([users.set('anna', 'correct horse'), users.set('bert', 'battery staple')]);
  await users.write();
  return users;
}
