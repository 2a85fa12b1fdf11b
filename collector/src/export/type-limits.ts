// What `sojourn-collector types` looks at and prints.

/** Events that `types` looks at, the newest first. */
export const maxTypedEvents = 200_000
/** Names of events that `types` prints. */
export const maxShapeNames = 1000
/** Different properties that an object has in what `types` prints, and those of all objects together. */
export const maxShapeProperties = 100
export const maxShapeRoom = 20_000
/** Levels of data that `types` prints. */
export const maxShapeDepth = 6
/** Texts that are printed as their values: how many values they have, and how long these are. */
export const maxLiterals = 12
export const maxLiteralChars = 40
