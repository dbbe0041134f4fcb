/** A path template as if it were computed: the compiler cannot read it, so only bootstrap checks it. */
export function computed(template: string): string {
  return template;
}
