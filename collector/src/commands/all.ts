import { backup } from './backup.js'
import { check } from './check.js'
import type { Command } from './command.js'
import { doctor } from './doctor.js'
import { erase } from './erase.js'
import { exportEvents } from './export.js'
import { person } from './person.js'
import { restore } from './restore.js'
import { serve } from './serve.js'
import { site } from './site.js'
import { token } from './token.js'
import { tombstones } from './tombstones.js'
import { types } from './types.js'

/** All commands, in the order of the help. The first is run if none is named. */
export const commands: readonly [Command, ...Command[]] = [
  serve,
  site,
  token,
  erase,
  person,
  exportEvents,
  types,
  backup,
  restore,
  tombstones,
  check,
  doctor,
]
