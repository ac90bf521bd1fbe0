import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimulatedSecrets, type Intent } from './rotationFixture.ts'
import { schedule } from './schedule.ts'
import type { RoleState } from './state.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const begin = Date.UTC(2026, 0, 1)
const years = 25

/** How late a process may see a change. The rest of the time that things are given to settle is for clocks. */
const propagation = schedule.settle - 2 * hour
/** How long a data plane may go on with a file that it was given in its last session. */
const unrefreshed = 80 * day
/** A plan older than this is not carried out. */
const planAge = minute
/** How wrong the clock of a keeper or of a process may be. */
const skew = 10 * minute

const trusts = (verifier: RoleState, { leaf }: RoleState): boolean =>
  leaf?.issuer !== undefined && leaf.issuer !== null && verifier.trust.includes(leaf.issuer)

const isValid = ({ leaf }: RoleState, time: number): boolean =>
  leaf !== null && leaf.notBefore <= time - skew && time + skew < leaf.notAfter

/** Says what of the push channel does not work at a time; empty = all does, whoever has seen what. */
function broken(secrets: SimulatedSecrets, time: number): readonly string[] {
  const controllers = secrets.heldAt('controller', time, propagation)
  const dataplanes = secrets.heldAt('dataplane', time, propagation)
  const signers = secrets.heldAt('controller', time, unrefreshed).flatMap(({ signing }) => signing)
  const faults: string[] = []
  for (const dataplane of dataplanes) {
    const unknown = signers.filter((key) => !dataplane.signing.includes(key))
    if (unknown.length > 0) faults.push(`a signature of ${unknown.join()} is not accepted`)
    if (!isValid(dataplane, time)) faults.push('the leaf of a data plane is not valid')
    for (const controller of controllers) {
      if (!trusts(dataplane, controller)) faults.push('a data plane does not trust a controller')
      if (!trusts(controller, dataplane)) faults.push('a controller does not trust a data plane')
    }
  }
  if (controllers.some((controller) => !isValid(controller, time))) faults.push('the leaf of a controller is not valid')
  return faults
}

// `expect` would take longer than all that is simulated.
function assertWorks(secrets: SimulatedSecrets, time: number): void {
  const faults = broken(secrets, time)
  if (faults.length > 0) throw new Error(`${new Date(time).toISOString()}: ${faults.join('; ')}`)
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface World {
  readonly seed: number
  /** Milliseconds between two looks, on the average. */
  readonly gap: number
  /** How often a keeper ends between its plan and its write. */
  readonly crash: number
  /** How many look at once. */
  readonly keepers: number
  /** The longest time without any look. */
  readonly outage: number
}

const worlds = fc.record<World>({
  seed: fc.integer(),
  gap: fc.integer({ min: hour, max: 12 * hour }),
  crash: fc.double({ min: 0, max: 0.3, noNaN: true }),
  keepers: fc.integer({ min: 1, max: 3 }),
  outage: fc.integer({ min: 0, max: 25 * day }),
})

/** Lets several keepers look at the same time, with their reads and writes mixed. @returns when the last was done */
async function lookAll(secrets: SimulatedSecrets, { keepers, crash }: World, from: number, random: () => number) {
  let time = from
  const clocks = Array.from({ length: keepers }, () => (random() * 2 - 1) * skew)
  const intents: (Intent | null)[] = clocks.map(() => null)
  const alive = new Set(clocks.keys())
  while (alive.size > 0) {
    time += random() * planAge * 0.3
    const keeper = [...alive][Math.floor(random() * alive.size)] ?? 0
    const intent = intents[keeper] ?? null
    if (random() < crash) {
      alive.delete(keeper)
    } else if (intent) {
      secrets.write(intent, time)
      intents[keeper] = null
    } else {
      intents[keeper] = await secrets.intend(time + (clocks[keeper] ?? 0))
      if (intents[keeper] === null) alive.delete(keeper)
    }
  }
  return time
}

async function simulate(world: World): Promise<SimulatedSecrets> {
  const secrets = new SimulatedSecrets()
  const random = randomFrom(world.seed)
  let time = begin
  // The Job is run until it succeeds before there is any process.
  while (!secrets.observed.controller || !secrets.observed.dataplane) time = await lookAll(secrets, world, time, random)
  while (time < begin + years * 365 * day) {
    const isOutage = random() < 0.002
    const next = time + 2 * world.gap * random() + (isOutage ? world.outage * random() : 0)
    assertWorks(secrets, (time + next) / 2)
    assertWorks(secrets, next)
    // What nobody looks after for a month ends: the leaves expire. So the look after an outage succeeds.
    time = await lookAll(secrets, isOutage ? { ...world, crash: 0 } : world, next, random)
    assertWorks(secrets, time)
  }
  return secrets
}

const distinct = (lists: readonly (readonly string[])[]): number => new Set(lists.flat()).size

describe('rotation over 25 years', () => {
  it('never leaves a controller and a data plane that do not trust each other', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { history } = await simulate(world)
        const states = history.dataplane.map(({ state }) => state)
        expect(distinct(states.map(({ trust }) => trust))).toBeGreaterThanOrEqual(4)
        expect(distinct(states.map(({ signing }) => signing))).toBeGreaterThan(80)
      }),
      { numRuns: 8 },
    )
  })
})
