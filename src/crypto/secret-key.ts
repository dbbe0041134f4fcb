/** Secret keys: which of them are long and random enough to make anything with. */
import { assertSetting, type Rule } from '../ground/settings.js';
import { variableName } from '../ground/variable-name.js';

const MIN_BYTES = 32;
/** Thirty-two random bytes written in hexadecimal have some fourteen different digits. */
const MIN_DIFFERENT = 8;

const EXAMPLE =
  /^(?:this|is|my|an?|the|your|very|super|long|top|app|session|cookie|secret|key|password|passphrase|change|me|replace|please|must|be|in|production|keyboard|cat|default|example|test|insert|here|with|random|string|at|least|bytes|characters|\d)+$/;

/** Of a key that is long enough and cannot be guessed; the sentence never shows it. */
export const SECRET_KEY_RULE: Rule = (secret, name) => {
  if (strengthOf(secret) >= MIN_BYTES) return undefined;
  return (
    `${name}: it must hold at least ${String(MIN_BYTES)} random bytes, the same in every process. ` +
    "Make one with: node -p \"require('node:crypto').randomBytes(32).toString('base64')\""
  );
};

/** Of a list of them, the first of which is used and all of which are accepted. */
export const SECRET_KEYS_RULE: Rule = (secrets, name) => {
  if (!Array.isArray(secrets) || secrets.length === 0)
    return `${name}: it must be a list of at least one, such as [process.env.LOGIN_KEY].`;
  const mistakes = secrets.map((secret, index) => SECRET_KEY_RULE(secret, `${name}[${String(index)}]`));
  return mistakes.find((mistake) => mistake !== undefined);
};

/** Of options that hold one key, or several. */
export const SECRET_KEY_RULES = { one: SECRET_KEY_RULE, several: SECRET_KEYS_RULE };

/**
 * The options of a feature, and over them the secret key that `OBOL_SECRET_KEY` gives all of them. Each derives from it a key of
 * its own.
 * @param options what is no object stays what it is
 * @param given the option that holds the key
 * @throws ObolError E_SETTING for a key that can be guessed
 */
export function withSecretKey<T extends object, K extends Partial<T>>(
  options: T,
  given: (key: string) => K,
): T & Required<Pick<T, keyof K & keyof T>> {
  const name = variableName(['secretKey']);
  const key = process.env[name] ?? '';
  if (key !== '') assertSetting(`${name} in the environment`, key, SECRET_KEY_RULE);
  return (key !== '' && Object(options) === options ? { ...options, ...given(key) } : options) as never;
}

/** The bytes of a secret key. */
export function keyBytes(secret: string | Uint8Array): Buffer {
  return Buffer.from(secret as string);
}

/** Whether it is what people leave in place from examples, such as "change-me"; letter case and signs count for nothing. */
function isExample(secret: string): boolean {
  return EXAMPLE.test(secret.toLowerCase().replace(/[^\da-z]+/g, ''));
}

/** How many bytes a guesser has to get right, at most. */
function strengthOf(secret: unknown): number {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) return 0;
  const bytes = keyBytes(secret);
  if (new Set(bytes).size < MIN_DIFFERENT) return 0;
  if (typeof secret !== 'string') return bytes.length;
  if (isExample(secret)) return 0;
  return /^[\da-f]+$/i.test(secret) ? bytes.length / 2 : bytes.length;
}
