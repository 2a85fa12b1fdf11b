/**
 * The path below which the collector answers, with a slash at its end. It is `/` unless a proxy has put the collector
 * below a path. The script is loaded from there, so no setting is needed.
 */
export const base: string = new URL('.', import.meta.url).pathname
