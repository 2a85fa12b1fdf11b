/** Whether `npm run test:long` runs. Then a test shows its promise in more variants. */
export const isLong = Boolean(process.env.SOJOURN_LONG)
