/** Whether a failure of SQLite is due to what was to be written: it breaks a rule of the tables, or is too large. */
export function isOfData({ code }: { readonly code?: string | undefined }): boolean {
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|^ERR_/.test(code ?? '')
}
