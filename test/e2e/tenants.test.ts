import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerTo, type Attempt, type Probe } from './tenants/attempt.ts'
import { onCosts, tooMuch } from './tenants/costs.ts'
import { malformedObjects } from './tenants/forms.ts'
import { onHosts } from './tenants/hosts.ts'
import { hostile } from './tenants/people.ts'
import { onPolicies } from './tenants/policies.ts'
import { onReferences } from './tenants/references.ts'
import { shopKeys } from './tenants/platform.ts'
import { beyondRights } from './tenants/rights.ts'
import { startWorld, type World } from './tenants/world.ts'

const answered = [...onHosts, ...onPolicies, ...onReferences, ...onCosts]
const titled = (attempts: readonly Attempt[]) =>
  attempts.map((attempt) => [`${attempt.name} → ${answerTo(attempt)}`, attempt] as const)

let world: World

/** `kind/namespace/name` of the object that an attempt is judged by. */
function judgedObject({ expected }: Attempt): string {
  if (expected.by !== 'controller') return ''
  const [kind, ...name] = expected.object.split('/')
  return name.length === 2 ? expected.object : `${kind}/${hostile.home}/${name[0]}`
}

/** What is not yet as it shall be: the condition, and that the data plane has the object. */
function unsettled(attempt: Attempt): readonly string[] {
  if (attempt.expected.by !== 'controller') return []
  const object = judgedObject(attempt)
  const said = world.verdicts.of(object)
  const pending = said.some((one) => one.startsWith('Programmed=False/Reconciling'))
  return said.includes(attempt.expected.condition) && !pending
    ? []
    : [`${object} ${attempt.expected.condition}: ${said.join(' ')}`]
}

const heardOf = (path: string): readonly string[] =>
  (['shop', 'other'] as const).filter((name) => world.backends[name].requests.some(({ target }) => target === path))

async function judge(probe: Probe): Promise<void> {
  const path = probe.target.slice(probe.target.indexOf('/'))
  const { status, code } = await world.ask(probe)
  expect({ caller: probe.caller, status, code }).toEqual({
    caller: probe.caller,
    status: probe.status,
    code: probe.code,
  })
  expect(heardOf(path)).toEqual(probe.backend === null ? [] : [probe.backend])
  if (probe.backend === null || probe.withheld === undefined) return
  const { rawHeaders } = world.backends[probe.backend].requests.find(({ target }) => target === path)!
  expect(rawHeaders.map((name) => name.toLowerCase())).not.toContain(probe.withheld)
}

/** The victim's route serves its client, and nobody else answers for it. */
const asBefore = (path: string): Promise<void> =>
  judge({ target: `orders.shop.example${path}`, caller: 'client', status: 200, code: null, backend: 'shop', args: [] })

beforeAll(async () => {
  world = await startWorld()
  for (const person of ['operator', 'other'] as const) {
    const documents = answered.filter((attempt) => attempt.as === person).flatMap((attempt) => attempt.documents)
    await world.must(person, ['create', '-f', '-'], documents)
  }
  await world.verdicts.until(() => answered.flatMap(unsettled).length === 0)
})
afterAll(() => world.close())

describe('a hostile tenant with kubectl', () => {
  it('finds the victim at work', () => asBefore('/before'))

  it.each(titled(beyondRights))('%s', async (_title, attempt) => {
    const { status, text } = await world.kubectl(attempt.as, attempt.command, attempt.documents)
    expect(status).not.toBe(0)
    expect(text).toMatch(/\(Forbidden\)|is forbidden/)
  })

  it.each(titled(malformedObjects))('%s', async (_title, attempt) => {
    const { status, text } = await world.kubectl(attempt.as, attempt.command, attempt.documents)
    expect(status).not.toBe(0)
    expect(text).toMatch(/is invalid|BadRequest/)
    const { expected } = attempt
    expect(text).toContain(expected.by === 'form' ? expected.says : null)
  })

  it.each(titled(answered))('%s', async (_title, attempt) => {
    expect(unsettled(attempt)).toEqual([])
    const sprung = world.traps.sprung()
    for (const probe of attempt.probes) await judge(probe)
    expect(world.traps.sprung()).toBe(sprung)
  })

  it('more than its budget → BudgetExceeded; a change of shop serves within five seconds', async () => {
    const last = `accesspolicy/${hostile.lab}/bulk-15`
    const flood = world.must('other', ['create', '-f', '-'], tooMuch(hostile.lab))
    const since = performance.now()
    await world.must('shop', ['delete', 'secret', 'partners', '-n', 'shop'])
    const stale = { target: 'orders.shop.example/stale', caller: 'client', args: [] } as const
    while ((await world.ask(stale)).status !== 401);
    expect(performance.now() - since).toBeLessThan(5000)
    await world.must('shop', ['create', '-f', '-'], [shopKeys])
    while ((await world.ask(stale)).status !== 200);
    await flood
    const refusal = 'Accepted=False/BudgetExceeded'
    await world.verdicts.until(() => world.verdicts.of(last).includes(refusal))
    expect(world.verdicts.of(last)).toContain(refusal)
  })

  it('leaves the victim at work, and nobody led anywhere', async () => {
    await asBefore('/after')
    expect(world.traps.asked()).toBeGreaterThan(0)
    expect(world.traps.sprung()).toBe(0)
  })
})
