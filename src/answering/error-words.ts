/** What an error page says where the error itself has nothing to say: one sentence for the person who reads it. */

const WORDS: ReadonlyMap<number, string> = new Map([
  [400, 'The server could not make sense of this request.'],
  [401, 'This page is only for those who have logged in.'],
  [403, 'You are not allowed to see this page, or to do what you asked for.'],
  [404, 'There is nothing at this address. It may have moved, or a letter of the address is wrong.'],
  [405, 'There is a page at this address, but it does not take requests of this kind.'],
  [406, 'What is here comes in no format that you asked for.'],
  [408, 'The request took too long to arrive. Please try again.'],
  [409, 'Meanwhile something else has changed here. Load the page again, and have another look.'],
  [410, 'What was at this address is gone for good.'],
  [412, 'Meanwhile something else has changed here. Load the page again, and have another look.'],
  [413, 'What was sent is larger than the server takes.'],
  [414, 'The address is longer than the server takes.'],
  [415, 'What was sent is of a type that the server does not take here.'],
  [416, 'The part that was asked for is not there.'],
  [422, 'Something in what was sent is not right.'],
  [429, 'That were too many requests in a short time. Wait a little, then try again.'],
  [500, 'Something went wrong on the server. That is not your fault.'],
  [501, 'The server cannot do this.'],
  [502, 'A server behind this one gave no useful answer. Please try again in a while.'],
  [503, 'The server cannot answer at the moment. Please try again in a while.'],
  [504, 'A server behind this one took too long to answer. Please try again in a while.'],
]);

/** The sentence for a status; for one without a sentence of its own, that of its class. */
export function errorWords(status: number): string {
  return (
    WORDS.get(status) ?? (status < 500 ? 'The server does not take this request.' : 'The server failed.')
  );
}
