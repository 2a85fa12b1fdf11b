/** Whether the data caused an error of SQLite: it breaks a rule of the tables, or is too large. */
export function isDataError({ code }: { readonly code?: string | undefined }): boolean {
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|^ERR_/.test(code ?? '')
}
