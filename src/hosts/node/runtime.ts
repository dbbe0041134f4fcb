/** What runs the program, where its node:http differs. */

/** Whether it is Bun: its servers are none of the net layer, its sockets count no bytes, its responses forget prepared heads. */
export const IS_BUN = process.versions['bun'] !== undefined;
