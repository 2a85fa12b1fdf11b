/** Whether `npm run test:long` runs. Then properties are checked more often, and contracts on more kinds of a store. */
export const isLong = Boolean(process.env.SOJOURN_LONG)
