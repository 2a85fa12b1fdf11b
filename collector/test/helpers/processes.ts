import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/**
 * Starts a shell that cleans up after this process. When this process ends in any way, the input of the shell closes;
 * it then kills the server in the folder and removes the folder. It kills only a process whose command line contains
 * the folder, because the process id may have been reused.
 */
export function keepTidy(folder: string): { readonly end: () => void } {
  const script = `trap '' INT TERM HUP; cat >/dev/null
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) &&
      { tr '\\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | grep -qF "$1" && kill -9 "$pid"
    umount -l "$1/disk" 2>/dev/null
    for n in 1 2 3 4 5; do rm -rf "$1" && [ ! -e "$1" ] && break; sleep 1; done`
  const child = spawn('sh', ['-c', script, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  const input = child.stdin as Socket
  input.unref()
  return { end: () => input.destroy() }
}

/** The running child processes of a process. */
export function childrenOf(pid: number): number[] {
  const pairs = existsSync('/proc/self/stat')
    ? readdirSync('/proc').flatMap(one => (/^\d+$/.test(one) ? [[Number(one), parentOf(one)] as const] : []))
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
        .split('\n')
        .map(line => line.trim().split(/ +/).map(Number) as [number, number])
  return pairs.flatMap(([child, parent]) => (parent === pid ? [child] : []))
}

function parentOf(pid: string): number {
  try {
    return Number(/\) . (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    // The process has ended meanwhile.
    return -1
  }
}

/** Whether a process has ended. A zombie has ended too. */
export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return existsSync('/proc/self/stat') && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** Kills a process with SIGKILL. Does nothing if it has ended. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
