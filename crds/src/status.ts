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

/** How much of a fleet a status names: more would not fit into an object. */
export const fleetBounds = { dataPlanes: 100, refused: 5, text: 253 } as const

const revision = (description: string) =>
  z
    .string()
    .max(64)
    .regex(/^[0-9a-f]{64}$/)
    .describe(description)

const word = (description: string) =>
  z
    .string()
    .max(64)
    .regex(/^[A-Za-z]+$/)
    .describe(description)

const refusedResource = z
  .strictObject({
    resource: z.string().min(1).max(fleetBounds.text).describe('What was refused, as kind/name.'),
    field: z.string().max(fleetBounds.text).describe('JSON pointer into it; empty = the whole.'),
    reason: word('Why, in one word.'),
  })
  .describe('A part of the configuration that a data plane refused.')

const dataPlane = z
  .strictObject({
    instance: z.string().min(1).max(fleetBounds.text).describe('Its name; that of its Pod.'),
    version: z.string().max(64).describe('The version of Gatehouse that it runs.'),
    revision: revision('The configuration that it serves; absent = none.').optional(),
    behind: z.boolean().describe('Whether it has not taken the newest configuration for seconds.'),
    nack: word('Why it did not take the last update, in one word; absent = it took it.').optional(),
    refusedCount: z.int().min(0).max(1000000).describe('How many parts of its configuration it refused.'),
    refused: atomic(
      refusedResource,
      { min: 0, max: fleetBounds.refused },
      'The first of the parts that it refused.',
    ).optional(),
  })
  .describe('The state of one data plane.')

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
        desired: dataPlanes('How many data planes should serve: those whose Pods are ready.'),
        ready: dataPlanes('How many serve some revision.'),
        behind: dataPlanes('How many connected ones have not taken the newest revision for seconds.'),
        refused: dataPlanes('How many refused the newest revision, or a part of what they serve.'),
        revision: revision('The newest configuration.').optional(),
        dataPlanes: atomic(
          dataPlane,
          { min: 0, max: fleetBounds.dataPlanes },
          'The connected data planes, those with a problem first to be named where there are too many.',
        ).optional(),
      })
      .optional()
      .describe('The data planes of this installation. Written every few seconds at most.'),
    conditions: conditions(
      'What holds for the installation: Accepted, ResolvedRefs, Programmed, and QuotaStoreUnavailable while data planes cannot count in its store.',
    ),
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
