import { describe, expect, it } from 'vitest'
import type { Installation } from './installations.ts'
import { isWell, tableOf } from './table.ts'

const [newest, older] = ['a'.repeat(64), 'b'.repeat(64)]

type Fleet = NonNullable<Installation['fleet']>

const dataPlane = (instance: string, rest: object = {}): NonNullable<Fleet['dataPlanes']>[number] => ({
  instance,
  version: '0.1.0',
  revision: newest,
  behind: false,
  refusedCount: 0,
  ...rest,
})

const edge = (rest: Partial<Fleet> = {}): Installation => ({
  namespace: 'gatehouse-system',
  name: 'edge',
  programmed: { status: 'True', reason: 'Programmed' },
  fleet: {
    desired: 1,
    ready: 1,
    behind: 0,
    refused: 0,
    revision: newest,
    dataPlanes: [dataPlane('edge-0')],
    ...rest,
  },
})

const refused = { resource: 'route/shop/orders', field: '/rules/0', reason: 'InvalidValue' }

describe('tableOf', () => {
  it('shows each installation, then each data plane', () => {
    const internal = { ...edge({ dataPlanes: [dataPlane('in-0')] }), name: 'internal' }
    expect(tableOf([edge(), internal])).toBe(`\
INSTALLATION               REVISION      DESIRED  READY  BEHIND  REFUSED
gatehouse-system/edge      aaaaaaaaaaaa  1        1      0       0
gatehouse-system/internal  aaaaaaaaaaaa  1        1      0       0

INSTALLATION               DATA PLANE  VERSION  REVISION      STATE
gatehouse-system/edge      edge-0      0.1.0    aaaaaaaaaaaa  current
gatehouse-system/internal  in-0        0.1.0    aaaaaaaaaaaa  current
`)
  })

  it('says who is behind, who refused what, and who is not there', () => {
    const dataPlanes = [
      dataPlane('a', { revision: older, behind: true }),
      dataPlane('b', { refusedCount: 7, refused: [refused, { ...refused, field: '' }] }),
      dataPlane('c', { revision: undefined, behind: true, nack: 'HashMismatch' }),
    ]
    expect(tableOf([edge({ desired: 4, ready: 2, behind: 2, refused: 2, dataPlanes })])).toBe(`\
INSTALLATION           REVISION      DESIRED  READY  BEHIND  REFUSED
gatehouse-system/edge  aaaaaaaaaaaa  4        2      2       2

INSTALLATION           DATA PLANE  VERSION  REVISION      STATE
gatehouse-system/edge  a           0.1.0    bbbbbbbbbbbb  behind
gatehouse-system/edge  b           0.1.0    aaaaaaaaaaaa  refused 7
gatehouse-system/edge  c           0.1.0    -             behind, refused the update: HashMismatch

gatehouse-system/edge b refused route/shop/orders /rules/0: InvalidValue
gatehouse-system/edge b refused route/shop/orders: InvalidValue
gatehouse-system/edge b refused 5 more
gatehouse-system/edge: 2 more should serve and do not
`)
  })

  it('says who has had too little time, and that nobody is there', () => {
    expect(tableOf([edge({ dataPlanes: [dataPlane('a', { revision: older })] })])).toContain(
      ' bbbbbbbbbbbb  updating\n',
    )
    const empty = tableOf([edge({ desired: 0, ready: 0, dataPlanes: [] })])
    expect(empty).toContain('gatehouse-system/edge: no data plane serves\n')
  })

  it('says that an installation is closed whose data planes are well', () => {
    const closed = { ...edge(), programmed: { status: 'False' as const, reason: 'ListenerNotReady' } }
    expect(tableOf([closed])).toMatch(
      /edge: Programmed=False ListenerNotReady; kubectl describe gatehouses edge --namespace gatehouse-system says why\n$/,
    )
  })

  it('says how many are not named, and where nobody has reported', () => {
    expect(tableOf([edge({ ready: 120 })])).toContain('gatehouse-system/edge: 119 more serve and are not named\n')
    const silent = tableOf([{ ...edge(), fleet: null }])
    expect(silent).toContain('gatehouse-system/edge: no controller has reported yet\n')
    expect(silent).not.toContain('DATA PLANE')
  })

  it('lets nothing from outside move the cursor', () => {
    const evil = '\u001b[2J\u202e\n'
    const dataPlanes = [
      dataPlane(evil, { version: evil, refusedCount: 1, refused: [{ ...refused, resource: evil, field: evil }] }),
    ]
    expect(tableOf([edge({ dataPlanes })])).toMatch(/^[\u0020-\u007e\n]+$/)
  })
})

describe('isWell', () => {
  it.each<[string, Installation, boolean]>([
    ['all serve', edge(), true],
    ['there is no data plane', edge({ desired: 0, ready: 0, dataPlanes: [] }), false],
    ['one is missing', edge({ desired: 2 }), false],
    ['one is behind', edge({ behind: 1 }), false],
    ['one refused', edge({ refused: 1 }), false],
    ['nobody has reported', { ...edge(), fleet: null }, false],
  ])('where %s', (_, one, well) => {
    expect(isWell(one)).toBe(well)
  })
})
