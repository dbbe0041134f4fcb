/** What the notes say; the name keeps it from being a page. */
export const NOTES = ['Files are routes.', 'A name in brackets is a parameter.'];
