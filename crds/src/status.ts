import { z } from 'zod'
import { entryName, namespaceName, objectName } from './common.ts'
import { atomic, listMap } from './lists.ts'

const condition = z
  .strictObject({
    type: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z][A-Za-z0-9]*$/)
      .describe('What is stated, such as Accepted.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    observedGeneration: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('The metadata.generation that this statement was made about.'),
    lastTransitionTime: z.string().max(64).meta({ format: 'date-time', description: 'When status last changed.' }),
    reason: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z][A-Za-z0-9]*$/)
      .describe('One word for machines: why the status is what it is.'),
    message: z.string().max(4096).describe('One sentence for people.'),
  })
  .describe('A statement about the object.')

const conditions = (description: string) => listMap(condition, ['type'], { min: 0, max: 16 }, description).optional()

const reference = (description: string) =>
  z
    .strictObject({
      group: z.string().max(253).describe('The API group.'),
      kind: z.string().min(1).max(63).describe('The kind.'),
      namespace: namespaceName('The namespace; absent = that of this object.').optional(),
      name: objectName('The name.'),
      sectionName: entryName('The part of the object that is meant; absent = all of it.').optional(),
    })
    .describe(description)

const controllerName = z.string().min(1).max(253).describe('The controller that wrote this entry.')

const dataPlanes = (description: string) => z.int().min(0).max(1000000).describe(description)

export const gatehouseStatus = z
  .strictObject({
    listeners: listMap(
      z
        .strictObject({
          name: entryName('The name of the listener.'),
          attachedRoutes: z.int().min(0).max(1000000).describe('How many accepted routes use this listener.'),
          conditions: conditions('What holds for this listener.'),
        })
        .describe('The state of one listener.'),
      ['name'],
      { min: 0, max: 32 },
      'The state of each listener.',
    ).optional(),
    fleet: z
      .strictObject({
        desired: dataPlanes('How many data planes should serve.'),
        ready: dataPlanes('How many serve some revision.'),
        behind: dataPlanes('How many of those do not serve the newest revision yet.'),
        refused: dataPlanes('How many refused the newest revision, or a part of what they serve.'),
      })
      .optional()
      .describe('The data planes of this installation.'),
    conditions: conditions('What holds for the installation: Accepted, ResolvedRefs, Programmed.'),
  })
  .describe('What the controller found. Written by the controller only.')

export const gatewayRouteStatus = z
  .strictObject({
    parents: atomic(
      z
        .strictObject({
          parentRef: reference('The parent that this entry is about, as the spec names it.'),
          controllerName,
          conditions: conditions('What holds towards this parent: Accepted, ResolvedRefs, Protected, Programmed.'),
        })
        .describe('The state towards one parent.'),
      { min: 0, max: 32 },
      'The state towards each parent.',
    ).optional(),
    conditions: conditions('The worst over all parents: Accepted, ResolvedRefs, Protected, Programmed.'),
  })
  .describe('What the controller found. Written by the controller only.')

export const accessPolicyStatus = z
  .strictObject({
    targetCount: z.int().min(0).max(1000).optional().describe('How many targets the spec names.'),
    ancestors: atomic(
      z
        .strictObject({
          ancestorRef: reference('The target that this entry is about.'),
          controllerName,
          conditions: conditions('What holds towards this target: Accepted, Programmed.'),
        })
        .describe('The state towards one target (GEP-713).'),
      { min: 0, max: 16 },
      'The state towards each target.',
    ).optional(),
    conditions: conditions('The worst over all targets: Accepted, ResolvedRefs, Programmed.'),
  })
  .describe('What the controller found. Written by the controller only.')

export type Condition = z.output<typeof condition>
export type GatehouseStatus = z.output<typeof gatehouseStatus>
export type GatewayRouteStatus = z.output<typeof gatewayRouteStatus>
export type AccessPolicyStatus = z.output<typeof accessPolicyStatus>
