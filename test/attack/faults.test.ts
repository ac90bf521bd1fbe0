import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { falseAnswers, poisonedAnswers, tornAnswers, type FaultyAnswer } from './faultyAnswers.ts'
import { startFaultyShop, type FaultyShop } from './faultyShop.ts'

const all = [...tornAnswers, ...falseAnswers, ...poisonedAnswers]
const id = (answer: FaultyAnswer): string => String(all.indexOf(answer))

describe('attack: faults', () => {
  let shop: FaultyShop
  beforeAll(async () => {
    shop = await startFaultyShop(new Map(all.map((answer) => [id(answer), answer.script])))
  })
  afterAll(() => shop.close())

  let asked = 0
  /** What nobody else may be answered with. */
  const own = (): string => `own${++asked}`

  /** Others that come by the same connections get what is theirs, at once and one after the other. */
  async function othersAreServed(): Promise<void> {
    const names = Array.from({ length: 4 }, own)
    expect(await Promise.all(names.map((name) => shop.ask(`plain/sound/${name}`)))).toEqual(
      names.map((name) => `200 ${name}`),
    )
    const name = own()
    expect(await shop.ask(`queued/sound/${name}`)).toBe(`200 ${name}`)
  }

  async function seen(rule: string, answer: FaultyAnswer): Promise<void> {
    const name = own()
    const path = `${rule}/${id(answer)}/${name}`
    const before = shop.backend.ended()
    const { method = 'GET', sees, failures = ['malformed'] } = answer
    const saw = await shop.ask(path, { method })
    const wanted = sees === 'own' ? `200 ${name}` : sees === 'refused' ? '502 upstream-protocol' : sees
    expect(saw).toBe(wanted)
    if (answer.late) await expect.poll(() => shop.backend.ended()).toBeGreaterThan(before)
    const line = await shop.decision(path)
    if (sees === 'broken') expect(line).toMatchObject({ status: 200, code: 'upstream-protocol', completed: false })
    else if (sees === 'refused')
      expect(line).toMatchObject({ status: 502, code: 'upstream-protocol', check: 'forward' })
    if (sees === 'broken' || sees === 'refused') expect(failures).toContain(line['upstreamFailure'])
    else expect(line).toMatchObject({ status: Number(wanted.slice(0, 3)), code: null, completed: true })
  }

  describe.each([
    ['a backend that', tornAnswers],
    ['an answer with', falseAnswers],
    ['behind an answer', poisonedAnswers],
  ] as const)('%s', (_title, answers) => {
    it.each(answers)('$name', async (answer) => {
      await seen('plain', answer)
      await othersAreServed()
      // What is tried again ends no better, and no worse.
      await seen('again', answer)
      await othersAreServed()
    })
  })
})
