import type { Condition } from '@gatehouse/crds'
import { describe, expect, it } from 'vitest'
import { dueEvents } from './events.ts'

const condition = (reason: string, status: Condition['status'] = 'False', message = 'm'): Condition => ({
  type: 'Accepted',
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

describe('dueEvents', () => {
  it('tells once what a person must act on', () => {
    expect(dueEvents([], [condition('Invalid')])).toEqual([{ reason: 'Invalid', message: 'm' }])
    expect(dueEvents([condition('Invalid', 'False', 'other')], [condition('Invalid')])).toEqual([])
    expect(dueEvents([condition('HostNotAllowed')], [condition('Invalid')])).toHaveLength(1)
  })

  it('is silent about what is well, what passes, and what it does not know', () => {
    expect(dueEvents([], [condition('Accepted', 'True'), condition('Reconciling'), condition('constructor')])).toEqual(
      [],
    )
  })
})
