import type { Action } from '@gatehouse/contract'

/** How many requests may run and how many may wait; see the contract. */
export type PlaceLimits = NonNullable<Extract<Action, { type: 'Forward' }>['parallel']>

/** Leave to run one request, or a place in the line for it. Must be given back exactly once, also while it waits. */
export interface Place {
  readonly taken: boolean
  /** @param taken - called once, when the request may run; never at once */
  wait(taken: () => void): void
  release(): void
}

/** How many requests run at the same time, by (route, rule, backend), and who waits for that (M16). */
export interface Places {
  /**
   * @param key - `namespace/route/rule` and the name of the upstream
   * @param limits - when they differ from before, those that run go on, and the new ones hold from now on
   * @returns null when as many run and wait as may
   */
  enter(key: string, limits: PlaceLimits): Place | null
  /** How many requests wait. */
  waiting(): number
}

interface Room {
  limits: PlaceLimits
  running: number
  /** In the order in which they came. */
  readonly line: Set<Waiting>
  /** Whether places are being handed out, which must not nest: each that is given back at once would be a call deeper. */
  handing: boolean
}

interface Waiting {
  begin: () => void
}

export function createPlaces(): Places {
  const rooms = new Map<string, Room>()
  return {
    enter(key, limits) {
      let room = rooms.get(key)
      if (room === undefined) rooms.set(key, (room = { limits, running: 0, line: new Set(), handing: false }))
      room.limits = limits
      const own = room
      const forget = (): void => {
        if (rooms.get(key) === own) rooms.delete(key)
      }
      if (room.running < limits.max && room.line.size === 0) {
        room.running++
        return placeIn(room, null, forget)
      }
      if (room.line.size >= limits.pending) return null
      const waiting = { begin: nothing }
      room.line.add(waiting)
      return placeIn(room, waiting, forget)
    },
    waiting: () => [...rooms.values()].reduce((sum, { line }) => sum + line.size, 0),
  }
}

/** @param waiting - null = it may run at once */
function placeIn(room: Room, waiting: Waiting | null, forget: () => void): Place {
  let taken = waiting === null
  let released = false
  return {
    get taken() {
      return taken
    },
    wait(begin) {
      if (waiting === null) return
      waiting.begin = () => {
        taken = true
        begin()
      }
    },
    release() {
      if (released) return
      released = true
      if (taken) room.running--
      else if (waiting !== null) room.line.delete(waiting)
      handOut(room)
      if (room.running === 0 && room.line.size === 0) forget()
    },
  }
}

function handOut(room: Room): void {
  if (room.handing) return
  room.handing = true
  try {
    for (const next of room.line) {
      if (room.running >= room.limits.max) break
      room.line.delete(next)
      room.running++
      next.begin()
    }
  } finally {
    room.handing = false
  }
}

const nothing = (): void => {}
